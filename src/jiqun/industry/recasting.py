"""Figures of one edition of a catalogue told in the clusters of another; nothing is lost and nothing made.

Numbers are integers at the scale of their series (yuan in fen, counts whole), parts of a divided number are
integers too and add up to it: quotas are rounded down and what is left goes to the largest remainders, equal ones
in the order of the catalogue (Hamilton's method). What cannot be known is bounded: where a cluster was divided in
an unknown proportion, where a part of a merger has no figure, and where a new cluster took from outside.

`recast` is the definition, for one area and period; `recast_frame` does the same for any number of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm

import polars as pl

from jiqun.industry.correspondence import OUTSIDE, Correspondence, Link
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Severity

_CLUSTER, _PART, _VALUE = "cluster_id", "part_id", "value"
_ALL = "of all cells"  # what a key that depends on no column is joined by
_NARROW = 2**62  # products below stay in 64 bits
Bounded = tuple[int | None, int | None]


@dataclass(frozen=True)
class Figure:
    """A number, or the bounds between which it lies; a bound of None is not known.

    `said` are the split keys it rests on, `missing` the clusters of the other edition that have no figure, and
    `undivided` those whose division nobody stated.
    """

    low: int | None
    high: int | None
    said: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    undivided: tuple[str, ...] = ()

    @property
    def value(self) -> int | None:
        return self.low if self.low == self.high else None


@dataclass(frozen=True)
class Recast:
    """`rows`: the columns of the cells, `cluster_id`, `low`, `high`, `value`; a target without any source is left out.

    `said`: cluster → the split keys its figures rest on, where a key holds for all cells.
    """

    rows: pl.DataFrame
    said: Mapping[str, tuple[str, ...]]


def recast(
    values: Mapping[str, int | None], correspondence: Correspondence, *,
    dividing: Mapping[str, Mapping[str, int]] | None = None, is_signed: bool = False, absent_is_zero: bool = False,
) -> dict[str, Figure]:  # fmt: skip
    """Cluster of the other edition → its figure, for every cluster it has.

    `values` are of one area and period, by cluster; None and, unless `absent_is_zero`, absence is unknown. What
    belongs to no cluster stands under OUTSIDE and is never taken for zero. `dividing`: cluster without a key → amounts
    of its parts in proportion to which this one figure is divided. `is_signed`: parts may be below zero (profit), so
    that an open division bounds nothing. Raises InputRefused for unknown clusters and for negative numbers otherwise.
    """
    _refuse(
        [one for one in values if not correspondence.of(one)], any((x or 0) < 0 for x in values.values()), is_signed
    )
    parts: dict[str, dict[str, Bounded]] = {}
    for before, value in values.items():
        for after, bounds in parted(value, correspondence.of(before), (dividing or {}).get(before), is_signed):
            parts.setdefault(after, {})[before] = bounds
    found = {}
    for after in dict.fromkeys(link.after for link in correspondence.links):
        links, own = correspondence.into(after), parts.get(after, {})
        needed = [link.before for link in links if link.before == OUTSIDE or not absent_is_zero]
        missing = tuple(one for one in needed if one not in own) + tuple(one for one in own if values.get(one) is None)
        lows, highs = [low for low, _ in own.values()], [high for _, high in own.values()]
        blind = is_signed and (missing or None in lows)
        found[after] = Figure(
            None if blind else sum(low or 0 for low in lows),
            None if blind or missing or None in highs else sum(high or 0 for high in highs),
            tuple(dict.fromkeys(word for link in links for word in link.said)),
            missing,
            tuple(one for one, (low, high) in own.items() if low != high and values.get(one) is not None),
        )
    return found


def apportioned(value: int, shares: Sequence[Fraction]) -> list[int]:
    """Whole parts of `value` nearest to its shares and adding up to it; `shares` add up to one."""
    size = abs(value)
    quotas = [size * share for share in shares]
    parts = [floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(shares)), key=lambda at: (parts[at] - quotas[at], at))
    for at in by_remainder[: size - sum(parts)]:
        parts[at] += 1
    return parts if value >= 0 else [-part for part in parts]


def parted(
    value: int | None, links: Sequence[Link], amounts: Mapping[str, int] | None = None, is_signed: bool = False
) -> Iterator[tuple[str, Bounded]]:
    """What of one cluster's number falls to each cluster that it went to; `amounts`, `is_signed` as in `recast`."""
    shares = _shares(links, amounts)
    is_known = [share is not None for share in shares]
    free = 1 - sum((share for share in shares if share is not None), Fraction(0))
    if value is None:
        for link in links:
            yield link.after, (None if is_signed else 0, None)
        return
    whole = apportioned(value, [*(share for share in shares if share is not None), free])
    sure = iter(whole)
    for link, known in zip(links, is_known, strict=True):
        if known:
            part = next(sure)
            yield link.after, (part, part)
        elif is_signed:
            yield link.after, (None, None)
        else:
            yield link.after, (floor(link.low * value), min(ceil(link.high * value), whole[-1]))


