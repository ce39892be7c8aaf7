"""From a folder's layout, as of a day and with what a person tries, to a problem in plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm

import numpy as np

from jiqun.industry.layout.problem import (
    HUNDREDTHS,
    Chosen,
    Exempted,
    Grounds,
    Party,
    Problem,
    Row,
    Rule,
    RuleKind,
    Seat,
    Shape,
    Term,
)  # fmt: skip
from jiqun.model.errors import NotFound
from jiqun.packs import City
from jiqun.packs.schema.layouts import Grounded, Layout, LayoutCriterion, LayoutResource, LayoutRule
from jiqun.packs.schema.settings import DatedValue

Measured = Mapping[str, Mapping[tuple[str, str], Decimal]]  # measure → (cluster id, area id) → 0 to 100
Spot = tuple[str, str]  # cluster id, area id
ENTER, LEAVE, FAIRNESS = "change.enter", "change.leave", "fairness"


@dataclass(frozen=True)
class Trial:
    """What a person tries: limits of rules (None: without that side), settled and freed pairs, exemptions off,
    weights by term. Nothing of it is written anywhere."""

    limits: Mapping[str, int | None] = field(default_factory=dict)
    fixed: frozenset[Spot] = frozenset()
    forbidden: frozenset[Spot] = frozenset()
    freed: frozenset[Spot] = frozenset()
    without_exemptions: frozenset[str] = frozenset()
    weights: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return self == Trial()


@dataclass(frozen=True)
class Adopted:
    """The layout that is in force: which pairs, and since when."""

    spots: frozenset[Spot]
    since: date


@dataclass(frozen=True)
class _Board:
    """Parties in scope with their places in the problem."""

    city: City
    layout: Layout
    clusters: tuple[Party, ...]
    areas: tuple[Party, ...]
    row: Mapping[str, int]
    column: Mapping[str, int]

    def spot(self, cluster_id: str, area_id: str) -> int | None:
        """The pair's number; None where one of the two is not in the problem."""
        if cluster_id not in self.row or area_id not in self.column:
            return None
        return self.row[cluster_id] * len(self.areas) + self.column[area_id]

    @property
    def size(self) -> int:
        return len(self.clusters) * len(self.areas)


def build(
    city: City, layout: Layout, on: date, *, trial: Trial | None = None, measured: Measured | None = None,
    adopted: Adopted | None = None,
) -> Problem:  # fmt: skip
    """The problem of a layout that `packs.check` accepts, with the weights that hold on the day.

    `measured` gives figures for criteria of kind `measured`; one without figures is left out, and a notice says so.
    What was adopted is today's layout, which a change is counted from; without it, what the folder knows of today is.
    Raises NotFound where the day is before a weight's first.
    """
    tried = trial or Trial()
    exempted = tuple(_exempted(city, layout, tried))
    away = {party.id for group in exempted for party in group.clusters}
    clusters = tuple(party for party in taking_part(city, layout) if party.id not in away)
    areas = tuple(Party(id_, city.areas[id_].short_name or city.areas[id_].name) for id_ in layout.area_ids)
    board = _Board(
        city, layout, clusters, areas, {one.id: at for at, one in enumerate(clusters)},
        {one.id: at for at, one in enumerate(areas)},
    )  # fmt: skip
    notices: list[str] = []
    rules = [rule for one in layout.rules for rule in _sides(board, one, tried)]
    rules += [_resource(board, one, notices) for one in layout.resources]
    rules += _pairs(board, tried)
    seats = _seats(board)
    today = np.zeros(board.size, dtype=bool)
    today[list(seats) if adopted is None else _adopted(board, adopted, notices)] = True
    terms = _terms(board, on, tried, seats, measured or {}, notices)
    terms += [*_change(board, on, tried, today), *_fairness(board, on, tried, terms)]
    return Problem(
        layout.id, layout.name, clusters, areas, tuple(rule for rule in rules if rule.rows), tuple(terms), exempted,
        today, seats, tuple(notices), adopted.since if adopted else None,
    )  # fmt: skip


# --- who takes part


def taking_part(city: City, layout: Layout) -> tuple[Party, ...]:
    """The clusters of a layout, those that the city places itself too, in the order of their catalogue."""
    catalogue = next(one for one in city.catalogues if one.id == layout.catalogue_id)
    is_all = not layout.groups and not layout.cluster_ids
    return tuple(
        Party(one.id, one.name, one.group, one.name_en)
        for one in catalogue.clusters
        if is_all or one.group in layout.groups or one.id in layout.cluster_ids
    )


def _exempted(city: City, layout: Layout, tried: Trial) -> Iterator[Exempted]:
    everybody = taking_part(city, layout)
    for one in layout.exemptions:
        own = tuple(p for p in everybody if p.group in one.groups or p.id in one.cluster_ids)
        if one.id not in tried.without_exemptions:
            yield Exempted(one.id, own, grounds_of(one))


