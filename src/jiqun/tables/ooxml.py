"""xlsx parts → sheets. Numbers are read from the text the file stores, so no figure passes through a float.

Written here and not left to a spreadsheet library for three reasons: number formats (5% must not arrive as 0.05 of a
percent), formulas without a cached value, and memory: readers that build a dense grid are brought down by one stray
cell at XFD1048576.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from jiqun.model.findings import Finding, Place, Severity
from jiqun.tables.archive import Archive, refuse
from jiqun.tables.workbook import Merge, Printed, Sheet, Stored, address_of, column_number

MAX_CELLS = 40_000_000  # height × width of one sheet
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FIFTEEN_DIGITS = Context(prec=15)  # what Excel itself keeps and shows
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_DAY_FORMATS = frozenset([*range(14, 18), 22, *range(27, 32), 34, 35, 36, *range(50, 59)])
_TIME_FORMATS = frozenset([18, 19, 20, 21, 32, 33, 45, 46, 47])


class _Style(Enum):
    PLAIN = auto()
    PERCENT = auto()
    DAY = auto()
    MONTH = auto()  # a day shown as its year and month
    TIME = auto()


@dataclass
class _Notes:
    """Addresses of cells to be reported, per sheet."""

    uncached: list[str] = field(default_factory=list)
    long_numbers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Book:
    strings: tuple[str, ...]
    styles: tuple[_Style, ...]
    epoch: date


def read_sheets(archive: Archive, name: str) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """Every worksheet in workbook order, hidden ones marked; chart sheets are left out."""
    workbook_part = _workbook_part(archive)
    targets = _relations(archive, workbook_part)
    root = _tree(archive, workbook_part, name)
    uses_1904 = any(e.get("date1904") in ("1", "true") for e in root.iter("{*}workbookPr"))
    epoch = date(1904, 1, 1) if uses_1904 else date(1899, 12, 30)
    book = _Book(_strings(archive, targets, name), _styles(archive, targets, name), epoch)
    sheets: list[Sheet] = []
    findings: list[Finding] = []
    for entry in root.iter("{*}sheet"):
        title = entry.get("name", "")
        kind, part = targets.get(_relation_id(entry), ("", ""))
        if not kind.endswith("/worksheet") or part not in archive:
            continue
        notes = _Notes()
        is_hidden = entry.get("state", "visible") != "visible"
        sheets.append(_sheet(archive.read(part), title, is_hidden, book, notes, name))
        findings += _report(notes, name, title)
    return tuple(sheets), tuple(findings)


def _report(notes: _Notes, name: str, title: str) -> Iterator[Finding]:
    if notes.uncached:
        yield Finding(
            "table.formula_uncached", Severity.NOTE,
            f"{len(notes.uncached)} 个公式没有保存计算结果，按空白读取：{_listed(notes.uncached)}",
            Place(name, sheet=title, cell=notes.uncached[0]), "请在 Excel 或 WPS 中打开、保存后重新上传",
        )  # fmt: skip
    if notes.long_numbers:
        yield Finding(
            "table.digits_lost", Severity.WARNING,
            f"{len(notes.long_numbers)} 个数字超过 15 位，表格软件会丢失末位：{_listed(notes.long_numbers)}",
            Place(name, sheet=title, cell=notes.long_numbers[0]), "代码、证件号请按文本填写",
        )  # fmt: skip


def _listed(addresses: list[str]) -> str:
    return "、".join(addresses[:5]) + ("等" if len(addresses) > 5 else "")


def _workbook_part(archive: Archive) -> str:
    if "_rels/.rels" in archive:
        for kind, part in _relations(archive, "").values():
            if kind.endswith("/officeDocument"):
                return part
    return "xl/workbook.xml"


def _relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """id → (type, part name) of what a part refers to inside the archive."""
    folder, file = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{file}.rels")
    if path not in archive:
        return {}
    found = {}
    for relation in _tree(archive, path, path).iter("{*}Relationship"):
        target = relation.get("Target", "")
        absolute = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[relation.get("Id", "")] = (relation.get("Type", ""), absolute)
    return found


def _relation_id(element: etree._Element) -> str:
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}id")), "")


def _tree(archive: Archive, part: str, name: str) -> etree._Element:
    try:
        return etree.fromstring(_without_doctype(archive.read(part), name), _parser())
    except (KeyError, etree.XMLSyntaxError) as error:
        raise refuse("damaged", "文件已损坏，打不开", "请在 Excel 或 WPS 中打开并另存后重新上传", name) from error


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _without_doctype(xml: bytes, name: str) -> bytes:
    if b"<!DOCTYPE" in xml or "<!DOCTYPE".encode("utf-16-le") in xml:  # the format allows none; bombs need one
        raise refuse("damaged", "文件内部含有不允许的声明，未打开", "请在 Excel 或 WPS 中另存后重新上传", name)
    return xml


def _elements(xml: bytes, tags: tuple[str, ...], name: str) -> Iterator[etree._Element]:
    """The elements of these tags, each emptied after use so that a large part stays small in memory."""
    try:
        for _, element in etree.iterparse(
            io.BytesIO(_without_doctype(xml, name)),
            tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True,
        ):  # fmt: skip
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise refuse("damaged", "文件已损坏，打不开", "请在 Excel 或 WPS 中打开并另存后重新上传", name) from error


def _strings(archive: Archive, targets: dict[str, tuple[str, str]], name: str) -> tuple[str, ...]:
    part = _target(targets, "/sharedStrings")
    if part not in archive:
        return ()
    return tuple(_rich_text(item) for item in _elements(archive.read(part), ("{*}si",), name))


def _target(targets: dict[str, tuple[str, str]], kind: str) -> str:
    return next((part for type_, part in targets.values() if type_.endswith(kind)), "")


def _rich_text(item: etree._Element) -> str:
    """The characters of a string item, phonetic guides left out."""
    pieces = []
    for text in item.iter("{*}t"):
        above = text.getparent()
        if above is None or not str(above.tag).endswith("}rPh"):
            pieces.append(text.text or "")
    joined = "".join(pieces)
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), joined) if "_x" in joined else joined


def _styles(archive: Archive, targets: dict[str, tuple[str, str]], name: str) -> tuple[_Style, ...]:
    part = _target(targets, "/styles")
    if part not in archive:
        return ()
    root = _tree(archive, part, name)
    codes = {e.get("numFmtId", ""): e.get("formatCode", "") for e in root.iter("{*}numFmt")}
    formats = next(root.iter("{*}cellXfs"), None)
    if formats is None:
        return ()
    return tuple(_style(f.get("numFmtId", "0"), codes) for f in formats.iter("{*}xf"))


def _style(format_id: str, codes: dict[str, str]) -> _Style:
    if format_id in codes:
        return _style_of_code(codes[format_id])
    number = int(format_id) if format_id.isdigit() else 0
    if number in (9, 10):
        return _Style.PERCENT
    if number in (17, 27, 36, 50, 57):
        return _Style.MONTH
    if number in _DAY_FORMATS:
        return _Style.DAY
    return _Style.TIME if number in _TIME_FORMATS else _Style.PLAIN


def _style_of_code(code: str) -> _Style:
    bare = _LITERAL.sub("", code.split(";", maxsplit=1)[0]).lower().replace("general", "").replace("am/pm", "")
    if "%" in bare:
        return _Style.PERCENT
    if "y" in bare or "d" in bare or "e" in bare.replace("e+", "").replace("e-", ""):
        return _Style.DAY if "d" in bare or "m" not in bare else _Style.MONTH
    return _Style.TIME if re.search(r"[hms]", bare) or re.search(r"\[[hms]+\]", code.lower()) else _Style.PLAIN


def _sheet(xml: bytes, title: str, is_hidden: bool, book: _Book, notes: _Notes, name: str) -> Sheet:
    grid: list[tuple[Stored, ...]] = []
    merges: list[Merge] = []
    width = 0
    for element in _elements(xml, ("{*}row", "{*}mergeCell"), name):
        if str(element.tag).endswith("}mergeCell"):
            merges += _merge(element.get("ref", ""))
            continue
        stated = element.get("r", "")
        number = int(stated) if stated.isdigit() else len(grid) + 1
        row = _row(element, number, book, notes)
        if not row:
            continue
        width = max(width, len(row))
        if number > 1_048_576 or number <= len(grid) or number * width > MAX_CELLS:
            raise refuse(
                "too_large", f"《{title}》有单元格远离表格（{address_of(number, len(row))}），无法按表读取",
                "请删除表格以外的零散内容后重新上传", name,
            )  # fmt: skip
        grid.extend([()] * (number - len(grid) - 1))
        grid.append(row)
    return Sheet(title, tuple(grid), tuple(merges), is_hidden)


def _merge(reference: str) -> Iterator[Merge]:
    ends = [_ADDRESS.fullmatch(part) for part in reference.split(":")]
    if len(ends) == 2 and ends[0] and ends[1]:
        (c1, r1), (c2, r2) = ends[0].groups(), ends[1].groups()
        yield Merge(int(r1), column_number(c1), int(r2), column_number(c2))


def _row(element: etree._Element, number: int, book: _Book, notes: _Notes) -> tuple[Stored, ...]:
    """Cells of a row up to its last one with content."""
    row: list[Stored] = []
    column = 0
    tags = _tags(str(element.tag))
    for cell in element.iterchildren(tags.cell):
        column = _column(cell.get("r", "").rstrip("0123456789")) or column + 1
        if column > 16_384:
            break
        stored = _stored(cell, tags, book, notes, (number, column))
        if stored is None:
            continue
        if column <= len(row):
            row[column - 1] = stored
            continue
        row.extend([None] * (column - len(row) - 1))
        row.append(stored)
    return tuple(row)


@lru_cache(maxsize=20_000)
def _column(letters: str) -> int:
    """The number of a column, 0 for what names none."""
    return column_number(letters) if re.fullmatch("[A-Z]{1,3}", letters) else 0


class _Tags(NamedTuple):
    cell: str
    value: str
    formula: str
    inline: str


@lru_cache
def _tags(row_tag: str) -> _Tags:
    """The tags of the namespace a row is in; the strict and the common one differ."""
    namespace = row_tag.removesuffix("row")
    return _Tags(namespace + "c", namespace + "v", namespace + "f", namespace + "is")


def _stored(cell: etree._Element, tags: _Tags, book: _Book, notes: _Notes, place: tuple[int, int]) -> Stored:
    raw, has_formula = None, False
    for child in cell:
        tag = child.tag
        if tag == tags.value:
            raw = child.text or ""
        elif tag == tags.formula:
            has_formula = True
        elif tag == tags.inline:
            return _rich_text(child) or None
    kind = cell.get("t", "n")
    if not raw:
        if has_formula and not (kind == "str" and raw == ""):
            notes.uncached.append(address_of(*place))
        return None
    if kind == "s":
        return book.strings[int(raw)] or None if raw.isdigit() and int(raw) < len(book.strings) else None
    if kind == "b":
        return raw in ("1", "true")
    if kind == "d":
        return _iso(raw)
    if kind in ("str", "e"):
        return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), raw) if "_x" in raw else raw
    style = cell.get("s", "0")
    known = style.isdigit() and int(style) < len(book.styles)
    return _number(raw, book.styles[int(style)] if known else _Style.PLAIN, book, notes, place)


def _iso(raw: str) -> Stored:
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        return raw
    return _moment(moment)


def _moment(moment: datetime) -> Stored:
    at_midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment.date() if at_midnight else Printed(moment.strftime("%Y-%m-%d %H:%M:%S"), moment.date())


def _number(raw: str, style: _Style, book: _Book, notes: _Notes, place: tuple[int, int]) -> Stored:
    if style is _Style.PLAIN and len(raw) < 15 and raw.isdecimal():
        return Decimal(raw)
    try:
        value = Decimal(raw)
    except InvalidOperation:
        return raw
    if not value.is_finite() or value.adjusted() > 308:
        return raw
    is_whole = raw.lstrip("-").isdigit()
    if (len(value.as_tuple().digits) > 15 and is_whole) or value.adjusted() >= 15:
        notes.long_numbers.append(address_of(*place))
    if not is_whole:
        value = _plain(_FIFTEEN_DIGITS.plus(value))
    if style is _Style.PLAIN:
        return value
    if style is _Style.PERCENT:
        return Printed(f"{_plain(value * 100):f}%", value)
    return _time(value, style, book.epoch)


def _plain(value: Decimal) -> Decimal:
    return (
        value.quantize(Decimal(1))
        if value == value.to_integral_value() and value.adjusted() < 27
        else value.normalize()
    )


def _time(value: Decimal, style: _Style, epoch: date) -> Stored:
    if not 0 <= value < 2_958_466:  # 9999-12-31
        return value
    days, seconds = int(value), round((value % 1) * 86_400)
    if style is _Style.TIME and days == 0:
        return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    if epoch.year == 1899 and days < 60:
        days += 1  # the calendar of 1900 in Excel has a 29 February that never was
    moment = datetime(epoch.year, epoch.month, epoch.day) + timedelta(days=days, seconds=seconds)  # noqa: DTZ001
    if style is _Style.MONTH:
        return Printed(f"{moment.year}年{moment.month}月", moment.date())
    return _moment(moment)