def _shares(links: Sequence[Link], amounts: Mapping[str, int] | None) -> list[Fraction | None]:
    """The share of every link; those that are open in proportion to the amounts, where these name them all."""
    shares = [link.share for link in links]
    unsaid = {link.after for link in links if link.share is None}
    whole = sum((amounts or {}).values())
    if amounts is None or set(amounts) != unsaid or not whole:
        return shares
    free = 1 - sum((share for share in shares if share is not None), Fraction(0))
    return [
        free * Fraction(amounts[link.after], whole) if share is None else share
        for link, share in zip(links, shares, strict=True)
    ]


def _refuse(unknown: Sequence[str], is_negative: bool, is_signed: bool, *, is_twice: bool = False) -> None:
    found = []
    if unknown:
        found.append(f"这一版目录没有集群“{'、'.join(sorted(map(str, unknown)))}”")
    if is_negative and not is_signed:
        found.append("数里有负数：各部分可正可负的（如利润）须声明 is_signed，其他请核对")
    if is_twice:
        found.append("同一格（区域、时期、集群）出现两次")
    if found:
        raise InputRefused([Finding("industry.cells", Severity.ERROR, words) for words in found])


# --- the same for many areas and periods: one row a group, one column a cluster


def recast_frame(
    cells: pl.DataFrame, correspondence: Correspondence, *, by: Sequence[str] = ("area_id", "period"),
    keys: pl.DataFrame | None = None, is_signed: bool = False, absent_is_zero: bool = False,
) -> Recast:  # fmt: skip
    """What `recast` says of every group of `by`, sorted by it and by cluster in the catalogue's order.

    `cells` have the columns `by`, `cluster_id`, `value` (integers, null: unknown), one row a cell. `keys` divide what
    no key of the correspondence divides: `cluster_id`, `part_id`, `value` (≥ 0) and those columns of `by` on which they
    depend; where a part is missing or all are zero the division stays open. Raises as `recast`, and for cells twice.
    """
    cells = cells.select(*by, _CLUSTER, pl.col(_VALUE).cast(pl.Int64))
    befores = dict.fromkeys(link.before for link in correspondence.links)
    unknown = cells.filter(~pl.col(_CLUSTER).is_in([*befores]))[_CLUSTER].unique().to_list()
    least = cells[_VALUE].min()
    _refuse(unknown, isinstance(least, int) and least < 0, is_signed)
    wide = _wide(cells, befores, by, absent_is_zero)
    divided = [one for one in befores if len(correspondence.of(one)) > 1]
    for one in divided:
        wide = _with_key(wide, keys, one, by)
    parts: dict[str, list[_Part]] = {}
    for one in befores:
        for after, part in _parts(wide, one, correspondence.of(one), is_signed):
            parts.setdefault(after, []).append(part)
    rows = _long(wide.select(*by, *(each for after, own in parts.items() for each in _sums(after, own, is_signed))), by)
    words = {after: (word for link in correspondence.into(after) for word in link.said) for after in parts}
    return Recast(rows, {after: tuple(dict.fromkeys(own)) for after, own in words.items()})


@dataclass(frozen=True)
class _Part:
    """Of what one cluster gives to another: its bounds, and whether there is a cell, be it of an unknown number."""

    low: pl.Expr
    high: pl.Expr
    is_there: pl.Expr


