"""From a statistical text to figures of the ledger: once each, signed, beside what others say, each with its span."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import QuerySet
from openpyxl import Workbook as Book
from openpyxl import load_workbook
from typer.testing import CliRunner

from jiqun import flows, packs, workspace
from jiqun.cli import app
from jiqun.ledger import chain, store
from jiqun.ledger.models import Claim, Observation
from jiqun.model.errors import Conflict, InputRefused
from jiqun.reports.rivals import rivals_of
from jiqun.workspace import Workspace
from tests.flows.conftest import FOLDER, Ticking

TEXT = """云川市2023年高新技术产业统计公报

云川市统计局

2024年3月5日

2023年，全市高新技术产业产值达到1.5万亿元。

一、总量

全年高新技术产业产值15000亿元，比上年增长6.5%。年末高新技术企业820家，高新技术产业产值占比48.2%。

1—8月，东川区高新技术产业产值3210.5亿元，同比下降1.2%。上半年，西川县高新技术产业产值1800亿元。

二、其他

全年新建概念验证中心12个。
"""
GROWTH = (
    '  - {id: output_growth, name: 高新技术产业产值增速, aliases: [高新技术产业产值增长率], unit: "%",'
    " aggregation: {kind: not_additive}, time_kind: rate}\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented city with an indicator of growth."""
    made = tmp_path_factory.mktemp("cities") / "yunchuan"
    shutil.copytree(FOLDER, made)
    with (made / "indicators.yaml").open("a", encoding="utf-8") as out:
        out.write(GROWTH)
    return made


@pytest.fixture
def ws(db: None, tmp_path: Path, folder: Path) -> Workspace:
    city = packs.load(folder)
    workspace.lay_out(tmp_path / "ws", city, folder)
    return Workspace(tmp_path / "ws", city.name, city, Ticking())


@pytest.fixture
def bulletin(ws: Workspace) -> str:
    return flows.ingest(ws, TEXT.encode(), name="公报.txt", actor="zhang").digest


def claim_of(words: str) -> Claim:
    return Claim.objects.get(quote__contains=words, superseded_at=None)


def figures() -> QuerySet[Observation]:
    return Observation.objects.filter(superseded_at=None, state="active")


def told() -> list[tuple[str, str, str, str, str]]:
    rows = figures().order_by("claim_key")
    return sorted((r.indicator_id, r.area_id, r.period, r.value_text, r.unit) for r in rows)


OF_TEXT = [
    ("firms", "yunchuan", "2023", "820", "家"),
    ("output", "dong", "2023M1-M8", "3210.5", "亿元"),
    ("output", "xi", "2023H1", "1800", "亿元"),
    ("output", "yunchuan", "2023", "1.5", "万亿元"),
    ("output_growth", "dong", "2023M1-M8", "-1.2", "%"),
    ("output_growth", "yunchuan", "2023", "6.5", "%"),
    ("output_share", "yunchuan", "2023", "48.2", "%"),
]


# ── acceptance ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_bulletin_accepted_in_bulk_is_each_figure_once_with_its_span(ws: Workspace, bulletin: str) -> None:
    done = flows.decide_claims_above(ws, 0.5, actor="zhang", reason="公报", document=bulletin, kind="actual")
    assert told() == OF_TEXT
    assert (done.accepted, done.left) == (8, 1), "the headline and the body say one figure; one claim has no indicator"
    for row in figures():
        assert row.document is not None
        claim = store.current(Claim, row.claim_key or "")
        assert row.document.original[claim.quote_start : claim.quote_end] == claim.quote
        assert row.value_text.lstrip("-") in claim.quote
    flows.undo(ws, done.event or 0, actor="zhang", reason="试")
    assert not figures().exists()
    assert chain.verify().is_whole


