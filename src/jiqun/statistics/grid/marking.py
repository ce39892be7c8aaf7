"""The file that came in, given back with its doubtful cells coloured, a note on each, and a sheet of all reasons."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook.workbook import Workbook as Book
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from jiqun.model.findings import Finding, Place, Severity
from jiqun.tables import Workbook, read

REASONS = "审核结果"
_AUTHOR = "集群"
_THEIRS = "——原批注：\n"  # in front of a note that stood there before ours
_FILLS = {Severity.ERROR: "F8CBAD", Severity.WARNING: "FFF2CC", Severity.NOTE: "DDEBF7"}
_LABELS = {Severity.ERROR: "须改正", Severity.WARNING: "请核实", Severity.NOTE: "说明"}
_ADDRESS = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}")
_FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True)
class Marked:
    """`content` is an xlsx. `is_rebuilt`: the file could not be written to; its cells stand anew, without its looks."""

    content: bytes
    is_rebuilt: bool


def mark(content: bytes, name: str, findings: Sequence[Finding], *, created: datetime) -> Marked:
    """`content` with its findings on it; values, formulas and looks of an xlsx stay as they are.

    Cells are found by `Finding.place` (sheet and cell); findings without a place of the file stand in the sheet of
    reasons only, which comes last and replaces one that an earlier round left. Raises InputRefused for what
    `tables.read` refuses.
    """
    source = read(content, name)
    opened = _opened(content)
    book = opened or _rebuilt(source)
    _unmark(book)
    told = sorted(findings, key=lambda one: (list(Severity).index(one.severity), one.place))
    colours: dict[Place, str] = {}
    for sheet_name in {one.place.sheet for one in told} & set(book.sheetnames):
        if isinstance(book[sheet_name], Worksheet):
            colours |= _mark_sheet(book[sheet_name], [one for one in told if one.place.sheet == sheet_name])
    _list_reasons(book, told, colours)
    book.properties.modified = created.replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    return Marked(out.getvalue(), opened is None)


def _opened(content: bytes) -> Book | None:
    """The workbook as it is; None for another format, and for an xlsx that only our own reader can make sense of."""
    if not content.startswith(b"PK"):
        return None
    try:
        return openpyxl.load_workbook(io.BytesIO(content), keep_links=False)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, SyntaxError):
        return None


def _mark_sheet(sheet: Worksheet, findings: Iterable[Finding]) -> dict[Place, str]:
    """Colours cells and puts notes on them; returns the colour that each had before."""
    colours: dict[Place, str] = {}
    by_cell: dict[str, list[Finding]] = {}
    for one in findings:
        if _ADDRESS.fullmatch(one.place.cell):
            by_cell.setdefault(one.place.cell, []).append(one)
    for address, found in by_cell.items():
        cell = sheet[_first_of_merge(sheet, address)]
        colour = cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else ""
        colours[found[0].place] = colour if isinstance(colour, str) else ""
        cell.fill = PatternFill("solid", fgColor=_FILLS[found[0].severity])
        lines = [f"【{_LABELS[one.severity]}】{one.message}　{one.remedy}".rstrip("　") for one in found]
        theirs = [f"{_THEIRS}{cell.comment.text}"] if cell.comment else []
        note = Comment("\n".join(lines + theirs), _AUTHOR)
        note.width, note.height = 320, 40 + 36 * len(lines)
        cell.comment = note
    return colours


def _unmark(book: Book) -> None:
    """Takes away what an earlier round left: its sheet of reasons says which cells, and what colour they had."""
    if REASONS not in book.sheetnames:
        return
    for _, _, name, address, *_, colour in book[REASONS].iter_rows(min_row=2, max_col=7, values_only=True):
        if name not in book.sheetnames or not _ADDRESS.fullmatch(str(address)):
            continue
        sheet = book[str(name)]
        cell = sheet[_first_of_merge(sheet, str(address))]
        if cell.comment is None or cell.comment.author != _AUTHOR:
            continue
        cell.fill = PatternFill("solid", fgColor=str(colour)) if colour else PatternFill()
        theirs = cell.comment.text.partition(_THEIRS)[2]
        cell.comment = Comment(theirs, "") if theirs else None
    del book[REASONS]


def _first_of_merge(sheet: Worksheet, address: str) -> str:
    return next((m.coord.split(":")[0] for m in sheet.merged_cells.ranges if address in m), address)


def _list_reasons(book: Book, findings: Sequence[Finding], colours: Mapping[Place, str]) -> None:
    sheet = book.create_sheet(REASONS)
    sheet.append(["序号", "类别", "工作表", "单元格", "问题", "怎么办", "原底色"])
    for number, one in enumerate(findings, 1):
        colour = colours.get(one.place, "")
        sheet.append([number, _LABELS[one.severity], *(_words(text) for text in _told(one)), colour])
        here = sheet.cell(sheet.max_row, 4)
        if one.place.sheet in book.sheetnames and _ADDRESS.fullmatch(one.place.cell):
            sheet_name = one.place.sheet.replace("'", "''")
            here.hyperlink = f"#'{sheet_name}'!{one.place.cell}"
            here.font = Font(color="0563C1", underline="single")
        sheet.cell(sheet.max_row, 2).fill = PatternFill("solid", fgColor=_FILLS[one.severity])
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(vertical="center", wrap_text=True)
            if isinstance(cell.value, str):
                cell.data_type = "s"  # openpyxl takes what begins with = for a formula
                cell.quotePrefix = cell.value.startswith(_FORMULA_STARTS)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letters, width in zip("ABCDEF", (6, 9, 18, 9, 60, 44), strict=True):
        sheet.column_dimensions[letters].width = width
    sheet.column_dimensions["G"].hidden = True  # for the next round, which gives the cells their colour back
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0


def _told(one: Finding) -> Iterator[str]:
    yield from (one.place.sheet, one.place.cell, one.message, one.remedy)


def _words(text: str) -> str:
    """A text that openpyxl takes: no control characters, and not long beyond what a cell holds."""
    return openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text)[:2000]


def _rebuilt(source: Workbook) -> Book:
    """The cells of an xls or csv as an xlsx: values and merges, nothing else."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in source.sheets:
        made = book.create_sheet(sheet.name)
        for cells in sheet.rows:
            for cell in cells:
                if cell.value is None or cell.is_merged_from:
                    continue
                put = made.cell(cell.row, cell.column)
                if isinstance(cell.value, str):
                    put.value, put.data_type = _words(cell.text), "s"
                    put.quotePrefix = cell.text.startswith(_FORMULA_STARTS)
                else:
                    put.value = cell.value
        for merge in sheet.merges:
            made.merge_cells(None, merge.first_row, merge.first_column, merge.last_row, merge.last_column)
        made.sheet_state = "hidden" if sheet.is_hidden else "visible"
    return book
