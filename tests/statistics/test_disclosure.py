"""No firm can be inferred from a released table: rules by hand, hiding, and an attack of the tests' own."""

from __future__ import annotations

import datetime
import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from jiqun import packs
from jiqun.model.errors import InputRefused
from jiqun.statistics import disclosure, suppression
from jiqun.statistics.deviations import Sums
from jiqun.statistics.disclosure import DisclosureRules
from jiqun.statistics.suppression import Need

RULES = DisclosureRules(least_respondents=3, top_count=2, top_pct=90, estimate_pct=10, few_pct=20)
AREAS = {"all": None, "a": "all", "b": "all", "c": "all"}
TRADES = {"sum": None, "x": "sum", "y": "sum", "z": "sum"}
TREES = {"area": AREAS, "trade": TRADES}


def contributions(*rows):
    return pl.DataFrame(
        rows,
        schema={"respondent_id": pl.String, "area": pl.String, "trade": pl.String, "amount": pl.Int64},
        orient="row",
    )


def made_of(amounts, trees=TREES, tables=(("area", "trade"),)):
    """A table of respondents of their own for each amount: {(area, trade): (amounts …)}."""
    rows = [(f"{a}{t}{at}", a, t, amount) for (a, t), each in amounts.items() for at, amount in enumerate(each)]
    return disclosure.table(contributions(*rows), trees, tables)


def key(area, trade):
    return tuple(pair for pair in (("area", area), ("trade", trade)) if pair[1] not in ("all", "sum"))


EVEN = (30, 35, 35, 40)
FULL = {(a, t): EVEN for a in "abc" for t in "xyz"}


def why(amounts):
    found = made_of(amounts)
    return {found.keys[n.cell]: (n.why, n.below, n.above) for n in disclosure.unsafe(found, RULES)}


def test_the_rules_by_hand():
    assert why(FULL) == {}
    # Two firms, 100: 20 % each way. p%: the rest 0 < 10 % of 60 gives 6. (2, 90): 100 * 100/90 - 100 = 11.1.
    assert why(FULL | {("a", "x"): (60, 40)}) == {key("a", "x"): ("few", 20, 20)}
    # 1000 + 500 of 1540: 97.4 %; 100/90 * 1500 - 1540 = 126.7. p%: rest 40 < 100, 60 short.
    assert why(FULL | {("a", "x"): (1000, 500, 20, 20)})[key("a", "x")] == ("dominated", 127, 127)
    # 100 of 1700 in 4: top two 1600 = 94.1 %; 100/90 * 1600 - 1700 = 77.8. p%: rest 100 < 150, 50 short.
    assert why(FULL | {("a", "x"): (1500, 100, 50, 50)})[key("a", "x")] == ("dominated", 78, 78)


def test_exactly_the_share_and_exactly_the_number_are_safe():
    assert why(FULL | {("a", "x"): (45, 45, 10)}) == {}  # 90 % is not more than 90 %, and 10 is not less than 4.5
    assert key("a", "x") in why(FULL | {("a", "x"): (46, 45, 10)})


def test_a_firm_in_several_cells_is_one_respondent_of_their_sum():
    rows = [("one", "a", "x", 50), ("one", "a", "y", 50), ("two", "a", "x", 40), ("two", "a", "y", 40)]
    found = disclosure.table(contributions(*rows), TREES, [("area", "trade")])
    assert found.index[key("a", "sum")] in {need.cell for need in disclosure.unsafe(found, RULES)}


def test_one_hidden_cell_takes_three_more_and_no_sum():
    found = made_of(FULL | {("a", "x"): (60, 40)})
    done = disclosure.release(found, RULES)
    hidden = {cell.key for cell in done.cells if cell.value is None}
    assert len(hidden) == 4
    assert all(len(each) == 2 for each in hidden)  # inner cells only: the sums of rows and columns stand
    assert [cell.key for cell in done.cells if cell.is_unsafe] == [key("a", "x")]
    (one,) = (each for each in done.proof if not each.who)
    assert one.low <= 80
    assert one.high >= 120


def test_a_single_neighbour_must_not_undo_it():
    # (a, x) and (b, y) hold one firm each; each knows its own cell and must not get at the other's.
    found = made_of(FULL | {("a", "x"): (100,), ("b", "x"): (100,)})
    done = disclosure.release(found, RULES)
    assert {"", "ax0", "bx0"} <= {one.who for one in done.proof}
    hidden = {found.index[c.key] for c in done.cells if c.value is None}
    for one in done.proof:
        known = {"ax0": {found.index[key("a", "x")]}, "bx0": {found.index[key("b", "x")]}}.get(one.who, set())
        low, high = plain_attack(found.sums, hidden - known, one.need.cell)
        assert low <= one.value - one.need.below + 1e-6
        assert high >= one.value + one.need.above - 1e-6