def _wide(cells: pl.DataFrame, befores: Mapping[str, None], by: Sequence[str], absent_is_zero: bool) -> pl.DataFrame:
    """One row for each group, sorted: columns `value <cluster>` and, whether there is a cell, `there <cluster>`."""
    named = cells.with_columns(pl.col(_CLUSTER).cast(pl.Enum([*befores])))
    try:
        wide = named.pivot(on=_CLUSTER, index=[*by], values=_VALUE).sort(*by)
    except pl.exceptions.ComputeError:
        _refuse([], is_negative=False, is_signed=False, is_twice=True)
        raise
    wide = wide.rename({one: f"{_VALUE} {one}" for one in befores if one in wide.columns})
    if absent := [one for one in befores if f"{_VALUE} {one}" not in wide.columns]:
        wide = wide.with_columns(pl.lit(None, pl.Int64).alias(f"{_VALUE} {one}") for one in absent)
    wide = wide.with_columns(pl.col(f"{_VALUE} {one}").is_not_null().alias(f"there {one}") for one in befores)
    blank = named.filter(pl.col(_VALUE).is_null())
    if blank.height:
        marks = blank.with_columns(pl.lit(value=True).alias(_VALUE)).pivot(on=_CLUSTER, index=[*by], values=_VALUE)
        names = {one: f"blank {one}" for one in befores if one in marks.columns}
        wide = wide.join(marks.rename(names), on=[*by], how="left", maintain_order="left", nulls_equal=True)
        wide = wide.with_columns(
            (pl.col(f"there {one}") | pl.col(name).fill_null(value=False)).alias(f"there {one}")
            for one, name in names.items()
        )
    if absent_is_zero:
        values = {one: pl.col(f"{_VALUE} {one}") for one in befores if one != OUTSIDE}
        wide = wide.with_columns(
            pl.when(f"there {one}").then(value).otherwise(0).alias(f"{_VALUE} {one}") for one, value in values.items()
        )
    return wide


def _with_key(wide: pl.DataFrame, keys: pl.DataFrame | None, before: str, by: Sequence[str]) -> pl.DataFrame:
    """With columns `key <cluster> <part>`: the amounts of a cluster's parts, where keys have them."""
    own = None if keys is None else keys.filter(pl.col(_CLUSTER) == before)
    if own is None or not own.height:
        return wide
    on = [name for name in by if name in own.columns]
    own = own.with_columns(pl.col(_VALUE).cast(pl.Int64), pl.lit(0).alias(_ALL)).pivot(
        on=_PART, index=[*on, _ALL], values=_VALUE
    )
    own = own.rename({part: f"key {before} {part}" for part in own.columns if part not in (*on, _ALL)})
    wide = wide.with_columns(pl.lit(0).alias(_ALL))
    return wide.join(own, on=[*on, _ALL], how="left", maintain_order="left").drop(_ALL)


def _parts(wide: pl.DataFrame, before: str, links: Sequence[Link], is_signed: bool) -> Iterator[tuple[str, _Part]]:
    """What each of a cluster's successors has of it: in proportion to a key of the row, else as its links say."""
    value, is_there = pl.col(f"{_VALUE} {before}"), pl.col(f"there {before}")
    if len(links) == 1:
        yield links[0].after, _Part(value, value, is_there)
        return
    shares = {link.after: link.share for link in links}
    free = 1 - sum((share for share in shares.values() if share is not None), Fraction(0))
    scale = lcm(free.denominator, *(share.denominator for share in shares.values() if share is not None))
    known = {after: int(share * scale) for after, share in shares.items() if share is not None}
    size = value.cast(pl.Int128 if _reach(wide, f"{_VALUE} {before}") * scale >= _NARROW else pl.Int64)
    *sure, left = _apportioned(size, [pl.lit(part) for part in (*known.values(), int(free * scale))], pl.lit(scale))
    bounds = {after: (part, part) for after, part in zip(known, sure, strict=True)}
    nothing = pl.when(~is_there).then(size)  # but what is absent, where that is zero, has parts of zero
    for link in links:
        if link.share is None:
            low = size * link.low.numerator // link.low.denominator
            high = (size * link.high.numerator + (link.high.denominator - 1)) // link.high.denominator
            bounds[link.after] = (nothing, nothing) if is_signed else (low, pl.min_horizontal(high, left))
    keyed, is_keyed = _keyed(wide, before, shares, free, scale)
    for after in shares:
        low, high = (each.cast(pl.Int64) for each in bounds[after])
        if after in keyed:
            low, high = (pl.when(is_keyed).then(keyed[after]).otherwise(each) for each in (low, high))
        yield after, _Part(low, high, is_there)


