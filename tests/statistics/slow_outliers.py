"""What `outliers.suspicious` must find, said one cell at a time in plain Python: the definition."""

from __future__ import annotations

import math
from statistics import median

from jiqun.statistics.outliers import SLIPS


def quantile(values, part):
    """Linear interpolation between order statistics at (n - 1) * part."""
    values = sorted(values)
    at = (len(values) - 1) * part
    low = math.floor(at)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (at - low)


def distance(cell, others, base, rules):
    """(distance, ratio over the median, median, blame) of a cell against those with both above zero; or None."""
    pairs = [(o["value"], o[base]) for o in others if o["value"] and o[base] and o["value"] > 0 and o[base] > 0]
    if len(pairs) < rules.least_group:
        return None
    m = median(x / y for x, y in pairs)
    if not cell["value"] or not cell[base]:
        return (None, None, m, None)

    def centred(x, y):
        r = x / y
        return r / m - 1 if r >= m else 1 - m / r

    def effect(x, y):
        return centred(x, y) * max(x, y) ** rules.size_exponent

    effects = [effect(x, y) for x, y in pairs]
    x, y = abs(cell["value"]), abs(cell[base])
    off = effect(x, y) - median(effects)
    width = quantile(effects, 0.75) - median(effects) if off >= 0 else median(effects) - quantile(effects, 0.25)
    if abs(centred(x, y)) * 100 < rules.least_pct:
        d = 0.0
    elif width > 0:
        d = off / width
    else:
        d = math.copysign(math.inf, off) if off else math.nan
    return (d, x / y / m, m, blame(x, y, pairs))


def blame(x, y, pairs):
    """How likely of the two x is the mistaken one: normal densities of log sizes, the odder one less likely right."""
    odd = [oddness(x, [a for a, _ in pairs]), oddness(y, [b for _, b in pairs])]
    if None in odd:
        return 0.5
    lead = max(-40, min(40, (odd[0] - odd[1]) / 2))
    return math.exp(lead) / (1 + math.exp(lead))


def oddness(size, sizes):
    middle = median(math.log10(one) for one in sizes)
    spread = 1.4826 * median(abs(math.log10(one) - middle) for one in sizes)
    return ((math.log10(size) - middle) / spread) ** 2 if spread else None


def beyond_gap(cell, group, rules):
    known = sorted(math.log10(o["value"]) for o in group if o["value"] and o["value"] > 0)
    if not cell["value"] or cell["value"] < 0 or len(known) < rules.least_group:
        return False
    mad = median(abs(z - median(known)) for z in known)
    own, n = math.log10(cell["value"]), len(known)
    for at in range(1, n):
        if known[at] - known[at - 1] > rules.gap_deviations * mad:
            if at >= 0.75 * n and own >= known[at]:
                return True
            if at - 1 < 0.25 * n and own <= known[at - 1]:
                return True
    return False


def kind(cell, cells, rules):
    """(kind or None, power or None) of one cell."""
    if cell["value"] is None:
        return (None, None)
    series = [o for o in cells if o["series"] == cell["series"]]
    group = [o for o in series if o["group"] == cell["group"]]
    ds, ratios, flips, blames = [], [], [], []
    for base in ("last", "year_ago"):
        found = distance(cell, group, base, rules) or distance(cell, series, base, rules)
        if found and found[0] is not None:
            ds.append(found[0])
            blames.append(found[3])
            ratios.append(math.log10(found[1]))
        if cell["value"] and cell[base]:
            flips.append((cell["value"] > 0) != (cell[base] > 0))
    d = None
    if ds:
        d = min(ds) if min(ds) > 0 else max(ds) if max(ds) < 0 else 0.0
        d = d * blames[0] if len(ds) == 1 else d
    flipped = bool(flips) and all(flips)
    if flipped and d is not None and abs(d) <= rules.distance and unusual(group, is_flipped, rules):
        return ("sign", None)
    power = slip(ratios, rules)
    if power is not None and abs(d) > rules.slip_distance and not flipped:
        return ("slip", power)
    if is_copy(cell, rules) and unusual(group, lambda o: is_copy(o, rules), rules):
        return ("copy", None)
    if is_zero(cell) and unusual(group, is_zero, rules):
        return ("zero", None)
    if d is not None and abs(d) > rules.distance and not flipped:
        return ("trend", None)
    if d is None and beyond_gap(cell, group, rules):
        return ("gap", None)
    return (None, None)


def slip(ratios, rules):
    slack = math.log10(rules.slip_within)
    for k in [*SLIPS, *(-k for k in SLIPS)]:
        if ratios and min(ratios) >= k - slack and max(ratios) <= k + slack:
            return k
    return None


def is_flipped(cell):
    past = [cell[base] for base in ("last", "year_ago") if cell[base]]
    return bool(cell["value"] and past) and all((cell["value"] > 0) != (p > 0) for p in past)


def is_copy(cell, rules):
    return (
        cell["value"] == cell["last"] and len(str(abs(cell["value"])).rstrip("0")) >= rules.copy_digits
        if cell["value"]
        else False
    )


def is_zero(cell):
    past = [cell[base] for base in ("last", "year_ago") if cell[base] is not None]
    return cell["value"] == 0 and bool(past) and all(past)


def unusual(group, does, rules):
    known = [o for o in group if o["value"] is not None]
    doing = [o for o in known if does(o)]
    return len(doing) * 100 <= len(known) * rules.usual_pct or len(doing) == 1
