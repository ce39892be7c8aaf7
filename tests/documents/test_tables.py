"""Tables as they are printed: continued on the next page, framed by layout, numbered by Word, without rules."""

from __future__ import annotations

import io

from docx import Document as WordDocument
from docx.document import Document as WordFile
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.table import Table as WordTable

from jiqun.documents import Document, read
from tests.documents.paper import pdf, printed


def read_word(file: WordFile) -> Document:
    out = io.BytesIO()
    file.save(out)
    return read(out.getvalue(), "方案.docx")


def fill(table: WordTable, rows: list[tuple[str, ...]]) -> WordTable:
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    return table


def rows_of(document: Document, index: int = 0) -> list[list[str]]:
    table = document.tables[index]
    rows: list[list[str]] = [[] for _ in range(table.rows)]
    for cell in sorted(table.cells, key=lambda c: (c.row, c.column)):
        rows[cell.row].append(cell.text)
        if cell.span:
            assert cell.span.of(document.reading) == cell.text
            assert document.map.to_original(cell.span).of(document.original) == cell.text
    return rows


HEAD = ("指标", "单位", "2027年")


def test_a_continued_table_is_one_without_its_second_head() -> None:
    file = WordDocument()
    file.add_paragraph("某市产业方案")
    fill(file.add_table(2, 3), [HEAD, ("孵化器", "家", "30")])
    file.add_paragraph("续表1")
    fill(file.add_table(2, 3), [HEAD, ("加速器", "家", "8")])
    file.add_paragraph("（续上表）")
    fill(file.add_table(1, 3), [("众创空间", "家", "60")])
    document = read_word(file)
    assert rows_of(document) == [list(HEAD), ["孵化器", "家", "30"], ["加速器", "家", "8"], ["众创空间", "家", "60"]]
    assert len(document.tables) == 1
    assert document.reading.count("2027年") == 1 and "续" not in document.reading


def test_two_tables_with_one_head_behind_each_other_are_one() -> None:
    head = "| 指标 | 2027年 |\n| --- | --- |\n"
    text = f"# 某市产业方案\n\n{head}| 孵化器 | 30 |\n\n{head}| 加速器 | 8 |\n"
    assert rows_of(read(text.encode(), "a.md")) == [["指标", "2027年"], ["孵化器", "30"], ["加速器", "8"]]


def test_a_head_of_two_rows_is_left_out_whole() -> None:
    head = '<tr><th rowspan="2">指标</th><th colspan="2">目标</th></tr><tr><th>2025年</th><th>2027年</th></tr>'
    page = (
        "<html><body><h1>某市产业方案</h1><p>各项指标如下表所示，请认真落实。</p>"
        f"<table>{head}<tr><td>孵化器</td><td>10</td><td>30</td></tr></table>"
        f"<table>{head}<tr><td>加速器</td><td>4</td><td>8</td></tr></table></body></html>"
    )
    document = read(page.encode(), "a.html")
    assert rows_of(document) == [
        ["指标", "目标"], ["2025年", "2027年"], ["孵化器", "10", "30"], ["加速器", "4", "8"],
    ]  # fmt: skip


def test_tables_that_differ_stay_two() -> None:
    file = WordDocument()
    file.add_paragraph("某市产业方案")
    fill(file.add_table(2, 3), [HEAD, ("孵化器", "家", "30")])
    file.add_paragraph("重点任务如下。")
    fill(file.add_table(2, 3), [HEAD, ("加速器", "家", "8")])
    fill(file.add_table(2, 3), [("任务", "单位", "时限"), ("建平台", "市科技局", "2027年")])
    assert len(read_word(file).tables) == 3


def test_a_table_inside_a_layout_frame_is_a_table() -> None:
    file = WordDocument()
    file.add_paragraph("某市产业方案")
    frame = file.add_table(1, 2)
    frame.cell(0, 0).text = "专栏1 主要指标"
    fill(frame.cell(0, 1).add_table(2, 3), [HEAD, ("孵化器", "家", "30")])
    document = read_word(file)
    assert rows_of(document) == [list(HEAD), ["孵化器", "家", "30"]]
    assert "专栏1 主要指标" in document.reading.split("\n")


def test_a_column_of_automatic_numbers_is_written_out() -> None:
    file = WordDocument()
    numbering = file.part.numbering_part.element
    numbering.insert(0, parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="91"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl></w:abstractNum>'
    ))  # fmt: skip
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="91"><w:abstractNumId w:val="91"/></w:num>'))
    file.add_paragraph("某市产业方案")
    table = fill(file.add_table(3, 2), [("序号", "任务"), ("", "建设平台"), ("", "培育企业")])
    for row in (1, 2):
        table.cell(row, 0).paragraphs[0]._p.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="91"/></w:numPr>')
        )
    assert rows_of(read_word(file)) == [["序号", "任务"], ["1", "建设平台"], ["2", "培育企业"]]


