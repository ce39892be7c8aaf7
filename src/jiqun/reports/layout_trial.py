"""What a person tries on a layout, read from an address and written back into one: a trial is its address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from jiqun.industry.layout import Trial
from jiqun.industry.layout.building import ENTER, FAIRNESS, LEAVE, Spot
from jiqun.packs.schema.layouts import Layout

LIMIT, DROPPED, WEIGHT, OFF = "b-", "n-", "w-", "x-"  # begin the names of parameters
FIX, BAN, FREE, TURN = "fix", "ban", "free", "turn"
_LARGEST_LIMIT, _LARGEST_WEIGHT = 999, Decimal(10_000)
_LONGEST = 12
Asked = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Read:
    """`faults` say what was typed and cannot be taken; the trial holds the rest. `typed`: as it was typed."""

    trial: Trial
    faults: tuple[str, ...]
    typed: Mapping[str, str]


def read(layout: Layout, asked: Asked) -> Read:
    """The trial of an address; names that the layout does not know are passed over."""
    faults: list[str] = []
    typed = {name: values[-1].strip() for name, values in asked.items() if values}
    limits: dict[str, int | None] = {}
    for id_, name, now in sides(layout):
        if typed.get(f"{DROPPED}{id_}"):
            limits[id_] = None
        elif text := typed.get(f"{LIMIT}{id_}", ""):
            limit = _limit(text)
            if limit is None:
                faults.append(f"“{name}”：“{text[:_LONGEST]}”不是 0 至 {_LARGEST_LIMIT} 的整数")
            elif limit != now:
                limits[id_] = limit
    weights: dict[str, Decimal] = {}
    for id_ in weighed(layout):
        if text := typed.get(f"{WEIGHT}{id_}", ""):
            weight = _weight(text)
            if weight is None:
                faults.append(f"权重“{id_}”：“{text[:_LONGEST]}”不是 0 至 {_LARGEST_WEIGHT} 的数，或多于三位小数")
            else:
                weights[id_] = weight
    off = frozenset(one.id for one in layout.exemptions if typed.get(f"{OFF}{one.id}"))
    settled = _settled(layout)
    fixed, banned, freed = (frozenset(_spots(layout, asked.get(name, ()))) for name in (FIX, BAN, FREE))
    trial = Trial(
        limits, fixed - {s for s, kind in settled.items() if kind == "fixed"},
        banned - fixed - {s for s, kind in settled.items() if kind == "forbidden"},
        frozenset(spot for spot in freed - fixed - banned if spot in settled), off, weights,
    )  # fmt: skip
    return Read(trial, tuple(faults), typed)


def turned(layout: Layout, trial: Trial, text: str) -> Trial:
    """The trial with one pair turned on: free, then fixed, then forbidden, then free again."""
    found = list(_spots(layout, [text]))
    if not found:
        return trial
    spot, settled = found[0], _settled(layout).get(found[0], "")
    wanted = {"": "fixed", "fixed": "forbidden", "forbidden": ""}[state(layout, trial, spot)]
    fixed, banned, freed = trial.fixed - {spot}, trial.forbidden - {spot}, trial.freed - {spot}
    if wanted != settled:
        fixed |= {spot} if wanted == "fixed" else set()
        banned |= {spot} if wanted == "forbidden" else set()
        freed |= {spot} if wanted == "" else set()
    return replace(trial, fixed=fixed, forbidden=banned, freed=freed)


def with_limits(trial: Trial, limits: Mapping[str, int | None]) -> Trial:
    """The trial with other limits."""
    return replace(trial, limits=limits)


def state(layout: Layout, trial: Trial, spot: Spot) -> str:
    """`fixed`, `forbidden` or "" for a pair, with what is tried."""
    if spot in trial.fixed:
        return "fixed"
    if spot in trial.forbidden:
        return "forbidden"
    return "" if spot in trial.freed else _settled(layout).get(spot, "")


def address(trial: Trial, **more: str) -> str:
    """The query of a trial, always the same for the same trial; `more` are other parameters, empty ones left out."""
    pairs = [(f"{LIMIT}{id_}", str(limit)) for id_, limit in trial.limits.items() if limit is not None]
    pairs += [(f"{DROPPED}{id_}", "1") for id_, limit in trial.limits.items() if limit is None]
    pairs += [(f"{WEIGHT}{id_}", f"{weight}") for id_, weight in trial.weights.items()]
    pairs += [(f"{OFF}{id_}", "1") for id_ in trial.without_exemptions]
    pairs += spots_of(trial)
    pairs += [(name, value) for name, value in more.items() if value]
    return urlencode(sorted(pairs))


def spots_of(trial: Trial) -> list[tuple[str, str]]:
    """The pairs tried, as parameters."""
    kinds = ((FIX, trial.fixed), (BAN, trial.forbidden), (FREE, trial.freed))
    return [(name, f"{cluster}:{area}") for name, spots in kinds for cluster, area in sorted(spots)]


def sides(layout: Layout) -> Iterable[tuple[str, str, int]]:
    """(id of the rule, name for a person, printed limit) of every side of every bound."""
    for rule in layout.rules:
        for side, limit, word in (("least", rule.least, "下限"), ("most", rule.most, "上限")):
            if limit is not None:
                yield f"{rule.id}.{side}", f"{rule.words or rule.id}（{word}）", limit


def weighed(layout: Layout) -> tuple[str, ...]:
    """Ids of the terms that have a weight."""
    ids = [one.id for one in layout.criteria]
    ids += [ENTER, LEAVE] if layout.change else []
    return (*ids, *((FAIRNESS,) if layout.fairness else ()))


def _settled(layout: Layout) -> dict[Spot, str]:
    return {(pair.cluster_id, pair.area_id): pair.kind for pair in layout.pairs}


def _spots(layout: Layout, texts: Iterable[str]) -> Iterable[Spot]:
    for text in texts:
        cluster_id, _, area_id = text.partition(":")
        if cluster_id and area_id in layout.area_ids:
            yield cluster_id, area_id


def _limit(text: str) -> int | None:
    is_whole = text.isascii() and text.isdecimal() and len(text) <= _LONGEST
    return int(text) if is_whole and int(text) <= _LARGEST_LIMIT else None


def _weight(text: str) -> Decimal | None:
    try:
        found = Decimal(text) if len(text) <= _LONGEST and text.isascii() else None
    except InvalidOperation:
        return None
    is_fit = found is not None and found.is_finite() and 0 <= found <= _LARGEST_WEIGHT
    return found if found is not None and is_fit and found * 1000 == int(found * 1000) else None
