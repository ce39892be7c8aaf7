"""Tables released after one another: whoever has all of them, and solves their sums together, learns of nobody."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from jiqun.model.errors import InputRefused
from jiqun.statistics import disclosure, editions
from jiqun.statistics.editions import Earlier
from tests.statistics.test_disclosure import EVEN, FULL, RULES, TRADES, contributions, key, made_of


def out(done):
    return frozenset(cell.key for cell in done.cells if cell.value is not None)


def released(found):
    return Earlier(found, out(disclosure.release(found, RULES)))


def beside(before, after):
    return editions.release(after, before, RULES)


def test_a_late_firm_is_not_told_by_the_difference_of_two_editions():
    before, after = made_of(FULL), made_of(FULL | {("a", "x"): (*EVEN, 70)})
    done = beside([released(before)], after)
    alone = {key("a", "x"), key("a", "sum"), key("all", "x"), ()}
    assert done.differing == alone
    assert alone & out(done.release) == set()
    # The same table with no edition before it shows everything.
    assert out(disclosure.release(after, RULES)) >= alone


def test_three_late_firms_hide_in_one_another_where_they_are_together():
    after = made_of(FULL | {("a", "x"): (*EVEN, 70, 60, 65)})
    assert beside([released(made_of(FULL))], after).differing == frozenset()


def test_a_figure_a_little_corrected_is_told_by_no_difference():
    after = made_of(FULL | {("a", "x"): (33, *EVEN[1:])})
    done = beside([released(made_of(FULL))], after)
    assert done.differing == frozenset()
    assert done.release.hidden == 0


def test_a_figure_corrected_from_almost_nothing_is_told_by_the_difference():
    before = made_of(FULL | {("a", "x"): (1, *EVEN[1:])})  # 1 instead of 30: 29 is the figure within a fifth
    done = beside([Earlier(before, frozenset(before.keys))], made_of(FULL))
    assert done.differing == {key("a", "x"), key("a", "sum"), key("all", "x"), ()}
    half = made_of(FULL | {("a", "x"): (15, *EVEN[1:])})
    assert beside([Earlier(half, frozenset(half.keys))], made_of(FULL)).differing == frozenset()


def test_an_edition_that_says_the_same_shows_the_same():
    found = made_of(FULL | {("a", "x"): (60, 40)})
    first = released(found)
    done = beside([first, first], made_of(FULL | {("a", "x"): (60, 40)}))
    assert out(done.release) == first.shown
    joint, _ = editions.joined(found, [first, first], RULES)
    assert len(joint.keys) == len(found.keys)


def test_what_was_hidden_is_not_shown_by_a_pattern_of_its_own():
    """Both editions hide four cells and are safe alone; with other four hidden the two would tell each other's."""
    found = made_of(FULL | {("a", "x"): (60, 40)})
    first = released(found)
    hidden = set(found.keys) - first.shown
    other = {key("a", "x"), key("a", "z"), key("c", "x"), key("c", "z")}
    if hidden == other:
        other = {key("a", "x"), key("a", "y"), key("b", "x"), key("b", "y")}
    assert hidden != other
    both = Earlier(found, frozenset(found.keys) - other)
    with pytest.raises(InputRefused):  # out with other four hidden, everything is known: nothing can be helped
        beside([first, both], found)


def test_the_table_of_a_district_does_not_show_what_the_citys_hides_for_another():
    six = dict.fromkeys(FULL, (30, 35, 35, 40, 30, 35)) | {("a", t): (5, 6, 5, 6, 5, 6) for t in "xyz"}
    given_by = six | {("b", "x"): (60, 40)}  # two firms of district b
    city = released(made_of(given_by))
    hidden = set(city.table.keys) - city.shown
    assert {key("b", "x"), key("a", "x")} <= hidden, "the cheapest cell beside it is one of district a"
    rows = [
        (f"{a}{t}{n}", f"a{1 + n % 2}", t, amount)
        for (a, t), each in given_by.items() if a == "a" for n, amount in enumerate(each)
    ]  # fmt: skip
    towns = {"a": None, "a1": "a", "a2": "a"}
    alone = disclosure.table(contributions(*rows), {"area": towns, "trade": TRADES}, [("area", "trade")])
    assert disclosure.release(alone, RULES).hidden == 0
    part = editions.rooted(alone, (("area", "a"),))
    assert set(part.keys) & set(city.table.keys) == {key("a", t) for t in ("x", "y", "z", "sum")}
    done = beside([city], part)
    assert hidden & out(done.release) == set()
    assert done.release.hidden > len(hidden & set(part.keys)), "towns are hidden too"
    attacked([city], part, done)


