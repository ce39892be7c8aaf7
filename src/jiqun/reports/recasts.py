"""Figures printed for the clusters of other editions, told in the clusters of one: beside what is printed for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jiqun.industry.catalogues import EVENT_LABELS, Step, editions, lineage
from jiqun.industry.correspondence import OUTSIDE, Correspondence, between
from jiqun.industry.divisions import serving
from jiqun.industry.recasting import Figure, recast
from jiqun.ledger.models import Observation
from jiqun.model.claims import Measure
from jiqun.model.errors import InputRefused, NotFound
from jiqun.model.units import Unit
from jiqun.packs.schema.clusters import Catalogue
from jiqun.packs.schema.concept import Confidence
from jiqun.reports.figures import known_figures
from jiqun.reports.split_keys import InForce, KeyUsed, keys_on
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import VALUE_KINDS, decimal_text, period_label

FLOOR, _ABOUT = "at_least", "about"  # kinds of printed value
ADDED_UP = frozenset({None, "", Measure.LEVEL, Measure.INCREMENT, Measure.CUMULATIVE, Measure.ANNUAL})


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure as printed for a cluster of its own edition."""

    key: str
    cluster: Ref
    value: str


@dataclass(frozen=True, slots=True)
class RecastRow:
    """One figure of a cluster, worked out from another edition's.

    `said`: 换算得 a number, or the bounds it lies between; `why` says what keeps it from being a number; `beside` is
    what is printed for the cluster itself. `changes` are the events on the way and `keys` what divided by. `others`:
    how many periods of the same series are not shown beside it.
    """

    indicator: Ref
    area: Ref | None
    cluster: Ref
    period: str
    period_start: date
    period_end: date
    from_edition: str
    parts: tuple[Printed, ...]
    said: str
    is_exact: bool
    changes: tuple[str, ...]
    keys: tuple[KeyUsed, ...]
    why: str
    beside: tuple[Printed, ...]
    others: int = 0


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """A series by which divided clusters can be parted: figures of one indicator and period for their parts."""

    value: str
    label: str
    is_chosen: bool


_Cell = tuple[str, str, str, str, str]  # indicator, area, period, measure, bare unit


def recasts(
    view: View, to_id: str, cluster_ids: Iterable[str] | None = None, key: str = "", *,
    indicator_id: str | None = None, stated: Iterable[InForce] | None = None,
) -> tuple[tuple[RecastRow, ...], tuple[KeyChoice, ...]]:  # fmt: skip
    """The figures of an edition's clusters worked out from those of every other edition of its line.

    Only preferred figures of indicators that add up, each kept as the ledger's exact integer; of one printed as a
    lower bound nothing bounds from above. `stated`: split keys, by default those of the ledger in force on the page's
    day. `key`: `indicator@period`, whose figures for the parts divide what neither a decree nor a stated key divides.
    `indicator_id` leaves the others out. A line whose events leave something untold gives none.
    """
    catalogue = next(one for one in view.city.catalogues if one.id == to_id)
    line = editions(view.city.catalogues, catalogue.series)
    cells = cells_of(view, line)
    held = tuple(keys_on(view) if stated is None else stated)
    named = {one.split.said: one.used for one in held}
    wanted = frozenset(cluster_ids) if cluster_ids is not None else frozenset(one.id for one in catalogue.clusters)
    rows: list[RecastRow] = []
    undivided: set[str] = set()
    for other in line:
        if other.id == to_id:
            continue
        try:
            way = way_between(view, other.id, to_id, held)
        except (InputRefused, NotFound):
            continue
        undivided |= {one for one in way.undivided if any(link.after in wanted for link in way.of(one))}
        for cell, values in cells.items():
            if indicator_id not in (None, cell[0]):
                continue
            own = {one.id: values[one.id] for one in other.clusters if one.id in values}
            if own:
                dividing = _amounts(way, cells, cell, key)
                rows += _rows(view, cell, own, (way, other), wanted, values, dividing, named)
    rows.sort(key=lambda row: (row.cluster.name, row.indicator.name, row.area.id if row.area else "", row.period_end))
    return tuple(rows), _choices(view, cells, catalogue, key) if undivided else ()


