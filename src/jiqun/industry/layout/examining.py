"""Everything that is asked of a layout problem at once, within a bounded time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial

from jiqun.industry.layout.building import Adopted, Measured, Trial, build
from jiqun.industry.layout.conflicts import Conflict, explain
from jiqun.industry.layout.judging import Breach, Plan, breaches, judge
from jiqun.industry.layout.problem import Exempted, Problem
from jiqun.industry.layout.sensitivity import Sensitivity, sensitivity
from jiqun.industry.layout.solving import Budget, Proof, Solution, best_plans, window
from jiqun.packs import City
from jiqun.packs.schema.layouts import Layout

SECONDS = 20.0  # of one examination, unless asked otherwise
_FOR_PLANS, _FOR_SENSITIVITY = 0.6, 0.8


@dataclass(frozen=True, eq=False)
class Exemption:
    """What an exemption does: `is_needed`: with it there is a plan, without it none; None where that is not settled.

    `conflict`: why there is none without it.
    """

    group: Exempted
    is_on: bool
    is_needed: bool | None
    conflict: Conflict | None


@dataclass(frozen=True, eq=False)
class Examination:
    """`solutions`: the best first; at least one. `conflict`: why there is no plan. `today`: None where none is known.

    `window`: the fewest and most places of any plan. `sensitivity`: None where not asked or no plan was proved.
    """

    problem: Problem
    solutions: tuple[Solution, ...]
    window: tuple[int, int] | None
    conflict: Conflict | None
    exemptions: tuple[Exemption, ...]
    today: Plan | None
    broken_today: tuple[Breach, ...]
    sensitivity: Sensitivity | None
    seconds: float

    @property
    def proof(self) -> Proof:
        return self.solutions[0].proof

    @property
    def plans(self) -> tuple[Solution, ...]:
        """Solutions that have a plan."""
        return tuple(one for one in self.solutions if one.plan is not None)


def examine(
    city: City,
    layout: Layout,
    on: date,
    *,
    trial: Trial | None = None,
    measured: Measured | None = None,
    adopted: Adopted | None = None,
    seconds: float = SECONDS,
    is_sensitive: bool = True,
) -> Examination:
    """The layout's best plans or why there is none, what its exemptions do, and on what the best plan rests."""
    tried = trial or Trial()
    building = partial(build, city, layout, on, measured=measured, adopted=adopted)
    problem = building(trial=tried)
    budget = Budget(seconds)
    wanted = layout.alternatives
    solutions = best_plans(
        problem, budget.part(_FOR_PLANS), count=wanted.count, difference=wanted.least_difference
    )  # fmt: skip
    best = solutions[0]
    conflict = explain(problem, budget.part(_FOR_PLANS)) if best.proof is Proof.IMPOSSIBLE else None
    exemptions = tuple(
        _exemption(building, tried, budget, one, is_possible=best.plan is not None)
        for one in building(trial=replace(tried, without_exemptions=frozenset())).exempted  # those tried off too
    )
    found_window = window(problem, budget.part(_FOR_PLANS)) if best.plan is not None else None
    rests_on = None
    if is_sensitive and best.proof is Proof.PROVED and best.plan is not None:
        rests_on = sensitivity(problem, best.plan, budget.part(_FOR_SENSITIVITY))
    has_today = bool(problem.today.any())
    return Examination(
        problem, solutions, found_window, conflict, exemptions, judge(problem, problem.today) if has_today else None,
        breaches(problem, problem.today) if has_today else (), rests_on, seconds - budget.left,
    )  # fmt: skip


def _exemption(
    building: Callable[..., Problem], tried: Trial, budget: Budget, group: Exempted, *, is_possible: bool
) -> Exemption:
    """Is the exemption what makes the rules satisfiable? The other case is solved beside the one asked for."""
    is_on = group.id not in tried.without_exemptions
    switched = tried.without_exemptions ^ {group.id}
    other = building(trial=replace(tried, without_exemptions=switched))
    found = best_plans(replace(other, terms=()), budget.part(_FOR_PLANS), count=1, difference=1)[0]
    if found.proof is Proof.UNKNOWN:
        return Exemption(group, is_on, None, None)
    is_other_possible = found.plan is not None
    with_it, without = (is_possible, is_other_possible) if is_on else (is_other_possible, is_possible)
    conflict = explain(other, budget.part(_FOR_PLANS)) if is_on and not is_other_possible else None
    return Exemption(group, is_on, with_it and not without, conflict)


def weights_of(problem: Problem) -> Mapping[str, Decimal]:
    """The weight of each term, as a decimal."""
    return {term.id: Decimal(term.weight.numerator) / term.weight.denominator for term in problem.terms}