def _keyed(
    wide: pl.DataFrame, before: str, shares: Mapping[str, Fraction | None], free: Fraction, scale: int
) -> tuple[dict[str, pl.Expr], pl.Expr]:
    """The parts where a row has a key of its own, and where it has; nothing where the keys name other parts."""
    prefix = f"key {before} "
    amounts = {
        name.removeprefix(prefix): pl.col(name).cast(pl.Int128) for name in wide.columns if name.startswith(prefix)
    }
    if not amounts or set(amounts) != {after for after, share in shares.items() if share is None}:
        return {}, pl.lit(value=False)
    whole = pl.sum_horizontal(amounts.values())
    numerators = [
        amounts[after] * int(free * scale) if share is None else whole * int(share * scale)
        for after, share in shares.items()
    ]
    is_keyed = pl.all_horizontal(*(amount.is_not_null() for amount in amounts.values()), whole > 0)
    divisor = pl.when(is_keyed).then(whole * scale)  # never by zero
    found = _apportioned(pl.col(f"{_VALUE} {before}").cast(pl.Int128), numerators, divisor)
    return dict(zip(shares, found, strict=True)), is_keyed


def _reach(wide: pl.DataFrame, column: str) -> int:
    sizes = [wide[column].min(), wide[column].max()]
    return max(abs(size) for size in sizes if isinstance(size, int)) if None not in sizes else 0


def _apportioned(value: pl.Expr, numerators: Sequence[pl.Expr], whole: pl.Expr) -> list[pl.Expr]:
    """`apportioned` for a column: shares are numerators over `whole`."""
    size = value.abs()
    parts = [size * each // whole for each in numerators]
    rests = [size * each % whole for each in numerators]
    left = size - pl.sum_horizontal(parts)
    found = []
    for at, rest in enumerate(rests):
        ahead = [other >= rest if place < at else other > rest for place, other in enumerate(rests) if place != at]
        is_next = pl.sum_horizontal(pl.lit(0), *(each.cast(pl.Int32) for each in ahead)) < left
        part = (parts[at] + is_next.cast(pl.Int32)).cast(pl.Int64)  # 128 bits know no minus
        found.append(pl.when(value < 0).then(-part).otherwise(part))
    return found


def _sums(after: str, parts: Sequence[_Part], is_signed: bool) -> list[pl.Expr]:
    """The bounds of one cluster: of an unknown number it is known, unless it is signed, that it is not below zero."""
    low = pl.sum_horizontal((part.low for part in parts), ignore_nulls=not is_signed)
    high = pl.sum_horizontal((part.high for part in parts), ignore_nulls=False)
    is_there = pl.any_horizontal(part.is_there for part in parts)
    return [low.alias(f"low {after}"), high.alias(f"high {after}"), is_there.alias(f"there {after}")]


def _long(wide: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """One row for each group and cluster. (Exploding lists of a million cells takes ten times as long.)"""
    afters = [name.removeprefix("low ") for name in wide.columns if name.startswith("low ") and name not in by]
    groups, each = wide.height, len(afters)
    at = pl.int_range(groups * each, eager=True)
    down, across = at // each, at % each  # row after row …
    column_major = across * groups + down  # … while columns lie one behind the other
    sides = {
        side: pl.concat([wide[f"{side} {after}"] for after in afters]).gather(column_major)
        for side in ("low", "high", "there")
    }
    found = wide.select(*by)[down].with_columns(
        pl.Series(_CLUSTER, afters, pl.String).gather(across), low=sides["low"], high=sides["high"]
    )
    value = pl.when(pl.col("low") == pl.col("high")).then("low").alias(_VALUE)
    return found.filter(sides["there"]).select(*by, _CLUSTER, "low", "high", value)
