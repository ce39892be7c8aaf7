"""Dockets on pages: what each role sees and may do, forms with their faults beside the fields, lists in and out."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiqun import flows, workspace
from jiqun.ledger import store
from jiqun.ledger.models import Comment, Event
from jiqun.records.models import DocketItem, stands
from jiqun.workspace import Workspace
from tests.records.conftest import Day, day, people, pingchuan, ws
from tests.records.test_items import POSTED, cells, item

__all__ = ["day", "people", "pingchuan", "ws"]
KEY = "matters|GG-2026-001"
LIST = "/dockets/matters/"


@pytest.fixture
def enter(ws: Workspace, people: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Client]:
    monkeypatch.setattr(workspace, "_opened", ws)

    def entered(name: str) -> Client:
        client = Client()
        client.force_login(people(name), "django.contrib.auth.backends.ModelBackend")
        return client

    return entered


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_an_empty_docket_says_how_to_begin(enter: Any) -> None:
    shown = text(enter("editor").get(LIST))
    assert "还没有登记条目" in shown and "登记第一条" in shown
    shown = text(enter("viewer").get(LIST))
    assert "还没有登记条目" in shown and "登记第一条" not in shown
    assert "攻关清单" in text(enter("viewer").get("/dockets/"))


def test_an_item_is_opened_on_a_form(enter: Any) -> None:
    client = enter("body")
    form = text(client.get(LIST + "new/"))
    assert "名称 必填" in form and "牵头部门" not in form, "a department opens for itself"
    answer = client.post(LIST + "new/", {"f-name": "高精导轨", "f-node": "tools/rail", "f-money": "0.5亿元"})
    assert answer.status_code == 302 and answer.url == reverse("item", args=[KEY])
    row = store.current(DocketItem, KEY)
    assert (row.owner_id, row.values["money"]) == ("gxj", "5000")
    page = client.get(answer.url)
    assert "已登记为 GG-2026-001" in text(page)
    assert "5,000万元" in text(page) and "机床·导轨" in text(page)
    assert 'aria-current="step"' in page.content.decode()


def test_faults_stand_beside_their_fields_and_what_was_typed_stays(enter: Any) -> None:
    client = enter("editor")
    answer = client.post(LIST + "new/", {"f-name": "", "f-node": "tools/rail", "f-money": "约三百", "f-words": "留着"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert re.search(r'id="b-money" [^>]*value="约三百"[^>]*aria-describedby="b-money-e"', html)
    assert re.search(r'id="b-money-e">[^<]*约三百[^<]*<', html)
    assert "留着" in html and not stands(DocketItem).exists()
    answer = client.post(LIST + "new/", {"f-name": "", "f-node": "tools/rail"})
    assert re.search(r'id="b-name-e">“征集”要填写“名称”', answer.content.decode())


def test_a_step_is_taken_on_the_items_page(ws: Workspace, enter: Any, people: Any) -> None:
    item(ws, people("east"))
    path = reverse("item", args=[KEY])
    shown = enter("editor").get(path)
    assert all(words in text(shown) for words in ("下一步", "转为“发榜”", "终止"))
    move = reverse("item-move", args=[KEY])
    answer = enter("editor").post(move, {"step": "post", "f-money": "300", "version": "1"})
    html = answer.content.decode()
    assert answer.status_code == 422 and "post-due_on-e" in html and "post-lead-e" in html
    assert re.search(r'<details name="next" open>', html), "the step tried stays open"
    given = {f"f-{name}": value for name, value in {**POSTED, "lead": "kjj"}.items()}
    answer = enter("editor").post(move, {"step": "post", "version": "1", "reason": "会议纪要3号", **given})
    assert answer.status_code == 302
    shown = text(enter("kjj").get(path))
    assert "会议纪要3号" in shown and "转为“攻关”" in shown and "转为“终止”" not in shown
    assert re.search("下一步由有关单位办理： ?市级、主责单位", text(enter("east").get(path)))
    assert enter("east").post(move, {"step": "start"}).status_code == 403
    assert enter("kjj").post(move, {"step": "finish"}).status_code in (403, 409)
    assert enter("kjj").post(move, {"step": "start", "version": "1"}).status_code == 409, "somebody was quicker"


def test_amending_shows_what_changed_and_hides_the_form_from_others(ws: Workspace, enter: Any, people: Any) -> None:
    item(ws, people("east"), money="100")
    edit = reverse("item-edit", args=[KEY])
    assert enter("east").get(edit).status_code == 200
    for name in ("west", "body", "viewer", "auditor", "F1"):
        assert enter(name).get(edit).status_code == 403, name
        assert enter(name).post(edit, {"f-money": "1", "reason": "试"}).status_code == 403, name
    answer = enter("east").post(edit, {"f-money": "200", "reason": "", "version": "1"})
    assert answer.status_code == 422 and "需要写明理由" in text(answer)
    assert enter("east").post(edit, {"f-money": "200", "reason": "核实", "version": "1"}).status_code == 302
    page = enter("viewer").get(reverse("item", args=[KEY]))
    assert "<del>100万元</del> → 200万元" in page.content.decode()


def test_what_is_for_the_parties_is_hidden_from_others_everywhere(ws: Workspace, enter: Any, people: Any) -> None:
    item(ws, people("east"), firms="甲厂 91329900MA00000001")
    path = reverse("item", args=[KEY])
    for name, sees in {
        "east": True,
        "editor": True,
        "auditor": True,
        "west": False,
        "body": False,
        "viewer": False,
    }.items():
        client = enter(name)
        assert ("甲厂" in text(client.get(path))) == sees, name
        assert ("高精导轨" in text(client.get(LIST + "?q=甲厂"))) == sees, "nor is it found by searching"
        sheet = openpyxl.load_workbook(io.BytesIO(client.get("/dockets/matters.xlsx").content)).worksheets[0]
        cells_ = {str(cell.value) for row in sheet.iter_rows() for cell in row}
        assert any("甲厂" in cell for cell in cells_) == sees, name
    assert enter("F1").get(path).status_code == 403
    assert enter("F1").get(LIST).status_code == 403
    assert "清单" not in text(enter("F1").get("/tasks/"))


def test_the_list_is_filtered_searched_sorted_and_counted(ws: Workspace, enter: Any, people: Any, day: Day) -> None:
    editor = people("editor")
    item(ws, editor, lead="kjj")
    day.set("2026-02-20")
    other = item(ws, editor, name="五轴车床", node="车床", lead="gxj")
    flows.move_item(ws, other.key, "post", cells(**POSTED), user=editor)
    day.set("2026-03-10")  # the first was to be decided on by 3 March
    client = enter("editor")
    page = client.get(LIST)
    assert "超期 7 天" in text(page)
    rows = lambda query: re.findall(r"GG-2026-\d{3}(?=\s*</td>|<)", client.get(LIST + query).content.decode())  # noqa: E731
    assert rows("") == ["GG-2026-001", "GG-2026-002"]
    assert rows("?sort=-number") == ["GG-2026-002", "GG-2026-001"]
    assert rows("?state=posted") == rows("?q=车床") == rows("?owner=gxj") == ["GG-2026-002"]
    assert rows("?due=late") == ["GG-2026-001"]
    assert rows("?chain=tools&sort=owner") == ["GG-2026-002", "GG-2026-001"]  # 市工信局 before 市科技局
    assert "没有符合条件的条目" in text(client.get(LIST + "?q=没有这个"))
    assert client.get(LIST + "?page=99&state=%00").status_code == 400
    assert client.get(LIST + "?page=99&state=x&sort=y&due=z").status_code == 200
    assert "待本单位办理 1 条" in text(enter("body").get("/dockets/"))


def test_the_official_list_goes_out_and_comes_back_unchanged(ws: Workspace, enter: Any, people: Any) -> None:
    item(ws, people("editor"), lead="kjj", firms="甲厂；乙厂 91329900MA00000001", money="1200.5", share="45",
         kind="产品", due_on="2026-12-31")  # fmt: skip
    client = enter("editor")
    content = client.get("/dockets/matters.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    heads = [cell.value for cell in sheet[2]]
    assert heads[:6] == ["编号", "名称", "环节", "类型", "金额（万元）", "依赖度（%）"]
    assert [cell.value for cell in sheet[3]][:6] == ["GG-2026-001", "高精导轨", "机床·导轨", "产品", 1200.5, 45]
    before = Event.objects.count()
    file = SimpleUploadedFile("清单.xlsx", content)
    answer = client.post(LIST + "import/", {"table": file, "reason": "原样"})
    assert "新登记 0 条，修改 0 条，未变 1 条" in text(answer)
    assert Event.objects.count() == before


def test_a_damaged_table_is_told_by_cell_on_the_page(enter: Any) -> None:
    file = SimpleUploadedFile("a.csv", "名称,环节,金额\n甲,导轨,约3\n乙,齿轮,5\n".encode())
    answer = enter("editor").post(LIST + "import/", {"table": file, "reason": "试"})
    assert answer.status_code == 422
    assert all(words in text(answer) for words in ("C2", "约3", "B3", "齿轮", "没有导入"))
    answer = enter("editor").post(LIST + "import/", {"reason": "试"})
    assert answer.status_code == 422 and "没有选择文件" in text(answer)
    assert enter("viewer").get(LIST + "import/").status_code == 403


def test_parties_comment_and_others_do_not(ws: Workspace, enter: Any, people: Any) -> None:
    item(ws, people("editor"), lead="gxj", partners="市科技局")
    path = reverse("comment", args=["item", KEY])
    assert enter("kjj").post(path, {"text": "愿意配合"}).status_code == 302
    assert enter("west").post(path, {"text": "插话"}).status_code == 403
    assert Comment.objects.get().subject_type == "docketitem"
    assert "愿意配合" in text(enter("editor").get(reverse("item", args=[KEY])))


def test_withdrawing_and_undoing_on_pages(ws: Workspace, enter: Any, people: Any) -> None:
    row = item(ws, people("editor"))
    undo = reverse("undo", args=[row.event_id])
    assert "撤销我刚才的操作" in text(enter("editor").get(reverse("item", args=[KEY])))
    assert "撤销我刚才的操作" not in text(enter("admin").get(reverse("item", args=[KEY])))
    assert enter("admin").post(undo, {"reason": "越权", "item": KEY}).status_code == 403
    assert enter("east").post(reverse("item-withdraw", args=[KEY]), {"reason": "x"}).status_code == 403
    answer = enter("editor").post(reverse("item-withdraw", args=[KEY]), {"reason": "误登", "version": "1"})
    assert answer.status_code == 302
    assert "已撤回，只作留存" in text(enter("editor").get(reverse("item", args=[KEY])))
    assert "GG-2026-001" not in text(enter("viewer").get(LIST))


def test_a_day_before_shows_what_was_then_and_offers_no_step(ws: Workspace, enter: Any, people: Any, day: Day) -> None:
    row = item(ws, people("editor"), lead="kjj")
    day.set("2026-03-15")
    flows.move_item(ws, row.key, "post", cells(**POSTED), user=people("editor"))
    client = enter("editor")
    page = text(client.get(reverse("item", args=[KEY]) + "?as_of=2026-02-15"))
    assert "按过去的日期查看，不能办理" in page and "转为“" not in page and "发榜日期" not in page.split("未填")[0]
    assert "GG-2026-001" not in text(client.get(LIST + "?as_of=2026-01-15"))
    assert client.get(reverse("item", args=[KEY]) + "?as_of=2026-01-15").status_code == 404


def test_every_word_has_its_english(ws: Workspace, enter: Any, people: Any) -> None:
    client = enter("viewer")
    item(ws, people("editor"))
    client.post("/language/", {"language": "en", "next": "/"})
    for path in ("/dockets/", LIST, reverse("item", args=[KEY])):
        main = text(client.get(path)).split("Sign out")[-1]
        for word in ("状态", "清单页", "流转", "主责", "本步", "登记", "办理"):
            assert word not in main, (path, word)
