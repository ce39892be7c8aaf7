"""Where computed bottlenecks meet the items kept for them; and a second docket that is YAML alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from urllib.parse import quote

import openpyxl
import pytest
from django.test import Client

from jiqun.flows.demo_items import play_items
from jiqun.ledger import store
from jiqun.ledger.models import Event
from jiqun.records.models import DocketItem, stands
from jiqun.workspace import Workspace
from tests.web.conftest import signing_in

LIST, ENCODER = "/chains/bottlenecks/?chain=machine_tool", "machine_tool/mt_encoder/高精度光栅尺"


@pytest.fixture
def enter(suzhou: Workspace) -> Callable[..., Client]:
    return signing_in(suzhou)


def row_of(client: Client, words: str) -> str:
    html = client.get(LIST).content.decode()
    return next(row for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL) if f">{words}<" in row)


def test_a_computed_bottleneck_opens_an_item_with_one_click_and_shows_it_afterwards(enter) -> None:
    admin = enter("city_admin")
    assert "立项" in row_of(admin, "高精度光栅尺")
    assert "未立项" in row_of(enter("viewer"), "高精度光栅尺")
    path = f"/dockets/bottlenecks/new/?as_of=today&from={quote(ENCODER)}"
    assert path.replace("&", "&amp;") in row_of(admin, "高精度光栅尺")
    form = admin.get(path).content.decode()
    assert 'value="高精度光栅尺"' in form
    assert re.search(r'<option value="machine_tool/mt_encoder" selected>', form)
    assert "已按产业链推算的短板填好" in form
    answer = admin.post("/dockets/bottlenecks/new/", {
        "from": ENCODER, "f-name": "高精度光栅尺", "f-node": "machine_tool/mt_encoder", "f-kind": "product",
        "f-lead": "sz_miit",
    })  # fmt: skip
    assert answer.status_code == 302
    item = stands(DocketItem).get()
    assert item.origin == f"chain_bottlenecks:{ENCODER}"
    row = row_of(admin, "高精度光栅尺")
    assert item.number in row and "征集" in row and "市工信局" in row and "立项</a>" not in row
    assert item.number in admin.get("/chains/machine_tool/mt_encoder/").content.decode()
    shown = admin.get(answer.url).content.decode()
    assert "产业链推算" in shown and "本地状态" in shown
    content = admin.get("/chains/bottlenecks.xlsx").content
    cells = {str(cell.value) for line in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0] for cell in line}
    assert {item.number, "征集", "市工信局"} <= cells


def test_a_made_up_bottleneck_fills_nothing(enter) -> None:
    form = enter("city_admin").get("/dockets/bottlenecks/new/?from=none/none/none").content.decode()
    assert "已按产业链推算的短板填好" not in form


def test_stale_evidence_is_flagged_on_the_items_page(suzhou: Workspace, enter) -> None:
    admin = enter("city_admin")
    key = "machine_tool/mt_soft/核心工业软件"
    fields = {"from": key, "f-name": "核心工业软件", "f-node": "machine_tool/mt_soft", "f-kind": "software"}
    shown = admin.get(admin.post("/dockets/bottlenecks/new/", fields).url).content.decode()
    assert "已经过期" in shown, "its source is of 2018"


def test_the_demo_items_are_played_marked_and_found_on_the_chain(suzhou: Workspace, enter) -> None:
    assert play_items(suzhou, actor="demo") == len(suzhou.city.invented_items) == 6
    before = Event.objects.count()
    assert play_items(suzhou, actor="demo") == 6
    assert Event.objects.count() == before, "played once"
    assert all(row.is_invented for row in stands(DocketItem))
    viewer = enter("viewer")
    assert viewer.get("/dockets/bottlenecks/").content.decode().count("演示数据") >= 7
    assert "KBZ-2022-001" in row_of(viewer, "高端数控系统")
    users = {row.actor for row in DocketItem.objects.all()}
    assert users == {"demo_office", "demo_sz_miit", "demo_sz_stb"}


def test_a_second_docket_is_kept_by_what_its_file_says_alone(suzhou: Workspace, enter) -> None:
    district = enter("district", area_id="suzhou_wujiang")
    fields = {"f-name": "数控产线改造", "f-kind": "factory", "f-needs": "三条产线换用国产系统"}
    answer = district.post("/dockets/scenes/new/", fields)
    assert answer.status_code == 302
    item = stands(DocketItem).get()
    assert (item.number, item.owner_kind, item.owner_id) == ("CJ-2026-001", "area", "suzhou_wujiang")
    other = enter("department", body_id="sz_miit")
    assert other.get("/dockets/scenes/new/").status_code == 403, "open to the city and districts only"
    move = f"/items/{quote(item.key)}/move/"
    assert district.post(move, {"step": "publish"}).status_code == 403
    admin = enter("city_admin")
    given = {"step": "publish", "f-published_on": "2023-08-08", "f-closes_on": "2023-09-30"}
    assert admin.post(move, given).status_code == 302
    given = {"step": "match", "f-builders": "演示系统公司", "f-due_on": "2024-06-30"}
    assert admin.post(move, given).status_code == 403
    assert district.post(move, given).status_code == 302
    assert store.current(DocketItem, item.key).state == "building"
    assert "建设" in enter("respondent", respondent_id="F1").get("/dockets/scenes/").content.decode()