def test_bulk_acceptance_keeps_to_its_document_and_kind(ws: Workspace, bulletin: str, plan: str) -> None:
    flows.decide_claims_above(ws, 0.5, actor="zhang", reason="公报", document=bulletin, kind="actual")
    states = Claim.objects.filter(superseded_at=None, document__digest=plan).values_list("state", flat=True)
    assert set(states) == {"proposed"}
    done = flows.decide_claims_above(ws, 0.5, actor="zhang", reason="计划", document=plan, kind="target")
    assert done.accepted == 3
    assert claim_of("产值达到1200亿元").state == "proposed"


def test_a_fall_is_a_negative_figure_and_a_correction_keeps_its_sign(ws: Workspace, bulletin: str) -> None:
    key = claim_of("同比下降1.2%").key
    flows.decide_claim(ws, key, "accept", actor="zhang")
    assert figures().get().value_text == "-1.2"
    flows.decide_claim(ws, key, "correct", actor="zhang", changes={"value_text": "-1.3"})
    assert figures().get().value == Decimal("-1.3")


def test_a_number_said_to_be_reached_is_exact_one_above_is_not(ws: Workspace) -> None:
    text = "云川市统计公报\n\n2023年，全市高新技术企业达820家。2022年，全市高新技术企业超过700家。\n"
    flows.ingest(ws, text.encode(), name="短.txt", actor="zhang")
    flows.decide_claims_above(ws, 0.5, actor="zhang", reason="公报")
    assert dict(figures().values_list("period", "value_kind")) == {"2023": "exact", "2022": "at_least"}


def test_the_second_printing_keeps_the_figure_when_the_first_is_rejected(ws: Workspace, bulletin: str) -> None:
    headline, body = claim_of("达到1.5万亿元").key, claim_of("产值15000亿元").key
    flows.decide_claim(ws, headline, "accept", actor="zhang")
    flows.decide_claim(ws, body, "accept", actor="zhang")
    assert [row.claim_key for row in figures()] == [headline]
    flows.decide_claim(ws, headline, "reject", actor="zhang", reason="标题")
    assert [(row.claim_key, row.value_text) for row in figures()] == [(body, "15000")]


def test_a_figure_that_another_claim_relies_on_is_not_undone_alone(ws: Workspace, bulletin: str) -> None:
    headline, body = claim_of("达到1.5万亿元").key, claim_of("产值15000亿元").key
    event = flows.decide_claim(ws, headline, "accept", actor="zhang").event_id
    later = flows.decide_claim(ws, body, "accept", actor="zhang").event_id
    with pytest.raises(Conflict, match="产值15000亿元"):
        flows.undo(ws, event, actor="zhang", reason="点错")
    flows.undo(ws, later, actor="zhang", reason="点错")
    flows.undo(ws, event, actor="zhang", reason="点错")
    assert not figures().exists()


def test_what_contradicts_the_ledger_waits_for_a_person_and_replaces_nothing(ws: Workspace, bulletin: str) -> None:
    fields = {"indicator_id": "firms", "area_id": "yunchuan", "period": "2023", "value_text": "815", "unit": "家",
              "source_title": "市科技局月报"}  # fmt: skip
    flows.add_observation(ws, fields, actor="li")
    done = flows.decide_claims_above(ws, 0.5, actor="zhang", reason="公报", document=bulletin)
    claim = claim_of("高新技术企业820家")
    assert (done.contradicting, claim.state) == (1, "proposed")
    assert [row.value_text for row in rivals_of(ws.city, [claim]).differing[claim.key]] == ["815"]
    flows.decide_claim(ws, claim.key, "accept", actor="zhang")
    rows = figures().filter(indicator_id="firms").order_by("value_text")
    assert [(row.value_text, row.is_preferred) for row in rows] == [("815", True), ("820", False)]


def test_a_rounded_number_agrees_with_the_exact_one(ws: Workspace, bulletin: str) -> None:
    fields = {"indicator_id": "output", "area_id": "yunchuan", "period": "2023", "value_text": "1.50", "unit": "万亿元",
              "source_title": "市统计局快报"}  # fmt: skip
    flows.add_observation(ws, fields, actor="li")
    claim = claim_of("产值15000亿元")
    found = rivals_of(ws.city, [claim])
    assert (list(found.agreeing), found.disputed) == ([claim.key], frozenset())


