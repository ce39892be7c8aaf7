"""Word documents: text in order, numbers as Word prints them, merged cells, nothing of the markup."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

import io
from copy import deepcopy
from datetime import date

from docx import Document as WordDocument
from docx.document import Document as WordFile
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from jiqun.documents import BlockKind, Document, read


def read_word(file: WordFile, name: str = "方案.docx") -> Document:
    out = io.BytesIO()
    file.save(out)
    return read(out.getvalue(), name)


def lines_of(document: Document) -> list[str]:
    return [block.span.of(document.reading) for block in document.blocks]


def _numbering(file: WordFile, *levels: tuple[str, str]) -> str:
    """Adds a multi-level list to a file and returns its id; each level is (format, text)."""
    numbering = file.part.numbering_part.element
    abstract = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (form, text) in enumerate(levels)
    )
    node = parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90">{abstract}</w:abstractNum>')
    numbering.insert(0, node)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    return "90"


def _numbered(file: WordFile, text: str, list_id: str, depth: int) -> None:
    paragraph = file.add_paragraph(text)
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="{list_id}"/></w:numPr>')
    )


def test_automatic_numbers_are_written_out_and_make_the_outline() -> None:
    file = WordDocument()
    list_id = _numbering(file, ("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."))
    file.add_paragraph("某市产业集群培育方案")
    for depth, text in [
        (0, "总体要求"), (0, "重点任务"), (1, "强化创新"), (2, "建设平台。到2027年建成20个。"), (2, "培育企业。到2027年达到50家。"),
        (1, "优化布局"), (2, "明确定位。各区重点发展三个集群。"),
    ]:  # fmt: skip
        _numbered(file, text, list_id, depth)
    document = read_word(file)
    assert [(s.path, s.title) for s in document.outline] == [
        ("一", "总体要求"), ("二", "重点任务"), ("二/(一)", "强化创新"), ("二/(一)/1", "建设平台"),
        ("二/(一)/2", "培育企业"), ("二/(二)", "优化布局"), ("二/(二)/1", "明确定位"),
    ]  # fmt: skip
    assert "1.建设平台。到2027年建成20个。" in document.original


def test_a_table_keeps_its_place_its_merged_cells_and_their_spans() -> None:
    file = WordDocument()
    file.add_paragraph("某市工业发展计划")
    file.add_paragraph("主要指标如下：")
    table = file.add_table(4, 4)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "指标"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "目标"
    table.cell(0, 3).merge(table.cell(1, 3)).text = "单位"
    table.cell(1, 1).text, table.cell(1, 2).text = "2025年", "2027年"
    for row, texts in enumerate([("规上工业增加值", "900", "1000", "亿元"), ("示范工厂", "", "80", "家")], 2):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    file.add_paragraph("到2027年，各项指标全部完成。")
    document = read_word(file)
    (found,) = document.tables
    assert (found.rows, found.columns) == (4, 4)
    cells = {(c.row, c.column): c for c in found.cells}
    assert (cells[0, 0].row_span, cells[0, 1].column_span, cells[0, 3].row_span) == (2, 2, 2)
    assert (1, 0) not in cells and (0, 2) not in cells
    assert cells[3, 1].span is None and cells[3, 1].text == ""
    for cell in found.cells:
        if cell.span:
            assert cell.span.of(document.reading) == cell.text
            assert document.map.to_original(cell.span).of(document.original) == cell.text
    assert [b.kind for b in document.blocks] == [
        BlockKind.TITLE, BlockKind.PARAGRAPH, BlockKind.TABLE, BlockKind.PARAGRAPH,
    ]  # fmt: skip
    assert found.span == document.blocks[2].span
    assert document.reading.endswith("到2027年，各项指标全部完成。")


def test_a_vertical_merge_over_several_rows_is_one_cell() -> None:
    file = WordDocument()
    table = file.add_table(4, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "类别", "指标"
    table.cell(1, 0).merge(table.cell(3, 0)).text = "创新"
    for row, text in enumerate(["研发强度", "高企数", "发明专利"], 1):
        table.cell(row, 1).text = text
    (found,) = read_word(file).tables
    merged = next(c for c in found.cells if c.text == "创新")
    assert (merged.row, merged.column, merged.row_span) == (1, 0, 3)


def test_an_annex_that_stands_right_below_its_name_is_not_missing() -> None:
    file = WordDocument()
    for text in ("某市工业发展计划", "一、主要目标", "到2027年，全市工业产值突破900亿元。", "附件：主要指标表"):
        file.add_paragraph(text)
    without = read_word(file)
    assert [f.code for f in without.findings] == ["annex_missing"]
    table = file.add_table(2, 2)
    for column, texts in enumerate([("指标", "产值"), ("2027年", "900亿元")]):
        for row, text in enumerate(texts):
            table.cell(row, column).text = text
    assert read_word(file).findings == ()


def test_insertions_count_deletions_and_hidden_text_do_not() -> None:
    file = WordDocument()
    paragraph = file.add_paragraph("到2027年，企业达到")
    run = paragraph.add_run("300家")
    inserted = OxmlElement("w:ins")
    paragraph._p.append(inserted)
    inserted.append(run._r)
    deleted = OxmlElement("w:del")
    gone = deepcopy(run._r)
    gone.find(qn("w:t")).tag = qn("w:delText")
    deleted.append(gone)
    paragraph._p.append(deleted)
    paragraph.add_run("（内部批注）").font.hidden = True
    paragraph.add_run("。")
    assert read_word(file).reading == "到2027年，企业达到300家。"


def test_text_boxes_are_read_once() -> None:
    file = WordDocument()
    paragraph = file.add_paragraph("某市产业提升方案")
    box = (
        f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>某市人民政府文件</w:t></w:r></w:p></w:txbxContent>"
        "</mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>某市人民政府文件</w:t></w:r></w:p></w:txbxContent>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )
    paragraph._p.append(parse_xml(box))
    document = read_word(file)
    assert document.original.count("某市人民政府文件") == 1
    assert document.header.title == "某市产业提升方案"
    assert document.header.issuer == "某市人民政府"


def test_a_notice_on_word_paper_gives_its_header() -> None:
    file = WordDocument()
    for text in ("某市人民政府办公室关于印发某市产业集群培育方案的通知", "某政办发〔2024〕12号", "各区人民政府：",
                 "现将《某市产业集群培育方案》印发给你们，请认真贯彻执行。", "某市人民政府办公室", "2024年3月5日",
                 "某市产业集群培育方案", "一、总体目标", "到2027年，形成5个特色集群。"):  # fmt: skip
        file.add_paragraph(text)
    header = read_word(file).header
    assert (header.title, header.number) == ("某市产业集群培育方案", "某政办发〔2024〕12号")
    assert (header.issuer, header.issued_on) == ("某市人民政府办公室", date(2024, 3, 5))


def test_styled_headings_without_numbers_are_headings() -> None:
    file = WordDocument()
    file.add_heading("某市产业提升方案", 0)
    file.add_heading("创新平台建设", 1)
    file.add_paragraph("到2027年建成重点实验室20家。")
    document = read_word(file)
    assert [b.kind for b in document.blocks] == [BlockKind.TITLE, BlockKind.HEADING, BlockKind.PARAGRAPH]


def test_a_frame_of_one_column_is_text_and_no_table() -> None:
    file = WordDocument()
    file.add_paragraph("某市产业提升方案")
    file.add_table(1, 1).cell(0, 0).text = "专栏1 重点工程\n到2027年实施重点工程30项。"
    document = read_word(file)
    assert document.tables == ()
    assert lines_of(document)[1:] == ["专栏1 重点工程", "到2027年实施重点工程30项。"]


def test_broken_lines_inside_word_paragraphs_are_joined() -> None:
    file = WordDocument()
    file.add_paragraph("到2027年，全市工业产值突破1200亿元，\n占全省比重达\n12%。")
    file.add_paragraph("研发投入强度达到3%，")
    file.add_paragraph("居全省前列。")
    document = read_word(file)
    assert document.reading.startswith("到2027年，全市工业产值突破1200亿元，占全省比重达")
    assert lines_of(document)[-1] == "研发投入强度达到3%，居全省前列。"