def grounds_of(said: Grounded) -> Grounds:
    return Grounds(said.words, said.article, said.source, said.is_assumed, said.confidence, said.note)


# --- rules


def _sides(board: _Board, said: LayoutRule, tried: Trial) -> Iterator[Rule]:
    for side, limit, is_least in (("least", said.least, True), ("most", said.most, False)):
        id_ = f"{said.id}.{side}"
        held = tried.limits.get(id_, limit)
        if held is None:
            continue
        rows = tuple(
            Row(subject, np.array(pairs, dtype=np.int64), held) for subject, pairs in _sums(board, said) if pairs
        )
        name = board.city.areas[said.zone_id].name if said.zone_id else ""
        is_own = held != limit
        yield Rule(id_, said.id, RuleKind(said.kind), is_least, held, rows, grounds_of(said), name, is_own=is_own)


def _sums(board: _Board, said: LayoutRule) -> Iterator[tuple[str, list[int]]]:
    """Whose pairs are added up: (name, numbers of pairs)."""
    is_every = not said.groups and not said.cluster_ids
    clusters = [c for c in board.clusters if is_every or c.group in said.groups or c.id in said.cluster_ids]
    areas = [a for a in board.areas if not said.area_ids or a.id in said.area_ids]
    if said.kind == "clusters_per_area":
        for area in areas:
            yield area.name, _spots(board, clusters, [area])
        return
    if said.zone_id is not None:
        inside = next(zone.member_ids for zone in board.layout.zones if zone.zone_id == said.zone_id)
        is_outside = said.kind == "cluster_outside_zone"
        areas = [area for area in areas if (area.id in inside) is not is_outside]
    if said.kind == "zone_total":
        yield board.city.areas[str(said.zone_id)].name, _spots(board, clusters, areas)
        return
    for cluster in clusters:
        yield cluster.name, _spots(board, [cluster], areas)


def _spots(board: _Board, clusters: Iterable[Party], areas: Iterable[Party]) -> list[int]:
    width, areas = len(board.areas), list(areas)
    return [board.row[c.id] * width + board.column[a.id] for c in clusters for a in areas]


def _resource(board: _Board, said: LayoutResource, notices: list[str]) -> Rule:
    """Needs against supplies, both brought to whole numbers by the decimals they are printed with."""
    scale = lcm(*(Fraction(value).denominator for value in (*said.needs.values(), *said.supplies.values())))
    needy = [cluster for cluster in board.clusters if cluster.id in said.needs]
    uses = np.array([int(Fraction(said.needs[cluster.id]) * scale) for cluster in needy], dtype=np.int64)
    rows = tuple(
        Row(area.name, np.array(_spots(board, needy, [area])), int(Fraction(said.supplies[area.id]) * scale), uses)
        for area in board.areas
        if area.id in said.supplies and needy
    )
    for missing, what in (
        ([c.name for c in board.clusters if c.id not in said.needs], "不知道需要多少，没有计入"),
        ([a.name for a in board.areas if a.id not in said.supplies], "不知道有多少，没有限制"),
    ):
        if missing:
            notices.append(f"{said.name}：{'、'.join(missing)}{what}")
    return Rule(
        f"{said.id}.most", said.id, RuleKind.RESOURCE, False, None, rows, grounds_of(said), said.name, said.unit, scale
    )


def _pairs(board: _Board, tried: Trial) -> Iterator[Rule]:
    """Settled pairs: the folder's, less those freed or settled otherwise, then a person's own."""
    own = dict.fromkeys(tried.fixed, RuleKind.FIXED) | dict.fromkeys(tried.forbidden, RuleKind.FORBIDDEN)
    for said in board.layout.pairs:
        spot = (said.cluster_id, said.area_id)
        if spot not in own and spot not in tried.freed:
            yield from _pair(board, RuleKind(said.kind), spot, grounds_of(said), is_own=False)
    for spot, kind in sorted(own.items()):
        yield from _pair(board, kind, spot, Grounds(is_assumed=True), is_own=True)


def _pair(board: _Board, kind: RuleKind, spot: Spot, grounds: Grounds, *, is_own: bool) -> Iterator[Rule]:
    pair = board.spot(*spot)
    if pair is None:  # of a cluster that the city places itself
        return
    is_least = kind is RuleKind.FIXED
    limit = 1 if is_least else 0
    cluster, area = board.clusters[board.row[spot[0]]], board.areas[board.column[spot[1]]]
    row = Row(f"{cluster.name}·{area.name}", np.array([pair]), limit)
    id_ = f"{kind.value}.{spot[0]}.{spot[1]}"
    yield Rule(id_, id_, kind, is_least, limit, (row,), grounds, is_own=is_own)


# --- today


