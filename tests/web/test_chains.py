"""Chains on pages: maps, links, lists, who may know how many firms, and what a hostile address gets."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from jiqun import flows, workspace
from jiqun.enterprises import register
from jiqun.enterprises.invented import Drawing
from jiqun.enterprises.membership import Batch
from jiqun.enterprises.spells import Stage as Listed
from jiqun.industry.chains.states import State
from jiqun.ledger.models import Event
from jiqun.model.purposes import Purpose
from jiqun.packs.schema.chains import Chain
from jiqun.reports.chain_drawing import Box, Stage, draw, draw_folded, short, standing
from jiqun.reports.chainbook import SEGMENT_LABELS, withheld
from jiqun.workspace import Workspace
from tests.web.conftest import signing_in

DAY = date(2023, 7, 1)


@pytest.fixture
def placed_firms(suzhou: Workspace) -> Workspace:
    flows.draw_firms(suzhou, [Drawing(600, DAY, 2022)], actor="zhang")
    flows.place_firms(suzhou, DAY, actor="zhang", reason="测试")
    return suzhou


@pytest.fixture
def enter(placed_firms: Workspace) -> Callable[..., Client]:
    return signing_in(placed_firms)


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def test_every_chain_has_a_map_with_all_its_links(enter: Callable[..., Client], placed_firms: Workspace) -> None:
    client = enter("city_admin")
    listed = text_of(client, "/chains/")
    for chain in placed_firms.city.chains.values():
        assert f"/chains/{chain.id}/" in listed
        drawn = text_of(client, f"/chains/{chain.id}/")
        assert drawn.count("data-link=") == len(chain.nodes)
        assert "style=" not in re.search(r"<svg.*?</svg>", drawn, re.DOTALL).group(0)


def test_evidence_later_than_the_page_is_told_and_has_the_source_of_its_own_day(enter: Callable[..., Client]) -> None:
    client = enter("city_admin")
    then, now = (text_of(client, f"/chains/robot/rb_lidar/?as_of={day}") for day in ("2017-06-30", "2027-01-01"))
    assert "晚于本页日期" in then and "晚于本页日期" not in now
    assert "2018-12-31" in now and "亟待攻克的核心技术" in now


def test_filters_dim_and_never_remove(enter: Callable[..., Client]) -> None:
    client = enter("city_admin")
    drawn = text_of(client, "/chains/robot/?segment=upstream&q=减速器")
    assert drawn.count("data-link=") == 25
    assert drawn.count("is-dim") == 23
    assert text_of(client, "/chains/robot/?state=none&area=<x>&segment=x").count("data-link=") == 25


def test_a_link_tells_why_and_who(enter: Callable[..., Client]) -> None:
    page = text_of(enter("city_admin"), "/chains/robot/rb_ind/")
    assert "工业机器人" in page and "家有梯度称号" in page and "（演示）" in page
    assert "/firms/91329900" in page


def test_titles_on_chains_are_those_held_on_the_day(
    enter: Callable[..., Client], placed_firms: Workspace, tmp_path: Path
) -> None:
    """Every firm of the link that the register calls 高企 stands on a list that struck it off."""
    client = enter("city_admin")
    before = text_of(client, f"/chains/robot/rb_ind/?as_of={DAY}")
    codes = sorted(set(re.findall(r"/firms/(91329900\w+)/", before)))
    assert "高新技术企业" in before
    book = register.open(placed_firms.path / "registers", register.MAIN)
    rows = register.read(book, placed_firms.city, purpose=Purpose.SERVICE).rows.select("uscc", "name").collect()
    names = dict(rows.iter_rows())
    table = tmp_path / "list.csv"
    table.write_text("\n".join(["统一社会信用代码,企业名称", *(f"{code},{names[code]}" for code in codes)]), "utf-8")
    struck = Batch("hnte", Listed.REVOKED, 2023)
    flows.import_list(placed_firms, table, struck, actor="zhang", published_on=date(2023, 6, 30))
    after = text_of(client, f"/chains/robot/rb_ind/?as_of={DAY}")
    assert sorted(set(re.findall(r"/firms/(91329900\w+)/", after))) == codes
    assert "高新技术企业" not in after


def test_a_reader_without_firms_sees_states_and_no_firm(enter: Callable[..., Client]) -> None:
    client = enter("viewer")
    page = text_of(client, "/chains/robot/rb_ind/")
    assert "本账号不能查看单个企业" in page
    for path in ("/chains/robot/rb_ind/", "/chains/robot/", "/chains/gaps/", "/chains/bottlenecks/"):
        told = text_of(client, path)
        assert "（演示）" not in told and "/firms/91329900" not in told, path
        for threshold in ("不足 1 家", "达到 1 家", "1—2 家"):  # of a rule, or a number that is withheld
            told = told.replace(threshold, "")
        assert not re.search(r"\b[12] 家", told), path


def test_a_district_sees_the_firms_of_its_own(enter: Callable[..., Client], placed_firms: Workspace) -> None:
    whole = set(re.findall(r"/firms/(91329900\w+)/", text_of(enter("city_admin"), "/chains/machine_tool/mt_d_mold/")))
    own = enter("district", area_id="suzhou_kunshan")
    some = set(re.findall(r"/firms/(91329900\w+)/", text_of(own, "/chains/machine_tool/mt_d_mold/")))
    assert some and some < whole
    for code in some:
        assert own.get(f"/firms/{code}/").status_code == 200
    for code in list(whole - some)[:3]:
        assert own.get(f"/firms/{code}/").status_code == 404


def test_lists_sort_filter_and_go_to_excel(enter: Callable[..., Client]) -> None:
    client = enter("city_admin")
    assert "谐波" in text_of(client, "/chains/bottlenecks/?chain=robot&sort=item")
    told = text_of(client, "/chains/gaps/?chain=robot&state=missing&sort=way")
    assert "st--missing" in told and "st--weak" not in told.split("<tbody>")[1]
    for path, head in (("/chains/gaps.xlsx?chain=robot", "产业链"), ("/chains/bottlenecks.xlsx", "短板")):
        book = openpyxl.load_workbook(io.BytesIO(client.get(path).content))
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        assert "演示数据" in str(rows[0][0])
        assert any(row[0] == head for row in rows) and len(rows) > 10


def candidates_of(client: Client, path: str) -> dict[str, list[str]]:
    """Link → the codes of the firms proposed for it, of each row of a page of the list."""
    rows = re.findall(r"<tr>(.*?)</tr>", text_of(client, path).split("<tbody>")[1], re.DOTALL)
    return {
        re.findall(r"/chains/\w+/(\w+)/", row)[0]: re.findall(r"/firms/(\w+)/", row) for row in rows
    }  # fmt: skip


def test_a_missing_link_has_firms_to_ask_though_none_does_it(enter: Callable[..., Client]) -> None:
    client = enter("city_admin")
    missing = candidates_of(client, "/chains/gaps/?state=missing&chain=robot")
    assert missing and all(missing.values()), missing
    link = next(iter(missing))
    page = text_of(client, f"/chains/robot/{link}/")
    assert "可培育、可引进的企业" in page and all(f"/firms/{code}/" in page for code in missing[link])
    assert "现做" in page
    cells = openpyxl.load_workbook(io.BytesIO(client.get("/chains/gaps.xlsx?chain=robot").content)).worksheets[0]
    head, *rows = [row for row in cells.iter_rows(values_only=True) if row[4] is not None]
    column = head.index("可培育、可引进的企业（本地在前）")
    assert all("现做" in str(row[column]) for row in rows if row[3] == "缺")


def test_a_district_is_shown_its_own_candidates_and_a_reader_without_firms_none(enter: Callable[..., Client]) -> None:
    path = "/chains/gaps/?state=missing&chain=robot"
    own = enter("district", area_id="suzhou_kunshan")
    told = {code for codes in candidates_of(own, path).values() for code in codes}
    assert told and all(own.get(f"/firms/{code}/").status_code == 200 for code in told)
    assert not any(candidates_of(enter("viewer"), path).values())


def test_looking_writes_nothing_and_strange_addresses_are_told(enter: Callable[..., Client]) -> None:
    client = enter("city_admin")
    before = Event.objects.count()
    for path in ("/chains/none/", "/chains/robot/none/", "/chains/%3Cscript%3E/"):
        assert client.get(path).status_code == 404
    for path in ("/chains/gaps/?sort=%27&way=<b>&chain=nothing", "/chains/robot/?focus=%27%22&q=<script>"):
        assert "<script>alert" not in text_of(client, path)
    assert Event.objects.count() == before


def test_firms_are_placed_from_the_page_and_again_once_there_is_a_newer_register(
    suzhou: Workspace, placed_firms: Workspace
) -> None:
    sign_in = signing_in(placed_firms)
    client = sign_in("city_admin")
    assert "还没有归到环节" not in text_of(client, "/chains/")
    newer = date(2023, 8, 1)
    flows.draw_firms(suzhou, [Drawing(50, newer, 2022)], actor="zhang")
    told = text_of(client, "/chains/")
    assert "2023-08-01 的名册还没有归到环节" in told and "名册：2023-07-01" in told
    assert "还没有归到环节" not in text_of(sign_in("viewer"), "/chains/")
    client.force_login(get_user_model().objects.get(username="city_admin"))
    done = client.post("/chains/place/", follow=True).content.decode()
    assert "50 家企业" in done and "归到了环节" in done
    told = text_of(client, "/chains/")
    assert "名册：2023-08-01，50 家企业" in told and "还没有归到环节" not in told
    assert "此前已归链" in client.post("/chains/place/", follow=True).content.decode()
    event = Event.objects.filter(action="firms.placed").order_by("-sequence").first()
    assert event is not None and event.actor == "city_admin"


def test_without_a_register_everything_is_unknown(suzhou: Workspace) -> None:
    client = signing_in(suzhou)("city_admin")
    drawn = text_of(client, "/chains/robot/")
    assert "还没有企业名册" in drawn
    assert drawn.count("chainmap__link--unknown") == 25
    assert "没有可以查找的企业名册" in text_of(client, "/chains/robot/rb_ind/")


@pytest.fixture
def large(placed_firms: Workspace, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Workspace]:
    """The workspace with one chain more, `large`, of that many links in ten layers, one feeding the next."""

    def made(links: int) -> Workspace:
        segments = ("upstream", "midstream", "downstream", "support")
        nodes = [
            {"id": f"n{at}", "segment": segments[at % 10 // 3], "name": f"环节{at}",
             "feeds_ids": [f"n{at + 1}"] if at % 10 < 9 else []}
            for at in range(links)
        ]  # fmt: skip
        chain = Chain.model_validate({"id": "large", "name": "大链", "nodes": nodes})
        city = replace(placed_firms.city, chains={**placed_firms.city.chains, "large": chain}, digest=f"large {links}")
        ws = replace(placed_firms, city=city)
        monkeypatch.setattr(workspace, "_opened", ws)
        return ws

    return made


def test_a_chain_too_large_to_draw_is_folded_and_shows_a_part(
    enter: Callable[..., Client], large: Callable[[int], Workspace]
) -> None:
    client = enter("city_admin")
    large(1000)
    page = text_of(client, "/chains/large/?focus=n14")
    part = re.search(r"<svg[^>]*data-chainmap.*?</svg>", page, re.DOTALL)
    assert part and re.findall(r'data-link="(\w+)"', part[0]) == [f"n{at}" for at in range(10, 20)]
    assert len(re.findall(r"segment=(\w+)&amp;layer=(\d+)", page)) == 10
    listed = text_of(client, "/chains/large/?segment=upstream&layer=1")
    assert listed.split('id="found"')[1].count("?focus=n") == 60 and "共 100 个" in listed
    told = client.get("/chains/large/map.json?segment=upstream&layer=1").json()
    assert len(told["ids"]) == 1000 and told["dim"].count("0") == 100 and len(told["from"]) == 900
    assert len({(x, y) for x, y in zip(told["left"], told["top"], strict=True)}) == 1000
    assert set(told["state"]) <= set("0123")
    assert client.get("/chains/none/map.json").status_code == 404


def test_numbers_for_the_drawing_are_withheld_as_on_the_page(enter: Callable[..., Client]) -> None:
    exact = enter("city_admin").get("/chains/robot/map.json").json()["firms"]
    told = enter("viewer").get("/chains/robot/map.json").json()["firms"]
    assert {"1", "2"} & set(exact)
    assert told == ["1—2" if count in ("1", "2") else count for count in exact]


# --- the drawing


def box(id_: str, segment: str = "upstream", layer: int = 0, name: str = "环节") -> Box:
    return Box(id_, name, segment, layer, State.WEAK, "弱", "说明")


def test_links_that_feed_each_other_stand_side_by_side() -> None:
    boxes = [box("a"), box("b"), box("c", "midstream", 1), box("d", "midstream", 1)]
    # crossed as listed: a feeds d, b feeds c
    where = standing(boxes, [("a", "d", "feeds"), ("b", "c", "feeds")], SEGMENT_LABELS)
    a, b, c, d = where.top
    assert (a < b) == (d < c)
    assert where.left[0] < where.left[2]


def test_edges_that_need_not_cross_do_not() -> None:
    # a complete matching listed in reverse, and a link two columns on
    boxes = [box(f"a{at}") for at in range(5)] + [box(f"b{at}", "midstream") for at in range(5)] + [box("c", "support")]
    edges = [(f"a{at}", f"b{4 - at}", "feeds") for at in range(5)] + [("b2", "c", "feeds")]
    where = standing(boxes, edges, SEGMENT_LABELS)
    order = [int(y) for y in where.top[:5]]
    assert sorted(order) == sorted(int(y) for y in where.top[5:10])
    assert [int(where.top[9 - at]) for at in range(5)] == order


def test_boxes_never_overlap_and_tall_columns_are_parted() -> None:
    boxes = [box(f"n{at}") for at in range(300)]
    where = standing(boxes, [], SEGMENT_LABELS)
    assert len(set(zip(where.left.tolist(), where.top.tolist(), strict=True))) == 300
    assert where.height < 1600


def test_what_is_drawn_is_escaped() -> None:
    evil = box('"><script>alert(1)</script>', name="<b>&")
    for svg in (
        draw([evil], [], standing([evil], [], SEGMENT_LABELS), lambda id_: f"/x?{id_}", "<t>"),
        draw_folded(
            [Stage("upstream", 0, {State.WEAK: 1})], {"upstream": "<b>"}, lambda _: '"><script>', "<t>", "<b>%d"
        ),
    ):
        assert "<script>" not in svg and "<b>" not in svg and "<t>" not in svg


def test_long_names_are_cut_by_width() -> None:
    assert short("工业机器人本体") == "工业机器人本体"
    assert short("多轴联动控制器与编程软件系统") == "多轴联动控制器与编…"


def test_one_withheld_number_hides_a_second() -> None:
    assert withheld({"a": 9, "b": 5, "c": 2}, 3) == {"b", "c"}
    assert withheld({"a": 9, "b": 1, "c": 2}, 3) == {"b", "c"}
    assert withheld({"a": 9, "b": 0}, 3) == set()