def test_who_has_most_of_the_cell_beside_it_cannot_tell_it_either():
    """One firm has 1,000; beside it is a cell of 310, of which one firm has 150 and knows that it is no smaller: it
    would know that the 1,000 are at most 1,160, not 1,200."""
    areas = {"all": None, "a": "all", "b": "all", "c": "all"}
    given_by = {("a", "x"): (1000,), ("b", "x"): (150, 60, 60, 40), ("c", "x"): (3000, 2000, 2000, 2000)}
    found = made_of(given_by, {"area": areas, "trade": {"sum": None, "x": "sum"}})
    done = disclosure.release(found, RULES)
    check(found, done)
    assert "bx0" in {one.who for one in done.proof}
    assert done.hidden < len(found.keys), "the whole is still told"


def test_empty_cells_are_shown_empty():
    done = disclosure.release(made_of({k: v for k, v in FULL.items() if k != ("c", "z")}), RULES)
    assert {c.value for c in done.cells if c.key == key("c", "z")} == {0}
    assert done.hidden == 0


def test_what_cannot_be_protected_is_not_released():
    # One firm in all: every sum is its own, and all of them are hidden.
    tree = {"all": None, "a": "all"}
    rows = contributions(("one", "a", "x", 100))
    found = disclosure.table(rows, {"area": tree, "trade": {"sum": None, "x": "sum"}}, [("area", "trade")])
    done = disclosure.release(found, RULES)
    assert all(cell.value is None for cell in done.cells)
    more = [Need(found.index[()], 1000, 1, "difference")]  # 1000 below 100 would be below zero
    with pytest.raises(InputRefused) as refused:
        disclosure.release(found, RULES, more)
    assert refused.value.findings[0].code == "disclosure"


def test_a_hierarchy_is_protected_through_its_levels():
    trades = {"sum": None, "m": "sum", "x": "m", "y": "m", "z": "sum"}
    found = made_of(FULL | {("a", "x"): (60, 40)}, {"area": AREAS, "trade": trades})
    done = disclosure.release(found, RULES)
    check(found, done)


