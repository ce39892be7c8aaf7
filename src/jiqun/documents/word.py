"""Word documents (docx) read from their XML: text in order, automatic numbers written out, merged cells kept."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from jiqun.documents.faults import refusal
from jiqun.documents.lines import Role, Source
from jiqun.documents.portal import box_lines, is_box
from jiqun.documents.transcript import RawCell, Transcript
from jiqun.documents.wordstyles import Styles, local

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_LIMIT_BYTES = 64 << 20  # of one part, expanded
_RATIO = 200
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_DROPPED = frozenset({"del", "moveFrom", "Fallback", "txbxContent", "pPr", "rPr", "instrText", "delText"})


def read(data: bytes, name: str) -> Source:
    """The lines of a docx file.

    Raises InputRefused: damaged, encrypted, a zip bomb, or XML with entity declarations.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            body = _part(archive, _main_part(archive, name), name)
            styles = Styles(_optional(archive, "styles.xml", name), _optional(archive, "numbering.xml", name))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise refusal("damaged", name, kind="docx") from error
    except RuntimeError as error:  # zipfile's word for a password
        raise refusal("encrypted", name) from error
    out = Transcript()
    for block in _blocks(body):
        if local(block) == "p":
            _paragraph(block, styles, out)
        else:
            _table(block, styles, out)
    return Source(out.original, tuple(out.lines), MEDIA_TYPE)


def _main_part(archive: zipfile.ZipFile, name: str) -> str:
    names = archive.namelist()
    for part in names:
        if re.fullmatch(r"/?word/document\d*\.xml", part):
            return part
    raise refusal("damaged", name, kind="docx")


def _optional(archive: zipfile.ZipFile, part: str, name: str) -> etree._Element | None:
    found = next((n for n in archive.namelist() if n.lstrip("/") == f"word/{part}"), None)
    return _part(archive, found, name) if found else None


def _part(archive: zipfile.ZipFile, part: str, name: str) -> etree._Element:
    info = archive.getinfo(part)
    if info.flag_bits & 0x1:
        raise refusal("encrypted", name)
    with archive.open(info) as stream:
        content = stream.read(_LIMIT_BYTES + 1)
    ratio = len(content) // max(info.compress_size, 1)
    if len(content) > _LIMIT_BYTES or info.file_size > _LIMIT_BYTES or (ratio > _RATIO and len(content) > 16 << 20):
        size = max(len(content), info.file_size) >> 20
        raise refusal("zip_bomb", name, size=size, ratio=max(ratio, info.file_size // max(info.compress_size, 1)))
    if _ENTITY.search(content) or _ENTITY.search(content.replace(b"\0", b"")):
        raise refusal("xml_entities", name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise refusal("damaged", name, kind="docx") from error


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
    cells = _cells(table)
    columns = {cell.column for cell in cells if cell.text.strip()}
    texts = [cell.text for cell in cells]
    if is_box(texts):
        texts = box_lines(texts)
    elif len(columns) > 1:
        out.table(cells)
        return
    # a frame around text, or a portal's box of facts: no table of figures
    for text in texts:
        for paragraph in text.split("\n"):
            out.paragraph(paragraph)


def _cells(table: etree._Element) -> list[RawCell]:
    found: dict[tuple[int, int], RawCell] = {}
    open_at: dict[int, tuple[int, int]] = {}  # column → anchor of the vertical merge that reaches down to here
    for r, row in enumerate(_rows(table)):
        column = 0
        for cell in _of_kind(row, "tc"):
            span, merge = _extent(cell)
            anchor = open_at.get(column)
            if merge == "continue" and anchor in found:
                above = found[anchor]
                found[anchor] = RawCell(above.row, above.column, above.text, r - above.row + 1, above.column_span)
            else:
                found[r, column] = RawCell(r, column, _cell_text(cell), 1, span)
                if merge == "restart":
                    open_at[column] = (r, column)
                else:
                    open_at.pop(column, None)
            column += span
    return list(found.values())


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


def _cell_text(cell: etree._Element) -> str:
    """A cell's paragraphs, a line each; a table inside it cell by cell."""
    return "\n".join(text for text in (_text(p).strip() for p in cell.iter() if local(p) == "p") if text)