def newest(rows: Iterable[RecastRow]) -> tuple[RecastRow, ...]:
    """Of every series the newest period, of two that end together the longer one."""
    found: dict[tuple[str, str, str, str], list[RecastRow]] = {}
    for row in rows:
        series = row.cluster.id, row.indicator.id, row.area.id if row.area else "", row.from_edition
        found.setdefault(series, []).append(row)
    best = (
        (max(own, key=lambda row: (row.period_end, -row.period_start.toordinal())), len(own)) for own in found.values()
    )
    return tuple(replace(row, others=count - 1) for row, count in best)


def way_between(view: View, from_id: str, to_id: str, held: Iterable[InForce]) -> Correspondence:
    """The correspondence with those of the keys that serve on it. Raises as `between` does."""
    keys = serving(view.city.catalogues, from_id, to_id, [one.split for one in held])
    return between(view.city.catalogues, from_id, to_id, keys)


def cells_of(view: View, line: Iterable[Catalogue]) -> dict[_Cell, dict[str, Observation]]:
    """The preferred figures that add up, of every cluster of the line, by what must agree for adding up."""
    ids = [cluster.id for edition in line for cluster in edition.clusters]
    additive = {one.id for one in view.city.indicators.values() if one.aggregation.kind == "sum"}
    found: dict[_Cell, dict[str, Observation]] = {}
    for row in known_figures(view).filter(cluster_id__in=ids, is_preferred=True).exclude(value_scaled=None):
        if row.indicator_id in additive and row.measure in ADDED_UP:
            cell = (row.indicator_id, row.area_id, row.period, row.measure or "", row.parsed_unit.bare)
            found.setdefault(cell, {})[row.cluster_id or ""] = row
    return found


def _amounts(
    way: Correspondence, cells: Mapping[_Cell, Mapping[str, Observation]], cell: _Cell, key: str
) -> dict[str, dict[str, int]]:
    """For each divided cluster the key's figures of its parts, in the cell's own area; none where one is missing."""
    indicator_id, _, period = key.partition("@")
    at = next((c for c in cells if c[:3] == (indicator_id, cell[1], period)), None)
    if at is None:
        return {}
    found = {}
    for one in way.undivided:
        parts = {link.after: cells[at].get(link.after) for link in way.of(one) if link.share is None}
        if OUTSIDE not in parts and all(row is not None and row.value_kind != FLOOR for row in parts.values()):
            found[one] = {after: row.value_scaled or 0 for after, row in parts.items() if row is not None}
    return found


def _rows(
    view: View, cell: _Cell, own: Mapping[str, Observation], way: tuple[Correspondence, Catalogue],
    wanted: frozenset[str], values: Mapping[str, Observation], dividing: Mapping[str, Mapping[str, int]],
    named: Mapping[str, KeyUsed],
) -> Iterable[RecastRow]:  # fmt: skip
    correspondence, other = way
    is_signed = any((row.value_scaled or 0) < 0 for row in own.values())
    found = recast(
        {id_: row.value_scaled for id_, row in own.items()}, correspondence, dividing=dividing, is_signed=is_signed
    )
    sample = next(iter(own.values()))
    for after, figure in found.items():
        links = [link for link in correspondence.into(after) if link.before in own]
        befores = [link.before for link in links]
        if after not in wanted or not befores:
            continue
        words = dict.fromkeys(word for link in links for word in link.said)
        keyed = tuple(KeyUsed(f"按 {label}") for label in _key_labels(view, dividing, befores))
        kinds = {own[one].value_kind for one in befores}
        told = replace(figure, high=None) if FLOOR in kinds else figure
        steps = _steps(view, after, befores)
        yield RecastRow(
            indicator=view.names.indicator(cell[0]),
            area=view.names.area(cell[1]),
            cluster=view.names.cluster(after) or Ref(after, after),
            period=period_label(cell[2]),
            period_start=sample.period_start,
            period_end=sample.period_end,
            from_edition=f"{other.edition}版",
            parts=tuple(_printed(view, own[one]) for one in befores),
            said=("约 " if _ABOUT in kinds else "") + _said(told, sample),
            is_exact=told.value is not None and _ABOUT not in kinds,
            changes=_changes(steps),
            keys=(*(named.get(word, KeyUsed(word)) for word in words), *keyed),
            why="；".join(filter(None, (_why(view, figure), _doubt(steps)))),
            beside=(_printed(view, values[after]),) if after in values else (),
        )


