from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiqun.model.periods import Grain, Period


@pytest.mark.parametrize(
    ("text", "label", "start", "end", "grain"),
    [
        ("2023", "2023年", date(2023, 1, 1), date(2023, 12, 31), Grain.YEAR),
        ("2023H1", "2023年上半年", date(2023, 1, 1), date(2023, 6, 30), Grain.HALF),
        ("2023H2", "2023年下半年", date(2023, 7, 1), date(2023, 12, 31), Grain.HALF),
        ("2023Q3", "2023年三季度", date(2023, 7, 1), date(2023, 9, 30), Grain.QUARTER),
        ("2024M2", "2024年2月", date(2024, 2, 1), date(2024, 2, 29), Grain.MONTH),
        ("2024Q1-Q3", "2024年前三季度", date(2024, 1, 1), date(2024, 9, 30), Grain.YEAR_TO_DATE),
        ("2024M1-M8", "2024年1—8月", date(2024, 1, 1), date(2024, 8, 31), Grain.YEAR_TO_DATE),
    ],
)
def test_a_written_period_names_its_days(text, label, start, end, grain):
    period = Period.parse(text)
    assert (str(period), period.label, period.start, period.end, period.grain) == (text, label, start, end, grain)


@pytest.mark.parametrize("text", ["", "23", "2023H3", "2023Q5", "2023M13", "2023M0", "2024M8-M1", "2024Q1-H2", "今年"])
def test_other_words_are_no_period(text):
    with pytest.raises(ValueError, match=r"period|时期"):
        Period.parse(text)


def test_the_same_months_are_the_same_period_however_written():
    assert Period.parse("2023Q1-Q2") == Period.parse("2023M1-M6") == Period.parse("2023H1")
    assert Period.parse("2023M1-M12") == Period.parse("2023")


def test_periods_are_ordered_by_their_last_day_then_the_longer_first():
    ordered = sorted(Period.parse(t) for t in ["2023", "2023Q4", "2023H1", "2022", "2023M6"])
    assert [str(p) for p in ordered] == ["2022", "2023H1", "2023M6", "2023", "2023Q4"]


months = st.tuples(st.integers(1, 12), st.integers(1, 12)).filter(lambda m: m[0] <= m[1])


@given(st.integers(1950, 2100), months)
def test_what_is_printed_reads_back(year, months):
    period = Period(year, *months)
    assert Period.parse(str(period)) == period
