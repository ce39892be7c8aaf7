"""Word documents (docx) read from their XML: text in order, automatic numbers written out, merged cells kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from jiqun.documents.lines import Role, Source
from jiqun.documents.packed import Package
from jiqun.documents.portal import box_lines, is_box
from jiqun.documents.transcript import RawCell, Transcript
from jiqun.documents.wordstyles import Styles, local

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_DROPPED = frozenset({"del", "moveFrom", "Fallback", "txbxContent", "pPr", "rPr", "instrText", "delText"})


def read(data: bytes, name: str) -> Source:
    """The lines of a docx file.

    Raises InputRefused: damaged, encrypted, a zip bomb, or XML with entity declarations.
    """
    with Package(data, name, "docx") as package:
        parts = package.parts
        main = next((part for part in parts if re.fullmatch(r"word/document\d*\.xml", part)), "word/document.xml")
        body = package.xml(main)
        optional = (f"word/{part}" for part in ("styles.xml", "numbering.xml"))
        styles = Styles(*(package.xml(part) if part in parts else None for part in optional))
    out = Transcript()
    for block in _blocks(body):
        if local(block) == "p":
            _paragraph(block, styles, out)
        else:
            _table(block, styles, out)
    return Source(out.original, tuple(out.lines), MEDIA_TYPE)


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables in document order, also those in content controls, insertions and text boxes."""
    for child in parent:
        kind = local(child)
        if kind == "p":
            for box in _boxes(child):
                yield from _blocks(box)
            yield child
        elif kind == "tbl":
            yield child
        elif kind in ("body", "sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"):
            yield from _blocks(child)


def _boxes(paragraph: etree._Element) -> Iterator[etree._Element]:
    for element in paragraph.iter():
        if local(element) == "txbxContent":
            kinds = {local(a) for a in element.iterancestors()}
            if "Fallback" not in kinds:
                yield element


def _paragraph(paragraph: etree._Element, styles: Styles, out: Transcript) -> None:
    text = _text(paragraph)
    if not text.strip():
        if text:
            out.write("\n")
        return
    text = styles.number(paragraph) + text
    role = styles.role(paragraph)
    if role is not Role.TEXT and (len(text) > 60 or "。" in text.rstrip("。\n ")):
        role = Role.TEXT
    out.paragraph(text, role)


def _text(element: etree._Element) -> str:
    """The text of an element as Word shows it: insertions in, deletions, field codes and hidden runs out."""
    found: list[str] = []
    todo = [element]
    while todo:
        here = todo.pop()
        kind = local(here)
        if kind in _DROPPED or (kind == "r" and _is_hidden(here)):
            continue
        if kind == "t":
            found.append(here.text or "")
        elif kind == "tab":
            found.append("\t")
        elif kind in ("br", "cr"):
            found.append("\n")
        elif kind == "noBreakHyphen":
            found.append("-")
        todo.extend(reversed(here))
    return "".join(found)


def _is_hidden(run: etree._Element) -> bool:
    return any(local(p) == "vanish" and _value(p) not in ("0", "false") for pr in run if local(pr) == "rPr" for p in pr)


def _value(element: etree._Element) -> str:
    return next((str(v) for k, v in element.attrib.items() if str(k).endswith("}val")), "")


def _table(table: etree._Element, styles: Styles, out: Transcript) -> None:
    is_frame = _holds_table(table) or len({cell.column for cell in _cells(table) if cell.text.strip()}) < 2
    cells = _cells(table) if is_frame else _cells(table, styles)
    texts = [cell.text for cell in cells]
    if is_box(texts):
        for text in box_lines(texts):
            out.paragraph(text)
    elif not is_frame:
        out.table(cells)
    else:
        # a frame around text or around tables: no table of figures itself
        for row in _rows(table):
            for cell in _of_kind(row, "tc"):
                _framed(cell, styles, out)


def _holds_table(table: etree._Element) -> bool:
    """Whether a table lays out others inside its cells, each of several columns."""
    inner = (element for element in table.iter() if element is not table and local(element) == "tbl")
    return any(len({cell.column for cell in _cells(nested) if cell.text.strip()}) > 1 for nested in inner)


def _framed(cell: etree._Element, styles: Styles, out: Transcript) -> None:
    for block in _blocks(cell):
        if local(block) == "p":
            text = _text(block).strip()
            for line in (styles.number(block) + text).split("\n") if text else ():
                out.paragraph(line.strip())
        else:
            _table(block, styles, out)


def _cells(table: etree._Element, styles: Styles | None = None) -> list[RawCell]:
    """The cells of a table; with `styles` as Word numbers them, which may be done once only."""
    found: dict[tuple[int, int], RawCell] = {}
    open_at: dict[int, tuple[int, int]] = {}  # column → anchor of the vertical merge that reaches down to here
    for r, row in enumerate(_rows(table)):
        column = _left_out(row)
        for cell in _of_kind(row, "tc"):
            span, merge = _extent(cell)
            anchor = open_at.get(column)
            if merge == "continue" and anchor in found:
                above = found[anchor]
                found[anchor] = RawCell(above.row, above.column, above.text, r - above.row + 1, above.column_span)
            else:
                found[r, column] = RawCell(r, column, _cell_text(cell, styles), 1, span)
                if merge == "restart":
                    open_at[column] = (r, column)
                else:
                    open_at.pop(column, None)
            column += span
    return list(found.values())


def _left_out(row: etree._Element) -> int:
    """How many columns a row leaves out before its first cell."""
    for properties in row:
        if local(properties) == "trPr":
            for item in properties:
                value = _value(item)
                if local(item) == "gridBefore" and value.isdecimal() and len(value) < 4:
                    return int(value)
    return 0


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    yield from _of_kind(table, "tr")


def _of_kind(parent: etree._Element, kind: str) -> Iterator[etree._Element]:
    for child in parent:
        if local(child) == kind:
            yield child
        elif local(child) in ("sdt", "sdtContent", "ins", "customXml"):
            yield from _of_kind(child, kind)


def _extent(cell: etree._Element) -> tuple[int, str]:
    """How many columns a cell spans, and its vertical merge: restart, continue or none."""
    span, merge = 1, ""
    for properties in cell:
        if local(properties) == "tcPr":
            for item in properties:
                if local(item) == "gridSpan":
                    value = _value(item)
                    span = max(int(value), 1) if value.isdecimal() and len(value) < 4 else 1
                elif local(item) == "vMerge":
                    merge = "restart" if _value(item) == "restart" else "continue"
    return span, merge


def _cell_text(cell: etree._Element, styles: Styles | None) -> str:
    """A cell's paragraphs, a line each; the number of one that says nothing else is kept, as in a column of serials."""
    found: list[str] = []
    for paragraph in cell.iter():
        if local(paragraph) == "p":
            text = _text(paragraph).strip()
            number = styles.number(paragraph) if styles is not None else ""
            found.append(f"{number}{text}")
    return "\n".join(text for text in found if text)
