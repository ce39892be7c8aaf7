"""The characters of a PDF's pages, with their places, put into printed lines and table cells."""

from __future__ import annotations

import ctypes
import unicodedata
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from jiqun.documents.pdftables import Grid, edges_of, grids_of
from jiqun.documents.transcript import RawCell

_COLUMN_GAP = 0.9  # heights of a letter: a wider blank parts columns

# Fonts often map a character to the code of the radical that looks the same (⻓ for 长, ⼀ for 一).
_SUPPLEMENT = dict(
    zip(
        "⺟⺠⻁⻄⻅⻆⻉⻋⻌⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "母民虎西见角贝车辶长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
_UNIFIED = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)},
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xF900, 0xFAFF)},
    **{ord(radical): plain for radical, plain in _SUPPLEMENT.items()},
}


@dataclass(frozen=True)
class Part:
    """Words of a line with wide blanks before and behind them."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def size(self) -> float:
        return self.top - self.bottom

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass
class Row:
    """A printed line, or a table: edges in points from the page's bottom left, `size` the height of its letters."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    table: list[RawCell] | None = None
    columns: tuple[float, ...] = ()  # of a table: the edges of its columns
    is_furniture: bool = False
    parts: tuple[Part, ...] = ()  # of a line: what wide blanks part


@dataclass
class Page:
    number: int
    height: float
    rows: list[Row] = field(default_factory=list)
    has_pictures: bool = False


@dataclass
class Char:
    """A character and its box, in points from the page's bottom left."""

    text: str
    left: float
    right: float
    bottom: float
    top: float


def pages_of(document: pypdfium2.PdfDocument) -> list[Page]:
    """Every page's lines in the order in which the file prints them."""
    found: list[Page] = []
    for index in range(len(document)):
        page = document[index]
        objects = _objects(page)
        is_picture = [pdfium.FPDFPageObj_GetType(o) == pdfium.FPDF_PAGEOBJ_IMAGE for o in objects]
        textpage = page.get_textpage()
        rows = rows_of(_chars(textpage), grids_of(edges_of(objects)))
        found.append(Page(index + 1, page.get_height(), rows, any(is_picture)))
        textpage.close()
        page.close()
    return found


def _objects(page: pypdfium2.PdfPage) -> list[object]:
    return [pdfium.FPDFPage_GetObject(page.raw, i) for i in range(pdfium.FPDFPage_CountObjects(page.raw))]


def _chars(textpage: pypdfium2.PdfTextPage) -> list[Char]:
    raw = textpage.raw
    box = pdfium.FS_RECTF()
    found: list[Char] = []
    for i in range(pdfium.FPDFText_CountChars(raw)):
        code = pdfium.FPDFText_GetUnicode(raw, i)
        if code in (0, 0xFFFE, 0xFFFF):
            continue
        text = "-" if code == 2 else _UNIFIED.get(code) or _character(code)
        pdfium.FPDFText_GetLooseCharBox(raw, i, ctypes.byref(box))
        found.append(Char(text, box.left, box.right, box.bottom, box.top))
    return _paired(found)


def _character(code: int) -> str:
    return chr(code) if code <= 0x10FFFF else "\ufffd"


def _paired(chars: list[Char]) -> list[Char]:
    """Characters with UTF-16 surrogate halves, which PDFium may give one by one, put together."""
    found: list[Char] = []
    for char in chars:
        if found and "\udc00" <= char.text <= "\udfff" and "\ud800" <= found[-1].text <= "\udbff":
            pair = found[-1].text + char.text
            found[-1].text = pair.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        else:
            found.append(char)
    for char in found:
        if "\ud800" <= char.text <= "\udfff":
            char.text = "\ufffd"
    return found


