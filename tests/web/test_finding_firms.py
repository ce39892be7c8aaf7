"""Firms are found from everywhere a person would look, and lists lead on and back."""

from __future__ import annotations

import io
import re
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import openpyxl
from django.test import Client

from jiqun.reports import firm_workbooks
from jiqun.reports.paging import Paging, cut
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.web.conftest import suzhou
from tests.web.test_firms import admin, judged, listed, sign_in, text

__all__ = ["admin", "judged", "sign_in", "suzhou"]


def test_the_search_of_the_whole_site_finds_firms_by_name_and_code(admin: Client, judged: Workspace) -> None:
    assert listed(admin.get("/search/?q=吴江软件")) == [code(3)]
    answer = admin.get(f"/search/?q={code(2)}")
    assert listed(answer) == [code(2)]
    assert "在企业库中看全部 1 家" in text(answer)


def test_the_search_shows_no_firm_to_who_may_not_read_it(sign_in: Any, judged: Workspace) -> None:
    assert listed(sign_in("viewer").get("/search/?q=软件")) == []
    district = sign_in("district", area_id="suzhou_kunshan")
    assert listed(district.get("/search/?q=有限公司")) == [code(1), code(2)]


def test_a_code_that_is_not_there_leads_back_to_the_register(admin: Client, judged: Workspace) -> None:
    answer = admin.get(f"/firms/{code(99)}/")
    assert answer.status_code == 404
    assert re.search(r'<a class="button button--main" href="/firms/">回到“企业”', text(answer))


def test_a_long_list_is_turned_by_a_step_and_shows_where_numbers_are_left_out() -> None:
    _, paging = cut(range(1000), 10, 50)
    assert (paging.near, paging.before, paging.after) == ((1, 0, 8, 9, 10, 11, 12, 0, 20), 9, 11)
    assert (Paging(1, 1, 3, 1, 3).before, Paging(1, 1, 3, 1, 3).after) == (0, 0)
    assert Paging(4, 7, 350, 151, 200).near == (1, 2, 3, 4, 5, 6, 7)


def test_the_tier_of_size_classes_counts_firms_by_area(admin: Client, judged: Workspace) -> None:
    page = text(admin.get("/tiers/size_class/"))
    # 工业, 120 people: firms 1 and 2 with 2.4 亿元 are 小型 by their people, firm 4 with 500 万元 too; of firm 3 the
    # revenue is not known
    total = re.search(r"合计</strong></th>(.*?)</tr>", page)
    assert total and re.findall(r">(\d+)<", total[1]) == ["0", "0", "3", "0", "1", "4"]
    assert 'href="/firms/?size=2&amp;area=suzhou_kunshan">2</a>' in page
    assert listed(admin.get("/firms/?size=2&area=suzhou_kunshan")) == [code(1), code(2)]
    assert re.search(r'工业</th><td>职工总数（人）</td><td class="n">1,000</td>', page)


def test_clauses_for_other_firms_are_folded_away(admin: Client, judged: Workspace) -> None:
    page = text(admin.get(f"/firms/{code(3)}/"))
    part = page[page.index('id="t-gyse"') :]
    part = part[: part.index("</details></div>") if "</details></div>" in part else None]
    assert re.search(r"<summary>另有 \d+ 条不适用</summary>", part)
    assert "规模以上工业企业" not in part[: part.index("条不适用")].split("</summary>", 1)[1]


def test_a_rule_says_titles_and_conditions_in_words(admin: Client, judged: Workspace) -> None:
    page = text(admin.get("/tiers/srdi_sme/"))
    assert "<strong>不低于 2,000 万元（营业收入低于 1,000 万元）</strong>" in page
    page = text(admin.get("/tiers/little_giant/"))
    assert "已有的层级称号：<strong>属于 专精特新中小企业</strong>" in page
    assert "srdi_sme、" not in page


def test_a_firm_with_many_ways_in_tells_three_and_their_number(admin: Client, judged: Workspace) -> None:
    page = text(admin.get(f"/firms/{code(4)}/"))
    ways = re.search(r'id="t-innovative_sme".*?<span class="standing__why">(.*?)</span>', page)
    assert ways and ways[1].count("或者") <= 2


def test_a_workbook_names_the_year_the_unit_and_the_day_it_looks_back_from(admin: Client, judged: Workspace) -> None:
    book = openpyxl.load_workbook(io.BytesIO(admin.get("/firms.xlsx").content))
    heads = [cell.value for cell in book["企业"][2]]
    assert heads[5:7] == ["2022年营业收入（万元）", "职工总数（人）"]
    told = {row[0].value: row[1].value for row in book["说明与来源"].iter_rows()}
    assert told["截至"].startswith("2023-08-08")


def test_a_citys_name_is_said_once_in_a_title() -> None:
    book = SimpleNamespace(
        is_invented=False, snapshot_day=date(2023, 7, 1), view=SimpleNamespace(city=SimpleNamespace(name="云川市"))
    )
    assert firm_workbooks.title(cast(Any, book), "云川市“瞪羚”名单") == "云川市“瞪羚”名单（2023-07-01 的名册）"
    assert firm_workbooks.title(cast(Any, book), "企业库") == "云川市企业库（2023-07-01 的名册）"
