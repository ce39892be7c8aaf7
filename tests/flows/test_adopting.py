"""A plan is adopted, holds from its day, is the start of the next, and is undone; what cannot be adopted is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jiqun import flows, packs
from jiqun.industry.layout import Adopted, Trial, build, examine
from jiqun.ledger import chain, store
from jiqun.ledger.models import AdoptedLayout, Event
from jiqun.model.errors import Conflict, InputRefused, NotFound
from jiqun.packs.schema.layouts import LayoutChange
from jiqun.packs.schema.settings import DatedValue
from jiqun.workspace import Workspace

KEY = "shenzhen-2024"
DAY = date(2026, 1, 5)  # the clock's
ROBOT, OCEAN, DAPENG = "sh24-robot", "sh24-ocean", "shenzhen_dapeng"
Spots = frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def shenzhen() -> packs.City:
    return packs.load("shenzhen")


@pytest.fixture(scope="module")
def plans(shenzhen: packs.City) -> list[Spots]:
    """The best plan as the folder is, and the best with robots in Dapeng, which it does not place there."""
    found = []
    for trial in (Trial(), Trial(fixed=frozenset({(ROBOT, DAPENG)}))):
        problem = (examined := examine(shenzhen, shenzhen.layouts[KEY], DAY, trial=trial, is_sensitive=False)).problem
        assert examined.plans[0].plan is not None
        parties = (problem.parties(pair) for pair in examined.plans[0].plan.chosen.nonzero()[0])
        found.append(frozenset((cluster.id, area.id) for cluster, area in parties))
    assert (ROBOT, DAPENG) not in found[0]
    return found


@pytest.fixture
def office(ws: Workspace, shenzhen: packs.City) -> Workspace:
    return replace(ws, city=shenzhen)


def adopt(office: Workspace, spots: Spots, **more: Any) -> AdoptedLayout:
    return flows.adopt_layout(office, KEY, spots, **{"actor": "zhang", "reason": "市政府常务会议纪要", **more})


def test_the_adopted_plan_is_one_event_of_the_chain_and_says_that_no_plan_had_more_points(office, plans):
    row = adopt(office, plans[0])
    event = Event.objects.get(sequence=row.event_id)
    assert (event.action, event.subject_type, event.subject_key, event.reason) == (
        "layout.adopted", "adoptedlayout", KEY, "市政府常务会议纪要",
    )  # fmt: skip
    assert (row.known_on, row.version, row.trial) == (DAY, 1, "")
    assert row.points == row.best_points
    assert {tuple(pair) for pair in AdoptedLayout.objects.get().pairs} == plans[0]
    assert chain.verify().is_whole


def test_the_next_plan_is_reckoned_from_it_and_from_its_day_only(office, plans):
    adopt(office, plans[1], trial=f"fix={ROBOT}:{DAPENG}", known_on=date(2026, 1, 3))
    assert flows.adopted_layouts(office, date(2026, 1, 2)) == {}
    cost = LayoutChange(enter=(DatedValue(value=Decimal(1)),), leave=(DatedValue(value=Decimal(2)),))
    layout = office.city.layouts[KEY].model_copy(update={"change": cost})
    today = flows.adopted_layouts(office, DAY)[KEY]
    assert today == Adopted(plans[1], date(2026, 1, 3))
    found = examine(office.city, layout, DAY, adopted=today, is_sensitive=False)
    assert found.today is not None
    assert int(found.today.chosen.sum()) == len(plans[1])
    for plan in (one.plan for one in found.plans):
        assert plan is not None
        moved = found.today.chosen ^ plan.chosen
        spots = {(cluster.id, area.id) for cluster, area in map(found.problem.parties, moved.nonzero()[0])}
        enters, leaves = len(spots - plans[1]), len(spots & plans[1])
        assert (plan.amounts["change.enter"], plan.amounts["change.leave"]) == (-100 * enters, -100 * leaves)
    assert len({str(sorted(one.plan.amounts.items())) for one in found.plans if one.plan}) > 1
    assert found.today.amounts["change.enter"] == found.today.amounts["change.leave"] == 0


def test_what_the_command_writes_says_what_is_in_force(office, plans):
    adopt(office, plans[0], known_on=date(2026, 1, 3))
    layout = office.city.layouts[KEY]
    adopted = flows.adopted_layouts(office, DAY)
    [(_, found)] = flows.plan_layouts(office.city, DAY, layout_id=KEY, adopted=adopted)
    record = flows.layout_record(layout, found, DAY)
    assert (record["today"]["adopted_on"], record["today"]["breaches"]) == ("2026-01-03", [])
    assert record["plans"][0]["enters"] == record["plans"][0]["leaves"] == []  # it is the best already
    assert any("已采用的方案（自 2026-01-03 起）" in line for line in flows.layout_lines(layout, found))
    [(_, before)] = flows.plan_layouts(office.city, DAY, layout_id=KEY)
    assert flows.layout_record(layout, before, DAY)["today"] is None


def test_clusters_that_left_the_layout_are_told_and_not_counted(shenzhen, plans):
    fewer = shenzhen.layouts[KEY].model_copy(update={"area_ids": shenzhen.layouts[KEY].area_ids[:-1]})
    gone = [spot for spot in plans[0] if spot[1] == shenzhen.layouts[KEY].area_ids[-1]]
    problem = build(shenzhen, fewer, DAY, adopted=Adopted(plans[0], DAY))
    assert int(problem.today.sum()) == len(plans[0]) - len(gone)
    assert problem.notices == (f"已采用的布局中有 {len(gone)} 处的集群或区已不在这个问题里，没有计入",)


def test_undoing_an_adoption_puts_back_the_one_before_and_undoing_the_first_leaves_none(office, plans):
    first = adopt(office, plans[0], known_on=date(2026, 1, 2))
    second = adopt(office, plans[1], trial=f"fix={ROBOT}:{DAPENG}", version=1)
    assert flows.adopted_layouts(office, DAY)[KEY].spots == plans[1]
    assert flows.adopted_layouts(office, date(2026, 1, 4))[KEY].spots == plans[0]
    flows.undo(office, second.event_id, actor="zhang", reason="会议未通过")
    assert flows.adopted_layouts(office, DAY)[KEY].spots == plans[0]
    with pytest.raises(Conflict):
        flows.undo(office, first.event_id, actor="zhang", reason="有后来的改动")
    assert [row.version for row in store.history(AdoptedLayout, KEY)] == [1, 2, 3]
    assert chain.verify().is_whole


def test_the_only_adoption_undone_leaves_none(office, plans):
    flows.undo(office, adopt(office, plans[0]).event_id, actor="zhang", reason="误操作")
    assert flows.adopted_layouts(office, DAY) == {}
    assert adopt(office, plans[0]).version == 3  # and it can be adopted again


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_written(office, plans):
    robots = sorted(spot for spot in plans[0] if spot[0] == ROBOT)
    wrong = (plans[0] - set(robots[:-2])) | {("none", DAPENG)}
    before = Event.objects.count()
    with pytest.raises(InputRefused) as refused:
        adopt(office, wrong, reason=" ", trial="b-per_area.most=x")
    told = {finding.code: finding.message for finding in refused.value.findings}
    assert set(told) == {"ledger.reason", "ledger.trial", "ledger.reference", "ledger.layout_breach"}
    assert "none:shenzhen_dapeng" in told["ledger.reference"]
    assert "机器人" in told["ledger.layout_breach"]
    with pytest.raises(InputRefused, match="没有一个落位"):
        adopt(office, frozenset())
    with pytest.raises(NotFound):
        flows.adopt_layout(office, "none", plans[0], actor="zhang", reason="x")
    assert Event.objects.count() == before


def test_a_plan_is_judged_by_the_conditions_it_was_made_under(office, plans):
    barred = f"ban={sorted(plans[0])[0][0]}:{sorted(plans[0])[0][1]}"
    with pytest.raises(InputRefused, match="不放"):
        adopt(office, plans[0], trial=barred)
    assert adopt(office, plans[1], trial=f"fix={ROBOT}:{DAPENG}&nonsense=1").trial == f"fix={ROBOT}%3A{DAPENG}"


def test_a_plan_is_not_adopted_twice_nor_before_the_one_in_force_nor_over_one_that_nobody_saw(office, plans):
    adopt(office, plans[0], version=0)
    with pytest.raises(InputRefused, match="已经采用"):
        adopt(office, plans[0], known_on=date(2026, 2, 1))
    with pytest.raises(InputRefused, match="早于"):
        adopt(office, plans[1], trial=f"fix={ROBOT}:{DAPENG}", known_on=date(2026, 1, 1))
    with pytest.raises(Conflict, match="另一个方案"):
        adopt(office, plans[1], trial=f"fix={ROBOT}:{DAPENG}", version=0)
    assert AdoptedLayout.objects.count() == 1
