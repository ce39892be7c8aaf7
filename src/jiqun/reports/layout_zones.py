"""Corridors and belts (一环、两轴、三带) on the board: which districts each runs through, and what stands there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jiqun.industry.layout import Problem, words
from jiqun.industry.layout.judging import Plan
from jiqun.industry.layout.problem import Grounds, Row, Rule
from jiqun.packs.schema.layouts import Layout, LayoutZone
from jiqun.reports.layout_clauses import Basis, basis
from jiqun.reports.view import Ref, View


@dataclass(frozen=True, slots=True)
class InZone:
    """A cluster that stands in the zone, with the zone's districts that have it; `is_new`: in none of them today."""

    cluster: Ref
    areas: tuple[Ref, ...]
    is_new: bool


@dataclass(frozen=True, slots=True)
class ZoneClause:
    """A clause on the zone and how much of it the plan has; `is_kept` is None without a plan."""

    said: str
    has: str
    is_kept: bool | None


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """`places` are pairs of the plan in the zone; a district in several zones counts in each. `only` are clusters
    that stand nowhere else."""

    zone: Ref
    areas: tuple[Ref, ...]
    clusters: tuple[InZone, ...]
    only: tuple[str, ...]
    places: int
    places_today: int | None
    clauses: tuple[ZoneClause, ...]
    basis: Basis


def zone_rows(view: View, layout: Layout, problem: Problem, plan: Plan | None) -> tuple[ZoneRow, ...]:
    """Every zone of the layout under the plan shown, in the folder's order."""
    return tuple(_zone(view, layout, problem, plan, zone) for zone in layout.zones)


def _zone(view: View, layout: Layout, problem: Problem, plan: Plan | None, zone: LayoutZone) -> ZoneRow:
    count = len(problem.areas)
    inside = np.array([area.id in zone.member_ids for area in problem.areas])
    chosen = (plan.chosen if plan else np.zeros(problem.size, dtype=bool)).reshape(-1, count)
    today = problem.today.reshape(-1, count)
    stands = []
    for at, cluster in enumerate(problem.clusters):
        own = chosen[at] & inside
        if own.any():
            areas = tuple(Ref(problem.areas[i].id, problem.areas[i].name) for i in np.flatnonzero(own))
            is_new = bool(problem.today.any()) and not (today[at] & inside).any()
            stands.append(InZone(Ref(cluster.id, cluster.name, cluster.name_en), areas, is_new))
    named = {one.id for one in layout.rules if one.zone_id == zone.zone_id}
    return ZoneRow(
        zone=view.names.area(zone.zone_id) or Ref(zone.zone_id, zone.zone_id),
        areas=tuple(Ref(area.id, area.name) for area, is_in in zip(problem.areas, inside, strict=True) if is_in),
        clusters=tuple(stands),
        only=tuple(
            cluster.name
            for cluster, row in zip(problem.clusters, chosen, strict=True)
            if row.any() and not (row & ~inside).any()
        ),
        places=int(chosen[:, inside].sum()),
        places_today=int(today[:, inside].sum()) if problem.today.any() else None,
        clauses=tuple(_clause(rule, plan) for rule in problem.rules if rule.clause_id in named),
        basis=basis(view, Grounds(zone.words, zone.article, zone.source)),
    )


def _clause(rule: Rule, plan: Plan | None) -> ZoneClause:
    if plan is None:
        return ZoneClause(words.clause(rule), "", None)
    sums = [_sum(row, plan) for row in rule.rows]
    both = list(zip(rule.rows, sums, strict=True))
    is_kept = all(has >= row.limit if rule.is_least else has <= row.limit for row, has in both)
    told = [f"{row.subject} {has}" if len(both) > 1 else f"{has}" for row, has in both]
    return ZoneClause(words.clause(rule), "，".join(told), is_kept)


def _sum(row: Row, plan: Plan) -> int:
    taken = plan.chosen[row.pairs]
    return int(taken.sum() if row.uses is None else (taken * row.uses).sum())
