"""Rounds and returns on pages: filled in and checked, kept while typing, sent up and down as workbooks, decided."""

from __future__ import annotations

import base64
import dataclasses
import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiqun import workspace
from jiqun.flows import rounds
from jiqun.model.errors import Conflict
from jiqun.records.models import Draft, Return, Submission, stands
from jiqun.workspace import Workspace
from tests.records.conftest import day, people, pingchuan, ws
from tests.records.test_returns import cells, up

__all__ = ["day", "people", "pingchuan", "ws"]
ROUND, RETURN = "monthly|2026M1", "monthly|2026M1|F1"
SOUND = {"c-output@current": "500", "c-output@same_period": "400", "c-fresh@current": "100", "c-staff@current": "30"}


@pytest.fixture
def opened(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    from jiqun import flows

    monkeypatch.setattr(workspace, "_opened", ws)
    flows.open_round(ws, "monthly", "2026M1", actor="editor")
    return ws


@pytest.fixture
def enter(opened: Workspace, people: Callable[[str], Any]) -> Callable[[str], Client]:
    def entered(name: str) -> Client:
        client = Client()
        client.force_login(people(name), "django.contrib.auth.backends.ModelBackend")
        return client

    return entered


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def state() -> str:
    return stands(Return).get(key=RETURN).state


def test_a_respondent_finds_what_waits_for_it_and_nobody_elses(enter):
    answer = enter("F1").get(reverse("rounds"))
    assert "等待本单位填报" in text(answer) and reverse("return", args=[RETURN]) in answer.content.decode()
    assert enter("F1").get(reverse("return", args=["monthly|2026M1|F2"])).status_code == 404
    assert "一厂" in text(enter("F1").get(reverse("round", args=[ROUND])))
    assert "二厂" not in text(enter("F1").get(reverse("round", args=[ROUND])))


def test_checking_says_what_bars_and_what_wants_words_and_keeps_the_draft(enter):
    client = enter("F1")
    typed = {**SOUND, "c-fresh@current": "600", "c-staff@current": "三十五人", "token": "0"}
    answer = client.post(reverse("return-check", args=[RETURN]), typed)
    assert "新产品产值不大于总产值" in text(answer) and "不是数字" in text(answer)
    assert 'value="三十五人"' in answer.content.decode(), "what was typed is shown back"
    assert Draft.objects.get(key=RETURN).cells["fresh@current"] == "600"
    assert state() == "due"


def test_a_sound_return_is_sent_climbs_and_comes_back_with_the_reason(enter):
    firm = enter("F1")
    sent = firm.post(reverse("return-submit", args=[RETURN]), {**SOUND, "token": "0", "f-填表人": "张三"})
    assert sent.status_code == 302 and state() == "submitted"
    assert stands(Submission).get(key=RETURN).signed == {"填表人": "张三"}
    park = enter("north_park")
    assert "待本级审核 1" in text(park.get(reverse("round", args=[ROUND])))
    back = park.post(reverse("return-decide", args=[RETURN]), {"decision": "return", "reason": "同期数偏小"})
    assert back.status_code == 302 and state() == "returned"
    assert "退回原因： 同期数偏小" in text(firm.get(reverse("return", args=[RETURN])))
    firm.post(reverse("return-submit", args=[RETURN]), {**SOUND, "c-output@same_period": "450", "token": "0"})
    shown = park.get(reverse("return", args=[RETURN])).content.decode()
    assert "<del>400</del>" in shown, "the reviewer sees what changed"
    park.post(reverse("round-decide", args=[ROUND]), {"respondent": "F1"})
    assert stands(Return).get(key=RETURN).level == 1


def test_returning_without_a_reason_and_deciding_out_of_turn_are_refused(enter):
    enter("F1").post(reverse("return-submit", args=[RETURN]), {**SOUND, "token": "0"})
    decide = reverse("return-decide", args=[RETURN])
    assert enter("north_park").post(decide, {"decision": "return"}).status_code == 422
    assert enter("west").post(decide, {"decision": "accept"}).status_code in (403, 404)
    assert enter("editor").post(decide, {"decision": "accept"}).status_code == 403
    assert state() == "submitted"


def test_nobody_but_the_respondent_writes_its_figures_on_any_address(enter):
    for who in ("admin", "editor", "north_park", "east", "F2", "viewer", "auditor", "body"):
        for name in ("return-draft", "return-check", "return-submit", "return-upload"):
            answer = enter(who).post(reverse(name, args=[RETURN]), {**SOUND, "token": "0"})
            assert answer.status_code in (403, 404, 409), (who, name, answer.status_code)
    assert not Draft.objects.exists() and not Submission.objects.exists() and state() == "due"


def test_what_is_typed_is_kept_and_a_second_writer_is_told(enter):
    client, address = enter("F1"), reverse("return-draft", args=[RETURN])
    first = client.post(address, {**SOUND, "token": "0"})
    assert first.json()["token"] == 1
    assert client.post(address, {**SOUND, "c-staff@current": "31", "token": "1"}).json()["token"] == 2
    other = client.post(address, {**SOUND, "c-staff@current": "99", "token": "1"})
    assert other.status_code == 409 and "F1 已在" in other.json()["message"]
    assert Draft.objects.get(key=RETURN).cells["staff@current"] == "31"
    sent = client.post(reverse("return-submit", args=[RETURN]), {**SOUND, "token": "1"})
    assert sent.status_code == 422 and "另一人也在填写" in text(sent) and state() == "due"


def test_the_grid_goes_down_and_up_and_comes_back_marked(enter):
    client = enter("F1")
    down = client.get(reverse("return-grid", args=[RETURN]))
    book = openpyxl.load_workbook(io.BytesIO(down.content))
    here = book.worksheets[0]
    rows = {here.cell(row, 3).value: row for row in range(1, here.max_row + 1)}
    for code, column, value in (("01", 4, 500), ("01", 5, "４００"), ("02", 4, 600), ("04", 4, 30)):
        here.cell(rows[code], column).value = value
    out = io.BytesIO()
    book.save(out)
    up = client.post(
        reverse("return-upload", args=[RETURN]), {"table": SimpleUploadedFile("一月.xlsx", out.getvalue())}
    )
    assert up.status_code == 200 and "新产品产值不大于总产值" in text(up)
    assert 'name="c-output@same_period" value="４００"' in up.content.decode()
    url = re.search(r'href="data:[^;]+;base64,([^"]+)" download="([^"]+)"', up.content.decode())
    assert url is not None and url[2] == "一月-审核结果.xlsx"
    marked = openpyxl.load_workbook(io.BytesIO(base64.b64decode(url[1])))
    assert marked.sheetnames[-1] == "审核结果"
    assert not Draft.objects.exists() and state() == "due", "an upload saves nothing by itself"


def test_a_grid_of_another_firm_or_month_is_told(enter):
    content = enter("F2").get(reverse("return-grid", args=["monthly|2026M1|F2"])).content
    up = enter("F1").post(reverse("return-upload", args=[RETURN]), {"table": SimpleUploadedFile("b.xlsx", content)})
    assert "表上的单位代码是“F2”，这里应是“F1”" in text(up)


def test_an_area_s_grid_has_its_statutory_code_or_none_and_comes_back_either_way(enter, ws, day, monkeypatch):
    """Our names of areas mean nothing to an office: 东区 has the code 320501 here, 西区 none."""
    from jiqun import flows

    areas = {**ws.city.areas, "east": ws.city.areas["east"].model_copy(update={"code": "320501"})}
    there = dataclasses.replace(ws, city=dataclasses.replace(ws.city, areas=areas))
    monkeypatch.setattr(workspace, "_opened", there)
    day.set("2026-04-01")
    flows.open_round(there, "quarterly", "2026Q1", actor="editor")
    said = {}
    for area in ("east", "west"):
        key = f"quarterly|2026Q1|{area}"
        content = enter(area).get(reverse("return-grid", args=[key])).content
        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        said[area] = next(str(c.value) for row in sheet for c in row if str(c.value).startswith("单位代码"))
        up = enter(area).post(reverse("return-upload", args=[key]), {"table": SimpleUploadedFile("b.xlsx", content)})
        assert up.status_code == 200 and "是否选错了文件" not in text(up)
    assert said == {"east": "单位代码：320501", "west": "单位代码："}
    wrong = enter("east").get(reverse("return-grid", args=["quarterly|2026Q1|east"])).content
    up = enter("west").post(
        reverse("return-upload", args=["quarterly|2026Q1|west"]), {"table": SimpleUploadedFile("b.xlsx", wrong)}
    )
    assert "表上的填报单位是“东区”，这里应是“西区”" in text(up)
    book = openpyxl.load_workbook(io.BytesIO(wrong))
    place = next(c for row in book.worksheets[0] for c in row if str(c.value).startswith("单位代码"))
    for code, is_right in (("320502", False), ("east", True)):  # as grids of before had it
        place.value, out = f"单位代码：{code}", io.BytesIO()
        book.save(out)
        up = enter("east").post(
            reverse("return-upload", args=["quarterly|2026Q1|east"]),
            {"table": SimpleUploadedFile("b.xlsx", out.getvalue())},
        )
        assert ("这里应是“320501”" in text(up)) is not is_right
    down = enter("editor").get(reverse("round-reminders", args=["quarterly|2026Q1"]))
    assert "'east'" not in str([[c.value for c in row] for sheet in openpyxl.load_workbook(io.BytesIO(down.content))
                                for row in sheet])  # fmt: skip


def test_a_file_that_is_no_grid_is_refused_in_words(enter):
    up = enter("F1").post(
        reverse("return-upload", args=[RETURN]), {"table": SimpleUploadedFile("b.xlsx", b"PK\x03\x04no")}
    )
    assert up.status_code == 422 and "文件已损坏" in text(up)


def test_rounds_are_opened_locked_and_extended_by_the_city_only(enter, opened, day):
    city, district = enter("editor"), enter("east")
    extend = {"until": "2026-02-15", "reason": "停电", "respondent": "F2"}
    assert district.post(reverse("round-extend", args=[ROUND]), extend).status_code == 403
    assert city.post(reverse("round-extend", args=[ROUND]), extend).status_code == 302
    assert str(stands(Return).get(key="monthly|2026M1|F2").due_on) == "2026-02-15"
    assert city.post(reverse("round-lock", args=[ROUND]), {"reason": "到期"}).status_code == 409
    day.set("2026-02-21")
    asked = text(city.get(reverse("rounds")))
    assert "锁定 企业月报 2026年1月" in asked.replace("　", " ") and "monthly|2026M1" not in asked
    assert city.post(reverse("rounds-calendar")).status_code == 302
    assert "缺报" in text(city.get(reverse("round", args=[ROUND])))
    again = city.post(reverse("round-open"), {"form": "monthly", "period": "2026M1"})
    assert again.status_code == 409


def test_what_the_calendar_could_not_do_is_told_of_a_form_by_its_name(enter, ws, monkeypatch):
    def refuse(*of, **how):
        raise Conflict("没有填报对象")

    monkeypatch.setattr(rounds, "open_round", refuse)
    told = text(enter("editor").post(reverse("rounds-calendar"), follow=True))
    assert "未办：一套表月报 2026年1月（没有填报对象）" in told and "delivered|2026M1" not in told


def test_the_notice_lists_who_has_not_answered(enter, day):
    enter("F1").post(reverse("return-submit", args=[RETURN]), {**SOUND, "token": "0"})
    day.set("2026-02-10")
    answer = enter("editor").get(reverse("round-reminders", args=[ROUND]))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    overdue = [row[2].value for row in book["未报"].iter_rows(min_row=3)]
    assert "一厂" not in overdue and set(overdue) == {"二厂", "三厂", "四厂", "六厂"}
    assert "逾期未报 4" in text(enter("editor").get(reverse("round", args=[ROUND])))


def test_a_total_is_shown_with_its_coverage_and_leads_to_its_returns(enter):
    for firm, output in (("F1", "500"), ("F2", "300")):
        key = f"monthly|2026M1|{firm}"
        enter(firm).post(reverse("return-submit", args=[key]), {**SOUND, "c-output@current": output, "token": "0"})
        enter("north_park").post(reverse("return-decide", args=[key]), {"decision": "accept"})
    totals = reverse("round-totals", args=[ROUND])
    park = enter("north_park").get(totals)
    assert "800.0" in text(park) and "2/2" in text(park)
    shown = enter("north_park").get(totals, {"cell": "output@current"})
    assert re.search(r"一厂.*500\.0.*二厂.*300\.0", text(shown)), "the largest first"
    city = enter("editor").get(totals, {"area": "pingchuan"})
    assert "未知" in text(city) and "0/5" in text(city), "nothing has come through to the city"
    first_look = enter("editor").get(totals, {"area": "pingchuan", "basis": "submitted"})
    assert "2/5" in text(first_look)


def test_totals_stay_inside_ones_own_scope(enter):
    totals = reverse("round-totals", args=[ROUND])
    assert enter("F1").get(totals).status_code == 403, "a total less one's own tells of the others"
    assert enter("body").get(totals).status_code == 403
    assert enter("west").get(totals, {"area": "east"}).status_code == 404
    assert enter("viewer").get(totals).status_code == 403
    book = openpyxl.load_workbook(io.BytesIO(enter("west").get(reverse("round-totals-xlsx", args=[ROUND])).content))
    assert {row[0].value for row in book["汇总"].iter_rows(min_row=3)} == {"西区"}
    enter("F4").post(reverse("return-submit", args=["monthly|2026M1|F4"]), {**SOUND, "token": "0"})
    path = reverse("round-totals-xlsx", args=[ROUND]) + "?basis=submitted"
    book = openpyxl.load_workbook(io.BytesIO(enter("west").get(path).content))
    told = {row[1].value: row[4] for row in book["汇总"].iter_rows(min_row=3) if row[4].value is not None}
    assert told and all(isinstance(cell.value, int | float) for cell in told.values()), "a total adds up in a workbook"
    assert {cell.number_format for cell in told.values()} <= {"#,##0", "#,##0.0", "#,##0.00"}


def test_what_was_known_on_an_earlier_day_can_be_asked(enter, day):
    enter("F1").post(reverse("return-submit", args=[RETURN]), {**SOUND, "token": "0"})
    day.set("2026-02-03")
    enter("north_park").post(reverse("return-decide", args=[RETURN]), {"decision": "accept"})
    totals = reverse("round-totals", args=[ROUND])
    assert "1/2" in text(enter("north_park").get(totals)) and "500.0" not in text(enter("north_park").get(totals))
    assert "0/2" in text(enter("north_park").get(totals, {"known": "2026-02-02"}))


def test_who_only_answers_for_itself_is_not_sent_to_totals_that_it_may_not_see(ws, enter):
    from jiqun import flows

    flows.open_round(ws, "quarterly", "2025Q4", actor="editor")
    page, totals = (reverse(name, args=["quarterly|2025Q4"]) for name in ("round", "round-totals"))
    for who, may in (("west", False), ("editor", True)):
        client = enter(who)
        assert client.get(page).status_code == 200
        assert client.get(totals).status_code == (200 if may else 404)
        assert (totals in client.get(page).content.decode()) is may, who


def test_who_has_no_part_in_any_round_is_not_told_that_there_is_none(enter):
    assert "没有本单位填报或审核的报表" in text(enter("body").get(reverse("rounds")))
    assert "还没有布置报表" not in text(enter("body").get(reverse("rounds")))


@pytest.mark.parametrize(
    "state", ["", "due", "submitted", "returned", "accepted", "mine", "overdue", "late", "turn", "no-such"]
)
@pytest.mark.parametrize("area", ["", "none", "east", "north_park", "no-such"])
def test_a_filter_counts_what_it_finds(enter, opened, people, day, state, area):
    from jiqun import flows

    for firm in ("F1", "F2", "F4", "F6"):
        flows.submit_return(opened, f"{ROUND}|{firm}", cells("100"), user=people(firm))
    up(opened, people, "F1", "north_park", "east", "pingchuan")
    flows.give_back_returns(opened, [f"{ROUND}|F4"], user=people("west"), reason="请核对")
    day.set("2026-02-19")
    for reader in ("editor", "east"):
        page = enter(reader).get(reverse("round", args=[ROUND]), {"state": state, "area": area}).context["page"]
        assert page.paging.total == len(page.returns), reader
