"""PDF files: lines of a page joined, running heads and page numbers left out, ruled tables kept."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jiqun.documents import Document, read
from jiqun.model.errors import InputRefused
from jiqun.model.spans import Span
from tests.documents.paper import locked, pdf, printed, scanned

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


def test_running_heads_and_page_numbers_are_in_the_original_only() -> None:
    body = [
        [
            "The plan sets out what the city will do for its",
            "industrial clusters until the year 2027 and who",
            "is responsible.",
        ],
        ["Output shall grow to 1200 units while the number", "of firms that are counted in the register reaches"],
        ["3000 in all districts of the city together with", "their partners."],
    ]
    pages = [
        printed(
            [(230, 800, "Cluster Plan"), *((72, 740 - 20 * i, line) for i, line in enumerate(lines)), (290, 40, str(n))]
        )
        for n, lines in enumerate(body, 1)
    ]
    document = read(pdf(*pages), "plan.pdf")
    assert document.reading == (
        "The plan sets out what the city will do for its industrial clusters until the year 2027 and who is responsible.\n"
        "Output shall grow to 1200 units while the number of firms that are counted in the register reaches"
        " 3000 in all districts of the city together with their partners."
    )
    assert document.original.count("Cluster Plan") == 3


def test_a_ruled_table_is_found_from_its_lines() -> None:
    rules = " ".join(f"72 {y} m 372 {y} l S" for y in (700, 670, 640, 610))
    rules += " 72 700 m 72 610 l S 372 700 m 372 610 l S 172 700 m 172 610 l S 272 670 m 272 610 l S"
    texts = [
        (80, 680, "Item"),
        (180, 680, "Target"),
        (180, 650, "2025"),
        (280, 650, "2027"),
        (80, 620, "Firms"),
        (180, 620, "200"),
        (280, 620, "300"),
    ]
    content = rules + " " + printed([(72, 740, "The targets are these."), *texts, (72, 560, "They bind.")])
    (table,) = read(pdf(content)).tables
    assert (table.rows, table.columns) == (3, 3)
    cells = {(c.row, c.column): (c.text, c.column_span) for c in table.cells}
    assert cells[0, 1] == ("Target", 2)
    assert cells[2, 0] == ("Firms", 1) and cells[2, 2] == ("300", 1)
    document = read(pdf(content))
    assert document.reading.startswith("The targets are these.\nItem\tTarget\n") and document.reading.endswith(
        "They bind."
    )


def test_a_table_that_goes_on_over_the_page_is_one_table() -> None:
    def page(rows: list[tuple[str, str]]) -> str:
        ys = [700 - 30 * i for i in range(len(rows) + 1)]
        rules = " ".join(f"72 {y} m 272 {y} l S" for y in ys)
        rules += "".join(f" {x} {ys[0]} m {x} {ys[-1]} l S" for x in (72, 172, 272))
        return (
            rules
            + " "
            + printed(
                [
                    (x, y - 20, text)
                    for y, row in zip(ys, rows, strict=False)
                    for x, text in zip((80, 180), row, strict=True)
                ]
            )
        )

    head = ("Item", "Target")
    (table,) = read(pdf(page([head, ("A", "10")]), page([head, ("B", "20")]), page([("C", "30")]))).tables
    assert [(c.row, c.text) for c in table.cells if c.column == 1] == [(0, "Target"), (1, "10"), (2, "20"), (3, "30")]


@pytest.mark.parametrize(("content", "code"), [(locked(), "encrypted"), (scanned(), "scanned")])
def test_a_pdf_without_readable_text_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(content, "文.pdf")
    assert refused.value.findings[0].code == code
    assert refused.value.findings[0].place.file == "文.pdf"


def test_a_scanned_page_among_printed_ones_is_told() -> None:
    picture = b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\n\x80\nendstream"
    pages = [printed([(72, 700, "A page of text that can be read.")]), "q 595 0 0 842 0 0 cm /P Do Q"]
    document = read(pdf(*pages, objects=(picture,), resources="/XObject << /P 8 0 R >>"), "文.pdf")
    (finding,) = document.findings
    assert finding.code == "pages_without_text" and "第 2 页" in finding.message


# -- pages printed by a browser, with Chinese fonts

SENTENCES = [
    "为加快培育先进制造业产业集群，促进工业经济高质量发展，结合本市实际，制定本方案。",
    "一、主要目标",
    "到2027年，全市规模以上工业增加值突破1200亿元，高新技术企业达到3000家，占全省比重达12%左右，研发经费占地区生产总值比重超过3.5%，长三角一体化协同水平明显提升。",
    "二、重点任务",
]
TASKS = [
    f"（{n}）建设第{n}类创新平台。支持龙头企业联合高校院所建设新型研发机构，到2027年新增{i * 13}家，市级以上企业技术中心超过{i * 101}家，工程技术研究中心达到{i * 17}家，覆盖全部重点产业链的关键环节。（责任单位：市工信局、市科技局、各县区人民政府）"
    for i, n in enumerate("一二三四五六七八九", 1)
]
TABLE = (
    "<table><tr><th rowspan=2>指标名称</th><th colspan=2>目标值</th></tr><tr><th>2025年</th><th>2027年</th></tr>"
    + "".join(
        f"<tr><td>第{i}项重点产业增加值指标（亿元）</td><td>{i * 100}</td><td>{i * 150}</td></tr>" for i in range(1, 30)
    )
    + "</table>"
)


@pytest.fixture(scope="module")
def plan() -> Iterator[Document]:
    folder = Path(tempfile.mkdtemp(prefix="jiqun-"))  # its path is printed at the foot, and cut there when it is long
    body = "".join(f"<p>{text}</p>" for text in SENTENCES + TASKS)
    style = 'body{font:16px "Noto Serif CJK SC"}h2{text-align:center}p{text-indent:2em;margin:6px 0}table{border-collapse:collapse}td,th{border:1px solid #000;padding:6px;width:130px}'
    page = f'<html><head><meta charset="utf-8"><title>某市方案</title><style>{style}</style></head><body><h2>某市产业集群培育方案</h2>{body}{TABLE}<p>各县区要加强统筹协调，确保完成全部目标任务。</p></body></html>'
    (folder / "plan.html").write_text(page, "utf-8")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}/profile",
        f"--print-to-pdf={folder}/plan.pdf",
        f"file://{folder}/plan.html",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    yield read(folder / "plan.pdf")
    shutil.rmtree(folder, ignore_errors=True)


browser = [pytest.mark.browser, pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="chromium is not installed")]


class TestPrintedByABrowser:
    pytestmark = browser

    def test_sentences_are_whole(self, plan: Document) -> None:
        lines = plan.reading.split("\n")
        for sentence in SENTENCES + TASKS:
            assert sentence in lines

    def test_the_map_leads_to_the_broken_line(self, plan: Document) -> None:
        at = plan.reading.index(SENTENCES[2])
        there = plan.map.to_original(Span(at, at + len(SENTENCES[2]))).of(plan.original)
        assert "\n" in there and there.replace("\n", "") == SENTENCES[2]

    def test_the_outline_and_title_are_found(self, plan: Document) -> None:
        assert plan.header.title == "某市产业集群培育方案"
        assert [s.path for s in plan.outline] == ["一", "二", *(f"二/({n})" for n in "一二三四五六七八九")]

    def test_the_browsers_own_head_and_foot_are_left_out(self, plan: Document) -> None:
        assert "file://" in plan.original and "file://" not in plan.reading
        assert "1/" in plan.original and "某市方案" not in plan.reading

    def test_a_table_over_two_pages_is_one(self, plan: Document) -> None:
        (table,) = plan.tables
        assert (table.rows, table.columns) == (31, 3)
        cells = {(c.row, c.column): c.text for c in table.cells}
        assert cells[30, 0] == "第29项重点产业增加值指标（亿元）" and cells[30, 2] == "4350"
        assert plan.reading.endswith("各县区要加强统筹协调，确保完成全部目标任务。")
