"""csv and its kin: text of any encoding and separator that offices send → a sheet; and a csv that Excel opens well."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from jiqun.tables.archive import refuse
from jiqun.tables.workbook import Sheet, Value, shown

_SEPARATORS = ",\t;|，"
_SAMPLE = 64 * 1024
_FIELD_LIMIT = 1024 * 1024
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def read_text(content: bytes, name: str) -> str:
    """The characters of a file: UTF-8, UTF-16 or GB18030, a byte order mark not counted. Raises InputRefused."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        ("\ufeff".encode("gb18030"), "gb18030"),
    ):
        if content.startswith(mark):
            return _decode(content[len(mark) :], (encoding,), name)
    zeros = Counter(i % 2 for i, byte in enumerate(content[:4000]) if byte == 0)
    if sum(zeros.values()) * 10 > len(content[:4000]):  # Latin digits and commas in UTF-16 without its mark
        return _decode(content, ("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le",), name)
    return _decode(content, ("utf-8", "gb18030"), name)


def _decode(content: bytes, encodings: Sequence[str], name: str) -> str:
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise refuse(
        "encoding", "文件不是可识别的文字编码（UTF-8、GB18030、UTF-16）", "请另存为 UTF-8 编码的 csv 或 xlsx", name
    )


def read_sheet(content: bytes, name: str, *, must_have_columns: bool) -> Sheet:
    """The one sheet of a separated text; all its values are texts, blank lines kept so that rows count as in Excel.

    `must_have_columns`: a text in which no separator is found is refused as not a table.
    """
    text = read_text(content, name)
    separator = sniff(text)
    if separator is None:
        if must_have_columns:
            raise refuse("not_a_table", "文件不是表格", "请上传 xlsx、xls 或 csv 文件", name)
        separator = ","
    title = name.rsplit("/", 1)[-1].rsplit(".", 1)[0] or "表"
    grid = []
    for row in _records(text, separator, name):
        cells = [field or None for field in row]
        while cells and cells[-1] is None:
            cells.pop()
        grid.append(tuple(cells))
    while grid and not grid[-1]:
        grid.pop()
    return Sheet(title, tuple(grid))


def sniff(text: str) -> str | None:
    """The separator that gives the most rows of equal width, None where none gives two columns."""
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    best: tuple[float, int, str] | None = None
    for rank, separator in enumerate(_SEPARATORS):
        widths = Counter(len(row) for row in _records(sample, separator, "") if row)
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(0, 0))
        if width > 1:
            score = (rows / sum(widths.values()), -rank, separator)
            best = score if best is None or score > best else best
    return best[2] if best else None


def _records(text: str, separator: str, name: str) -> list[list[str]]:
    csv.field_size_limit(_FIELD_LIMIT)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        if not name:
            return []
        raise refuse(
            "damaged", "csv 文件的引号不配对或单元格过长，无法读取", "请在 Excel 或 WPS 中打开并另存后重新上传", name
        ) from error


def write(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """A csv that Excel and WPS open with Chinese intact: UTF-8 with its mark, CRLF.

    A text that a spreadsheet would run as a formula (it begins with = + - @) gets an apostrophe before it; numbers
    stay numbers, -5 included.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_safe(column) for column in columns])
    for row in rows:
        writer.writerow([_safe(value) for value in row])
    return codecs.BOM_UTF8 + out.getvalue().encode()


def _safe(value: Value) -> str:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    if isinstance(value, bool | Decimal | date) or value is None:
        return shown(value)
    return value
