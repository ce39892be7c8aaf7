"""A form's cells: which there are, in which order, under which keys; and when its rounds open."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jiqun import packs
from jiqun.model.periods import Period
from jiqun.statistics import calendar
from jiqun.statistics.layout import Layout, burden, column_period, layout

TOWN = Path(__file__).resolve().parents[1] / "packs" / "folders" / "town"


@pytest.fixture(scope="module")
def city() -> packs.City:
    return packs.load(TOWN)


@pytest.fixture(scope="module")
def monthly(city: packs.City) -> Layout:
    return layout(city.forms["monthly"], city, date(2024, 6, 30))


def test_cells_stand_row_by_row_under_keys_made_of_field_part_and_column(monthly: Layout) -> None:
    assert [cell.key for cell in monthly.cells] == [
        "output@current", "output@year_to_date",
        "fresh@current", "fresh@year_to_date",
        "fresh:c23-robot@current", "fresh:c23-robot@year_to_date",
        "fresh:c23-it@current", "fresh:c23-it@year_to_date",
        "share@current", "share@year_to_date",
        "why@current", "why@year_to_date",
    ]  # fmt: skip
    assert [(row.code, row.name, row.unit, row.indent) for row in monthly.rows] == [
        ("01", "总产值", "万元", 0), ("02", "新兴产业产值", "万元", 1), ("02-01", "智能机器人", "万元", 2),
        ("02-02", "电子信息", "万元", 2), ("03", "新兴产业占比", "%", 0), ("04", "说明", "", 0),
    ]  # fmt: skip


def test_a_breakdown_follows_the_edition_in_force_at_the_end_of_the_period(city: packs.City) -> None:
    old = layout(city.forms["monthly"], city, date(2021, 6, 30))
    assert [part.id for part in old.parts_of("fresh")] == ["c18-robot", "c18-chip", "c18-screen"]
    assert old.digest != layout(city.forms["monthly"], city, date(2024, 6, 30)).digest


def test_only_whole_fields_are_required(monthly: Layout) -> None:
    required = [cell.key for cell in monthly.cells if cell.is_required and cell.column == "current"]
    assert required == ["output@current", "fresh@current", "share@current"]


def test_the_burden_is_cells_times_rounds(city: packs.City) -> None:
    cost = burden(city.forms["monthly"], city, date(2024, 6, 30))
    assert (cost.cells, cost.rounds, cost.cells_a_year) == (12, 11, 132)  # no round in January


def test_a_column_of_the_year_before_to_date_is_of_those_months() -> None:
    june = Period.parse("2024M6")
    kinds = ("current", "year_to_date", "same_period", "same_period_ytd")
    assert [str(column_period(june, kind)) for kind in kinds] == ["2024M6", "2024H1", "2023M6", "2023H1"]


def test_days_are_counted_from_the_last_day_of_the_period(city: packs.City) -> None:
    form = city.forms["monthly"]  # opens 1, due 8, locks 15 days after
    days = calendar.dates(form, Period.parse("2024M2"))
    assert days == calendar.Dates(date(2024, 3, 1), date(2024, 3, 8), date(2024, 3, 15))
    with pytest.raises(ValueError, match="2024M1"):
        calendar.dates(form, Period.parse("2024M1"))


@pytest.mark.parametrize(
    ("day", "open_then"),
    [
        ("2024-03-01", ["2024M2"]),
        ("2024-02-29", []),
        ("2024-03-14", ["2024M2"]),
        ("2024-03-15", []),
        ("2024-02-10", []),
    ],
)
def test_a_round_is_open_from_its_first_day_until_it_locks(city: packs.City, day: str, open_then: list[str]) -> None:
    found = calendar.periods_open_on(city.forms["monthly"], date.fromisoformat(day))
    assert [str(period) for period in found] == open_then


def test_the_period_before_passes_over_those_without_a_round(city: packs.City) -> None:
    assert str(calendar.period_before(city.forms["monthly"], Period.parse("2024M2"))) == "2023M12"
    assert str(calendar.period_before(city.forms["yearly"], Period.parse("2024"))) == "2023"
    assert str(calendar.year_ago(Period.parse("2024M2"))) == "2023M2"