def test_of_a_rounded_and_an_exact_number_of_one_text_the_exact_one_is_preferred(ws: Workspace) -> None:
    text = "云川市统计公报\n\n2023年，全市高新技术产业产值约1.5万亿元。\n\n2023年，全市高新技术产业产值15032.4亿元。\n"
    flows.ingest(ws, text.encode(), name="约.txt", actor="zhang")
    flows.decide_claims_above(ws, 0.5, actor="zhang", reason="公报")
    assert dict(figures().values_list("value_text", "is_preferred")) == {"1.5": False, "15032.4": True}


def test_two_numbers_of_one_text_for_one_thing_wait_for_a_person(ws: Workspace) -> None:
    text = "云川市统计公报\n\n2023年，全市高新技术企业820家。\n\n2023年，全市高新技术企业830家。\n"
    flows.ingest(ws, text.encode(), name="两数.txt", actor="zhang")
    done = flows.decide_claims_above(ws, 0.5, actor="zhang", reason="公报")
    assert (done.accepted, done.contradicting) == (0, 2)


def test_growth_over_another_year_than_the_last_is_not_taken_in_bulk(ws: Workspace) -> None:
    text = "云川市统计公报\n\n2023年，全市高新技术产业产值比2020年增长20%。\n"
    flows.ingest(ws, text.encode(), name="基期.txt", actor="zhang")
    claim = claim_of("增长20%")
    assert claim.indicator_id == "output_growth"
    assert flows.decide_claims_above(ws, 0.0, actor="zhang", reason="公报").accepted == 0


def test_a_figure_of_a_place_the_folder_does_not_know_is_not_the_citys(ws: Workspace) -> None:
    text = "云川市统计公报\n\n2023年，全市高新技术企业820家。\n\n2023年，无锡市高新技术企业900家。\n"
    flows.ingest(ws, text.encode(), name="邻市.txt", actor="zhang")
    done = flows.decide_claims_above(ws, 0.5, actor="zhang", reason="公报")
    assert (done.accepted, done.contradicting) == (1, 0)
    assert [(f.area_id, f.value_text) for f in figures()] == [("yunchuan", "820")]
    other = claim_of("900家")
    with pytest.raises(InputRefused, match="地区“无锡市”不在城市文件夹中"):
        changes = {"indicator_id": "firms"}
        flows.decide_claim(ws, other.key, "correct", actor="zhang", changes=changes, reason="同一指标")


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "公报.txt"
    path.write_bytes(TEXT.encode())
    return path


@pytest.fixture
def extract(paper: Path, folder: Path) -> Iterator[object]:
    def run(target: Path) -> Path:
        done = CliRunner().invoke(app, ["extract", str(paper), "--city", str(folder), "--figures", str(target)])
        assert (done.exit_code, done.stdout) == (0, "")
        return target

    yield run


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_extracted_table_is_imported_with_document_and_span(
    ws: Workspace, bulletin: str, extract, tmp_path: Path, suffix: str
) -> None:
    table = extract(tmp_path / f"数.{suffix}")
    done = flows.import_table(ws, table, actor="zhang", reason="公报")
    assert (done.kind, done.written) == ("figures", 7)
    assert told() == OF_TEXT
    told_of = [(f.code, f.message) for f in done.findings]
    assert told_of == [("ledger.left_out", "未导入“全年新建概念验证中心12个”：没有对应的指标")]
    assert {row.document.digest for row in figures() if row.document} == {bulletin}
    for row in figures():
        assert store.current(Claim, row.claim_key or "").indicator_id == row.indicator_id


def test_imported_and_accepted_is_one_figure(ws: Workspace, bulletin: str, extract, tmp_path: Path) -> None:
    table = extract(tmp_path / "数.xlsx")
    flows.decide_claim(ws, claim_of("产值15000亿元").key, "accept", actor="zhang")
    flows.import_table(ws, table, actor="zhang")
    assert figures().count() == 7
    flows.decide_claims_above(ws, 0.5, actor="zhang", reason="公报", document=bulletin)
    assert figures().count() == 7
    assert flows.import_table(ws, table, actor="zhang").written == 0


