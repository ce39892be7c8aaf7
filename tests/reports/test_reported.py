"""What a text reports, said as the ledger holds figures."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from jiqun import packs
from jiqun.model.bounds import Comparator
from jiqun.model.claims import Claim, ClaimKind, Measure
from jiqun.model.spans import Span
from jiqun.packs import City
from jiqun.reports.reported import ReportedFigure, agree, gaps, point, signed
from jiqun.reports.reported_table import Paper, Place, lines
from tests.flows.conftest import FOLDER


@pytest.fixture(scope="module")
def city() -> City:
    return packs.load(FOLDER)


def figure(value: str, unit: str, kind: str = "exact") -> ReportedFigure:
    return ReportedFigure(("output",), Decimal(value), unit, kind)


OUTPUT = Claim(
    ClaimKind.ACTUAL, "产值12068.4亿元", "高新技术产业产值", Decimal("12068.4"), "亿元", Comparator.EQ, Measure.LEVEL,
    Span(0, 11), Span(2, 11), period="2023", indicator_id="output",
)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        (figure("1.2", "万亿元"), figure("12068.4", "亿元"), True),
        (figure("1.21", "万亿元"), figure("12068.4", "亿元"), True),
        (figure("1.20", "万亿元"), figure("12068.4", "亿元"), False),
        (figure("1.3", "万亿元"), figure("12500", "亿元"), True),  # a half is rounded up
        (figure("1.2", "万亿元"), figure("12500", "亿元"), False),
        (figure("815", "家"), figure("820", "家"), False),
        (figure("-1.2", "%"), figure("1.2", "%"), False),
        (figure("-1.3", "%"), figure("-1.25", "%"), True),
        (figure("500", "家", "at_least"), figure("512", "家"), True),
        (figure("500", "家", "at_least"), figure("499", "家"), False),
        (figure("1", "万亿元", "at_least"), figure("12068.4", "亿元"), True),
        (figure("12068.4", "亿元"), figure("4.6", "%"), False),
    ],
)
def test_numbers_agree_when_said_as_coarsely_as_the_coarser(one: ReportedFigure, other: ReportedFigure, is_so: bool):
    assert (agree(one, other), agree(other, one)) == (is_so, is_so)


def test_a_printed_minus_is_a_fall_and_a_range_is_none(city: City) -> None:
    growth = replace(OUTPUT, quote="同比增长-2.2%", value=Decimal("2.2"), unit="%", measure=Measure.GROWTH)
    assert signed(city, growth) == Decimal("-2.2")
    assert signed(city, replace(growth, quote="同比增长1-2.2%")) == Decimal("2.2")
    assert signed(city, OUTPUT) == Decimal("12068.4")


def test_an_indicator_that_counts_falls_holds_them_positive(city: City) -> None:
    saving = city.indicators["output_share"].model_copy(update={"id": "saving", "name": "能耗下降率"})
    city = replace(city, indicators={**city.indicators, "saving": saving})
    fall = replace(OUTPUT, indicator="能耗下降", value=Decimal("3.2"), unit="%", measure=Measure.GROWTH)
    assert signed(city, replace(fall, indicator_id="saving")) == Decimal("3.2")
    assert signed(city, fall) == Decimal("-3.2")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"indicator_id": None}, ("no_indicator",)),
        ({"period": None}, ("no_period",)),
        ({"value_max": Decimal(13000)}, ("range",)),
        ({"unit": "家"}, ("unit",)),
        ({"unit": "%", "measure": Measure.GROWTH}, ("unit",)),  # growth of an amount is no value of it
        ({"unit": "个百分点", "measure": Measure.INCREMENT, "indicator_id": "output_share"}, ()),
        ({"unit": "个百分点", "measure": Measure.LEVEL, "indicator_id": "output_share"}, ("unit",)),
        ({"unit": "%", "measure": Measure.GROWTH, "indicator_id": "output_share", "base_period": "2020"}, ("base",)),
        ({"unit": "%", "measure": Measure.GROWTH, "indicator_id": "output_share", "base_period": "2022"}, ()),
    ],
)
def test_what_keeps_a_claim_from_being_a_figure_is_named(city: City, changes, missing) -> None:
    assert gaps(city, replace(OUTPUT, **changes)) == missing


def test_growth_of_a_growth_rate_competes_with_an_unlabelled_figure_of_it(city: City) -> None:
    about = ("output_share", "yunchuan", None, "2023")
    assert point(city, *about, "growth") == point(city, *about, None)
    assert point(city, *about, "increment") != point(city, *about, None)
    assert point(city, "output", *about[1:], "growth") != point(city, "output", *about[1:], None)


def test_of_a_rounded_and_an_exact_number_the_exact_one_is_ready(city: City) -> None:
    rounded = replace(OUTPUT, quote="产值1.2万亿元", value=Decimal("1.2"), unit="万亿元")
    paper = Paper("公报", "公报.txt", "0" * 64, None)
    found = lines(city, paper, [(rounded, Place(0, 7, 2, 7)), (OUTPUT, Place(9, 20, 11, 20))])
    assert [line.missing for line in found] == ["文中另有更细的数", ""]
    other = replace(OUTPUT, quote="产值9000亿元", value=Decimal(9000))
    found = lines(city, paper, [(other, Place(0, 8, 2, 8)), (OUTPUT, Place(9, 20, 11, 20))])
    assert [line.missing for line in found] == ["文中另有不同的数"] * 2
