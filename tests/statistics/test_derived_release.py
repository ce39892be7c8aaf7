"""Sums of derived industries for outside users: small ones and what would give them away stay inside; attacked."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linprog

from jiqun.statistics import derived
from jiqun.statistics.derived import LINES, MEMBERS, SHARES
from jiqun.statistics.derived_release import Before, Shown, shown
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
    match = {(target, code): kind for target, code, kind in members}
    known = [([1.0] * 14, float(sum(amount for _, _, amount in rows)))]
    known += [
        ([float(count(code)) for _, code, _ in rows], float(value)) for count, value in figures(found, match, told)
    ]
    ones, values = [line for line, _ in known], [value for _, value in known]
    for at, (_, _, amount) in enumerate(rows):
        goal = np.zeros(14)
        goal[at] = 1
        ends = [linprog(sign * goal, A_eq=ones, b_eq=values, bounds=(0, None)).fun for sign in (1, -1)]
        assert ends[0] < amount * 0.95 or -ends[1] > amount * 1.05


def out(given, found, told):
    return Before(given, found, told)


LATE = [("late-0", "1", 100), *((f"late-{at}", "3", 100 + at) for at in range(1, 4))]


def test_a_late_firm_is_not_told_by_what_its_industry_was_before():
    """Of four late firms one is in x: what x was before, taken from what it is now, would be that firm."""
    rows = [*firms("1", 5), *firms("2", 5), *firms("3", 5)]
    first = parts(lines(*rows), X, Y)
    told = shown(*first, RULES)
    assert told.targets == {"x", "y"}
    second = parts(lines(*rows, *LATE), X, Y)
    assert shown(*second, RULES).targets == {"x", "y"}, "to whom has seen nothing before"
    after = shown(*second, RULES, [out(*first, told)])
    assert after.targets == {"y"} and not after.whole, "y is as it was; all together less y would be x"
    nothing = Shown()
    assert shown(*second, RULES, [out(*first, nothing)]).targets == {"x", "y"}, "the total alone tells of four"


def test_an_edition_of_which_nobody_knows_what_it_showed_may_have_shown_all():
    rows = [*firms("1", 5), *firms("2", 5), *firms("3", 5)]
    first = parts(lines(*rows), X, Y)
    second = parts(lines(*rows, *LATE), X, Y)
    assert shown(*second, RULES, [out(*first, None)]).targets == {"y"}
    small = parts(lines(*firms("1", 2), *rows[5:]), X, Y)
    assert shown(*small, RULES, [out(*small, None)]) == Shown(), "what it hid for the two of x may be shown now"


def test_a_target_that_was_by_shares_is_set_off_as_well():
    """z counts half of class 3 in the first edition, all of it in the second: firms are told apart by both."""
    rows = [*firms("1", 5), *firms("2", 5), *firms("3", 5)]
    first = parts(lines(*rows), X, ("z", "2", "partial"), shares=[(None, "2", "z", 500_000)])
    told = shown(*first, RULES)
    second = parts(lines(*rows, *LATE), X, ("z", "2", "full"))
    assert "x" not in shown(*second, RULES, [out(*first, told)]).targets


@pytest.mark.parametrize("seed", range(16))
def test_no_firm_can_be_computed_from_two_editions(seed):
    """An attacker who knows which firms came, went or changed solves both editions together, firm by firm."""
    chance = np.random.default_rng(seed)
    codes = [str(code) for code in range(6)]
    before = [(f"f{at}", str(chance.choice(codes)), int(chance.integers(50, 500))) for at in range(16)]
    after = [row for row in before if chance.random() > 0.1]
    after = [(id_, code, 1 if chance.random() < 0.05 else amount) for id_, code, amount in after]
    after += [(f"late{at}", str(chance.choice(codes)), int(chance.integers(50, 500)))
              for at in range(int(chance.integers(1, 5)))]  # fmt: skip
    members = [
        (target, code, str(chance.choice(["full", "partial"])))
        for target in "xyz" for code in codes if chance.random() < 0.5
    ]  # fmt: skip
    first, second = parts(lines(*before), *members), parts(lines(*after), *members)
    told = shown(*first, RULES)
    now = shown(*second, RULES, [out(*first, told)])
    unknowns = {row: at for at, row in enumerate(dict.fromkeys([*before, *after]))}  # unchanged firms are one unknown
    match = {(target, code): kind for target, code, kind in members}
    known = [([1.0 if row in set(before) else 0.0 for row in unknowns], float(sum(row[2] for row in before)))]
    if now != Shown():
        known.append(([1.0 if row in set(after) else 0.0 for row in unknowns], float(sum(row[2] for row in after))))
    for rows, (_, found), may in ((before, first, told), (after, second, now)):
        for count, value in figures(found, match, may):
            known.append(([float(row in set(rows) and count(row[1])) for row in unknowns], float(value)))
    ones, values = [line for line, _ in known], [value for _, value in known]
    for row, at in unknowns.items():
        if row[2] == 1:
            continue  # what is nothing is no secret
        goal = np.zeros(len(unknowns))
        goal[at] = 1
        ends = [linprog(sign * goal, A_eq=ones, b_eq=values, bounds=(0, None)).fun for sign in (1, -1)]
        assert ends[0] < row[2] * 0.95 or -ends[1] > row[2] * 1.05


def figures(found, match, may):
    """Of each figure that may be shown: which codes count in it, and what it is."""
    sums = {each.target: each for each in derived.sums(found)}
    pairs = {(each.one, each.other): each for each in derived.overlaps(found)}
    whole = derived.union(found)
    for name in may.targets & sums.keys():
        yield lambda code, name=name: match.get((name, code)) == "full", sums[name].low
        yield lambda code, name=name: (name, code) in match, sums[name].high
    for one, two in may.pairs & pairs.keys():
        both = pairs[one, two]
        yield lambda c, a=one, b=two: match.get((a, c)) == match.get((b, c)) == "full", both.low
        yield lambda c, a=one, b=two: (a, c) in match and (b, c) in match, both.high
    if may.whole:
        yield lambda code: any(match.get((name, code)) == "full" for name in "xyz"), whole.low
        yield lambda code: any((name, code) in match for name in "xyz"), whole.high