def test_without_the_document_a_figure_leads_to_its_row(ws: Workspace, extract, tmp_path: Path) -> None:
    flows.import_table(ws, extract(tmp_path / "数.csv"), actor="zhang")
    row = figures().get(indicator_id="firms")
    assert (row.document, row.claim_key, row.source_title) == (None, None, "云川市2023年高新技术产业统计公报")
    assert row.note.startswith("《数.csv》第 4 行；引自《公报.txt》第 ")
    assert str(row.known_on) == "2024-03-05"


def test_what_is_not_linked_stands_in_a_list_of_its_own(extract, tmp_path: Path) -> None:
    book = load_workbook(extract(tmp_path / "数.xlsx"))
    rows = list(book["待补充"].iter_rows(values_only=True))
    assert [(row[0], row[5], row[11], row[12]) for row in rows[1:]] == [
        (None, 12, "没有对应的指标", "全年新建概念验证中心12个")
    ]
    assert book["数据"].max_row == 8


def test_a_completed_row_is_imported(ws: Workspace, bulletin: str, extract, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(extract(tmp_path / "数.csv").read_text("utf-8-sig"))))
    rows[-1][1] = "高新技术企业数"
    done = flows.import_table(ws, _book(rows), name="补.xlsx", actor="zhang")
    assert (done.written, done.findings) == (8, ())


def test_a_quote_that_does_not_stand_there_is_refused(ws: Workspace, bulletin: str, extract, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(extract(tmp_path / "数.csv").read_text("utf-8-sig"))))
    rows[1][12] = "全市高新技术产业产值达到2.5万亿元"
    with pytest.raises(InputRefused, match="不在《云川市2023年高新技术产业统计公报》") as refused:
        flows.import_table(ws, _book(rows), name="改.xlsx", actor="zhang")
    assert [f.code for f in refused.value.findings if f.severity == "error"] == ["ledger.not_quoted"]


def test_what_a_person_rejected_does_not_come_in_by_a_table(
    ws: Workspace, bulletin: str, extract, tmp_path: Path
) -> None:
    flows.decide_claim(ws, claim_of("企业820家").key, "reject", actor="zhang", reason="口径不同")
    with pytest.raises(InputRefused, match="已被否决"):
        flows.import_table(ws, extract(tmp_path / "数.csv"), actor="zhang")


def test_another_number_in_the_ledger_is_told_at_import_and_stays(
    ws: Workspace, bulletin: str, extract, tmp_path: Path
) -> None:
    fields = {"indicator_id": "firms", "area_id": "yunchuan", "period": "2023", "value_text": "815", "unit": "家",
              "source_title": "市科技局月报"}  # fmt: skip
    flows.add_observation(ws, fields, actor="li")
    done = flows.import_table(ws, extract(tmp_path / "数.csv"), actor="zhang")
    told = next(f for f in done.findings if f.code == "ledger.contradicts")
    assert told.message == "台账另有 815家（市科技局月报），表中为 820家；两数并存，未作替换"
    rows = figures().filter(indicator_id="firms").order_by("value_text")
    assert [(row.value_text, row.is_preferred) for row in rows] == [("815", True), ("820", False)]


def test_an_edited_value_is_the_tables_and_says_what_the_text_has(
    ws: Workspace, bulletin: str, extract, tmp_path: Path
) -> None:
    rows = list(csv.reader(io.StringIO(extract(tmp_path / "数.csv").read_text("utf-8-sig"))))
    line = next(row for row in rows if row[0] == "firms")
    line[5] = "821"
    flows.import_table(ws, _book(rows), name="改.xlsx", actor="zhang")
    row = figures().get(indicator_id="firms")
    assert (row.value_text, row.note) == ("821", "表中为 821，原文读作 820家")


def _book(rows: list[list[str]]) -> bytes:
    book = Book()
    for row in rows:
        book.active.append([cell or None for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
