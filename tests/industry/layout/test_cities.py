"""The layout rule of document 003 in the Shenzhen folder, and the belts of document 002 in Suzhou's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jiqun import packs
from jiqun.industry.layout import Trial, build, examine, words
from jiqun.industry.layout.judging import breaches, held
from jiqun.industry.layout.problem import RuleKind
from jiqun.industry.layout.solving import Budget, Proof, window
from jiqun.packs import City
from jiqun.packs.schema.settings import DatedValue

ON = date(2026, 11, 1)


@pytest.fixture(scope="module")
def shenzhen() -> City:
    return packs.load("shenzhen")


@pytest.fixture(scope="module")
def suzhou() -> City:
    return packs.load("suzhou")


def test_the_exemption_is_what_makes_the_rule_satisfiable(shenzhen: City) -> None:
    found = examine(shenzhen, shenzhen.layouts["shenzhen-2024"], ON, is_sensitive=False)
    assert found.proof is Proof.PROVED
    assert found.window == (39, 55)  # 13 × 3; min(13 × 5, 11 × 5)
    [exemption] = found.exemptions
    assert (len(exemption.group.clusters), exemption.is_on, exemption.is_needed) == (7, True, True)
    assert words.exemption_words(exemption) == (
        "7 个集群由市里统一安排，规定才排得下。没有这一条：要：20 个集群 × 至少 3 个区 = 60 个落位；"
        "有：11 个区 × 至多 5 个集群 = 55 个落位。60 > 55，差 5 个，排不下。"
    )


def test_without_the_exemption_the_two_clauses_are_named(shenzhen: City) -> None:
    trial = Trial(without_exemptions=frozenset({"strategic"}))
    found = examine(shenzhen, shenzhen.layouts["shenzhen-2024"], ON, trial=trial)
    assert (found.proof, found.plans, found.window, found.sensitivity) == (Proof.IMPOSSIBLE, (), None, None)
    assert found.conflict is not None
    [clash] = found.conflict.clashes
    assert words.clash_words(clash).startswith("每个集群至少 3 个区；每个区至多 5 个集群——要：20 个集群 × 至少 3")
    assert [words.loosening_words(one) for one in found.conflict.loosenings] == [
        "把“每个集群至少 3 个区”放宽到 2，就排得下", "把“每个区至多 5 个集群”放宽到 6，就排得下",
    ]  # fmt: skip
    [exemption] = found.exemptions
    assert (exemption.is_on, exemption.is_needed) == (False, True)


@pytest.mark.parametrize(("areas", "places"), [(9, (39, 45)), (11, (39, 55))])
def test_the_window_goes_by_the_number_of_districts(shenzhen: City, areas: int, places: tuple[int, int]) -> None:
    layout = shenzhen.layouts["shenzhen-2024"]
    fewer = layout.model_copy(update={"area_ids": layout.area_ids[:areas]})
    assert window(build(shenzhen, fewer, ON), Budget(20)) == places


def test_named_seats_stand_in_every_plan(suzhou: City) -> None:
    found = examine(suzhou, suzhou.layouts["suzhou-2018-leading"], ON, is_sensitive=False)
    fixed = [rule.rows[0] for rule in found.problem.rules if rule.kind is RuleKind.FIXED]
    assert len(fixed) == 6
    for one in found.plans:
        assert one.plan is not None
        assert all(held(row, one.plan.chosen) == 1 for row in fixed)
        per_area = found.problem.grid(one.plan.chosen).sum(axis=0)
        assert per_area.min() >= 1 and per_area.max() <= 2


def test_belts_and_land_hold_and_today_comes_from_the_chains(suzhou: City) -> None:
    layout = suzhou.layouts["suzhou-2026-clusters"]
    found = examine(suzhou, layout, ON, is_sensitive=False)
    plan = found.solutions[0].plan
    assert plan is not None
    assert not breaches(found.problem, plan.chosen)
    grid = {
        party.id: {area.id for area, is_here in zip(found.problem.areas, row, strict=True) if is_here}
        for party, row in zip(found.problem.clusters, found.problem.grid(plan.chosen), strict=True)
    }
    members = {zone.zone_id: set(zone.member_ids) for zone in layout.zones}
    assert grid["sz26-pil-2"] <= members["suzhou_belt_hongqiao"]
    assert len(grid["sz26-pil-1"] & members["suzhou_axis_huning"]) >= 2
    assert grid["sz26-pil-4"] & members["suzhou_belt_taihu"]
    assert sum(len(areas & members["suzhou_belt_yangtze"]) for areas in grid.values()) >= 5
    land = layout.resources[0]
    for area_id, supply in land.supplies.items():
        assert sum(land.needs[c] for c, areas in grid.items() if area_id in areas) <= supply
    seats = {found.problem.parties(pair): own for pair, own in found.problem.seats.items()}
    [robots] = [own for (c, a), own in seats.items() if (c.id, a.id) == ("sz26-pil-4", "suzhou_wuzhong")]
    assert robots[0].source == "szhy2025"


def test_what_a_person_tries_is_in_the_problem_and_nowhere_else(suzhou: City) -> None:
    layout = suzhou.layouts["suzhou-2018-leading"]
    spot, seat = ("sz18L-nano", "suzhou_gusu"), ("sz18L-ai", "suzhou_sip")
    trial = Trial(
        limits={"per_area.most": 3, "per_cluster.least": None}, fixed=frozenset({spot}), freed=frozenset({seat})
    )
    rules = {rule.id: rule for rule in build(suzhou, layout, ON, trial=trial).rules}
    assert rules["per_area.most"].limit == 3
    assert rules["per_area.most"].is_own
    assert "per_cluster.least" not in rules
    assert rules["fixed.sz18L-nano.suzhou_gusu"].is_own
    assert "fixed.sz18L-ai.suzhou_sip" not in rules
    assert "per_cluster.least" in {rule.id for rule in build(suzhou, layout, ON).rules}


def test_a_weight_goes_by_the_day(shenzhen: City) -> None:
    layout = shenzhen.layouts["shenzhen-2024"]
    dated = (DatedValue(value=Decimal(1)), DatedValue(value=Decimal(3), valid_from=date(2026, 1, 1)))
    criterion = layout.criteria[0].model_copy(update={"weight": dated})
    later = layout.model_copy(update={"criteria": (criterion,)})
    weights = [build(shenzhen, later, day).terms[0].weight for day in (date(2025, 12, 31), date(2026, 1, 1))]
    assert weights == [1, 3]


def test_a_measure_that_nobody_worked_out_is_said_and_not_counted_as_nought(shenzhen: City) -> None:
    layout = shenzhen.layouts["shenzhen-2024"]
    said = layout.criteria[0].model_copy(
        update={"id": "lq", "name": "区位商", "kind": "measured", "measure": "lq", "scores": {}}
    )
    asked = layout.model_copy(update={"criteria": (*layout.criteria, said)})
    without = build(shenzhen, asked, ON)
    assert [term.id for term in without.terms] == ["base", "fairness"]
    assert without.notices == ("“区位商”还没有测算结果，没有计入得分",)
    measured = {"lq": {("sh24-robot", "shenzhen_baoan"): Decimal("62.5")}}
    term = build(shenzhen, asked, ON, measured=measured).terms[1]
    assert sorted(set(term.values.tolist())) == [3000, 6250]  # unknown_as, and what was measured
    assert term.unknown is not None
    assert int(term.unknown.sum()) == 13 * 11 - 1


def test_an_unknown_need_of_land_is_told(suzhou: City) -> None:
    layout = suzhou.layouts["suzhou-2026-clusters"]
    land = layout.resources[0]
    needs = {key: value for key, value in land.needs.items() if key != "sz26-pil-4"}
    asked = layout.model_copy(update={"resources": (land.model_copy(update={"needs": needs}),)})
    assert build(suzhou, asked, ON).notices[0] == "工业用地：具身智能机器人不知道需要多少，没有计入"


def test_a_problem_is_the_same_whoever_asks_twice(shenzhen: City) -> None:
    one, two = (build(shenzhen, shenzhen.layouts["shenzhen-2024"], ON) for _ in range(2))
    assert [rule.id for rule in one.rules] == [rule.id for rule in two.rules]
    assert replace(one).size == two.size == 13 * 11