def _lined(chars: list[Char]) -> list[Char]:
    """The characters with a line end wherever the next stands on another line.

    PDFium's own line ends are not trusted: on a page of narrow table cells it takes the text for vertical writing
    and ends a line after each character.
    """
    found: list[Char] = []
    last: Char | None = None
    was_broken = False
    for char in chars:
        if char.text in "\r\n":
            was_broken = True
            continue
        if char.text.isspace():
            found.append(char)
            continue
        if last is not None:
            height = min(last.top - last.bottom, char.top - char.bottom)
            overlap = min(last.top, char.top) - max(last.bottom, char.bottom)
            if overlap < 0.3 * height or char.left < last.left - 0.5 * height:
                found.append(Char("\n", 0, 0, 0, 0))
            elif was_broken and char.left - last.right > 0.25 * height:
                found.append(Char(" ", 0, 0, 0, 0))
        found.append(char)
        last, was_broken = char, False
    return found


def rows_of(chars: list[Char], grids: list[Grid]) -> list[Row]:
    """Lines and tables in the order of their first characters."""
    chars = _lined(chars)
    rows: list[Row] = []
    pending: list[Char] = []
    filled: dict[int, tuple[Row, dict[int, list[Char]]]] = {}
    here: tuple[int, int] | None = None
    for char in chars:
        if char.text == "\n":
            if here is not None:
                filled[here[0]][1][here[1]].append(char)
            pending = _flush(pending, rows)
            continue
        here = here if char.text.isspace() else _place(char, grids)
        if here is None:
            pending.append(char)
            continue
        pending = _flush(pending, rows)
        number, cell = here
        if number not in filled:
            xs, ys = grids[number].xs, grids[number].ys
            rows.append(Row("", xs[0], xs[-1], ys[-1], ys[0], 10.0, [], tuple(xs)))
            filled[number] = rows[-1], {}
        filled[number][1].setdefault(cell, []).append(char)
    _flush(pending, rows)
    for number, (row, cells) in filled.items():
        row.table = [
            RawCell(c.row, c.column, _cell_text(cells.get(i, []), c.right), c.row_span, c.column_span)
            for i, c in enumerate(grids[number].cells)
        ]
        row.text = "".join(cell.text for cell in row.table)
    return rows


def _place(char: Char, grids: list[Grid]) -> tuple[int, int] | None:
    x, y = (char.left + char.right) / 2, (char.bottom + char.top) / 2
    for number, grid in enumerate(grids):
        cell = grid.cell_at(x, y)
        if cell is not None:
            return number, cell
    return None


def _flush(pending: list[Char], rows: list[Row]) -> list[Char]:
    printed = [char for char in pending if not char.text.isspace()]
    if printed:
        rows.append(
            Row(
                "".join(char.text for char in pending).strip(),
                min(char.left for char in printed),
                max(char.right for char in printed),
                min(char.bottom for char in printed),
                max(char.top for char in printed),
                max(char.top - char.bottom for char in printed),
                parts=_parts(pending, max(char.top - char.bottom for char in printed)),
            )
        )
    return []


def _parts(chars: list[Char], size: float) -> tuple[Part, ...]:
    found: list[list[Char]] = [[]]
    last: Char | None = None
    for char in chars:
        if not char.text.isspace():
            if last is not None and char.left - last.right > _COLUMN_GAP * size:
                found.append([])
            last = char
        found[-1].append(char)
    groups = [[c for c in group if not c.text.isspace()] for group in found]
    return tuple(
        Part(
            "".join(c.text for c in group).strip(), min(c.left for c in dark), max(c.right for c in dark),
            min(c.bottom for c in dark), max(c.top for c in dark),
        )
        for group, dark in zip(found, groups, strict=True)
        if dark
    )  # fmt: skip


def _cell_text(chars: list[Char], right: float) -> str:
    """A cell's lines put together where they reach its right edge, kept apart where they end before it."""
    text = ""
    line: list[Char] = []
    for char in [*chars, Char("\n", 0, 0, 0, 0)]:
        if char.text != "\n":
            line.append(char)
            continue
        words = "".join(c.text for c in line).strip()
        if words:
            text += words
            size = max(c.top - c.bottom for c in line)
            is_full = max(c.right for c in line) > right - 2.2 * size
            text += "" if is_full and not words[-1].isascii() else (" " if is_full else "\n")
        line = []
    return text.strip()
