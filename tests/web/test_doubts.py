"""Cells to ask about on pages: a planted copy is found, put in words, sent back with its reason, seen by its levels."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.urls import reverse

from jiqun import flows
from jiqun.flows.returns import Filled
from jiqun.records.models import Return, stands
from tests.records.conftest import day, people, pingchuan, ws
from tests.web.test_rounds import enter, opened, text

__all__ = ["day", "enter", "opened", "people", "pingchuan", "ws"]
ROUND = "monthly|2026M2"


def send(ws, people, period, **outputs):
    for firm, output in outputs.items():
        cells = {"output@current": output, "output@same_period": "90", "fresh@current": "0", "staff@current": "5"}
        flows.submit_return(ws, f"monthly|{period}|{firm}", Filled(cells), user=people(firm), reason="")


@pytest.fixture
def copied(opened, people, day):
    """F1 sends January's 123.4 in February again; the others move on."""
    send(opened, people, "2026M1", F1="123.4", F2="80", F3="70", F4="60", F6="50")
    day.set("2026-03-01")
    flows.open_round(opened, "monthly", "2026M2", actor="editor")
    send(opened, people, "2026M2", F1="123.4", F2="82", F3="72", F4="63", F6="51")
    return opened


def test_a_copy_is_asked_about_and_nothing_else(copied, enter):
    shown = text(enter("editor").get(reverse("round-doubts", args=[ROUND])))
    assert "1 家单位有 1 个数值得核实" in shown
    assert "一厂" in shown and "与以前的数完全相同" in shown and "123.4" in shown
    assert "二厂" not in shown


def test_a_level_sees_its_own_and_those_who_decide_on_none_see_nothing(copied, enter):
    address = reverse("round-doubts", args=[ROUND])
    assert "影响合计" in text(enter("editor").get(address))
    park = text(enter("north_park").get(address))
    assert "一厂" in park and "1 家单位有 1 个数值得核实；先核实前 1 个" in park
    assert "影响合计" not in park and "没有历史可比" not in park, "shares of the city's total tell of others"
    assert "没有值得核实的数" in text(enter("west").get(address))
    for who in ("F1", "body", "viewer"):
        assert enter(who).get(address).status_code == 403
    assert enter("editor").get(reverse("round-doubts", args=["monthly|2030M1"])).status_code == 404


def test_the_question_goes_back_with_the_return(copied, enter, people):
    address = reverse("return", args=[f"{ROUND}|F1"])
    assert "建议核实" not in text(enter("F1").get(address))
    park = enter("north_park")
    assert "建议核实" in text(park.get(address))
    reason = park.get(address, {"ask": "1"}).content.decode().split('id="d-reason"')[1].split("</textarea>")[0]
    assert "本期填报 123.4" in reason and "请确认本期数据是否已更新" in reason
    park.post(
        reverse("return-decide", args=[f"{ROUND}|F1"]), {"decision": "return", "reason": "与上月完全相同，请核实"}
    )
    assert stands(Return).get(key=f"{ROUND}|F1").state == "returned"
    assert "没有值得核实的数" in text(enter("editor").get(reverse("round-doubts", args=[ROUND]))), "no longer sent"


def test_a_first_round_says_that_it_has_nothing_to_be_held_against(opened, people, enter):
    send(opened, people, "2026M1", F1="123.4", F2="80")
    shown = text(enter("editor").get(reverse("round-doubts", args=["monthly|2026M1"])))
    assert "没有值得核实的数" in shown and "没有上期和上年同期可比" in shown


def test_filters_and_the_workbook(copied, enter):
    address = reverse("round-doubts", args=[ROUND])
    assert "没有符合条件的疑问" in text(enter("editor").get(address, {"q": "二厂"}))
    assert "没有符合条件的疑问" in text(enter("editor").get(address, {"kind": "slip"}))
    answer = enter("editor").get(reverse("round-doubts-xlsx", args=[ROUND]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["核实清单"]
    rows = [[cell for cell in row if cell is not None] for row in sheet.iter_rows(values_only=True)]
    told = next(row for row in rows if "F1" in row)
    assert 123.4 in told and any("与以前的数完全相同" in str(cell) for cell in told)


def test_the_workbook_lists_each_soft_question_with_its_explanation(copied, enter, people, day):
    """By hand: 80 to 260 and 70 to 250 more than trebles; both are explained, and a park reads its own firms' only."""
    cells = {"output@same_period": "90", "fresh@current": "0", "staff@current": "5"}
    for firm, output in (("F2", "260"), ("F3", "250")):
        owed = stands(Return).get(key=f"{ROUND}|{firm}")
        flows.recall_return(copied, owed.key, user=people(firm), reason="填错")
        words = Filled({**cells, "output@current": output}, {"jump": f"{firm} 新线投产"})
        flows.submit_return(copied, owed.key, words, user=people(firm))

    def told(who):
        answer = enter(who).get(reverse("round-doubts-xlsx", args=[ROUND]))
        rows = openpyxl.load_workbook(io.BytesIO(answer.content))["说明"].iter_rows(values_only=True)
        return [(row[1], row[4], row[5]) for row in rows if row[6] == "jump"]

    question = "产值比上月增长两倍以上"
    assert told("editor") == [("二厂", question, "F2 新线投产"), ("三厂", question, "F3 新线投产")]
    assert told("north_park") == [("二厂", question, "F2 新线投产")]