def _seats(board: _Board) -> dict[int, tuple[Seat, ...]]:
    found: dict[int, list[Seat]] = {}
    for said in board.layout.today:
        pair = board.spot(said.cluster_id, said.area_id)
        if pair is not None:
            found.setdefault(pair, []).append(Seat(said.words, said.source, said.confidence, said.is_assumed))
    for chain in board.city.chains.values() if board.layout.today_from_chains else ():
        for focus in chain.layout:
            for cluster_id in chain.cluster_ids:
                pair = board.spot(cluster_id, focus.area_id)
                if pair is not None:
                    seat = Seat(f"{chain.name}：{focus.focus}", focus.source, focus.confidence)
                    found.setdefault(pair, []).append(seat)
    return {pair: tuple(seats) for pair, seats in sorted(found.items())}


def _adopted(board: _Board, adopted: Adopted, notices: list[str]) -> list[int]:
    """The adopted pairs that the problem has; of those whose cluster or area left the layout a notice tells."""
    taking = {party.id for party in taking_part(board.city, board.layout)}
    gone = sorted(spot for spot in adopted.spots if spot[0] not in taking or spot[1] not in board.column)
    if gone:
        notices.append(f"已采用的布局中有 {len(gone)} 处的集群或区已不在这个问题里，没有计入")
    return sorted(pair for spot in adopted.spots if (pair := board.spot(*spot)) is not None)


# --- terms


def _terms(
    board: _Board, on: date, tried: Trial, seats: Mapping[int, tuple[Seat, ...]], measured: Measured, notices: list[str]
) -> list[Term]:
    terms = []
    for said in board.layout.criteria:
        known = _known(board, said, seats, measured)
        if known is None:
            notices.append(f"“{said.name}”还没有测算结果，没有计入得分")
            continue
        values = np.full(board.size, _hundredths(said.unknown_as or Decimal(0)), dtype=np.int64)
        unknown = np.ones(board.size, dtype=bool)
        for pair, points in known.items():
            values[pair], unknown[pair] = _hundredths(points), False
        weight = _weight(said.id, said.weight, on, tried)
        grounds = grounds_of(said)
        terms.append(
            Term(said.id, said.name, weight, values, unknown=unknown, grounds=grounds, is_invented=said.is_invented)
        )
    return terms


def _known(
    board: _Board, said: LayoutCriterion, seats: Mapping[int, tuple[Seat, ...]], measured: Measured
) -> dict[int, Decimal] | None:
    """Points of the pairs that something is known of; None for a measure that nobody has worked out."""
    if said.kind == "seats":
        return {pair: max(said.by_confidence[seat.confidence] for seat in own) for pair, own in seats.items()}
    if said.kind == "table":
        spots = {(c, a): points for c, row in said.scores.items() for a, points in row.items()}
    elif said.measure in measured:
        spots = dict(measured[said.measure])
    else:
        return None
    found = ((board.spot(*spot), points) for spot, points in spots.items())
    return {pair: points for pair, points in found if pair is not None}


def _change(board: _Board, on: date, tried: Trial, today: Chosen) -> Iterator[Term]:
    said = board.layout.change
    if said is None:
        return
    new = np.where(today, 0, -HUNDREDTHS).astype(np.int64)
    left = np.where(today, HUNDREDTHS, 0).astype(np.int64)
    grounds = grounds_of(said)
    yield Term(ENTER, "新增布局的代价", _weight(ENTER, said.enter, on, tried), new, grounds=grounds)
    lost = -HUNDREDTHS * int(today.sum())
    yield Term(LEAVE, "退出布局的代价", _weight(LEAVE, said.leave, on, tried), left, lost, grounds=grounds)


def _fairness(board: _Board, on: date, tried: Trial, terms: Iterable[Term]) -> Iterator[Term]:
    said = board.layout.fairness
    if said is None:
        return
    of = next((term for term in terms if term.id == said.of), None)
    values = np.full(board.size, HUNDREDTHS, dtype=np.int64) if of is None else of.values
    shape = Shape.WORST_AREA if said.kind == "max_min" else Shape.SPREAD
    what = "集群数" if of is None else f"“{of.name}”"
    name = f"各区均衡（{what}最少的区）" if shape is Shape.WORST_AREA else f"各区均衡（{what}最多与最少之差）"
    weight = _weight(FAIRNESS, said.weight, on, tried)
    yield Term(FAIRNESS, name, weight, values, shape=shape, grounds=grounds_of(said))


def _weight(id_: str, dated: tuple[DatedValue, ...], on: date, tried: Trial) -> Fraction:
    if id_ in tried.weights:
        return Fraction(tried.weights[id_])
    held = [one for one in dated if one.valid_from is None or one.valid_from <= on]
    if not held:
        raise NotFound(f"权重“{id_}”在 {on} 还没有生效的值")
    return Fraction(held[-1].value)


def _hundredths(points: Decimal) -> int:
    return int((points * HUNDREDTHS).to_integral_value())