def test_linked_tables_share_their_sums_and_are_protected_together():
    rows = pl.DataFrame(
        [(f"r{at}", "abc"[at % 3], "xyz"[at // 3 % 3], "pq"[at % 2], 50 + at) for at in range(48)]
        + [("big", "a", "x", "p", 900)],
        schema=["respondent_id", "area", "trade", "size", "amount"], orient="row",
    )  # fmt: skip
    trees = TREES | {"size": {"any": None, "p": "any", "q": "any"}}
    found = disclosure.table(rows, trees, [("area", "trade"), ("area", "size")])
    assert len(found.keys) == 16 + 12 - 4  # the sums of areas stand in both
    check(found, disclosure.release(found, RULES))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="below zero"):
        made_of({("a", "x"): (-1,)})
    with pytest.raises(ValueError, match="lacks"):
        made_of({("q", "x"): (1,)})
    with pytest.raises(ValueError, match="one root"):
        made_of(FULL, {"area": AREAS | {"other": None}, "trade": TRADES})
    with pytest.raises(ValueError, match="add up"):
        Sums(np.array([1, 1, 1]), sparse.csr_array([[1, -1, -1]]))


def test_the_folder_says_the_thresholds():
    rules = DisclosureRules.of(packs.load("suzhou"), datetime.date(2023, 6, 30))
    assert rules.least_respondents >= 3


def plain_attack(sums, hidden, cell, own=None):
    """Least and greatest value of a cell, in values instead of deviations, with dense matrices: the tests' own way.
    `own`: what the attacker has in cells."""
    order = sorted(hidden)
    if cell not in hidden:
        return (sums.values[cell],) * 2
    dense = sums.relations.toarray().astype(float)
    public = [at for at in range(len(sums.values)) if at not in hidden]
    right = -dense[:, public] @ sums.values[public]
    aim = np.array([float(at == cell) for at in order])
    least = [((own or {}).get(at, 0), None) for at in order]
    ends = []
    for sign in (1, -1):
        done = linprog(sign * aim, A_eq=dense[:, order], b_eq=right, bounds=least, method="highs")
        ends.append(sign * done.fun if done.status == 0 else -sign * np.inf)
    return tuple(ends)


def check(found, done, insiders=9):
    """Every unsafe cell keeps its interval, from outside and inside, by who is alone in a cell and by everybody else
    with what it has; all but hidden cells are shown as they are."""
    everybody(found, done)
    hidden = {found.index[cell.key] for cell in done.cells if cell.value is None}
    inside = disclosure.insiders(found, done.needs)
    for need in done.needs:
        for who in (suppression.OUTSIDER, *inside[:insiders]):
            if need.cell not in who.own:
                low, high = plain_attack(found.sums, hidden - who.known, need.cell)
                assert low <= found.sums.values[need.cell] - need.below + 1e-5
                assert high >= found.sums.values[need.cell] + need.above - 1e-5
    for cell in done.cells:
        assert cell.value is None or cell.value == found.sums.values[found.index[cell.key]]


def everybody(found, done, at_most=4):
    """The respondents with most, each with all that it has."""
    hidden = {found.index[cell.key] for cell in done.cells if cell.value is None}
    rows = found.shares.filter(pl.col("amount") > 0)
    alone = {cell for cell, n in rows.group_by("cell").len().iter_rows() if n == 1}
    whose = rows.group_by("respondent_id").agg(pl.col("amount").max()).sort("amount", "respondent_id", descending=True)
    for id_ in whose["respondent_id"].head(at_most):
        parts = dict(rows.filter(pl.col("respondent_id") == id_).select("cell", "amount").iter_rows())
        for need in done.needs:
            if need.cell not in parts:
                low, high = plain_attack(found.sums, hidden - (alone & parts.keys()), need.cell, parts)
                assert low <= found.sums.values[need.cell] - need.below + 1e-5
                assert high >= found.sums.values[need.cell] + need.above - 1e-5


AMOUNTS = st.lists(st.one_of(st.integers(1, 100), st.integers(1, 10**9)), max_size=5).map(tuple)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(AMOUNTS, min_size=9, max_size=9))
def test_no_random_table_can_be_undone(cells):
    found = made_of(dict(zip(itertools.product("abc", "xyz"), cells, strict=True)))
    try:
        done = disclosure.release(found, RULES)
    except InputRefused:
        everything = set(np.flatnonzero(found.sums.values).tolist())
        needs = disclosure.unsafe(found, RULES)
        proof = suppression.attack(found.sums, everything, needs, disclosure.insiders(found, needs))
        assert not all(one.is_safe for one in proof)  # refused only where hiding all would not do either
        return
    check(found, done)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(AMOUNTS, min_size=18, max_size=18))
def test_no_random_table_of_three_dimensions_with_a_hierarchy_can_be_undone(cells):
    trees = TREES | {
        "trade": {"sum": None, "m": "sum", "x": "m", "y": "m", "z": "sum"},
        "size": {"any": None, "p": "any", "q": "any"},
    }
    places = itertools.product("abc", "xyz", "pq")
    rows = [
        (f"{a}{t}{s}{n}", a, t, s, v) for (a, t, s), each in zip(places, cells, strict=True) for n, v in enumerate(each)
    ]
    frame = pl.DataFrame(
        rows,
        schema={
            "respondent_id": pl.String,
            "area": pl.String,
            "trade": pl.String,
            "size": pl.String,
            "amount": pl.Int64,
        },
        orient="row",
    )
    found = disclosure.table(frame, trees, [("area", "trade", "size")])
    try:
        done = disclosure.release(found, RULES)
    except InputRefused:
        return
    check(found, done, insiders=1)


def test_little_more_is_hidden_than_the_least_that_would_do():
    """Against every way of hiding: the sum hidden beyond the least possible, over tables small enough to try all."""
    chance = np.random.default_rng(5)
    spent = least = 0
    for _ in range(12):
        amounts = {
            place: tuple(chance.integers(20, 90, chance.integers(2, 6)).tolist())
            for place in itertools.product("abc", "xyz")
        }
        found = made_of(amounts)
        needs = disclosure.unsafe(found, RULES)
        held = {need.cell for need in needs}
        if not needs or len(held) > 3:
            continue
        mine = set(suppression.hide(found.sums, needs)) - held
        spent += sum(found.sums.values[at] for at in mine)
        least += cheapest(found.sums, needs, held)
    assert least > 0
    assert spent <= 1.25 * least


def cheapest(sums, needs, held):
    inner = [at for at in range(len(sums.values)) if at not in held]
    best = None
    for count in range(7):
        for more in itertools.combinations(inner, count):
            cost = sum(sums.values[at] for at in more)
            if (best is None or cost < best) and all(
                one.is_safe for one in suppression.attack(sums, held | set(more), needs)
            ):
                best = cost
        if best is not None and count >= 4:
            break
    return best