def attacked(before, after, done):
    """The attacker's own way: every table's cells are unknowns, published ones known, unchanged ones equal."""
    tables = [(one.table, one.shown) for one in before] + [(after, out(done.release))]
    starts = np.cumsum([0, *(len(found.keys) for found, _ in tables)])
    lines, right = [], []
    place = {}
    for start, (found, shown) in zip(starts, tables, strict=False):
        for row in found.sums.relations.toarray():
            line = np.zeros(starts[-1])
            line[start : start + len(row)] = row
            lines.append(line)
            right.append(0)
        for at, each in enumerate(found.keys):
            if each in shown or not found.sums.values[at]:
                lines.append(np.eye(1, starts[-1], start + at)[0])
                right.append(found.sums.values[at])
            place.setdefault(each, []).append((start + at, given_to(found, at)))
    more = []
    for same in place.values():
        for (one, old), (two, new) in itertools.combinations(same, 2):
            line = np.eye(1, starts[-1], one)[0] - np.eye(1, starts[-1], two)[0]
            if old == new:
                lines.append(line)
                right.append(0)
            elif all(old.get(id_, 0) <= amount for id_, amount in new.items()) and old.keys() <= new.keys():
                more.append(line)  # who only added knows that the later is not the smaller
    limits = {"A_ub": np.array(more), "b_ub": np.zeros(len(more))} if more else {}

    def ends(aim):
        found = []
        for sign in (1, -1):
            done = linprog(
                sign * aim, A_eq=np.array(lines), b_eq=np.array(right), bounds=(0, None), method="highs", **limits
            )
            found.append(sign * done.fun if done.status == 0 else -sign * np.inf)
        return found

    for start, (found, shown) in zip(starts, tables, strict=False):
        for need in disclosure.unsafe(found, RULES):
            if found.keys[need.cell] not in shown:
                low, high = ends(np.eye(1, starts[-1], start + need.cell)[0])
                value = found.sums.values[need.cell]
                assert low <= value - need.below + 1e-4
                assert high >= value + need.above - 1e-4
    for same in place.values():
        for (one, old), (two, new) in itertools.combinations(same, 2):
            came = {id_: amount for id_, amount in new.items() if id_ not in old}
            changed = [id_ for id_ in old.keys() | new.keys() if old.get(id_) != new.get(id_)]
            if 0 < len(changed) < RULES.least_respondents and changed == list(came) and two >= starts[-2]:
                low, high = ends(np.eye(1, starts[-1], two)[0] - np.eye(1, starts[-1], one)[0])
                far = -(-sum(came.values()) * RULES.few_pct // 100)
                assert low <= sum(came.values()) - far + 1e-4
                assert high >= sum(came.values()) + far - 1e-4


def given_to(found, at):
    rows = found.shares.filter((found.shares["cell"] == at) & (found.shares["amount"] > 0))
    return dict(rows.select("respondent_id", "amount").iter_rows())


AMOUNT = st.one_of(st.integers(1, 100), st.integers(1, 100_000))
CELLS = st.lists(st.lists(AMOUNT, max_size=5), min_size=9, max_size=9)
CHANGES = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 4), st.one_of(st.none(), AMOUNT)), min_size=1, max_size=3
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CELLS, CHANGES)
def test_no_two_editions_undo_each_other(cells, changes):
    """`changes`: a firm of a cell comes in with an amount, gets another, or goes (None)."""
    fuller = [[*each] for each in cells]
    for cell, at, amount in changes:
        if amount is None:
            fuller[cell][at : at + 1] = [0] * len(fuller[cell][at : at + 1])
        elif at < len(fuller[cell]):
            fuller[cell][at] = amount
        else:
            fuller[cell].append(amount)
    places = list(itertools.product("abc", "xyz"))
    before, after = (made_of(dict(zip(places, each, strict=True))) for each in (cells, fuller))
    try:
        first = released(before)
        done = beside([first], after)
    except InputRefused:
        return
    attacked([first], after, done)
