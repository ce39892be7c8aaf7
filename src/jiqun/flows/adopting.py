"""A layout adopted: the plan that a city decided for, as a statement of the ledger, and what is in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from urllib.parse import parse_qs

import numpy as np

from jiqun.flows.faults import fault, refuse
from jiqun.flows.layouts import layouts_of
from jiqun.industry.layout import Adopted, Problem, build, words
from jiqun.industry.layout.building import Spot
from jiqun.industry.layout.judging import breaches, judge
from jiqun.industry.layout.problem import Chosen
from jiqun.industry.layout.solving import Budget, best_plans
from jiqun.ledger import store
from jiqun.ledger.models import AdoptedLayout, Standing
from jiqun.model.errors import Conflict
from jiqun.model.findings import Finding
from jiqun.packs.schema.layouts import Layout
from jiqun.reports import layout_trial
from jiqun.reports.layout_adopted import spots_of
from jiqun.reports.layout_firms import measures
from jiqun.reports.layout_standing import adopted_on
from jiqun.workspace import Workspace

SECONDS = 8.0  # for the bound that the plan is held against
_DECIMALS = 6


def adopted_layouts(ws: Workspace, on: date) -> dict[str, Adopted]:
    """By layout problem, the plan in force on the day; problems without one are left out."""
    rows = store.as_of(AdoptedLayout, on).filter(state=Standing.ACTIVE.value)
    return {row.key: Adopted(spots_of(row), row.known_on) for row in rows}


def adopt_layout(
    ws: Workspace, layout_id: str, spots: Iterable[Spot], *, actor: str, reason: str, trial: str = "",
    known_on: date | None = None, version: int | None = None,
) -> AdoptedLayout:  # fmt: skip
    """The plan in force from `known_on` (default: today); it takes the place of the one adopted before.

    `trial` is the address of what was tried: the plan is judged by the folder's conditions with it, on that day, and
    held against the best that could be proved within `SECONDS`. `version` is of the adoption that the person saw, 0
    where there was none. Raises NotFound for no such layout, InputRefused with every fault (no reason, pairs that the
    layout does not have, rules that the plan breaks), Conflict where another plan was adopted meanwhile.
    """
    (layout,) = layouts_of(ws.city, layout_id)
    day, chosen = known_on or ws.today, frozenset(spots)
    read = layout_trial.read(layout, parse_qs(trial))
    address = layout_trial.address(read.trial)
    today = adopted_on(layout_id, day)
    told = measures(ws.path / "registers", ws.city, layout, day)
    problem = build(ws.city, layout, day, trial=read.trial, measured=told.figures, adopted=today)
    plan = _chosen(problem, chosen)
    found = [fault("trial", text, "请回到布局页改正后再采用") for text in read.faults]
    found += _plain_faults(layout, chosen, address, reason, day)
    refuse([*found, *_foreign(problem, chosen), *_broken(problem, plan)])
    best = best_plans(problem, Budget(SECONDS), count=1, difference=1)[0]
    row = AdoptedLayout(
        key=layout_id, known_on=day, catalogue_id=layout.catalogue_id, pairs=[list(spot) for spot in sorted(chosen)],
        trial=address, points=words.number(judge(problem, plan).points, _DECIMALS),
        best_points="" if best.bound is None else words.number(best.bound, _DECIMALS), folder_digest=ws.city.digest,
    )  # fmt: skip
    with store.recording("layout.adopted", actor=actor, reason=reason, clock=ws.clock, subject=row) as entry:
        standing = store.current_by_key(AdoptedLayout, [layout_id]).get(layout_id)
        if version is not None and version != (standing.version if standing else 0):
            raise Conflict("刚有人采用了另一个方案，请刷新后重试")
        entry.put([row])
    return row


def _plain_faults(layout: Layout, chosen: frozenset[Spot], trial: str, reason: str, day: date) -> list[Finding]:
    """What can be told without the problem: the reason, the day, and a plan that is in force already."""
    found = []
    if not reason.strip():
        found.append(fault("reason", "采用布局方案需要理由", "请写明依据，例如会议纪要或文件号"))
    if not chosen:
        found.append(fault("missing", "方案里没有一个落位", "请先求解，再采用其中一个方案"))
    standing = store.current_by_key(AdoptedLayout, [layout.id]).get(layout.id)
    if standing is None or standing.state != Standing.ACTIVE.value:
        return found
    if day < standing.known_on:
        remedy = "更正请先撤销那一次采用"
        found.append(fault("day", f"{day} 早于已采用方案的施行日 {standing.known_on}", remedy))
    if (spots_of(standing), standing.trial) == (chosen, trial):
        found.append(fault("same", f"这个方案自 {standing.known_on} 起已经采用", "无需再采用"))
    return found


def _chosen(problem: Problem, spots: frozenset[Spot]) -> Chosen:
    parties = (problem.parties(pair) for pair in range(problem.size))
    return np.array([(cluster.id, area.id) in spots for cluster, area in parties], dtype=bool)


def _foreign(problem: Problem, spots: frozenset[Spot]) -> list[Finding]:
    clusters, areas = ({party.id for party in parties} for parties in (problem.clusters, problem.areas))
    return [
        fault("reference", f"落位“{cluster}:{area}”的集群或区不在这个布局问题里", "请回到布局页重新求解")
        for cluster, area in sorted(spots)
        if cluster not in clusters or area not in areas
    ]


def _broken(problem: Problem, plan: Chosen) -> list[Finding]:
    return [
        fault("layout_breach", words.breach_words(one), "请按规定调整方案；条件确有变化的，先在布局页改条件再采用")
        for one in breaches(problem, plan)
    ]
