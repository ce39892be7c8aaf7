"""Questions about reported cells: by hand, against the slow definition, and in words."""

from __future__ import annotations

import datetime
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.model.findings import Place
from jiqun.statistics import outliers
from jiqun.statistics.outliers import CELLS, EditRules
from tests.statistics import slow_outliers

RULES = EditRules(
    size_exponent=0.0, distance=8, slip_distance=4, least_pct=15, slip_within=2, usual_pct=10, copy_digits=3,
    gap_deviations=5, least_group=5,
)  # fmt: skip


def cells(*rows, series="output", group="a"):
    """(value, last, year_ago) for each respondent."""
    given_rows = [(f"r{at:02}", series, group, *row) for at, row in enumerate(rows)]
    return pl.DataFrame(given_rows, schema=CELLS, orient="row")


# Ratios to last: 0.90 1.00 1.10 1.20 0.95 1.05 1.15; to the year before the same.
USUAL = [
    (900, 1000, 1000),
    (1001, 1000, 1003),
    (1100, 1000, 1000),
    (1200, 1000, 1000),
    (950, 1000, 1000),
    (1050, 1000, 1000),
    (1150, 1000, 1000),
]


def asked(*rows, rules=RULES):
    found = outliers.suspicious(cells(*USUAL, *rows), rules)
    return {int(r["respondent_id"][1:]) - len(USUAL): r for r in found.iter_rows(named=True)}


def test_the_distance_is_hidiroglou_and_berthelots():
    # By hand, ratios 0.9 1.0 1.1 1.2 10, median 1.1: s = -2/9, -0.1, 0, 1/11, 89/11; upper quartile 1/11.
    five = cells(*((value, 1000, None) for value in (900, 1000, 1100, 1200, 10_000)))
    (row,) = outliers.suspicious(five, EditRules(0, 8, 4, 5, 1.01, 10, 3, 5, 5)).to_dicts()
    assert row["respondent_id"] == "r04"
    assert row["kind"] == "trend"
    # All were 1000 in the only past, so that nothing tells which of the two numbers is the odd one: it counts half.
    assert row["distance"] == pytest.approx(89 / 2)
    assert row["expected"] == pytest.approx(1100)
    # The total expected: 5 * 1100; the cell is 8900 above what the group's median makes of its past.
    assert row["effect_pct"] == pytest.approx(100 * 8900 / 5500)
    assert row["certainty"] == pytest.approx(44.5 / 52.5)


@pytest.mark.parametrize("power", [1, 2, 3, 4, 5, 8, -1, -2, -3, -4])
def test_a_unit_slip_is_named_with_what_it_would_be(power):
    past = 100_000_000 if power < 0 else 1000
    wrong = past * 10**power if power > 0 else past // 10**-power
    (row,) = asked((wrong, past, past)).values()
    assert (row["kind"], row["power"]) == ("slip", power)
    assert row["would_be"] == pytest.approx(past)


def test_a_lost_sign_is_named():
    (row,) = asked((-1040, 1000, 1010)).values()
    assert (row["kind"], row["would_be"]) == ("sign", 1040)


def test_a_copy_needs_digits_that_chance_does_not_repeat():
    assert asked((12_345, 12_345, 11_000))[0]["kind"] == "copy"
    assert asked((12_000, 12_000, 11_000)) == {}


def test_what_many_do_is_not_asked_about():
    still = [(1234 + at, 1234 + at, 1200) for at in range(5)]
    assert asked(*still) == {}
    assert asked(*((0, 900, 900) for _ in range(5))) == {}


def test_a_cell_that_fell_to_zero_is_asked_about_unless_it_was_before():
    assert asked((0, 1000, 1000))[0]["kind"] == "zero"
    assert asked((0, 1000, 0)) == {}
    assert asked((0, None, None)) == {}


def test_a_season_is_no_outlier_and_neither_is_last_periods_mistake():
    assert asked((5000, 1000, 4800)) == {}  # five times last period, as every year
    assert asked((1050, 10_500_000, 1000)) == {}  # last period was in 元
    assert asked((5000, 1000, 900))[0]["kind"] == "trend"


def test_the_smaller_of_two_distances_decides():
    # Against last period 20 median ratios away, against the year before 1.4: s = 0.4, the quartile at s = 0.0714.
    sound = [
        (1000 + 20 * at, 1000, 1000) for at in range(11)
    ]  # ratios 1.00 to 1.20, median 1.10, quartiles 1.05 and 1.15
    found = outliers.suspicious(cells(*sound, (22_000, 1000, 14_286)), replace(RULES, distance=5, slip_within=1.01))
    (row,) = found.to_dicts()
    # With the cell itself in its group: twelve ratios, median 1.11, upper quartile between 1.16 and 1.18 at 1.165.
    assert row["kind"] == "trend"
    assert row["distance"] == pytest.approx((1.54 / 1.11 - 1) / (1.165 / 1.11 - 1), rel=1e-3)


