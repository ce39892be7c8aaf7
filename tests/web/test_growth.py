"""Growth of a round on its page: a worked example through two rounds, what is unknown, who may see which areas."""

from __future__ import annotations

import io
import re

import openpyxl
import polars as pl
import pytest
from django.urls import reverse

from jiqun import flows
from jiqun.flows.returns import Filled
from jiqun.records import growth as growing
from jiqun.records.models import Return, Round, stands
from jiqun.records.projection import layout_of
from tests.records.conftest import day, people, pingchuan, ws
from tests.records.test_publishing import WAY
from tests.web.test_rounds import enter, opened, text

__all__ = ["day", "enter", "opened", "people", "pingchuan", "ws"]
ROUND = "monthly|2026M1"


def sent(ws, people, period, firm, output, same_period):
    cells = {"output@current": output, "output@same_period": same_period, "fresh@current": "0", "staff@current": "5"}
    key = f"monthly|{period}|{firm}"
    flows.submit_return(ws, key, Filled(cells), user=people(firm), reason="")
    for area in WAY[firm]:
        flows.accept_returns(ws, [stands(Return).get(key=key).key], user=people(area))


@pytest.fixture
def last_year(opened, people):
    """A year ago, in 万元: 100 + 85 + 40 + 60 + 10, accepted at every level."""
    flows.open_round(opened, "monthly", "2025M1", actor="editor")
    for firm, output in (("F1", "100"), ("F2", "85"), ("F3", "40"), ("F4", "60"), ("F6", "10")):
        sent(opened, people, "2025M1", firm, output, "90")
    return opened


@pytest.fixture
def whole(last_year, people):
    """In 万元: F1 grows from 100 to 120, F2 from 80 (85 then published) to 90; the others stay as they were."""
    figures = (("F1", "120", "100"), ("F2", "90", "80"), ("F3", "40", "40"), ("F4", "60", "60"), ("F6", "10", "10"))
    for firm, output, before in figures:
        sent(last_year, people, "2026M1", firm, output, before)
    return last_year


def line(answer, area):
    found = re.search(rf"{area} .*?\d+/\d+", text(answer))
    assert found, text(answer)
    return found[0]


def test_both_growths_stand_side_by_side_with_the_bridge(whole, enter):
    shown = enter("editor").get(reverse("round-growth", args=[ROUND]))
    # 320 / 290 = 10.34 %; 320 / 295 = 8.47 %
    assert "320.0 290.0 10.3% 295.0 8.5% -1.8 5/5" in line(shown, "平川市")
    assert "上年同期数修订 1 -5.0 -1.69" in text(shown)
    assert "连续在库单位增长 5 +30.0 10.17" in text(shown)
    park = enter("north_park").get(reverse("round-growth", args=[ROUND]))
    assert "210.0 180.0 16.7% 185.0 13.5% -3.2 2/2" in text(park)


def test_who_has_not_come_leaves_the_growth_unknown_and_says_of_whom_the_rest_is(last_year, people, enter):
    sent(last_year, people, "2026M1", "F1", "120", "100")
    shown = enter("editor").get(reverse("round-growth", args=[ROUND]))
    assert "未知 未知 未知 未知 未知 – 1/5" in line(shown, "平川市")
    assert "其增速 20.0%" in text(shown) and "4 家缺数" in text(shown) and "差异不能分解" in text(shown)


def test_without_a_round_a_year_ago_only_comparable_growth_is_known(opened, people, enter):
    for firm, output in (("F1", "120"), ("F2", "90")):
        sent(opened, people, "2026M1", firm, output, "100")
    shown = enter("north_park").get(reverse("round-growth", args=[ROUND]))
    assert "210.0 200.0 5.0% 未知 未知 – 2/2" in line(shown, "北园")
    assert "上年同期没有布置这张表" in text(shown)


def test_a_firm_that_left_and_one_that_came_are_no_growth_of_those_who_stayed(last_year, people):
    """One that owed last year only is a leaver, one that owes now only an entrant; what is not accepted is unknown."""
    columns = {"respondent_id": pl.String, "node_0": pl.String, "passed": pl.Int64, "c": pl.Int64, "s": pl.Int64}
    now = pl.DataFrame([("a", "p", 1, 12, 10), ("b", "p", 1, 7, 5), ("d", "p", 0, 9, 9)], columns, orient="row")
    then = pl.DataFrame([("a", "p", 1, 10, 0), ("x", "p", 1, 3, 0)], columns, orient="row")
    rows = {row[0]: row[1:] for row in growing._returns(now, then, 0, "c", "s").sort("respondent_id").select(
        "respondent_id", "now", "then", "current", "same_period", "published").iter_rows()}  # fmt: skip
    assert rows == {
        "a": ("p", "p", 12, 10, 10), "b": ("p", None, 7, 5, None), "d": ("p", None, None, None, None),
        "x": (None, "p", None, None, 3),
    }  # fmt: skip


def test_growth_adds_up_from_level_to_level(whole):
    round_ = stands(Round).get(key=ROUND)
    cell = layout_of(round_, whole.city).by_key["output@current"]
    city, districts, _parks = growing.growth(round_, whole.city, cell)
    assert [one.group for one in districts.comparisons] == ["east", "west"]
    assert sum(one.present.current for one in districts.comparisons) == city.comparisons[0].present.current - 100


def test_it_stays_inside_ones_scope_and_goes_out_as_a_workbook(whole, enter):
    address = reverse("round-growth", args=[ROUND])
    for who in ("F1", "body", "viewer"):
        assert enter(who).get(address).status_code == 403
    assert enter("west").get(address, {"area": "east"}).status_code == 404
    assert enter("editor").get(address, {"cell": "fresh@current"}).status_code == 404, "not asked for last year"
    answer = enter("west").get(reverse("round-growth-xlsx", args=[ROUND]))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert {row[0].value for row in book["增速"].iter_rows(min_row=3)} == {"西区"}
    assert [cell.value for cell in book["增速"][3]][2:8] == [60, 60, 60, 0, 0, 0]
    assert book["差异构成"].max_row > 2


def test_a_form_without_last_years_column_is_not_offered_for_comparison(opened, enter, day):
    day.set("2026-04-01")
    flows.open_round(opened, "quarterly", "2026Q1", actor="editor")
    assert "增速" in text(enter("editor").get(reverse("round", args=[ROUND])))
    assert "增速" not in text(enter("editor").get(reverse("round", args=["quarterly|2026Q1"])))
