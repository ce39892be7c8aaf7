"""An office's own Excel ledger comes in whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import pytest
from openpyxl import Workbook

from jiqun import flows
from jiqun.ledger import chain
from jiqun.ledger.models import Observation, Target
from jiqun.model.errors import InputRefused
from jiqun.workspace import Workspace

HEAD = ("指标", "地区", "时期", "数值", "单位", "来源")


def _book(*rows: Sequence[object], title: str = "") -> bytes:
    book = Workbook()
    sheet = book.active
    if title:
        sheet.append([title])
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_figures_are_read_by_their_heads(ws: Workspace) -> None:
    table = _book(
        ("地区", "指标名称", "年份", "完成数", "计量单位", "数据来源", "发布日期"),
        ("东川区", "高新技术企业", 2023, 520, "家", "区科技局", "2024-02-01"),
        ("云川市", "高新技术产业产值", "2023年上半年", "1,234.5", "亿元", "市统计局", date(2023, 8, 1)),
        title="2023年台账",
    )
    done = flows.import_table(ws, table, name="台账.xlsx", actor="zhang", reason="上半年")
    assert (done.kind, done.written, done.unchanged, done.event) == ("figures", 2, 0, 1)
    rows = {row.indicator_id: row for row in Observation.objects.all()}
    firms, output = rows["firms"], rows["output"]
    assert (firms.area_id, firms.period, firms.value_text, firms.known_on, firms.source_title) == (
        "dong", "2023", "520", date(2024, 2, 1), "区科技局",
    )  # fmt: skip
    assert (output.period, output.value_text, output.value_scaled, output.known_on) == (
        "2023H1", "1234.5", 12_345_000_000_000, date(2023, 8, 1),
    )  # fmt: skip
    assert len(list(ws.files.iterdir())) == 1, "the table itself is kept"


def test_a_table_with_promised_values_is_read_as_targets(ws: Workspace) -> None:
    table = _book(
        ("指标", "地区", "目标年份", "目标值", "单位", "责任单位", "口径"),
        ("高新技术企业数", "西川县", 2025, 400, "家", "市工信局、市科技局", "达到"),
        ("高新技术企业数", "西川县", 2025, 150, "家", "市科技局", "新增"),
    )
    done = flows.import_table(ws, table, name="目标.xlsx", actor="zhang")
    assert (done.kind, done.written) == ("targets", 2)
    level, increment = Target.objects.order_by("-value_scaled")
    assert (level.area_id, level.deadline, level.measure, level.body_ids) == (
        "xi", date(2025, 12, 31), "level", ["gxj", "kjj"],
    )  # fmt: skip
    assert (increment.measure, increment.body_ids) == ("increment", ["kjj"])
    assert flows.import_table(ws, table, name="目标.xlsx", actor="zhang").written == 0


def test_one_bad_row_keeps_all_out_and_every_fault_has_its_cell(ws: Workspace) -> None:
    table = _book(
        HEAD,
        ("高新技术企业", "东川区", "2023", 520, "家", "区科技局"),
        ("企业数", "东川区", "2023", 520, "家", "区科技局"),
        ("高新技术企业", "南川区", "去年", "约500", "家", "区科技局"),
        ("高新技术企业", "西川县", "2023", None, "家", "区科技局"),
        ("高新技术企业", "西川县", "2023", 3, "亿元", "区科技局"),
        ("高新技术企业", "东川区", "2023", 521, "家", "区科技局"),
    )
    with pytest.raises(InputRefused) as refused:
        flows.import_table(ws, table, name="台账.xlsx", actor="zhang")
    told = [(f.place.line, f.place.cell, f.code) for f in refused.value.findings]
    assert told == [
        (3, "A3", "ledger.reference"),
        (4, "D4", "table.not_a_number"),
        (4, "C4", "table.not_a_period"),
        (4, "B4", "ledger.reference"),
        (5, "D5", "ledger.missing"),
        (6, "", "ledger.unit"),
        (7, "", "ledger.twice"),
    ]
    assert refused.value.findings[0].message == "不认识指标“企业数”"
    assert refused.value.findings[0].remedy == "请用城市文件夹中的名称或编号；相近的：“高新技术企业数”"
    assert chain.head()[0] == 0
    assert list(ws.files.iterdir()) == []


def test_a_table_without_the_heads_says_which_it_needs(ws: Workspace) -> None:
    with pytest.raises(InputRefused, match="没有找到表头"):
        flows.import_table(ws, _book(("甲", "乙"), (1, 2)), name="别的.xlsx", actor="zhang")


def test_a_table_without_rows_is_refused(ws: Workspace) -> None:
    with pytest.raises(InputRefused, match="没有可以导入的行"):
        flows.import_table(ws, _book(HEAD), name="空.xlsx", actor="zhang")


def test_the_same_table_again_changes_nothing(ws: Workspace) -> None:
    table = _book(HEAD, ("高新技术企业", "东川区", "2023", 520, "家", "区科技局"))
    flows.import_table(ws, table, name="台账.xlsx", actor="zhang")
    head = chain.head()
    again = flows.import_table(ws, table, name="台账.xlsx", actor="zhang")
    assert (again.written, again.unchanged, again.event) == (0, 1, None)
    assert chain.head() == head


def test_csv_in_the_encoding_of_old_excel(ws: Workspace) -> None:
    table = "指标,地区,时期,数值,单位\n高新技术企业,东川区,2023,520,家\n".encode("gb18030")
    assert flows.import_table(ws, table, name="台账.csv", actor="zhang").written == 1


def test_the_city_may_be_called_by_the_words_of_its_folder(ws: Workspace) -> None:
    table = _book(("指标", "地区", "时期", "数值", "单位"), ("高新技术企业", "全市", "2019", 320, "家"))
    assert flows.import_table(ws, table, name="全市.xlsx", actor="zhang").written == 1
    assert Observation.objects.get(source_title="导入:全市.xlsx").area_id == ws.city.area_id