def _key_labels(view: View, dividing: Mapping[str, Mapping[str, int]], befores: Iterable[str]) -> Iterable[str]:
    for one in befores:
        if one in dividing:
            names = [view.names.cluster(part) for part in dividing[one]]
            amounts = "∶".join(str(amount) for amount in _shortest(dividing[one].values()))
            yield f"{'∶'.join(ref.name for ref in names if ref)} = {amounts}"


def _shortest(amounts: Iterable[int]) -> list[int]:
    """The proportion in its smallest whole numbers."""
    from math import gcd  # noqa: PLC0415

    known = list(amounts)
    common = gcd(*known) or 1
    return [amount // common for amount in known]


def _printed(view: View, row: Observation) -> Printed:
    cluster = view.names.cluster(row.cluster_id) or Ref("", "")
    bound = f"{VALUE_KINDS[row.value_kind]} " if row.value_kind in (FLOOR, _ABOUT) else ""
    return Printed(row.key, cluster, f"{bound}{row.value_text}{row.unit}")


def _said(figure: Figure, sample: Observation) -> str:
    low, high = (
        None if bound is None else amount_text(bound, sample.parsed_unit) for bound in (figure.low, figure.high)
    )
    if figure.value is not None:
        return f"{low}{sample.unit}"
    if low is None:
        return "未知"
    return f"不少于 {low}{sample.unit}" if high is None else f"{low}—{high}{sample.unit}"


def amount_text(scaled: int, unit: Unit) -> str:
    """The ledger's integer in the printed unit, to at most four places."""
    exact = Decimal(scaled) / Decimal(10) ** unit.decimals
    return decimal_text(exact * unit.factor.denominator / unit.factor.numerator)


def _why(view: View, figure: Figure) -> str:
    words = []
    inside = [one for one in figure.missing if one != OUTSIDE]
    if inside:
        words.append(f"缺 {_names(view, inside)} 的数")
    if OUTSIDE in figure.missing:
        words.append("含原目录之外新增的部分，多少不知道")
    if figure.undivided:
        words.append(f"{_names(view, figure.undivided)} 没有分劈依据")
    return "；".join(words)


def _steps(view: View, after: str, befores: Iterable[str]) -> tuple[Step, ...]:
    """Every step on a way from one of `befores` to `after`, through all editions in between."""
    told = lineage(view.city.catalogues, after)
    reached, found = set(befores), dict[Step, None]()
    for step in reversed(told.came_from):  # far editions first
        if step.before.id in reached:
            reached.add(step.after.id)
            found[step] = None
    for step in reversed(told.became):
        if step.after.id in reached:
            reached.add(step.before.id)
            found[step] = None
    return tuple(found)


def _changes(steps: Iterable[Step]) -> tuple[str, ...]:
    """归并 2022-01-01: what was decreed on the way, each change once."""
    words = (f"{EVENT_LABELS[step.event.type]} {step.event.date or ''}".strip() for step in steps)
    return tuple(dict.fromkeys(words))


def _doubt(steps: Iterable[Step]) -> str:
    """A warning where a change that the figure rests on is unsure."""
    is_unsure = any(step.event.confidence is not Confidence.HIGH for step in steps)
    return "把握不足：各版对应关系未经官方逐一列明" if is_unsure else ""


def _names(view: View, ids: Iterable[str]) -> str:
    return "、".join(ref.name for one in ids if (ref := view.names.cluster(one)))


def _choices(
    view: View, cells: Mapping[_Cell, Mapping[str, Observation]], catalogue: Catalogue, key: str
) -> tuple[KeyChoice, ...]:
    """Series of the edition itself that have at least two of its clusters in one period."""
    own = {one.id for one in catalogue.clusters}
    found: dict[str, KeyChoice] = {}
    for cell, rows in cells.items():
        if len(own & rows.keys()) > 1:
            value = f"{cell[0]}@{cell[2]}"
            label = f"{view.names.indicator(cell[0]).name} {period_label(cell[2])}"
            found.setdefault(value, KeyChoice(value, label, value == key))
    return tuple(found.values())
