"""The layout board: proof, clash, trials that live in the address, a workbook that opens; nothing is written."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from jiqun import flows, packs, workspace
from jiqun.enterprises.invented import Drawing
from jiqun.industry.layout import Trial
from jiqun.ledger.models import AdoptedLayout, Event
from jiqun.reports import layout_trial, layouts
from jiqun.workspace import Workspace

BOARD = "/layouts/shenzhen-2024/"
SPOT = "sh24-robot:shenzhen_dapeng"


@pytest.fixture(scope="module")
def shenzhen() -> packs.City:
    return packs.load("shenzhen")


@pytest.fixture
def reader(city: Workspace, sign_in, shenzhen: packs.City, monkeypatch: pytest.MonkeyPatch):
    """Somebody who may only look, in a city that has a layout problem."""
    client = sign_in("viewer")
    monkeypatch.setattr(workspace, "_opened", replace(city, city=shenzhen))
    return client


def test_a_city_without_layouts_says_so_and_has_no_entry_for_them(admin):
    assert "资料夹里没有布局问题" in admin.get("/layouts/").content.decode()
    assert 'href="/layouts/"' not in admin.get("/").content.decode()
    assert admin.get("/layouts/none/").status_code == 404


def test_the_board_proves_its_plan_and_says_what_the_exemption_does(reader):
    before = Event.objects.count()
    text = reader.get(BOARD).content.decode()
    assert 'href="/layouts/"' in reader.get("/layouts/").content.decode()
    assert "已证明最优：没有得分更高的方案（差距 0）" in text
    assert "落位总数在 39 至 55 个之间" in text
    assert "20 个集群 × 至少 3 个区 = 60 个落位；有：11 个区 × 至多 5 个集群 = 55 个落位。60 &gt; 55" in text
    assert "区的名单是设定" in text
    assert "演示打分" in text
    assert text.count('name="turn"') == 13 * 11
    assert "由市里统一安排，不在求解之列：半导体与集成电路" in text
    assert "方案3" in text
    assert "●布局" in text and "●保留" not in text, "nothing is kept where nobody knows what stands today"
    assert Event.objects.count() == before


def test_a_board_seen_before_its_catalogue_was_in_force_says_so(reader):
    assert "集群目录尚未施行" not in reader.get(BOARD + "?as_of=2025-06-01").content.decode()
    assert "集群目录尚未施行" in reader.get(BOARD + "?as_of=2023-06-01").content.decode()


def test_without_the_exemption_the_clauses_that_clash_are_named_and_a_way_out_leads_to_a_plan(reader):
    text = reader.get(BOARD + "?x-strategic=1").content.decode()
    assert "已证明无解" in text
    assert "互相抵触的条款" in text
    assert "<strong>每个集群至少 3 个区</strong>" in text
    assert "深圳市加快发展新质生产力实施方案" in text
    assert 'href="?b-per_area.most=6&amp;x-strategic=1"' in text
    loosened = reader.get(BOARD + "?b-per_area.most=6&x-strategic=1").content.decode()
    assert "已证明最优" in loosened
    assert "原为 5" in loosened


def test_a_cell_is_turned_round_and_back_by_its_button(reader):
    query, seen = "", []
    for _ in range(3):
        answer = reader.get(f"{BOARD}?{query}&turn={SPOT}")
        assert answer.status_code == 302
        query = urlsplit(answer["Location"]).query
        seen.append(parse_qs(query))
    assert seen == [{"fix": [SPOT]}, {"ban": [SPOT]}, {}]
    text = reader.get(f"{BOARD}?fix={SPOT}").content.decode()
    assert "机器人·大鹏；布局；已定（试排）" in text
    assert "这是试排" in text
    assert '<input type="hidden" name="fix" value="sh24-robot:shenzhen_dapeng">' in text


def test_what_cannot_be_read_is_told_and_the_rest_is_still_shown(reader):
    answer = reader.get(BOARD + "?b-per_cluster.least=viele&w-base=-1")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "“viele”不是 0 至 999 的整数" in text
    assert "“-1”不是" in text
    assert "已证明最优" in text


@pytest.mark.parametrize(
    "query",
    ["fix=a:b:c", "fix=:", "turn=zzz", "plan=99", "b-none.least=1", "w-base=NaN", "n-per_area.most=1&why="],
)
def test_an_address_that_means_nothing_does_no_harm(reader, query):
    assert reader.get(f"{BOARD}?{query}").status_code in (200, 302, 422)


def test_what_the_plan_rests_on_is_worked_out_when_asked(reader):
    text = reader.get(BOARD + "?why=1").content.decode()
    assert "“每个区至多 5 个集群”改为 4：得分 −" in text
    assert "“现有基础”的权重现为 1" in text


def test_the_workbook_opens_and_holds_the_board(reader):
    answer = reader.get(BOARD + f"board.xlsx?ban={SPOT}")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["布局", "按区", "按集群", "得分", "条款", "说明与来源"]
    rows = [[cell.value for cell in row] for row in book["布局"].iter_rows()]
    head = next(row for row in rows if row[1] == "集群")
    robots = next(row for row in rows if row[1] == "机器人")
    assert robots[head.index("大鹏")] == "〔禁〕"
    assert robots[head.index("区数")] == sum(str(mark).startswith("●") for mark in robots[2:-1])
    assert any(row[2] == "由市里统一安排" for row in rows)
    notes = "".join(str(cell.value) for row in book["说明与来源"].iter_rows() for cell in row)
    assert "已证明最优" in notes
    assert "60 > 55" in notes


def test_while_others_are_solved_a_reader_is_told_to_come_back_and_other_pages_answer(reader, monkeypatch):
    monkeypatch.setattr(layouts, "_PATIENCE", 0.0)
    for _ in range(layouts._AT_ONCE):
        assert layouts._turns.acquire(blocking=False)
    try:
        busy = reader.get(BOARD + "?b-per_area.most=9")
        assert (busy.status_code, "正在为别人求解" in busy.content.decode()) == (409, True)
        assert reader.get("/clusters/").status_code == 200
    finally:
        for _ in range(layouts._AT_ONCE):
            layouts._turns.release()
    assert reader.get(BOARD + "?b-per_area.most=9").status_code == 200


def test_the_api_answers_as_the_command_does_and_tries_what_the_page_tries(reader):
    told = reader.get("/api/layouts/shenzhen-2024?x-strategic=1").json()
    assert (told["status"], told["conflict"]["clashes"][0]["needed"], told["conflict"]["clashes"][0]["room"]) == (
        "impossible", 60, 55,
    )  # fmt: skip
    assert [row["ref"]["id"] for row in reader.get("/api/layouts").json()["rows"]] == ["shenzhen-2024"]


def test_measured_scores_come_from_the_register_and_say_so(city, sign_in, monkeypatch, tmp_path):
    suzhou = packs.load("suzhou")
    client = sign_in("viewer")
    monkeypatch.setattr(workspace, "_opened", replace(city, city=suzhou))
    board = "/layouts/suzhou-2026-clusters/"
    assert "还没有企业名册，按企业测算的得分项没有计入" in client.get(board).content.decode()
    drawing = Drawing(firms=400, day=date(2025, 12, 31), figures_year=2024, seed=1)
    flows.draw_firms(workspace.current(), [drawing], actor="zhang")
    text = client.get(board).content.decode()
    assert "名册里是演示企业，不存在于现实" in text
    assert "企业集聚程度" in text


# --- a trial and its address


def test_a_trial_and_its_address_are_one(shenzhen: packs.City):
    layout = shenzhen.layouts["shenzhen-2024"]
    asked = {
        "b-per_area.most": ["6"], "n-per_cluster.least": ["1"], "w-base": ["2.5"], "x-strategic": ["1"],
        "fix": [SPOT], "ban": ["sh24-ocean:shenzhen_luohu", SPOT], "free": [SPOT],
    }  # fmt: skip
    trial = layout_trial.read(layout, asked).trial
    assert trial.limits == {"per_area.most": 6, "per_cluster.least": None}
    assert trial.fixed == {("sh24-robot", "shenzhen_dapeng")}
    assert trial.forbidden == {("sh24-ocean", "shenzhen_luohu")}  # fixed goes before forbidden
    assert trial.freed == frozenset()  # the folder has not settled it
    assert layout_trial.read(layout, parse_qs(layout_trial.address(trial))).trial == trial
    assert layout_trial.read(layout, {"b-per_area.most": ["5"]}).trial == Trial()  # as the folder has it


def test_a_pair_that_the_folder_settled_is_freed_before_it_is_settled_again():
    suzhou = packs.load("suzhou").layouts["suzhou-2018-leading"]
    spot = ("sz18L-ai", "suzhou_sip")
    trial, states = Trial(), []
    for _ in range(3):
        trial = layout_trial.turned(suzhou, trial, ":".join(spot))
        states.append((layout_trial.state(suzhou, trial, spot), trial))
    assert [state for state, _ in states] == ["forbidden", "", "fixed"]
    assert states[1][1] == Trial(freed=frozenset({spot}))
    assert states[2][1] == Trial()


# --- what was adopted


@pytest.fixture
def editor(city: Workspace, sign_in, shenzhen: packs.City, monkeypatch: pytest.MonkeyPatch):
    """Somebody who may adopt a layout."""
    client = sign_in("city_editor")
    monkeypatch.setattr(workspace, "_opened", replace(city, city=shenzhen))
    return client


def filled(text: str) -> dict[str, str]:
    """The form that adopts, as the page sends it."""
    form = text[text.index('id="adopt"') :]
    return dict(re.findall(r'name="(plan|trial|version|known_on)" value="([^"]*)"', form))


def test_a_plan_is_adopted_from_the_board_and_shown_where_it_matters(editor):
    text = editor.get(BOARD).content.decode()
    assert 'id="in-force"' not in text
    answer = editor.post(BOARD + "adopt/", {**filled(text), "reason": "市政府常务会议纪要"})
    assert (answer.status_code, answer["Location"]) == (302, BOARD)
    text = editor.get(f"{BOARD}?fix={SPOT}").content.decode()
    assert "自 2026-01-05 起施行的布局" in text
    assert "市政府常务会议纪要" in text
    assert "已采用　<strong>" in text
    told = text[text.index('id="adoptions"') :]
    assert "首次采用" in told[: told.index("</section>")]
    assert "新增</strong>" not in told
    changed = text[text.index('id="departures"') : text.index('id="adoptions"')]
    assert "机器人·大鹏" in changed
    assert "当时已证明最优" in text
    cluster = editor.get("/clusters/sh24-robot/").content.decode()
    area = editor.get("/areas/shenzhen_nanshan/").content.decode()
    for page in (cluster, area):
        assert "已采用的布局" in page
        assert f'href="{BOARD}"' in page
    notes = openpyxl.load_workbook(io.BytesIO(editor.get(BOARD + "board.xlsx").content))["说明与来源"]
    assert any("自 2026-01-05 起" in str(cell.value) for row in notes.iter_rows() for cell in row)
    assert editor.get("/api/layouts/shenzhen-2024").json()["today"]["adopted_on"] == "2026-01-05"
    # the day before: an address keeps its day for the pages after it
    assert "已采用的布局" not in editor.get("/clusters/sh24-robot/?as_of=2025-12-31").content.decode()
    assert 'id="in-force"' not in editor.get(BOARD + "?as_of=2025-12-31").content.decode()


def test_a_page_of_another_day_and_a_reader_without_the_right_have_no_form(reader):
    assert 'id="adopt"' not in reader.get(BOARD).content.decode()
    answer = reader.post(BOARD + "adopt/", {"plan": SPOT, "reason": "x"})
    assert (answer.status_code, AdoptedLayout.objects.count()) == (403, 0)


def test_an_editor_hears_what_cannot_be_adopted(editor):
    form = filled(editor.get(f"{BOARD}?fix={SPOT}").content.decode())
    assert 'id="adopt"' not in editor.get(BOARD + "?as_of=2025-12-31").content.decode()
    assert form["trial"] == f"fix={SPOT.replace(':', '%3A')}"
    refused = editor.post(BOARD + "adopt/", {**form, "trial": f"ban={SPOT}", "reason": ""})
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "采用布局方案需要理由" in text
    assert "机器人·大鹏" in text
    assert editor.post(BOARD + "adopt/", {**form, "reason": "试", "version": "7"}).status_code == 409
    assert editor.post(BOARD + "adopt/", {**form, "reason": "试"}).status_code == 302