def test_of_one_past_alone_the_odder_number_is_to_blame():
    # Of fourteen respondents sizes are 100, 1000 and 10,000: logarithms have the median 3 and its deviation 1, a normal
    # one's 1.4826. 10**8 lies 5 / 1.4826 of it away: e**5.69 to one, or a blame of 0.9966 against 0.0034.
    usual = [(10 ** (2 + at // 4) * (50 + at) // 50, 10 ** (2 + at // 4), None) for at in range(12)]
    now, then = (100_000_000, 1000, None), (1000, 100_000_000, None)
    found = outliers.suspicious(cells(*usual, now, then), replace(RULES, slip_within=1.01)).to_dicts()
    at = {row["respondent_id"]: abs(row["distance"]) for row in found}
    # Five powers of ten apart both, in opposite directions from the median 1.1, with quartiles of unlike width.
    assert at["r12"] > 100 * at["r13"]
    both = outliers.suspicious(cells(*((x, y, y) for x, y, _ in usual), (1000, 100_000_000, 1000)), RULES)
    assert "r12" not in both["respondent_id"].to_list()


def test_up_by_one_past_and_down_by_the_other_is_no_question():
    assert asked((3000, 1000, 9000)) == {}


def test_unknown_is_not_asked_about_and_does_not_count():
    assert asked((None, 1000, 1000), (None, None, None)) == {}
    found = outliers.unchecked(cells(*USUAL, (7, None, None), (None, 1, 1)), RULES)
    assert found.rows() == [("output", 8, 1)]


def test_without_a_past_a_gap_in_the_group_asks():
    found = asked((10_900_000, None, None), (1000, None, None))
    assert {at: row["kind"] for at, row in found.items()} == {0: "gap"}
    assert found[0]["would_be"] is None


def test_a_small_group_is_held_against_the_whole_series():
    small = cells((1000 * 10_000, 1000, 1000), group="b").with_columns(respondent_id=pl.lit("b"))
    found = outliers.suspicious(pl.concat([cells(*USUAL), small]), RULES)
    assert found["respondent_id"].to_list() == ["b"]
    assert outliers.suspicious(small, RULES).is_empty()  # too few to say anything


def test_questions_come_by_effect_and_say_how_much_they_cover():
    found = outliers.suspicious(cells(*USUAL, (10_000_000, 1000, 1000), (60_000, 6, 7), (-900, 900, 900)), RULES)
    assert found["rank"].to_list() == [1, 2, 3]
    assert found["respondent_id"].to_list() == ["r07", "r08", "r09"]
    assert found["covered_pct"].to_list()[-1] == pytest.approx(100)


def test_a_question_says_cell_numbers_and_what_it_would_be():
    found = outliers.suspicious(cells(*USUAL, (10_000_000, 1000, 1000)), RULES)
    (question,) = outliers.questions(
        found, lambda s: {"output": "总产值"}[s], lambda _, v: f"{v:,.0f} 万元", lambda r, s: Place(sheet=r, cell=s)
    )
    assert question.code == "ask_slip"
    assert question.place == Place(sheet="r07", cell="output")
    for part in ("总产值：本期填报 10,000,000 万元", "上期 1,000 万元，为其 10000 倍", "约为 1,000 万元", "万元与亿元"):
        assert part in question.message


def test_the_folder_says_the_thresholds():
    rules = EditRules.of(packs.load("suzhou"), datetime.date(2023, 6, 30))
    assert 0 < rules.slip_distance <= rules.distance


AMOUNT = st.one_of(
    st.none(), st.sampled_from([0, 100, 120, 1234, 1500, -1234]), st.integers(-3000, 30_000), st.integers(1, 10**9)
)
ROW = st.tuples(st.sampled_from(["x", "y"]), st.sampled_from(["a", "b"]), AMOUNT, AMOUNT, AMOUNT)


@settings(max_examples=300, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=40), st.sampled_from([0.0, 0.3, 1.0]), st.integers(1, 6))
def test_the_fast_way_is_the_slow_definition(rows, exponent, least):
    rules = EditRules(exponent, 3, 1.5, 10, 2, 30, 3, 3, least)
    frame = pl.DataFrame([(f"r{at}", *row) for at, row in enumerate(rows)], schema=CELLS, orient="row")
    every = frame.to_dicts()
    slow = {cell["respondent_id"]: slow_outliers.kind(cell, every, rules) for cell in every}
    fast = {
        r["respondent_id"]: (r["kind"], r["power"]) for r in outliers.suspicious(frame, rules).iter_rows(named=True)
    }
    assume(not _on_an_edge(every, rules))
    assert fast == {id_: told for id_, told in slow.items() if told[0]}


def _on_an_edge(every, rules):
    """Whether a distance lies so near a limit that the order of additions in floats decides."""
    for cell in every:
        for base in ("last", "year_ago"):
            for others in (
                [o for o in every if o["series"] == cell["series"]],
                [o for o in every if (o["series"], o["group"]) == (cell["series"], cell["group"])],
            ):
                found = slow_outliers.distance(cell, others, base, rules)
                if found and found[0] is not None:
                    if found[0] != found[0] or (found[0] and abs(found[0]) < 1e-9) or abs(found[0]) > 1e9:
                        return True
                    if any(abs(abs(found[0]) - limit) < 1e-9 for limit in (rules.distance, rules.slip_distance)):
                        return True
    return False
