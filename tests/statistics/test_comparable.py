"""Growth on comparable scope: a worked example, identities for any set of respondents, and what is unknown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiqun.statistics import comparable
from jiqun.statistics.comparable import RETURNS, Growth


def returns(*rows):
    """(now, then, current, same period, published) for each respondent."""
    return pl.DataFrame([(f"r{at}", *row) for at, row in enumerate(rows)], schema=RETURNS, orient="row")


# Worked by hand. In 万元: a stayer, a stayer that corrected last year from 85 to 80, a firm that passed the threshold,
# one that opened this year, one that closed.
EXAMPLE = returns(
    ("a", "a", 120, 100, 100), ("a", "a", 90, 80, 85), ("a", None, 50, 40, None), ("b", None, 30, 0, None),
    (None, "b", None, None, 60),
)  # fmt: skip


def test_the_worked_example():
    whole, *_ = comparable.compare(EXAMPLE)
    assert (whole.present.current, whole.present.same_period, whole.past) == (290, 220, 245)
    assert whole.comparable.pct() == Decimal("31.8")  # 290 / 220
    assert whole.published.pct() == Decimal("18.4")  # 290 / 245
    steps = {step.kind: (step.count, step.amount) for step in whole.bridge()}
    assert steps == {
        "restated": (1, -5), "leavers": (1, -60), "departures": (0, 0), "entrants_base": (2, 40),
        "arrivals_base": (0, 0),
        "stayers_growth": (2, 30), "entrants_growth": (2, 40), "arrivals_growth": (0, 0),
    }  # fmt: skip
    assert set(steps) == set(comparable.WORDS)
    assert sum(whole.points().values()) == whole.published.rate * 100 == Fraction(4500, 245)


def test_who_moves_departs_arrives_and_stays_in_the_whole():
    whole, a, b = comparable.compare(returns(("b", "a", 12, 10, 9), ("a", "a", 5, 5, 5), ("b", "b", 7, 6, 6)))
    assert whole.of("stayer").count == 3
    assert (a.of("departure").published, b.of("arrival").same_period) == (9, 10)
    assert a.published == Growth(5, 14)
    assert b.comparable == Growth(19, 16)
    assert b.published == Growth(19, 6)


@pytest.mark.parametrize(
    ("row", "comparable_pct"),
    [
        (("a", "a", None, 100, 100), None), (("a", "a", 100, None, 100), None),
        (("a", "a", 60, 50, None), Decimal("20.0")), ((None, "a", None, None, None), Decimal("20.0")),
    ],
)  # fmt: skip
def test_one_unknown_figure_leaves_unknown_what_needs_it(row, comparable_pct):
    (whole, _) = comparable.compare(returns(("a", "a", 120, 100, 100), row))
    assert whole.unknown == 1
    assert whole.comparable.pct() == comparable_pct, "last year's publication is no part of it"
    assert whole.published.pct() is whole.bridge() is whole.points() is None


def test_matched_growth_says_how_many_it_is_of():
    (whole, _) = comparable.compare(returns(("a", "a", 120, 100, 100), ("a", "a", None, 50, 50)))
    assert whole.matched.pct() == Decimal("20.0")
    assert (whole.matched_count, whole.present.count) == (1, 2)


def test_no_growth_from_nothing():
    (whole, _) = comparable.compare(returns(("a", None, 5, 0, None)))
    assert whole.is_whole
    assert whole.comparable.rate is None
    assert Growth(5, -3).rate is None


def test_a_respondent_twice_is_refused():
    with pytest.raises(ValueError, match="two rows"):
        comparable.compare(pl.concat([EXAMPLE, EXAMPLE]))


def test_nobody_is_in_scope():
    (whole,) = comparable.compare(returns((None, None, 1, 1, 1)))
    assert whole.present.count == 0
    assert whole.comparable.rate is None


def test_half_a_point_is_rounded_away_from_zero():
    assert Growth(2001, 2000).pct() == Decimal("0.1")  # 0.05 %
    assert Growth(1999, 2000).pct() == Decimal("-0.1")


AMOUNT = st.integers(0, 10**14)
GROUP = st.sampled_from([None, "a", "b", "c"])
ROWS = st.lists(st.tuples(GROUP, GROUP, AMOUNT, AMOUNT, AMOUNT), max_size=30)


@given(ROWS)
def test_the_bridge_leads_from_last_years_total_to_this_years(rows):
    for one in comparable.compare(returns(*rows)):
        amounts = {step.kind: step.amount for step in one.bridge()}
        assert one.past + sum(amounts.values()) == one.present.current
        growth = sum(amount for kind, amount in amounts.items() if kind.endswith("growth"))
        assert growth == one.present.current - one.present.same_period
        if one.past > 0:
            assert sum(one.points().values()) == one.published.rate * 100


@given(ROWS)
def test_groups_add_up_to_the_whole_and_to_a_plain_sum(rows):
    whole, *groups = comparable.compare(returns(*rows))
    assert whole.present.current == sum(r[2] for r in rows if r[0]) == sum(g.present.current for g in groups)
    assert whole.present.same_period == sum(r[3] for r in rows if r[0]) == sum(g.present.same_period for g in groups)
    assert whole.past == sum(r[4] for r in rows if r[1]) == sum(g.past for g in groups)
    assert (
        whole.of("entrant").count
        == sum(1 for r in rows if r[0] and not r[1])
        == sum(g.of("entrant").count for g in groups)
    )
    moved = sum(1 for r in rows if r[0] and r[1] and r[0] != r[1])
    assert moved == sum(g.of("arrival").count for g in groups) == sum(g.of("departure").count for g in groups)


def test_a_printed_growth_says_what_its_base_was():
    # 5000 printed whole, +5.0 %: between 4999.5/1.0505 and 5000.5/1.0495.
    found = comparable.implied(5000, Decimal("5.0"), 4900)
    assert (round(float(found.base_low), 1), round(float(found.base_high), 1)) == (4759.2, 4764.6)
    assert found.is_other_scope
    assert not comparable.implied(5000, Decimal("5.0"), 4762).is_other_scope
    assert comparable.implied(5000, Decimal("-100"), 1) is None


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_the_true_base_lies_within_what_its_growth_implies(current, base):
    growth = Growth(current, base).pct()
    found = comparable.implied(current, growth, base)
    assert found is None or found.base_low <= base <= found.base_high
    assert found is None or not found.is_other_scope
