"""A register from a page: a table comes in, its bad rows are shown as sent, it is judged, its changes are seen."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiqun.enterprises import register
from jiqun.ledger.models import Event
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.web.test_firms import DAY, EARLIER, FIRMS, SCRIPT, admin, firm, judged, sign_in, snapshot, text
from tests.web.test_lists import cells, sheet

__all__ = ["admin", "judged", "sign_in"]
HEAD = "统一社会信用代码,企业名称,所属区划,营业收入（万元）"
TABLE = "\n".join(
    [
        HEAD,
        f"{code(1)},昆山甲机械有限公司,昆山市,5000",
        f"{code(2)},吴江乙软件有限公司,吴江区,一千多",  # a cell that cannot be read
        f"{code(3)[:-1]}?,太仓丙有限公司,太仓市,100",  # a code that cannot be trusted
    ]
)


def upload(client: Client, content: str, follow: bool = True, **said: str) -> Any:
    table = SimpleUploadedFile("名册.csv", content.encode())
    sent = {"day": "2023-06-30", "purpose": "administrative", "reason": ""} | said
    return client.post("/firms/import/", sent | {"table": table}, follow=follow)


def test_a_table_comes_in_from_a_page_and_no_row_is_lost(admin: Client, suzhou: Workspace) -> None:
    done = text(upload(admin, TABLE))
    assert "表中 3 行：收入 2 家企业，1 行未收入" in done
    assert "一千多" in done
    page = text(admin.get("/firms/snapshots/2023-06-30/?as_of=today"))  # it was known from today only
    assert "一千多" in page
    assert "太仓丙有限公司" in page
    assert "已收入，坏格记为未知" in page
    out = text(admin.get("/firms/snapshots/2023-06-30/?only=out"))
    assert ("太仓丙有限公司" in out, "吴江乙软件有限公司" in out) == (True, False)
    rows = sheet(admin.get("/firms/snapshots/2023-06-30.xlsx"), "有问题的行")
    assert [(row[1], row[4]) for row in rows[-2:]] == [("已收入", "吴江乙软件有限公司"), ("未收入", "太仓丙有限公司")]
    assert "昆山甲机械有限公司" in text(admin.get("/firms/"))
    assert not list((suzhou.path / "registers").glob(".half-*")), "the upload is not left lying"


def test_a_register_is_judged_from_a_page(admin: Client, suzhou: Workspace) -> None:
    upload(admin, TABLE)
    assert "还没有判定梯度" in text(admin.get("/firms/?as_of=today"))
    done = text(admin.post("/firms/classify/", follow=True))
    assert "2 家企业" in done
    assert "判定完毕" in done
    assert "判定：按 2026-01-05 有效的标准" in text(admin.get("/firms/"))


@pytest.mark.parametrize(
    ("said", "why"),
    [({"day": ""}, "没有写明名册反映哪一天"), ({"day": "2999-01-01"}, "还没有到"),
     ({"purpose": "statistical"}, "没有选定收集用途"), ({"purpose": ""}, "没有选定收集用途")],
)  # fmt: skip
def test_what_is_wrong_with_the_form_is_said(admin: Client, suzhou: Workspace, said: dict[str, str], why: str) -> None:
    before = Event.objects.count()
    answer = upload(admin, TABLE, **said)
    assert (answer.status_code, why in text(answer), Event.objects.count()) == (422, True, before)


def test_a_table_that_is_none_fails_with_its_findings_and_leaves_nothing(admin: Client, suzhou: Workspace) -> None:
    page = text(upload(admin, "甲,乙\n1,2\n"))
    assert "没有找到列：统一社会信用代码、企业名称" in page
    assert register.names(suzhou.path / "registers") == ()
    upload(admin, TABLE)
    assert "请写明理由" in text(upload(admin, TABLE + "\n"))
    assert "收入 2 家企业" in text(upload(admin, TABLE + "\n", reason="补报"))
    assert "这份文件已经导入过" in text(upload(admin, TABLE + "\n", reason="补报"))
    assert "第 2 版" in text(admin.get("/firms/import/?as_of=today"))


# ── changes ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def changed(judged: Workspace) -> Workspace:
    """A year before: firm 1 under its old name, firm 4 in Wujiang; firm 2 goes into firm 1 a year later."""
    later = (
        firm(1, name="企业1精密机械有限公司"), firm(2, area_id="suzhou_wujiang", status="cancelled"),
        firm(4, name=SCRIPT, area_id="suzhou_kunshan"), firm(5, name="企业六十精密机械有限公司"),
    )  # fmt: skip
    snapshot(judged, date(2023, 8, 1), later, Purpose.ADMINISTRATIVE)
    return judged


def test_renames_moves_entries_and_departures_are_seen(admin: Client, changed: Workspace) -> None:
    page = text(admin.get(f"/firms/changes/?since={EARLIER}&until={DAY}"))
    assert "企业1旧名机械有限公司" in page
    assert "企业1精密机械有限公司" in page
    moved = text(admin.get("/firms/changes/?kind=moved"))
    assert "昆山" in moved
    assert "吴江" in moved
    assert code(2) in moved
    assert code(1) not in moved
    assert "存续" in text(admin.get("/firms/changes/?kind=status"))
    rows = sheet(admin.get("/firms/changes.xlsx?kind=left"), "变更")
    assert [row[0] for row in rows if str(row[0]).startswith("91")] == [code(3)]
    assert SCRIPT not in admin.get("/firms/changes/").content.decode()
    assert admin.get("/firms/changes/?since=x&until=y&kind=z").status_code == 200


def test_one_snapshot_shows_no_changes_in_words(admin: Client, suzhou: Workspace) -> None:
    snapshot(suzhou, DAY, FIRMS, Purpose.ADMINISTRATIVE)
    assert "至少要有两天的名册" in text(admin.get("/firms/changes/"))


def test_a_district_sees_changes_of_its_own_firms_and_no_damaged_rows(sign_in: Any, changed: Workspace) -> None:
    client = sign_in("district", area_id="suzhou_wujiang")
    page = text(client.get("/firms/changes/"))
    assert code(2) in page, "it moved here"
    assert code(4) not in page
    assert code(1) not in cells(client.get("/firms/changes.xlsx"))
    assert client.get(f"/firms/snapshots/{DAY}/").status_code == 403
    assert client.get(f"/firms/snapshots/{DAY}.xlsx").status_code == 403
    assert client.get("/firms/import/").status_code == 403


def test_statistical_returns_show_no_changes_and_no_damaged_rows(admin: Client, suzhou: Workspace) -> None:
    for day in (EARLIER, DAY):
        snapshot(suzhou, day, FIRMS, Purpose.STATISTICAL)
    for address in ("/firms/changes/", "/firms/changes.xlsx", f"/firms/snapshots/{DAY}/"):
        assert admin.get(address).status_code == 403, address


def test_invented_firms_move_merge_and_take_new_names() -> None:
    from jiqun import packs
    from jiqun.enterprises import changes, invented, invented_life
    from jiqun.enterprises.columns import columns
    from jiqun.enterprises.invented import Drawing
    from jiqun.enterprises.register import Firms

    city = packs.load("suzhou")

    def drawn(back: int) -> Firms:
        drawing = Drawing(4000, DAY, 2022, seed=7, years_back=back)
        rows = pl.concat(invented_life.lived(frame, city, drawing) for frame in invented.frames(city, drawing))
        return Firms(
            rows.collect().lazy(), columns(city), DAY, 2022, Purpose.ADMINISTRATIVE, Purpose.SERVICE, is_invented=True
        )

    found = dict(changes.changes(drawn(1), drawn(0)).group_by("change").len().iter_rows())
    assert 20 < found["moved"] < 90, "1.2% of some 3,700"
    assert 10 < found["renamed"] < 80
    assert found["merged"] > 0
    assert found["entered"] > found.get("left", 0)


# ── taken back ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_snapshot_imported_by_mistake_is_withdrawn_and_pages_show_the_one_before(
    admin: Client, changed: Workspace
) -> None:
    assert "2023-08-01" in text(admin.get("/firms/changes/"))
    last = "/firms/snapshots/2023-08-01/"
    assert "收错了？" in text(admin.get(last))
    assert admin.post(last + "withdraw/", {"reason": ""}).status_code == 422
    assert admin.post(last + "withdraw/", {"reason": "别市的名册"}).status_code == 302
    assert Event.objects.filter(action="firms.withdrawn").count() == 1
    assert "撤回名册快照" in text(admin.get("/events/"))
    assert admin.get(last).status_code == 404
    assert admin.post(last + "withdraw/", {"reason": "再撤"}).status_code == 404
    assert "2023-08-01" not in text(admin.get("/firms/changes/"))
    assert "已撤回" in text(admin.get("/firms/import/?as_of=today"))
    assert "写明理由" in text(upload(admin, TABLE, day="2023-08-01"))
    assert "收入 2 家企业" in text(upload(admin, TABLE, day="2023-08-01", reason="重新导入"))


def test_verdicts_on_a_withdrawn_snapshot_are_shown_no_more(admin: Client, suzhou: Workspace) -> None:
    upload(admin, TABLE)
    admin.post("/firms/classify/?as_of=today")
    assert "判定：按" in text(admin.get("/firms/?as_of=today"))
    assert admin.post("/firms/snapshots/2023-06-30/withdraw/?as_of=today", {"reason": "误收"}).status_code == 302
    page = text(admin.get("/firms/?as_of=today"))
    assert "昆山甲机械有限公司" not in page
    assert admin.get("/tiers/?as_of=today").status_code == 200


def test_every_page_of_the_register_is_offered_once(admin: Client, changed: Workspace) -> None:
    nav = re.search(r'<nav class="subnav".*?</nav>', admin.get("/firms/").content.decode(), re.DOTALL)
    assert nav
    offered = re.findall(r'href="([^"]+)"', nav[0])
    assert len(offered) == len(set(offered)) >= 8
