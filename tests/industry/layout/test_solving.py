"""The solver against looking at every plan, and the sums of the layout rule by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings

from jiqun.industry.layout.conflicts import explain
from jiqun.industry.layout.judging import breaches, judge
from jiqun.industry.layout.problem import Problem, RuleKind, Shape
from jiqun.industry.layout.sensitivity import differing, sensitivity, weight_range
from jiqun.industry.layout.solving import Budget, Proof, best_plans, is_possible, solve, window
from tests.industry.layout.boards import board, both_ways, bound, every_plan, problems, settled, term, with_rules


def budget() -> Budget:
    return Budget(60)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_the_best_plan_has_the_points_of_the_best_of_all(problem: Problem) -> None:
    best = next(every_plan(problem), None)
    found = solve(problem, budget())
    if best is None:
        assert (found.proof, found.plan, found.gap) == (Proof.IMPOSSIBLE, None, None)
        return
    assert found.proof is Proof.PROVED
    assert found.plan is not None
    assert found.plan.points == best.points == judge(problem, found.plan.chosen).points
    assert not breaches(problem, found.plan.chosen)
    assert found.gap == 0


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_next_best_come_in_order_and_none_is_left_out(problem: Problem) -> None:
    points = [plan.points for plan in every_plan(problem)]
    found = best_plans(problem, budget(), count=4, difference=1)
    plans = [one.plan for one in found if one.plan]
    assert [plan.points for plan in plans] == points[:4]
    assert len({plan.chosen.tobytes() for plan in plans}) == len(plans)
    if len(points) < 4:
        assert found[-1].proof is Proof.IMPOSSIBLE


@settings(max_examples=60, deadline=None)
@given(problems())
def test_plans_that_must_differ_more_are_the_best_of_those_that_do(problem: Problem) -> None:
    every = list(every_plan(problem))
    found = [one.plan for one in best_plans(problem, budget(), count=3, difference=3) if one.plan]
    for at, plan in enumerate(found):
        fits = [one for one in every if all(differing([one, other]) >= 3 for other in found[:at])]
        assert plan.points == fits[0].points
        assert all(differing([plan, other]) >= 3 for other in found[:at])


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_window_is_the_fewest_and_the_most_places_of_any_plan(problem: Problem) -> None:
    places = [int(plan.chosen.sum()) for plan in every_plan(problem)]
    assert window(problem, budget()) == ((min(places), max(places)) if places else None)


@settings(max_examples=100, deadline=None)
@given(problems())
def test_clashes_are_smallest_and_all_of_them_and_so_are_remedies(problem: Problem) -> None:
    if next(every_plan(problem), None) is not None:
        return
    rules = problem.rules
    clashing = {
        frozenset(rule.id for at, rule in enumerate(rules) if bits >> at & 1)
        for bits in range(1 << len(rules))
        if is_possible(problem, [rule for at, rule in enumerate(rules) if bits >> at & 1], budget()) is False
    }
    smallest = {one for one in clashing if not any(other < one for other in clashing)}
    found = explain(problem, budget(), most_clashes=99)
    assert found.is_complete
    assert {frozenset(rule.id for rule in clash.rules) for clash in found.clashes} == smallest
    every = frozenset(rule.id for rule in rules)
    helps = {every - one for one in _subsets(every) if one not in clashing}
    assert {frozenset(rule.id for rule in one) for one in found.remedies} == {
        one for one in helps if not any(other < one for other in helps)
    }


def _subsets(ids: frozenset[str]) -> set[frozenset[str]]:
    order = sorted(ids)
    return {frozenset(id_ for at, id_ in enumerate(order) if bits >> at & 1) for bits in range(1 << len(order))}


@settings(max_examples=100, deadline=None)
@given(problems())
def test_a_sum_that_is_said_cannot_hold_for_any_plan(problem: Problem) -> None:
    if next(every_plan(problem), None) is not None:
        return
    for clash in explain(problem, budget()).clashes:
        assert is_possible(problem, clash.rules, budget()) is False
        for rule in clash.rules:
            assert next(every_plan(with_rules(problem, [one for one in clash.rules if one is not rule])), None)
        if clash.count is not None:
            assert clash.count.short > 0
            assert {rule.id for rule, _ in (*clash.count.needs, *clash.count.rooms)} == {r.id for r in clash.rules}


@settings(max_examples=40, deadline=None)
@given(problems())
def test_between_the_weights_named_the_plan_is_best_and_beyond_it_is_not(problem: Problem) -> None:
    best = solve(problem, budget()).plan
    if best is None:
        return
    every = list(every_plan(problem))
    for at, one in enumerate(problem.terms):
        found = weight_range(problem, best, one, budget())
        assert found is not None
        for weight, is_best in (
            (found.low, True), (found.high, True), ((found.low + one.weight) / 2, True),
            (found.low / 2, found.below is None), (found.high * 2, None if found.above is None else False),
        ):  # fmt: skip
            other = replace(problem, terms=_reweighed(problem, at, weight))
            mine, most = judge(other, best.chosen).points, max(judge(other, p.chosen).points for p in every)
            if is_best is not None and not (weight == found.low and not is_best):
                assert (mine == most) is is_best


def _reweighed(problem: Problem, at: int, weight: Fraction) -> tuple:
    return tuple(replace(one, weight=weight) if n == at else one for n, one in enumerate(problem.terms))


# --- FIELD §6.3: 20 clusters, 3 to 5 districts each; a district takes 3 to 5 of them


@pytest.mark.parametrize(
    ("clusters", "areas", "places"), [(13, 9, (39, 45)), (13, 11, (39, 55)), (13, 12, (39, 60)), (20, 12, (60, 60))]
)
def test_the_window_of_the_layout_rule(clusters: int, areas: int, places: tuple[int, int]) -> None:
    assert window(board(clusters, areas, both_ways(clusters, areas, (3, 5), (3, 5))), budget()) == places


def test_twenty_clusters_do_not_go_into_eleven_districts_and_the_sum_says_why() -> None:
    found = explain(board(20, 11, both_ways(20, 11, (3, 5), (3, 5))), budget())
    [clash] = found.clashes
    assert {rule.id for rule in clash.rules} == {"per_cluster.least", "per_area.most"}
    assert clash.count is not None
    assert (clash.count.needed, clash.count.room, clash.count.spare, clash.count.short) == (60, 55, 0, 5)
    assert [[rule.id for rule in one] for one in found.remedies] == [["per_cluster.least"], ["per_area.most"]]
    # 20 × 2 = 40 ≤ 55; 11 × 6 = 66 ≥ 60
    assert {one.rule.id: one.limit for one in found.loosenings} == {"per_cluster.least": 2, "per_area.most": 6}


def test_without_the_seven_strategic_ones_it_fits() -> None:
    assert solve(board(13, 11, both_ways(13, 11, (3, 5), (3, 5))), budget()).proof is Proof.PROVED


def test_a_cluster_that_is_kept_out_of_too_many_districts_is_counted_with_what_is_left() -> None:
    # 5 districts, 3 wanted, 3 forbidden: 2 are left
    rules = [bound(RuleKind.AREAS_PER_CLUSTER, 3, 2, 5, is_least=True)]
    rules += [settled(pair, is_fixed=False) for pair in (0, 1, 2)]
    [clash] = explain(board(2, 5, rules), budget()).clashes
    assert clash.count is not None
    assert (clash.count.needed, clash.count.room, clash.count.spare) == (3, 0, 2)
    assert [row.subject for _, rows in clash.count.needs for row in rows] == ["0"]


def test_a_pair_both_fixed_and_forbidden_is_a_clash_of_two() -> None:
    [clash] = explain(board(2, 2, [settled(0, is_fixed=True), settled(0, is_fixed=False)]), budget()).clashes
    assert {rule.kind for rule in clash.rules} == {RuleKind.FIXED, RuleKind.FORBIDDEN}
    assert clash.count is not None
    assert (clash.count.needed, clash.count.room) == (1, 0)


def test_points_by_hand() -> None:
    # 2 × 2: fit 80 30 / 60 50, each cluster one area, each area one cluster; either diagonal: 130 or 90
    rules = both_ways(2, 2, (1, 1), (1, 1))
    problem = board(2, 2, rules, [term("fit", [8000, 3000, 6000, 5000])])
    first, second, third = best_plans(problem, budget(), count=3, difference=1)
    assert first.plan and second.plan
    assert (first.plan.points, second.plan.points, third.proof) == (130, 90, Proof.IMPOSSIBLE)
    # worst area: 50 and 30; with weight w the second is better from nowhere on; without fit both are worth 50w, 30w
    fair = board(2, 2, rules, [*problem.terms, term("fair", [8000, 3000, 6000, 5000], Fraction(2), Shape.WORST_AREA)])
    assert solve(fair, budget()).plan.points == 130 + 2 * 50


def test_a_weight_where_another_plan_takes_over_is_exact() -> None:
    # one place in one of two areas: fit 80 or 30, and 0 or 20 of another term: over from 20 w = 50
    rules = [bound(RuleKind.AREAS_PER_CLUSTER, 1, 1, 2, is_least=False)]
    problem = board(1, 2, rules, [term("fit", [8000, 3000]), term("other", [0, 2000])])
    best = solve(problem, budget()).plan
    assert best is not None
    found = weight_range(problem, best, problem.terms[1], budget())
    assert found is not None
    assert (found.low, found.high, found.below) == (0, Fraction(5, 2), None)
    assert found.above is not None
    assert found.above.chosen.tolist() == [False, True]


def test_one_step_of_a_bound_is_told_by_what_it_gains() -> None:
    rules = [
        bound(RuleKind.AREAS_PER_CLUSTER, 1, 1, 3, is_least=True),
        bound(RuleKind.AREAS_PER_CLUSTER, 1, 1, 3, is_least=False),
    ]
    problem = board(1, 3, rules, [term("fit", [8000, 3000, 1000])])
    best = solve(problem, budget()).plan
    assert best is not None
    effects = {(one.rule.id, one.limit): one for one in sensitivity(problem, best, budget()).bounds}
    assert effects["per_cluster.most", 2].gain == 30
    assert effects["per_cluster.most", 0].plan is None  # at least 1, at most 0
    assert effects["per_cluster.least", 0].gain == 0


def test_time_that_has_run_out_is_said_and_not_taken_for_an_answer() -> None:
    rng = np.random.default_rng(1)
    size = 60 * 60
    terms = [
        term("fit", rng.integers(0, 9999, size)),
        term("fair", rng.integers(0, 9999, size), Fraction(50), Shape.SPREAD),
    ]
    problem = board(60, 60, both_ways(60, 60, (3, 5), (3, 5)), terms)
    found = solve(problem, Budget(0.05))
    assert found.proof in (Proof.OPEN, Proof.UNKNOWN)
    if found.plan is not None:
        assert found.bound is None or found.bound >= found.plan.points
