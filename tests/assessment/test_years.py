"""Increments, running totals, yearly numbers and growth: sums and means by hand, missing years named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jiqun.assessment.progress import assess
from jiqun.assessment.promises import Light, Reading
from jiqun.model.claims import Measure
from jiqun.model.periods import Period
from tests.assessment.cases import RULES, data, datum, promise

D = Decimal
AFTER = date(2021, 6, 30)


class TestIncrement:
    asked = promise(">=60", measure=Measure.INCREMENT, time_kind="flow")

    def test_yearly_flows_add_up_from_the_start_of_the_plan(self) -> None:
        result = assess(self.asked, data(y2017=99, y2018=15, y2019=20, y2020=25), AFTER, RULES)
        assert (result.light, result.value) == (Light.MET, 60)
        assert result.used == ("2018=15", "2019=20", "2020=25")

    def test_the_path_runs_from_nothing_on_the_eve_of_the_plan(self) -> None:
        # After two of three years 40 were due; 36 is short by 4 of 60 = 6.7 percent of the way.
        result = assess(self.asked, data(y2018=16, y2019=20), date(2020, 6, 1), RULES)
        assert (result.light, result.expected_then, result.value) == (Light.BEHIND, 40, 36)

    def test_a_missing_year_leaves_the_sum_a_floor(self) -> None:
        short = assess(self.asked, data(y2018=15, y2020=25), AFTER, RULES)
        assert short.light is Light.NO_DATA
        assert "2019年全年数" in short.missing
        enough = assess(self.asked, data(y2018=35, y2020=25), AFTER, RULES)
        assert enough.light is Light.MET
        assert "至少60家" in enough.reason

    def test_a_floor_in_one_year_leaves_the_sum_a_floor(self) -> None:
        figures = [datum("2018", 15), datum("2019", 20, kind="at_least"), datum("2020", 24)]
        assert assess(self.asked, figures, AFTER, RULES).light is Light.NO_DATA

    def test_stocks_are_subtracted_from_the_eve_of_the_plan(self) -> None:
        asked = promise(">=60", measure=Measure.INCREMENT, time_kind="stock")
        result = assess(asked, data(y2017=100, y2020=159), AFTER, RULES)
        assert (result.light, result.value) == (Light.OVERDUE, 59)
        assert any("净增" in note for note in result.notes)

    def test_an_older_stock_is_not_the_stock_at_the_start(self) -> None:
        asked = promise(">=60", measure=Measure.INCREMENT, time_kind="stock")
        result = assess(asked, data(y2016=80, y2020=159), AFTER, RULES)
        assert (result.light, result.missing[0]) == (Light.NO_DATA, "基期存量")

    def test_a_rise_of_a_percentage_is_in_points(self) -> None:
        asked = promise(">=3", "个百分点", Measure.INCREMENT, time_kind="rate")
        result = assess(asked, data("%", y2017=50, y2020=53), AFTER, RULES)
        assert (result.light, result.value) == (Light.MET, 3)

    def test_without_a_start_there_is_no_year_to_add_from(self) -> None:
        asked = promise(">=60", measure=Measure.INCREMENT, time_kind="flow", start=None)
        assert assess(asked, data(y2020=70), AFTER, RULES).missing[0] == "规划起始年"

    def test_the_year_of_issue_stands_in_for_a_start_and_says_so(self) -> None:
        asked = promise(">=60", measure=Measure.INCREMENT, time_kind="flow", start=None, issued_on=date(2018, 12, 18))
        result = assess(asked, data(y2018=15, y2019=20, y2020=25), AFTER, RULES)
        assert result.light is Light.MET
        assert any("按印发的2018年起算" in note for note in result.notes)


class TestCumulative:
    def test_a_published_running_total_is_a_level(self) -> None:
        asked = promise(">=300", measure=Measure.CUMULATIVE, time_kind="stock")
        assert assess(asked, data(y2020=300), AFTER, RULES).light is Light.MET

    def test_yearly_flows_add_up_where_only_they_exist(self) -> None:
        asked = promise(">=60", measure=Measure.CUMULATIVE, time_kind="flow")
        assert assess(asked, data(y2018=15, y2019=20, y2020=25), AFTER, RULES).light is Light.MET

    def test_a_running_total_is_not_added_to_yearly_flows(self) -> None:
        asked = promise(">=60", measure=Measure.CUMULATIVE, time_kind="flow")
        figures = [datum("2018", 15), datum("2020", 59, measure=Measure.CUMULATIVE)]
        result = assess(asked, figures, AFTER, RULES)
        assert (result.light, result.value) == (Light.OVERDUE, 59)


class TestEachYear:
    asked = promise("20", measure=Measure.ANNUAL, time_kind="flow")

    def test_all_years_kept_is_met_only_with_the_last_one(self) -> None:
        assert assess(self.asked, data(y2018=20, y2019=21), date(2020, 6, 1), RULES).light is Light.ON_TRACK
        assert assess(self.asked, data(y2018=20, y2019=21, y2020=20), AFTER, RULES).light is Light.MET

    def test_one_broken_year_is_a_broken_promise(self) -> None:
        result = assess(self.asked, data(y2018=20, y2019=18, y2020=30), AFTER, RULES)
        assert result.light is Light.OVERDUE
        assert "2019年为18家，差2家" in result.reason

    @pytest.mark.parametrize(
        ("second", "light"),
        [
            (18, Light.ON_TRACK),  # 2 of the 40 promised so far: exactly 5 percent
            (17, Light.BEHIND),
            (12, Light.BEHIND),  # 8 of 40: exactly 20 percent
            (11, Light.FAR_BEHIND),
        ],
    )
    def test_while_it_runs_the_shortfall_over_the_years_gives_the_light(self, second: int, light: Light) -> None:
        assert assess(self.asked, data(y2018=20, y2019=second), date(2020, 6, 1), RULES).light is light

    def test_missing_years_are_named_and_leave_the_end_open(self) -> None:
        result = assess(self.asked, data(y2018=20, y2020=20), AFTER, RULES)
        assert result.light is Light.NO_DATA
        assert result.missing == ("2019年全年数",)
        assert "缺2019年的确数" in result.reason

    def test_half_a_year_that_suffices_keeps_its_year(self) -> None:
        assert assess(self.asked, data(y2018=20, y2019=20, y2020H1=20), AFTER, RULES).light is Light.MET
        short = assess(self.asked, data(y2018=20, y2019=20, y2020H1=19), AFTER, RULES)
        assert (short.light, short.missing) == (Light.NO_DATA, ("2020年全年数",))

    def test_half_a_year_above_a_yearly_limit_has_broken_it(self) -> None:
        asked = promise("<=20", measure=Measure.ANNUAL, time_kind="flow")
        result = assess(asked, data(y2018H1=21), date(2018, 9, 1), RULES)
        assert (result.light, result.used) == (Light.ON_TRACK, ("2018H1=21",))  # 1 of 20 is 5 percent
        assert "差1家" in result.reason
        assert assess(asked, data(y2018=20, y2019=20, y2020H1=21), AFTER, RULES).light is Light.OVERDUE

    def test_before_any_year_is_out_it_is_early(self) -> None:
        assert assess(self.asked, data(y2017=30), date(2018, 6, 1), RULES).light is Light.EARLY

    def test_without_a_start_only_the_last_year_is_looked_at(self) -> None:
        asked = promise("20", measure=Measure.ANNUAL, time_kind="flow", start=None)
        result = assess(asked, data(y2018=1, y2020=20), AFTER, RULES)
        assert result.light is Light.MET
        assert any("只看到期一年" in note for note in result.notes)


class TestOtherReadingsOfAYearlyNumber:
    def test_the_words_tell_which_years_are_meant(self) -> None:
        assert Reading.of("每年新增20项") is Reading.EACH_YEAR
        assert Reading.of("每年度遴选500家") is Reading.EACH_YEAR
        assert Reading.of("年均增长7%左右") is Reading.AVERAGE
        assert Reading.of("到2025年，年认定5000家") is Reading.DEADLINE_YEAR

    def test_the_mean_of_the_years(self) -> None:
        asked = promise(">=20", measure=Measure.ANNUAL, time_kind="flow", reading=Reading.AVERAGE)
        result = assess(asked, data(y2018=10, y2019=20, y2020=30), AFTER, RULES)
        assert (result.light, result.value) == (Light.MET, 20)
        early = assess(asked, data(y2018=30), date(2019, 6, 1), RULES)
        assert early.light is Light.ON_TRACK  # a good first year is not yet the mean of three

    def test_a_missing_year_counts_as_a_year_and_leaves_the_mean_a_floor(self) -> None:
        asked = promise(">=25", measure=Measure.ANNUAL, time_kind="flow", reading=Reading.AVERAGE)
        result = assess(asked, data(y2018=30, y2020=30), AFTER, RULES)
        assert (result.light, result.value, result.missing[-1]) == (Light.NO_DATA, 20, "2019年全年数")

    def test_the_deadline_year_alone(self) -> None:
        asked = promise("5000", measure=Measure.ANNUAL, time_kind="flow", reading=Reading.DEADLINE_YEAR)
        assert assess(asked, data(y2018=10, y2020=5000), AFTER, RULES).light is Light.MET


class TestGrowth:
    asked = promise("~7", "%", Measure.GROWTH, time_kind="rate", reading=Reading.AVERAGE)

    def test_the_mean_is_geometric(self) -> None:
        # 1.068 × 1.056 × 1.034 = 1.166154…; its cube root is 1.05257…
        result = assess(self.asked, data("%", y2018="6.8", y2019="5.6", y2020="3.4"), AFTER, RULES)
        assert result.light is Light.OVERDUE
        assert result.value is not None
        assert D("5.256") < result.value < D("5.258")

    def test_equal_rates_have_exactly_that_mean(self) -> None:
        asked = promise(">=7", "%", Measure.GROWTH, time_kind="rate", reading=Reading.AVERAGE)
        result = assess(asked, data("%", y2018=7, y2019=7, y2020=7), AFTER, RULES)
        assert (result.light, result.value) == (Light.MET, 7)

    def test_no_mean_over_a_missing_year(self) -> None:
        result = assess(self.asked, data("%", y2018="6.8", y2020="3.4"), AFTER, RULES)
        assert (result.light, result.missing) == (Light.NO_DATA, ("2020年末的数", "2019年增速"))

    def test_a_single_year_is_judged_by_that_year(self) -> None:
        asked = promise(">=6", "%", Measure.GROWTH, time_kind="rate")
        assert assess(asked, data("%", y2018="6.8", y2020="5.9"), AFTER, RULES).light is Light.OVERDUE
        assert assess(asked, data("%", y2018="5", y2020="6"), AFTER, RULES).light is Light.MET
        late = assess(asked, data("%", y2020="5.9", y2021="9"), date(2022, 7, 1), RULES)
        assert "2021" not in late.reason  # another year's growth does not make up for it
        # Half of the year tells the pace only: 5.5 of 6 is short by 8.3 percent of the number.
        assert assess(asked, data("%", y2020H1="5.5"), date(2020, 9, 1), RULES).light is Light.BEHIND
        assert assess(asked, data("%", y2020H1="6.5"), date(2020, 9, 1), RULES).light is Light.ON_TRACK

    def test_each_year_of_growth(self) -> None:
        asked = promise(">=6", "%", Measure.GROWTH, time_kind="rate", reading=Reading.EACH_YEAR)
        assert assess(asked, data("%", y2018=7, y2019=6, y2020=6), AFTER, RULES).light is Light.MET
        assert assess(asked, data("%", y2018=7, y2019=5, y2020=6), AFTER, RULES).light is Light.OVERDUE

    def test_a_growth_promise_is_not_answered_with_totals(self) -> None:
        asked = promise(">=6", "%", Measure.GROWTH, time_kind="flow", base_value=None, base_period=Period(2017))
        result = assess(asked, data("亿元", y2019=100, y2020=110), AFTER, RULES)
        assert result.light is Light.NOT_COMPARABLE
