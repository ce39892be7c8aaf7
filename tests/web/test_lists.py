"""Published lists on pages: taken in, decided row by row, withdrawn; who lapses, what adds up, who may see which."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiqun import flows
from jiqun.enterprises.membership import Batch
from jiqun.enterprises.spells import Stage
from jiqun.ledger.models import Event
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.web.test_firms import DAY, FIRMS, ON, admin, judged, sign_in, snapshot, text

__all__ = ["admin", "judged", "sign_in"]
NAME = "srdi_sme.recognised.2023.1"
BATCH = Batch("srdi_sme", Stage.RECOGNISED, 2023)
SENT = {
    "tier": "srdi_sme", "stage": "recognised", "year": "2023", "number": "1", "published_on": "2023-06-30",
    "reason": "",
}  # fmt: skip


def take_in(ws: Workspace, folder: Path, rows: str, year: int = 2023, stage: str = "recognised") -> None:
    path = folder / f"{year}{stage}.csv"
    path.write_text(f"企业名称\n{rows}", "utf-8")
    batch = Batch("srdi_sme", Stage(stage), year)
    flows.import_list(ws, path, batch, actor="zhang", published_on=date(year, 6, 30))


@pytest.fixture
def listed(judged: Workspace, tmp_path: Path) -> Workspace:
    """Firm 1 holds by lists of 2020 and 2023, firm 2 by one of 2020 that ran out; one row of 2023 waits."""
    take_in(judged, tmp_path, f"{FIRMS[0]['name']}\n{FIRMS[1]['name']}\n", 2020)
    take_in(judged, tmp_path, f"{FIRMS[0]['name']}\n差一精密机械有限公司\n")
    return judged


def upload(client: Client, content: str, **said: str) -> Any:
    table = SimpleUploadedFile("名单.csv", content.encode())
    return client.post("/firms/lists/import/", SENT | said | {"table": table})


# ── taking in ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_comes_in_from_a_page_and_its_doubtful_row_is_decided_there(admin: Client, judged: Workspace) -> None:
    answer = upload(admin, f"企业名称\n{FIRMS[0]['name']}\n差一精密机械有限公司\n完全没有的公司\n")
    assert "收入 1 家，2 行待定" in text(answer)
    page = text(admin.get(f"/firms/lists/{NAME}/"))
    assert "第 3 行" in page
    assert f'name="row-3" value="{code(2)}"' in page
    assert "名册里没有相近的企业" in page
    before = Event.objects.count()
    done = admin.post(f"/firms/lists/{NAME}/decide/", {"row-3": code(2), "row-4": "none"}, follow=True)
    assert "已决定 2 行，还有 1 行待定" in text(done)
    assert Event.objects.count() == before + 1
    page = text(admin.get(f"/firms/lists/{NAME}/"))
    assert re.search(rf'href="/firms/{code(2)}/#lists"', page)
    assert "经人工核对，不在名册里" in page, "what nobody knows is kept, with what was found out"
    assert "第 2 版" in page


@pytest.mark.parametrize(
    ("said", "why"),
    [({"year": "x"}, "没有写明认定年度"), ({"tier": "none"}, "没有选定称号"), ({"stage": "x"}, "没有选定阶段"),
     ({"published_on": ""}, "没有写明公布日期"), ({"number": "0"}, "批次不是正整数"),
     ({"published_on": "2999-01-01"}, "还没有到")],
)  # fmt: skip
def test_what_is_wrong_with_the_form_is_said_and_nothing_kept(
    admin: Client, judged: Workspace, said: dict[str, str], why: str
) -> None:
    answer = upload(admin, "企业名称\n甲\n", **said)
    assert (answer.status_code, why in text(answer)) == (422, True)
    assert not Event.objects.filter(action__startswith="list.").exists()


def test_all_faults_of_the_form_are_told_at_once(admin: Client, judged: Workspace) -> None:
    page = text(upload(admin, "企业名称\n", year="", tier="", published_on=""))
    assert all(why in page for why in ("没有写明认定年度", "没有选定称号", "没有写明公布日期"))


def test_a_table_without_names_is_refused_with_its_place(admin: Client, judged: Workspace) -> None:
    answer = upload(admin, "序号,说明\n1,无\n")
    assert answer.status_code == 422
    assert "没有找到“企业名称”列" in text(answer)
    assert admin.post("/firms/lists/import/", SENT).status_code == 422


def test_the_same_list_again_needs_a_reason(admin: Client, judged: Workspace) -> None:
    upload(admin, f"企业名称\n{FIRMS[0]['name']}\n")
    assert upload(admin, f"企业名称\n{FIRMS[1]['name']}\n").status_code == 409
    assert "收入 1 家" in text(upload(admin, f"企业名称\n{FIRMS[1]['name']}\n", reason="公布单位更正"))


def test_a_decision_that_cannot_be_is_refused(admin: Client, listed: Workspace) -> None:
    for chosen in ({}, {"row-3": "other", "code-3": "123"}, {"row-99": code(3)}, {"row-3": code(1)}):
        before = Event.objects.count()
        assert admin.post(f"/firms/lists/{NAME}/decide/", chosen).status_code in (400, 409, 422), chosen
        assert Event.objects.count() == before
    assert admin.post("/firms/lists/none/decide/", {"row-3": code(2)}).status_code == 404


def test_a_list_taken_in_by_mistake_is_withdrawn_and_can_be_taken_in_again(admin: Client, listed: Workspace) -> None:
    assert admin.post(f"/firms/lists/{NAME}/withdraw/", {"reason": ""}).status_code == 422
    assert admin.post(f"/firms/lists/{NAME}/withdraw/", {"reason": "不是这一批"}).status_code == 302
    for day in ("today", "2023-08-08"):
        assert admin.get(f"/firms/lists/{NAME}/?as_of={day}").status_code == 404, day
    assert "撤回名单" in text(admin.get("/events/"))
    assert upload(admin, f"企业名称\n{FIRMS[0]['name']}\n").status_code == 409, "it was there once"
    assert "收入 1 家" in text(upload(admin, f"企业名称\n{FIRMS[0]['name']}\n", reason="重新收录"))


def test_a_corrected_list_that_is_withdrawn_holds_on_no_day(admin: Client, listed: Workspace) -> None:
    upload(admin, f"企业名称\n{FIRMS[1]['name']}\n", reason="换过一家")
    assert admin.get(f"/firms/lists/{NAME}/?as_of=2023-08-08").status_code == 200, "as it was known then"
    assert admin.post(f"/firms/lists/{NAME}/withdraw/?as_of=today", {"reason": "不是这一批"}).status_code == 302
    for day in ("today", "2023-08-08"):
        assert admin.get(f"/firms/lists/{NAME}/?as_of={day}").status_code == 404, day


# ── what lists say ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_firm_says_by_which_lists_it_holds_what_until_when(admin: Client, listed: Workspace) -> None:
    one = text(admin.get(f"/firms/{code(1)}/"))
    assert re.search(r"2020-06-30<br><span[^>]*>2026-06-30 失效", one), "renewed on the day it ran out: one stretch"
    assert "2020年认定名单" in one
    assert "2023年认定名单" in one
    two = text(admin.get(f"/firms/{code(2)}/"))
    assert re.search(r"2023-06-30 失效</span></td><td[^>]*><span[^>]*>已到期", two)


def test_who_lapses_is_listed_by_month_with_how_it_stands(admin: Client, listed: Workspace) -> None:
    page = text(admin.get("/firms/due/?as_of=2023-05-01"))
    assert code(2) in page, "the list of 2023 was not known yet"
    assert code(1) in page
    page = text(admin.get("/firms/due/?as_of=2023-08-08&ahead=12"))
    assert code(1) not in page
    page = text(admin.get("/firms/due/?as_of=2023-08-08&ahead=36"))
    assert "2026年6月" in page
    assert "2026-06-29" in page, "the last day on which it holds"
    assert re.search(r'answer--meets" href="[^"]*">符合', page)
    assert code(1) not in text(admin.get("/firms/due/?as_of=2023-08-08&ahead=36&answer=fails"))
    rows = sheet(admin.get("/firms/due.xlsx?as_of=2023-08-08&ahead=36"), "到期")
    assert [row[4] for row in rows if row[2] == "专精特新中小企业"] == [code(1)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 3, 1]),  # 2024, 2025, 2026
        ("&sort=-day", [1, 3, 2]),
        ("&sort=name", [1, 3, 2]),  # 企, 吴, 差 by their numbers in Unicode
        ("&sort=-name", [2, 3, 1]),
        ("&sort=area", [2, 1, 3]),
        ("&sort=-area", [3, 2, 1]),
        ("&sort=none", [2, 3, 1]),
        ("&q=软件", [3]),
        ("&q=" + code(1).lower(), [1]),
        ("&q=没有", []),
    ],
)
def test_who_lapses_is_sorted_and_searched_on_the_page_and_in_its_workbook(
    admin: Client, judged: Workspace, tmp_path: Path, query: str, found: list[int]
) -> None:
    for number, year in ((2, 2021), (3, 2022), (1, 2023)):
        take_in(judged, tmp_path, FIRMS[number - 1]["name"], year)
    asked = f"as_of=2023-08-08&ahead=36{query}"
    page = admin.get(f"/firms/due/?{asked}").content.decode()
    assert re.findall(r'href="/firms/(\w{18})/#lists"', page) == [code(number) for number in found]
    rows = sheet(admin.get(f"/firms/due.xlsx?{asked}"), "到期")
    assert [row[4] for row in rows if row[2] == "专精特新中小企业"] == [code(number) for number in found]
    if found:
        assert len(re.findall(r'<th scope="col"[^>]*><a href="[^"]*sort=', page)) == 5
        assert "ahead=36" in re.findall(r'<th scope="col"[^>]*><a href="([^"]*)"', page)[0], (
            "the rest of the address is kept"
        )


def test_the_way_up_counts_each_firm_at_its_furthest_step(admin: Client, listed: Workspace, tmp_path: Path) -> None:
    take_in(listed, tmp_path, f"{FIRMS[2]['name']}\n", 2022, "pooled")
    page = text(admin.get("/tiers/srdi_sme/pipeline/"))
    assert "2023-08-08" in page
    rows = sheet(admin.get("/tiers/srdi_sme/pipeline.xlsx"), "各阶段")
    # pooled, cultivated, recognised, re-checked at the end of 2020, 2021, 2022 and on the day
    assert [list(row[1:5]) for row in rows[-4:]] == [[0, 0, 2, 0], [0, 0, 2, 0], [1, 0, 2, 0], [1, 0, 0, 1]]
    moves = {tuple(row[2:5]) for row in sheet(admin.get("/tiers/srdi_sme/pipeline.xlsx"), "流动")}
    assert ("认定", "不在任何阶段", 1) in moves
    assert "还没有收录名单" in text(admin.get("/tiers/hnte/pipeline/"))


@pytest.fixture
def untitled(suzhou: Workspace) -> Workspace:
    """The firms of the register, none of which says that it has a title."""
    snapshot(suzhou, DAY, tuple({**each, "titles": []} for each in FIRMS), Purpose.ADMINISTRATIVE)
    flows.classify_firms(suzhou, ON, actor="zhang")
    return suzhou


def tiles(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'score__n">(\d+)<', page)]


def test_the_tiles_of_the_candidates_part_all_firms_and_agree_with_the_tier(admin: Client, listed: Workspace) -> None:
    """Firm 1 holds by lists, firm 2 no longer; the register says that 4, of which no list speaks, holds; 2 and 3 hang
    on points that are not known."""
    page = text(admin.get("/tiers/srdi_sme/candidates/"))
    assert tiles(page) == [0, 2, 2, 0], "可列入、待补资料、已有称号、不符合"
    assert "合计 4 家在册企业" in page
    assert "已有称号的 2 家，按现行标准符合 1 家、未知 0 家、不符合 1 家" in page
    tier = text(admin.get("/tiers/srdi_sme/"))
    assert "在册 4 家 = 符合而还没有称号 0 + 已有称号 2 + 没有称号、资料不全 2 + 没有称号、不符合 0" in tier
    held = admin.get("/firms/?tier=srdi_sme&answer=holds").content.decode()
    assert sorted(set(re.findall(r'href="/firms/(\w{18})/"', held))) == sorted([code(1), code(4)])
    for answer, number in (("open", 3), ("holding", 4), ("open", 2)):
        assert code(number) in text(admin.get(f"/tiers/srdi_sme/candidates/?answer={answer}")), answer


def test_candidates_have_the_clauses_they_rest_on_and_become_a_list(admin: Client, untitled: Workspace) -> None:
    page = admin.get("/tiers/srdi_sme/candidates/")
    assert code(1) in page.content.decode()
    assert code(2) in admin.get("/tiers/srdi_sme/candidates/?answer=open").content.decode()
    assert "从事细分市场年限" in text(page)
    rows = sheet(admin.get("/tiers/srdi_sme/candidates.xlsx"), "可列入")
    assert [row[0] for row in rows if str(row[0]).startswith("91")] == [code(1)]
    sent = {"stage": "cultivated", "reason": "免申即享"}
    assert admin.post("/tiers/srdi_sme/candidates/admit/", {"stage": "revoked", "reason": "x"}).status_code == 422
    assert admin.post("/tiers/srdi_sme/candidates/admit/", {"stage": "cultivated"}).status_code == 422
    address = admin.post("/tiers/srdi_sme/candidates/admit/", sent).url
    page = text(admin.get(f"{address}?as_of=today"))
    assert "2022 版" in page
    assert "从事细分市场年限" in page
    assert "2022 版准入" in text(admin.get(f"/firms/{code(1)}/"))


def test_each_decision_says_its_clauses_with_figure_and_threshold(admin: Client, untitled: Workspace) -> None:
    """Firm 1: 1200万元 of research in each of two years of 2.4亿元; of firm 2 nobody has given the points yet."""
    page = re.sub(r"<[^>]+>", "", text(admin.get("/tiers/srdi_sme/candidates/")))
    assert "研发费用两年平均（近两年均值）：1,200 万元 不低于 1,000 万元" in page
    book = admin.get("/tiers/srdi_sme/candidates.xlsx")
    each = {row[2]: row[3:6] for row in sheet(book, "逐条依据") if row[0] == code(1)}
    assert each["研发费用两年平均（近两年均值）"] == ("1,200 万元", "不低于 1,000 万元", None)
    one = next(row for row in sheet(book, "可列入") if row[0] == code(1))
    assert "研发费用两年平均（近两年均值）：1,200 万元（不低于 1,000 万元）" in one[5]
    waits = re.sub(r"<[^>]+>", "", text(admin.get("/tiers/srdi_sme/candidates/?answer=open")))
    assert re.search(r"评分：[\d.]+—[\d.]+ 分 须达到 60 分", waits)
    rows = [
        row for row in sheet(admin.get("/tiers/srdi_sme/candidates.xlsx?answer=open"), "逐条依据") if row[0] == code(3)
    ]
    assert ("营业收入（上年度）", "未知", "不低于 1,000 万元", "营业收入") in {row[2:6] for row in rows}


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_district_sees_rows_of_its_own_firms_only(sign_in: Any, listed: Workspace) -> None:
    client = sign_in("district", area_id="suzhou_wujiang")
    addresses = (
        "/firms/lists/", f"/firms/lists/{NAME}/", f"/firms/lists/{NAME}.xlsx", "/firms/due/?ahead=36",
        "/firms/due.xlsx", "/tiers/srdi_sme/pipeline/", "/tiers/srdi_sme/candidates/",
        "/tiers/srdi_sme/candidates/?answer=open",
    )  # fmt: skip
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        said = cells(answer) if ".xlsx" in address else text(answer)
        assert not any(code(number) in said or str(FIRMS[number - 1]["name"]) in said for number in (1, 2)), address
    assert "差一精密机械" not in text(client.get(f"/firms/lists/{NAME}/")), "nobody knows of which area an open row is"
    assert client.post(f"/firms/lists/{NAME}/withdraw/", {"reason": "x"}).status_code == 403


def test_lists_beside_statistical_returns_are_refused(admin: Client, suzhou: Workspace) -> None:
    snapshot(suzhou, DAY, FIRMS, Purpose.STATISTICAL)
    for address in ("/firms/lists/", "/firms/due/", "/firms/counts/", "/tiers/srdi_sme/candidates/"):
        answer = admin.get(address)
        assert (answer.status_code, "统计" in text(answer)) == (403, True), address
    assert upload(admin, "企业名称\n甲\n").status_code == 403
    assert admin.post("/firms/counts/count/").status_code == 403


def sheet(answer: Any, name: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(answer.content))[name].iter_rows(values_only=True))


def cells(answer: Any) -> str:
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return " ".join(str(value) for page in book for row in page.iter_rows(values_only=True) for value in row)
