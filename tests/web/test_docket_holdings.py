"""Items of dockets beside other things: pages of bodies and areas, the first page, search, the JSON API."""

from __future__ import annotations

from typing import Any

import pytest

from jiqun import flows, packs
from jiqun.packs.checks.dockets import _misfit
from jiqun.packs.schema.dockets import DocketField
from jiqun.workspace import Workspace
from tests.records.conftest import Day, day, people, pingchuan, ws
from tests.records.test_items import POSTED, cells, item
from tests.web.conftest import signing_in
from tests.web.test_dockets import KEY, enter, text

__all__ = ["day", "enter", "people", "pingchuan", "ws"]


@pytest.fixture
def two(ws: Workspace, people: Any, day: Day) -> None:
    """One item of 市科技局 that 市工信局 helps with, overdue by a week; one of 市工信局, put out, in time."""
    editor = people("editor")
    item(ws, editor, lead="kjj", partners="市工信局", firms="甲厂")
    day.set("2026-02-20")
    other = item(ws, editor, name="五轴车床", node="车床", lead="gxj")
    flows.move_item(ws, other.key, "post", cells(**POSTED), user=editor)
    day.set("2026-03-10")


def test_a_body_has_the_items_it_owns_and_helps_with(two: None, enter: Any) -> None:
    client = enter("editor")
    page = client.get("/bodies/kjj/")
    shown = text(page)
    assert "攻关清单" in shown and "高精导轨" in shown and "超期 7 天" in shown and "五轴车床" not in shown
    assert "/dockets/matters/?owner=kjj" in page.content.decode()
    shown = text(client.get("/bodies/gxj/"))
    assert shown.index("五轴车床") < shown.index("高精导轨"), "its own before those it helps with"
    assert "配合 · 主责 市科技局" in shown and "在办 2" in shown


def test_firms_that_report_see_no_items_anywhere(two: None, enter: Any) -> None:
    client = enter("F1")
    assert "高精导轨" not in text(client.get("/bodies/kjj/"))
    assert "高精导轨" not in text(client.get("/search/?q=导轨"))
    assert "攻关清单" not in text(client.get("/"))
    assert client.get("/api/dockets/matters").status_code == 403
    assert client.get(f"/api/items/{KEY}").status_code == 403
    assert client.get("/api/dockets").json()["rows"] == []


def test_what_is_for_the_parties_is_found_by_no_one_else(two: None, enter: Any) -> None:
    assert "高精导轨" in text(enter("auditor").get("/search/?q=甲厂"))
    assert "高精导轨" not in text(enter("viewer").get("/search/?q=甲厂"))
    said = enter("viewer").get(f"/api/items/{KEY}").json()["row"]["said"]["firms"]
    assert said["is_hidden"] and said["parts"] == []


def test_search_finds_items_by_number_and_words(two: None, enter: Any) -> None:
    client = enter("viewer")
    for words in ("GG-2026-002", "gg-2026-002", "五轴", "市工信局"):
        assert "GG-2026-002 五轴车床" in text(client.get(f"/search/?q={words}")), words


def test_the_first_page_counts_what_is_open_and_whose_turn_it_is(two: None, enter: Any) -> None:
    assert "在办 2 · 超期 1 · 待本单位办理 1" in text(enter("editor").get("/"))  # posting waits for the city
    assert "在办 2 · 超期 1 · 待本单位办理 1" in text(enter("body").get("/"))  # starting waits for 市工信局
    assert "待本单位办理" not in text(enter("viewer").get("/"))


def test_the_api_serves_lists_and_items(two: None, enter: Any) -> None:
    client = enter("viewer")
    (row,) = client.get("/api/dockets").json()["rows"]
    assert (row["total"], row["late"]) == (2, 1)
    page = client.get("/api/dockets/matters?state=posted").json()
    assert (page["fitting"], page["rows"][0]["number"]) == (1, "GG-2026-002")
    assert client.get("/api/bodies/kjj").json()["dockets"][0]["items"][0]["row"]["days_late"] == 7
    assert client.get("/api/dockets/none").status_code == 404
    assert client.get("/api/items/none").status_code == 404


def test_an_area_has_its_items(suzhou: Workspace) -> None:
    from django.contrib.auth import get_user_model

    texts = {"name": "无人配送", "area": "昆山市", "kind": "交通物流", "needs": "城区末端配送"}
    client = signing_in(suzhou)("city_editor")
    flows.open_item(suzhou, "scenes", cells(**texts), user=get_user_model().objects.get(username="city_editor"))
    shown = text(client.get("/areas/suzhou_kunshan/?as_of=today"))
    assert "应用场景清单" in shown and "无人配送" in shown
    assert "无人配送" not in text(client.get("/areas/suzhou_taicang/?as_of=today"))
    client.post("/language/", {"language": "en", "next": "/"})
    assert "Manufacturing" in text(client.get("/dockets/scenes/new/"))
    assert "One a line: unified social credit code" in text(client.get("/dockets/scenes/new/"))


def test_english_words_of_a_choice_are_of_its_values() -> None:
    field = {"id": "kind", "name": "类型", "kind": "choice", "values": {"a": "甲"}}
    assert _misfit(DocketField.model_validate(field | {"values_en": {"a": "A"}})) == ""
    assert "values_en" in _misfit(DocketField.model_validate(field | {"values_en": {"b": "B"}}))


def test_every_docket_of_the_product_is_told_in_english() -> None:
    for docket in packs.load(packs.folder("suzhou")).dockets.values():
        assert docket.name_en and docket.description_en and docket.item_name_en
        for field in docket.fields:
            assert field.name_en and bool(field.help) == bool(field.help_en), field.id
            assert set(field.values) == set(field.values_en), field.id
        assert all(each.name_en for each in (*docket.states, *docket.steps))
