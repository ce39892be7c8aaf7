"""An office's own table of items, whatever state it is in: all rows or none, and every fault with its cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook as Book

from jiqun import flows
from jiqun.ledger import store
from jiqun.ledger.models import Event
from jiqun.model.errors import Forbidden, InputRefused
from jiqun.records.models import DocketItem, stands
from jiqun.workspace import Workspace
from tests.records.test_items import item

pytestmark = pytest.mark.django_db
HEAD = ["编号", "项目名称", "环节", "金额（万元）", "依赖度", "牵头单位", "影响企业", "期限", "状态"]
RAIL: list[Any] = [None, "高精导轨", "导轨", "３００", "45%", "市科技局", "某公司；某学院", "2026.12.31", None]
LATHE: list[Any] = [None, "五轴车床", "机床·车床", 1200.5, 60, None, None, None, "征集"]


def table(tmp_path: Path, rows: list[list[Any]], above: int = 2) -> Path:
    book = Book()
    sheet = book.active
    for at in range(above):
        sheet.append([["平川市攻关清单", "单位：万元"][at % 2]])
    for row in rows:
        sheet.append(row)
    path = tmp_path / "清单.xlsx"
    book.save(path)
    return path


def taken(ws: Workspace, tmp_path: Path, rows: list[list[Any]], user: Any, **how: Any) -> Any:
    return flows.import_items(ws, "matters", table(tmp_path, rows, **how), user=user, reason="一季度征集")


def codes(refused: Any) -> list[tuple[str, str]]:
    return [(finding.code.split(".")[-1], finding.place.cell) for finding in refused.value.findings]


def test_a_table_opens_items_in_one_event(ws: Workspace, people: Any, tmp_path: Path) -> None:
    editor = people("editor")
    before = Event.objects.count()
    done = taken(ws, tmp_path, [HEAD, RAIL, LATHE], editor)
    assert (done.opened, done.amended, done.unchanged) == (2, 0, 0)
    assert Event.objects.count() == before + 1
    rail, lathe = stands(DocketItem).order_by("number")
    assert rail.values == {
        "name": "高精导轨", "node": "tools/rail", "money": "300", "share": "45", "lead": "kjj", "due_on": "2026-12-31",
        "firms": [["", "某公司"], ["", "某学院"]],
    }  # fmt: skip
    assert (rail.number, lathe.number, lathe.values["money"]) == ("GG-2026-001", "GG-2026-002", "1200.5")
    assert rail.origin.startswith("table:")


def test_a_number_amends_and_an_empty_cell_leaves_what_stands(ws: Workspace, people: Any, tmp_path: Path) -> None:
    editor = people("editor")
    taken(ws, tmp_path, [HEAD, RAIL, LATHE], editor)
    changed = ["GG-2026-001", None, None, 350, None, None, None, None, None]
    same = ["GG-2026-002", *LATHE[1:]]
    done = taken(ws, tmp_path, [HEAD, changed, same], editor)
    assert (done.opened, done.amended, done.unchanged) == (0, 1, 1)
    now = store.current(DocketItem, "matters|GG-2026-001")
    assert (now.values["money"], now.values["share"], now.version) == ("350", "45", 2)


def test_the_city_takes_over_a_list_that_is_under_way(ws: Workspace, people: Any, tmp_path: Path) -> None:
    under_way = [*RAIL[:-1], "发榜"]
    assert taken(ws, tmp_path, [HEAD, under_way], people("editor")).opened == 1
    assert stands(DocketItem).get().state == "posted"
    with pytest.raises(InputRefused) as refused:
        taken(ws, tmp_path, [HEAD, [None, "别的", "车床", *[None] * 5, "发榜"]], people("east"))
    assert codes(refused) == [("state", "I4")]
    with pytest.raises(InputRefused) as refused:  # what the state requires holds for a table too
        taken(ws, tmp_path, [HEAD, [None, "别的", "车床", *[None] * 5, "发榜"]], people("editor"))
    assert codes(refused) == [("missing", "F4"), ("missing", "D4"), ("missing", "H4")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([None, "长" * 21, *RAIL[2:]], [("too_long", "B4")]),
        ([None, "高精导轨", "齿轮", *RAIL[3:]], [("reference", "C4")]),
        ([*RAIL[:3], "约300", *RAIL[4:]], [("not_a_number", "D4")]),
        ([*RAIL[:3], "300.123", *RAIL[4:]], [("digits", "D4")]),
        ([*RAIL[:3], "300人", *RAIL[4:]], None),
        ([*RAIL[:3], "#REF!", *RAIL[4:]], None),
        ([*RAIL[:7], "年底前", None], [("not_a_day", "H4")]),
        ([*RAIL[:8], "办理中"], [("state", "I4")]),
        (["GG-2026-009", *RAIL[1:]], [("number", "A4")]),
        ([None, None, *RAIL[2:]], [("missing", "B4")]),
        ([*RAIL[:6], "91329900MA00000000 某公司", *RAIL[7:]], [("check", "G4")]),
    ],
)
def test_a_damaged_cell_refuses_the_whole_table(
    ws: Workspace, people: Any, tmp_path: Path, row: list[Any], expected: list[tuple[str, str]] | None
) -> None:
    with pytest.raises(InputRefused) as refused:
        taken(ws, tmp_path, [HEAD, row, LATHE], people("editor"))
    if expected is None:
        assert {cell for _, cell in codes(refused)} == {"D4"}
    else:
        assert codes(refused) == expected
    assert not DocketItem.objects.exists()


@pytest.mark.parametrize(
    "rows",
    [
        [["序号", "内容"], [1, "导轨"]],  # another table altogether
        [HEAD],
        [[]],
        [["编号", "编号", "环节"], [1, 2, 3]],
        [["项目名称", "项目名称", "环节"], ["甲", "乙", "导轨"]],
    ],
)
def test_what_is_no_table_of_items_is_said(ws: Workspace, people: Any, tmp_path: Path, rows: list[list[Any]]) -> None:
    with pytest.raises(InputRefused):
        taken(ws, tmp_path, rows, people("editor"))
    assert not DocketItem.objects.exists()


def test_the_same_row_twice_is_told(ws: Workspace, people: Any, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        taken(ws, tmp_path, [HEAD, RAIL, RAIL], people("editor"))
    assert codes(refused) == [("twin", "B5")]
    taken(ws, tmp_path, [HEAD, RAIL], people("editor"))
    with pytest.raises(InputRefused) as refused:
        taken(ws, tmp_path, [HEAD, RAIL], people("editor"))
    assert codes(refused) == [("twin", "B4")]


def test_a_table_changes_nobody_elses_items_and_moves_none(ws: Workspace, people: Any, tmp_path: Path) -> None:
    row = item(ws, people("east"))
    change = [row.number, None, None, 5, *[None] * 5]
    with pytest.raises(InputRefused) as refused:
        taken(ws, tmp_path, [HEAD, change, [None, "西区的", "车床", *[None] * 6]], people("west"))
    assert codes(refused) == [("row", "A4")]
    with pytest.raises(InputRefused) as refused:
        taken(ws, tmp_path, [HEAD, [*change[:-1], "发榜"]], people("editor"))
    assert codes(refused) == [("moved", "I4")]
    with pytest.raises(Forbidden):
        taken(ws, tmp_path, [HEAD, change], people("viewer"))
    flows.withdraw_item(ws, row.key, user=people("east"), reason="误登")
    with pytest.raises(InputRefused):
        taken(ws, tmp_path, [HEAD, change], people("east"))


def test_a_csv_of_gbk_is_read_and_a_broken_file_refused(ws: Workspace, people: Any) -> None:
    content = "名称,环节,金额\n高精导轨,导轨,300\n".encode("gb18030")
    done = flows.import_items(ws, "matters", content, user=people("editor"), reason="试", name="a.csv")
    assert done.opened == 1
    for content, name in ((b"PK\x03\x04broken", "a.xlsx"), (b"", "a.csv")):
        with pytest.raises(InputRefused):
            flows.import_items(ws, "matters", content, user=people("editor"), reason="试", name=name)


def test_an_import_needs_a_reason(ws: Workspace, people: Any, tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        flows.import_items(ws, "matters", table(tmp_path, [HEAD, RAIL]), user=people("editor"), reason="")
