"""Invented returns: areas that add up to what was published, the same each time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jiqun import packs
from jiqun.model.periods import Period
from jiqun.packs import City
from jiqun.statistics.invented import Draws, parted
from jiqun.statistics.layout import Layout, layout
from jiqun.statistics.levels import respondents

MONTHLY, QUARTERLY = "demo_cluster_monthly", "demo_innovators_quarterly"


@pytest.fixture(scope="module")
def city() -> City:
    return packs.load("suzhou")


def _drawn(city: City, form_id: str, period: str) -> tuple[Layout, dict[str, dict[str, Decimal]]]:
    assert city.invented_returns is not None
    at = Period.parse(period)
    laid = layout(city.forms[form_id], city, at.end)
    ids = tuple(each.id for each in respondents(city.forms[form_id], city, at.end))
    draws = Draws(city, city.invented_returns, form_id, ids)
    return laid, {id_: {k: Decimal(v) for k, v in draws.cells(laid, at, id_).items()} for id_ in ids}


def test_ten_areas_report_and_no_zone_inside_another(city: City) -> None:
    _, told = _drawn(city, MONTHLY, "2022M12")
    assert len(told) == 10
    assert not {"suzhou_huqiu", "suzhou_taicangport"} & told.keys()


@pytest.mark.parametrize(
    ("form_id", "period", "cell", "published"),
    [
        (MONTHLY, "2021M12", "output@year_to_date", "42000"),
        (MONTHLY, "2022M12", "output@year_to_date", "43600"),
        (QUARTERLY, "2021Q4", "hnte@current", "11000"),
        (QUARTERLY, "2022Q4", "hnte@current", "13400"),
        (QUARTERLY, "2022Q4", "hnte_new@year_to_date", "5531"),
        (QUARTERLY, "2022Q4", "gazelle@year_to_date", "801"),
        (QUARTERLY, "2023Q2", "giant@current", "401"),
        (QUARTERLY, "2022Q3", "hnte@current", "12800"),  # between: 11000 + 2400 × 9/12
    ],
)
def test_areas_add_up_to_the_published_total(city: City, form_id: str, period: str, cell: str, published: str) -> None:
    _, told = _drawn(city, form_id, period)
    assert sum(cells[cell] for cells in told.values()) == Decimal(published)


def test_months_add_up_to_the_year_to_date_and_parts_stay_within_their_field(city: City) -> None:
    months = [_drawn(city, MONTHLY, f"2022M{month}")[1] for month in range(1, 4)]
    for area_id, cells in months[-1].items():
        assert cells["output@year_to_date"] == sum(month[area_id]["output@current"] for month in months)
        for column in ("current", "year_to_date", "same_period_ytd"):
            parts = [value for key, value in cells.items() if key.startswith("output:") and key.endswith(f"@{column}")]
            assert len(parts) == 4
            assert 0 < sum(parts) <= cells[f"output@{column}"]


def test_the_clusters_asked_for_are_those_in_force(city: City) -> None:
    before, _ = _drawn(city, MONTHLY, "2021M12")
    after, _ = _drawn(city, MONTHLY, "2022M1")
    assert (len(before.parts_of("output")), len(after.parts_of("output"))) == (13, 4)


def test_a_draw_is_the_same_each_time_and_what_it_rests_on_is_told(city: City) -> None:
    assert _drawn(city, MONTHLY, "2023M3")[1] == _drawn(city, MONTHLY, "2023M3")[1]
    assert city.invented_returns is not None
    draws = Draws(city, city.invented_returns, MONTHLY, ("suzhou_gusu",))
    laid = layout(city.forms[MONTHLY], city, Period.parse("2022M12").end)
    (year,), (month,) = (draws.basis(laid, Period.parse(text)) for text in ("2022M12", "2022M11"))
    assert year.figure is not None
    assert (year.figure.value, month.figure) == ("43600", None)


def test_parting_loses_nothing() -> None:
    assert parted(10, [1, 1, 1]) == [4, 3, 3]
    assert sorted(parted(-10, [1, 1, 1])) == [-4, -3, -3]
    assert parted(0, [2, 1]) == [0, 0]
