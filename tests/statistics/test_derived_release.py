"""Sums of derived industries for outside users: small ones and what would give them away stay inside; attacked."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from jiqun.statistics import derived
from jiqun.statistics.derived import LINES, MEMBERS, SHARES
from jiqun.statistics.derived_release import shown
from jiqun.statistics.disclosure import DisclosureRules

RULES = DisclosureRules(least_respondents=3, top_count=1, top_pct=90, estimate_pct=5, few_pct=10)


def lines(*rows):
    return pl.DataFrame(rows, schema=LINES, orient="row")


def firms(code, count, amount=100):
    return [(f"{code}-{at}", code, amount + at) for at in range(count)]


def parts(rows, *members, shares=()):
    own = pl.DataFrame(list(shares), schema=SHARES, orient="row")
    return rows, derived.parts(rows, pl.DataFrame(members, schema=MEMBERS, orient="row"), own)


X, Y = ("x", "1", "full"), ("y", "2", "full")


def test_what_many_firms_make_up_is_shown():
    told = shown(*parts(lines(*firms("1", 5), *firms("2", 5), *firms("3", 5)), X, Y), RULES)
    assert (told.targets, told.pairs, told.whole) == ({"x", "y"}, {("x", "y")}, True)


def test_a_target_of_two_firms_stays_inside_and_so_does_what_would_give_it_away():
    told = shown(*parts(lines(*firms("1", 2), *firms("2", 5), *firms("3", 5)), X, Y), RULES)
    assert "x" not in told.targets
    assert not ({"y"} <= told.targets and told.whole)  # all less y would be x


def test_one_firm_between_the_bounds_is_not_told_by_their_difference():
    """x is at least the five of class 1 and at most one firm more: both ends together would be that firm's figure."""
    told = shown(*parts(lines(*firms("1", 5), *firms("2", 1), *firms("3", 5)), X, ("x", "2", "partial")), RULES)
    assert "x" not in told.targets


def test_firms_that_say_nothing_counts_do_not_hide_the_one_between_the_bounds():
    """Five more firms of class 2 state a share of 0: they are in neither bound, the one without a share is."""
    rows = lines(*firms("1", 5), *firms("2", 6), *firms("3", 5))
    nothing = [(f"2-{at}", "2", "x", 0) for at in range(1, 6)]
    assert "x" not in shown(*parts(rows, X, ("x", "2", "partial"), shares=nothing), RULES).targets


def test_what_is_left_of_the_total_is_not_told_either():
    """All but one firm are in x, and the total is public."""
    assert not shown(*parts(lines(*firms("1", 5), *firms("3", 1)), X), RULES).targets


def test_with_a_loss_nothing_is_shown():
    rows = [*firms("1", 5), *firms("2", 5), *firms("3", 5), ("z", "1", -5)]
    told = shown(*parts(lines(*rows), X, Y), RULES)
    assert (told.targets, told.pairs, told.whole) == (frozenset(), frozenset(), False)


def test_a_target_of_shares_between_stays_inside_and_so_does_the_whole():
    """Half of each firm of class 2 is in y: twice y would be what they have."""
    rows = lines(*firms("1", 5), *firms("2", 5), *firms("3", 5))
    told = shown(*parts(rows, X, ("y", "2", "partial"), shares=[(None, "2", "y", 500_000)]), RULES)
    assert (told.targets, told.pairs, told.whole) == ({"x"}, frozenset(), False)


@pytest.mark.parametrize("seed", range(12))
def test_no_firm_alone_in_its_way_of_counting_can_be_computed(seed):
    """The attack done again by another solver on firms themselves: nobody's figure is known to within 5 %."""
    chance = np.random.default_rng(seed)
    codes = [str(code) for code in range(6)]
    rows = [(f"f{at}", str(chance.choice(codes)), int(chance.integers(50, 500))) for at in range(14)]
    members = [
        (target, code, str(chance.choice(["full", "partial"])))
        for target in "xyz" for code in codes if chance.random() < 0.5
    ]  # fmt: skip
    given, found = parts(lines(*rows), *members)
    told = shown(given, found, RULES)
    whole = derived.union(found)
    sums = {each.target: each for each in derived.sums(found)}
    pairs = {(each.one, each.other): each for each in derived.overlaps(found)}
    match = {(target, code): kind for target, code, kind in members}
    ones, values = [[1.0] * 14], [sum(amount for _, _, amount in rows)]

    def know(count, value):
        ones.append([float(count(code)) for _, code, _ in rows])
        values.append(float(value))

    for name in told.targets:
        know(lambda code, name=name: match.get((name, code)) == "full", sums[name].low)
        know(lambda code, name=name: (name, code) in match, sums[name].high)
    for one, two in told.pairs & pairs.keys():
        both = pairs[one, two]
        know(lambda c, a=one, b=two: match.get((a, c)) == match.get((b, c)) == "full", both.low)
        know(lambda c, a=one, b=two: (a, c) in match and (b, c) in match, both.high)
    if told.whole:
        know(lambda code: any(match.get((name, code)) == "full" for name in "xyz"), whole.low)
        know(lambda code: any((name, code) in match for name in "xyz"), whole.high)
    for at, (_, _, amount) in enumerate(rows):
        goal = np.zeros(14)
        goal[at] = 1
        ends = [linprog(sign * goal, A_eq=ones, b_eq=values, bounds=(0, None)).fun for sign in (1, -1)]
        assert ends[0] < amount * 0.95 or -ends[1] > amount * 1.05