def test_a_row_that_leaves_out_columns_keeps_its_places() -> None:
    file = WordDocument()
    file.add_paragraph("某市产业方案")
    table = fill(file.add_table(2, 3), [HEAD, ("孵化器", "家", "30")])
    row = table.rows[1]._tr
    row.remove(row.tc_lst[0])
    row.get_or_add_trPr().append(parse_xml(f'<w:gridBefore {nsdecls("w")} w:val="1"/>'))
    cells = {(c.row, c.column): c.text for c in read_word(file).tables[0].cells}
    assert cells[1, 1] == "家" and cells[1, 2] == "30"


# -- PDF tables without rules


def test_columns_of_a_page_without_rules_are_a_table() -> None:
    rows = [
        (700, "Item", "Unit", "2020", "2025"),
        (680, "Firms in parks", "number", "120", "300"),
        (660, "Output", "billion", "35.5", "90"),
        (640, "Labs", "number", "-", "12"),
    ]
    lines = [(72, 740, "The targets of the plan are printed below.")]
    for y, name, unit, base, goal in rows:
        lines += [(72, y, name), (220, y, unit), (330, y, base), (430, y, goal)]
    lines.append((72, 600, "They bind all districts of the city."))
    document = read(pdf(printed(lines)))
    assert rows_of(document) == [list(row[1:]) for row in rows]
    assert document.reading.startswith("The targets of the plan are printed below.\n")
    assert document.reading.endswith("They bind all districts of the city.")


def test_a_name_that_wraps_in_a_table_without_rules_stays_in_its_cell() -> None:
    lines = [(72, 740, "The targets of the plan are printed below.")]
    for y, name, unit, goal in [
        (700, "Item", "Unit", "2025"), (680, "Firms", "number", "300"), (660, "Output", "billion", "90"),
    ]:  # fmt: skip
        lines += [(72, y, name), (250, y, unit), (400, y, goal)]
    lines += [(72, 640, "Share of high"), (250, 640, "percent"), (400, 640, "33"), (72, 626, "technology")]
    lines += [(72, 600, "Labs"), (250, 600, "number"), (400, 600, "12")]
    assert rows_of(read(pdf(printed(lines)))) == [
        ["Item", "Unit", "2025"], ["Firms", "number", "300"], ["Output", "billion", "90"],
        ["Share of high technology", "percent", "33"], ["Labs", "number", "12"],
    ]  # fmt: skip


def test_running_text_and_lists_with_wide_gaps_are_no_table() -> None:
    lines = [(72, 740 - 20 * n, f"Chapter {n} of the plan") for n in range(1, 8)]
    lines += [(430, 740 - 20 * n, str(n)) for n in range(1, 8)]
    assert read(pdf(printed(sorted(lines, key=lambda line: -line[1])))).tables == ()
    names = [(72 + 120 * n, 700 - 20 * m, word) for m in range(4) for n, word in enumerate(("north", "south", "west"))]
    assert read(pdf(printed(names))).tables == ()


def test_a_ruled_table_open_at_its_sides_keeps_its_outer_columns() -> None:
    rules = (
        " ".join(f"72 {y} m 372 {y} l S" for y in (700, 670, 640, 610)) + " 172 700 m 172 610 l S 272 700 m 272 610 l S"
    )
    texts = [
        (x, y, text)
        for y, row in (
            (680, ("Item", "Unit", "2025")),
            (650, ("Firms", "number", "300")),
            (620, ("Labs", "number", "12")),
        )
        for x, text in zip((80, 180, 280), row, strict=True)
    ]
    document = read(pdf(f"{rules} {printed([(72, 740, 'The targets are these.'), *texts])}"))
    assert rows_of(document) == [["Item", "Unit", "2025"], ["Firms", "number", "300"], ["Labs", "number", "12"]]


def test_cells_of_several_lines_stand_beside_the_numbers_of_their_row() -> None:
    """Lines of a cell are set around the height of its row, as a browser sets them; the head has a group."""
    lines = [(200, 760, "Goals of the plan"), (380, 734, "Goals")]
    lines += [(72, 720, "Item"), (220, 720, "Unit"), (330, 713, "2025"), (430, 713, "2027")]
    for y, name, unit, first, last in [
        (680, ("Firms with more", "than ten people"), "number", "120", "300"),
        (640, ("Output of listed", "industry clusters", "of the city"), "billion", "35.5", "90"),
        (600, ("Labs",), "number", "-", "12"),
    ]:
        top = y + 7 * (len(name) - 1)
        lines += [(72, top - 14 * n, words) for n, words in enumerate(name)]
        lines += [(220, y, unit), (330, y, first), (430, y, last)]
    assert rows_of(read(pdf(printed(lines))))[2:] == [
        ["Firms with more than ten people", "number", "120", "300"],
        ["Output of listed industry clusters of the city", "billion", "35.5", "90"],
        ["Labs", "number", "-", "12"],
    ]  # fmt: skip
