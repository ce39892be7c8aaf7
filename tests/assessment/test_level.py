"""Levels, shares and ranks: each bound in each situation, expected by hand.

The plan runs 2018–2020 unless said; thresholds 5 and 20 percent of the way, 左右 tolerates 5 percent.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jiqun.assessment.progress import assess
from jiqun.assessment.promises import Light, PaceRules, Promise
from jiqun.model.claims import Measure
from jiqun.model.periods import Period
from jiqun.packs.schema.indicators import Polarity
from tests.assessment.cases import RULES, data, datum, promise

D = Decimal
AFTER = date(2021, 6, 30)
DURING = date(2020, 6, 30)


@pytest.mark.parametrize(
    ("words", "reached", "light"),
    [
        (">=100", 100, Light.MET),
        (">=100", 99, Light.OVERDUE),
        (">100", 100, Light.OVERDUE),  # 超过: the number itself does not count
        (">100", 101, Light.MET),
        ("100", 100, Light.MET),
        ("100", 150, Light.MET),  # 建设100家 is a floor
        ("100", 99, Light.OVERDUE),
        ("~100", 95, Light.MET),  # 左右 with 5 percent: 95 is the last that counts
        ("~100", 94, Light.OVERDUE),
        ("10..20", 10, Light.MET),
        ("10..20", 21, Light.MET),
        ("10..20", 9, Light.OVERDUE),
        ("<=100", 100, Light.MET),
        ("<=100", 101, Light.OVERDUE),
        ("<100", 100, Light.OVERDUE),
        ("<100", 99, Light.MET),
    ],
)
def test_each_bound_at_its_edge_once_the_deadline_is_over(words: str, reached: int, light: Light) -> None:
    assert assess(promise(words), data(y2020=reached), AFTER, RULES).light is light


@pytest.mark.parametrize(
    ("words", "reached", "light"),
    [
        ("30", 30, Light.MET),
        ("30", 31, Light.OVERDUE),
        ("~100", 105, Light.MET),
        ("~100", 106, Light.OVERDUE),
        ("10..20", 20, Light.MET),
        ("10..20", 21, Light.OVERDUE),
        (">=5", 4, Light.OVERDUE),  # 不低于 stays a floor whatever the indicator
    ],
)
def test_where_lower_is_better_a_plain_number_is_a_ceiling(words: str, reached: int, light: Light) -> None:
    asked = promise(words, polarity=Polarity.LOWER_BETTER)
    assert assess(asked, data(y2020=reached), AFTER, RULES).light is light


@pytest.mark.parametrize(
    ("value", "light"),
    [
        # base 40 at the end of 2017, goal 100 at the end of 2020: the path stands at 80 at the end of 2019.
        (80, Light.ON_TRACK),
        (77, Light.ON_TRACK),  # 3 of 60 is exactly 5 percent of the way: not yet behind
        (76, Light.BEHIND),
        (68, Light.BEHIND),  # 12 of 60 is exactly 20 percent
        (67, Light.FAR_BEHIND),
        (100, Light.MET),
    ],
)
def test_before_the_deadline_the_path_from_the_base_decides(value: int, light: Light) -> None:
    asked = promise(">=100", base_value=D(40), base_period=Period(2017))
    result = assess(asked, data(y2019=value), DURING, RULES)
    assert result.light is light
    assert result.expected_then == 80
    assert result.expected_now == 90  # half of 2020 on
    assert result.base is not None
    assert result.base.is_stated
    assert result.way == D(value - 40) / 60
    assert [(point.on, point.value) for point in result.path] == [(date(2017, 12, 31), 40), (date(2020, 12, 31), 100)]


def test_a_falling_path_for_a_ceiling() -> None:
    # 50 at the end of 2017 down to 30: the path stands at 36 2/3 at the end of 2019; 40 is 3 1/3 of 20 above it.
    asked = promise("<=30", base_value=D(50), base_period=Period(2017))
    result = assess(asked, data(y2019=40), DURING, RULES)
    assert result.light is Light.BEHIND
    assert result.way == D("0.5")
    assert result.completion is None


def test_without_a_stated_base_the_last_figure_before_the_plan_serves_and_is_named() -> None:
    result = assess(promise(">=100"), data(y2016=30, y2017=40, y2019=80), DURING, RULES)
    assert result.light is Light.ON_TRACK
    assert result.base is not None
    assert (result.base.value, result.base.is_stated) == (40, False)
    assert any("以2017年公布数为基期（文件未写基期）" in note for note in result.notes)
    assert result.used == ("2019=80", "2017=40")


def test_without_any_base_there_is_no_path_and_no_pace() -> None:
    result = assess(promise(">=100"), data(y2019=80), DURING, RULES)
    assert result.light is Light.EARLY
    assert (result.expected_now, result.expected_then, result.way, result.path) == (None, None, None, ())
    assert result.completion == D("0.8")
    assert "基期数" in result.missing


def test_a_figure_older_than_the_plan_is_long_is_no_base() -> None:
    # A plan of 2018–2020 reaches back to the first days of 2015.
    assert assess(promise(">=100"), data(y2014=10, y2019=80), DURING, RULES).base is None
    assert assess(promise(">=100"), data(y2015=10, y2019=80), DURING, RULES).base is not None


def test_a_floor_figure_is_no_base() -> None:
    figures = [datum("2017", 40, kind="at_least"), datum("2019", 80)]
    assert assess(promise(">=100"), figures, DURING, RULES).base is None


def test_no_figures_at_all_is_no_data() -> None:
    result = assess(promise(">=100"), [], AFTER, RULES)
    assert result.light is Light.NO_DATA
    assert result.missing == ("公布数",)


def test_only_older_figures_are_early_in_the_first_year_and_a_gap_later() -> None:
    asked = promise(">=100", base_value=D(40), base_period=Period(2017))
    assert assess(asked, data(y2017=40), date(2018, 6, 1), RULES).light is Light.EARLY
    assert assess(asked, data(y2017=40), date(2019, 6, 1), RULES).light is Light.NO_DATA


def test_reached_and_then_below_is_fallen_back_before_and_at_the_deadline() -> None:
    figures = data(y2018=101, y2019=99, y2020=98)
    before = assess(promise(">=100"), figures, date(2020, 2, 1), RULES)
    assert before.light is Light.FELL_BACK
    assert "2018年为101家" in before.reason
    assert "2019年为99家" in before.reason
    assert assess(promise(">=100"), figures, AFTER, RULES).light is Light.FELL_BACK


def test_reached_before_the_plan_began_is_not_reached_by_it() -> None:
    assert assess(promise(">=100"), data(y2016=120, y2020=99), AFTER, RULES).light is Light.OVERDUE


def test_a_later_figure_neither_keeps_nor_breaks_a_promise_whose_day_is_past() -> None:
    late = assess(promise(">=100"), data(y2020=99, y2021=105), date(2022, 6, 1), RULES)
    assert late.light is Light.OVERDUE
    assert "逾期后达到" in late.reason
    assert assess(promise(">=100"), data(y2020=100, y2021=90), date(2022, 6, 1), RULES).light is Light.MET


def test_a_due_figure_not_yet_published_leaves_the_promise_open() -> None:
    figures = data(y2019=99, y2020=100)
    result = assess(promise(">=100"), figures, date(2021, 1, 10), RULES)  # 2020 is known on 28 January
    assert result.light is Light.NO_DATA
    assert result.missing[0] == "2020年末的数"
    assert assess(promise(">=100"), figures, date(2021, 1, 28), RULES).light is Light.MET


def test_the_deadline_itself_is_not_past() -> None:
    asked = promise(">=100", base_value=D(40), base_period=Period(2017))
    assert assess(asked, data(y2019=60), date(2020, 12, 31), RULES).light is Light.FAR_BEHIND
    assert assess(asked, data(y2019=60), date(2021, 1, 1), RULES).light is Light.NO_DATA


def test_a_floor_figure_proves_reaching_never_falling_short() -> None:
    above = [datum("2020", 101, kind="at_least")]
    below = [datum("2020", 99, kind="at_least")]
    assert assess(promise(">=100"), above, AFTER, RULES).light is Light.MET
    result = assess(promise(">=100"), below, AFTER, RULES)
    assert result.light is Light.NO_DATA
    assert "2020年末的确数" in result.missing
    # Under a ceiling it is the other way round: at least 101 breaks 以内 100, at least 99 proves nothing.
    assert assess(promise("<=100"), above, AFTER, RULES).light is Light.OVERDUE
    assert assess(promise("<=100"), below, AFTER, RULES).light is Light.NO_DATA


def test_a_floor_figure_above_the_path_is_on_track_and_below_it_open() -> None:
    asked = promise(">=100", base_value=D(40), base_period=Period(2017))
    assert assess(asked, [datum("2019", 80, kind="at_least")], DURING, RULES).light is Light.ON_TRACK
    assert assess(asked, [datum("2019", 77, kind="at_least")], DURING, RULES).light is Light.ON_TRACK  # 5 percent short
    assert assess(asked, [datum("2019", 76, kind="at_least")], DURING, RULES).light is Light.NO_DATA


def test_a_limit_that_held_all_along_is_kept_only_at_its_end() -> None:
    figures = data(y2017=80, y2019=85)
    result = assess(promise("<=100"), figures, DURING, RULES)
    assert result.light is Light.ON_TRACK
    assert "目前在限额" in result.reason
    assert assess(promise("<=100"), data(y2017=80, y2019=130), DURING, RULES).light is Light.FAR_BEHIND


class TestFlowsOfAYear:
    asked = promise(">=2000", "亿元", time_kind="flow", base_value=D(1400), base_period=Period(2017))

    def test_half_a_year_is_never_held_against_the_whole(self) -> None:
        result = assess(self.asked, data("亿元", y2019=1800, y2020H1=1000), date(2020, 9, 1), RULES)
        assert result.light is Light.ON_TRACK  # 1800 is the path at the end of 2019
        assert result.value == 1800
        assert any("不足一年" in note for note in result.notes)

    def test_part_of_a_year_proves_reaching_when_it_already_suffices(self) -> None:
        figures = [datum("2019", 1800, "亿元"), datum("2020M1-M11", 2050, "亿元")]
        result = assess(self.asked, figures, date(2020, 12, 28), RULES)
        assert result.light is Light.MET
        assert "尚非全年数" in result.reason

    def test_part_of_the_due_year_leaves_it_open_when_short(self) -> None:
        figures = [datum("2019", 1800, "亿元"), datum("2020M1-M11", 1990, "亿元")]
        result = assess(self.asked, figures, AFTER, RULES)
        assert result.light is Light.NO_DATA


class TestShares:
    def test_half_year_ratio_tells_the_pace_but_not_the_end(self) -> None:
        asked = promise(
            ">=53", "%", Measure.SHARE, time_kind="rate", start=date(2021, 1, 1), deadline=date(2025, 12, 31)
        )
        figures = data("%", y2022=52.5, y2023H1=53.7)
        result = assess(asked, figures, date(2023, 9, 1), RULES)
        assert result.light is Light.ON_TRACK
        assert "以到期年份全年数为准" in result.reason
        assert assess(asked, data("%", y2022=53.5, y2023H1=52), date(2023, 9, 1), RULES).light is Light.MET

    def test_a_fraction_and_tenths_are_shares_too(self) -> None:
        asked = promise(">=50", "%", Measure.SHARE, time_kind="rate")
        assert assess(asked, [datum("2020", "0.5", "")], AFTER, RULES).light is Light.MET
        assert assess(asked, [datum("2020", 5, "成")], AFTER, RULES).light is Light.MET


class TestRanks:
    @pytest.mark.parametrize("words", ["4", "<=4", ">=4", "~4"])
    def test_smaller_is_better_however_it_is_worded(self, words: str) -> None:
        asked = promise(words, "位", Measure.RANK)
        assert assess(asked, [datum("2020", 4, "位")], AFTER, RULES).light is Light.MET
        assert assess(asked, [datum("2020", 3, "位")], AFTER, RULES).light is Light.MET
        assert assess(asked, [datum("2020", 5, "位")], AFTER, RULES).light is Light.OVERDUE

    def test_places_lie_on_no_path(self) -> None:
        result = assess(promise("4", "位", Measure.RANK), data("位", y2017=8, y2019=6), DURING, RULES)
        assert (result.light, result.path, result.completion) == (Light.EARLY, (), None)
        assert "第6位" in result.reason


class TestTimesTheBase:
    def test_doubling_needs_its_base_and_says_what_it_comes_to(self) -> None:
        asked = promise("2", "倍", base_value=D(500), base_period=Period(2017), base_unit="亿元")
        result = assess(asked, data("万元", y2020=10_000_000), AFTER, RULES)  # 1000亿元, to the yuan
        assert result.light is Light.MET
        assert (result.goal, result.unit) == (1000, "亿元")
        assert assess(asked, data("亿元", y2020=999), AFTER, RULES).light is Light.OVERDUE

    def test_doubling_from_a_published_figure(self) -> None:
        result = assess(promise("2", "倍"), data("家", y2017=40, y2020=80), AFTER, RULES)
        assert result.light is Light.MET
        assert result.goal == 80

    def test_doubling_without_a_base_is_open(self) -> None:
        result = assess(promise("2", "倍"), data("家", y2020=80), AFTER, RULES)
        assert (result.light, result.missing) == (Light.NO_DATA, ("基期数",))

    def test_times_under_another_measure_is_left_to_a_person(self) -> None:
        result = assess(promise("2", "倍", Measure.GROWTH), data("%", y2017=4, y2020=8), AFTER, RULES)
        assert result.light is Light.NOT_COMPARABLE


class TestWhichFigure:
    def test_preferred_first_then_firmness_then_the_latest(self) -> None:
        figures = [
            datum("2020", 90, kind="preliminary", is_preferred=False),
            datum("2020", 101, kind="exact"),
        ]
        result = assess(promise(">=100"), figures, AFTER, RULES)
        assert result.light is Light.MET
        assert any("另有公布数90家（预计数），采用101家（公布数）" in note for note in result.notes)

    def test_what_was_revised_goes_before_what_was_final(self) -> None:
        figures = [datum("2020", 99, kind="final"), datum("2020", 101, kind="revised")]
        result = assess(promise(">=100"), figures, AFTER, RULES)
        assert result.light is Light.MET
        assert any("另有公布数99家（最终数），采用101家（修订数）" in note for note in result.notes)

    def test_a_preferred_estimate_goes_before_another_source_s_firm_figure(self) -> None:
        figures = [datum("2020", 99, kind="preliminary"), datum("2020", 101, kind="final", is_preferred=False)]
        assert assess(promise(">=100"), figures, AFTER, RULES).value == 99

    def test_what_was_not_known_on_the_day_does_not_count(self) -> None:
        figures = [
            datum("2020", "3.7", "%", date(2021, 1, 19), kind="preliminary", is_preferred=False),
            datum("2020", "2.9", "%", date(2021, 9, 1)),
        ]
        asked = promise(">3", "%", Measure.SHARE, time_kind="rate")
        early = assess(asked, figures, date(2021, 3, 1), RULES)
        assert early.light is Light.MET
        assert "（预计数）" in early.reason
        assert assess(asked, figures, date(2021, 9, 1), RULES).light is Light.OVERDUE

    def test_final_beats_exact_beats_preliminary(self) -> None:
        figures = [datum("2020", v, kind=k) for v, k in ((97, "preliminary"), (99, "exact"), (100, "final"))]
        assert assess(promise(">=100"), figures, AFTER, RULES).value == 100

    @pytest.mark.parametrize(
        ("asked", "unit", "measure", "why"),
        [
            (promise("100", "亿元"), "家", None, "不能换算"),
            (promise("100", "家"), "家", Measure.ANNUAL, "不是一回事"),
            (promise("7", "%", Measure.GROWTH), "亿元", None, "不是可比口径的增速"),
            (promise("4", "位", Measure.RANK), "家", None, "承诺的是位次"),
            (promise("100", "家"), "位", None, "是位次"),
        ],
    )
    def test_figures_that_mean_something_else_are_refused(
        self, asked: Promise, unit: str, measure: Measure | None, why: str
    ) -> None:
        result = assess(asked, [datum("2020", 100, unit, measure=measure)], AFTER, RULES)
        assert result.light is Light.NOT_COMPARABLE
        assert why in result.reason


def test_an_undated_promise_is_met_or_open() -> None:
    asked = promise(">=100", deadline=None)
    assert assess(asked, data(y2019=100), AFTER, RULES).light is Light.MET
    result = assess(asked, data(y2017=50, y2019=99), AFTER, RULES)
    assert result.light is Light.EARLY
    assert "期限" in result.missing


def test_thresholds_must_be_in_order() -> None:
    with pytest.raises(ValueError, match="out of order"):
        PaceRules(D(5), D(20), D(5))
