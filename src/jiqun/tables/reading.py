"""One door for files of tables: what it is, whether it is safe to open, and its sheets."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from jiqun.model import files
from jiqun.model.errors import NotFound
from jiqun.model.findings import Finding, Place, Severity
from jiqun.tables import delimited, ooxml
from jiqun.tables.archive import Archive, refuse
from jiqun.tables.workbook import Merge, Printed, Sheet, Stored, Workbook

MAX_BYTES = 200 * 1024**2
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_XLS = "application/vnd.ms-excel"
_OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
_FIFTEEN_DIGITS = Context(prec=15)
_AS_XLSX = "请在 Excel 或 WPS 中另存为 .xlsx 后重新上传"


def read(source: str | Path | bytes, name: str | None = None) -> Workbook:
    """The sheets of an xlsx, xls, csv or tsv file; what kind it is follows from its bytes, not from its name.

    Values come as stored: a formula by its cached result, a percent cell as its share, nothing as None.
    Raises InputRefused, with one line to a person, for a file over 200 MB, empty, damaged, encrypted, with macros or
    links to other files, that would expand beyond measure, or that is no table; NotFound where there is no such file.
    """
    name, content = _content(source, name)
    digest = hashlib.sha256(content).hexdigest()
    if not content.strip():
        raise refuse("empty", "文件是空的", "请确认文件已保存后重新上传", name)
    if content.startswith(b"PK"):
        media_type, (sheets, findings) = _XLSX, _zipped(content, name)
    elif content.startswith(_OLE_MAGIC):
        media_type, (sheets, findings) = _XLS, _legacy(content, name)
    else:
        media_type, sheets, findings = "text/csv", (_text(content, name),), ()
    if not any(sheet.height for sheet in sheets):
        raise refuse("empty", "文件里没有任何内容", "请确认填报内容已保存后重新上传", name)
    return Workbook(name, digest, media_type, sheets, findings)


def _content(source: str | Path | bytes, name: str | None) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        name, size, content = name or "表格", len(source), source
    else:
        name, size, content = _file_content(Path(source), name or Path(source).name)
    if size > MAX_BYTES:
        raise refuse("too_large", f"文件有 {-(-size >> 20)} MB，超过 200 MB 的上限", "请拆分后分别上传", name)
    return name, content


def _file_content(path: Path, name: str) -> tuple[str, int, bytes]:
    try:
        found = files.read_within(path, MAX_BYTES)
    except FileNotFoundError:
        raise NotFound(f"没有这个文件：{path}") from None
    except OSError as error:
        raise refuse("unreadable", f"文件打不开（{files.why(error)}）", "请检查路径和读取权限", str(path)) from error
    return (name, found, b"") if isinstance(found, int) else (name, len(found), found)


def _text(content: bytes, name: str) -> Sheet:
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head", b"<style")):
        raise refuse("not_a_table", "文件内容是网页或 XML，只是改了后缀名", _AS_XLSX, name)
    if head.startswith((b"%pdf", b"{\\rtf", b"\x89png", b"\xff\xd8\xff", b"rar!", b"7z\xbc\xaf")):
        raise refuse("not_a_table", "文件不是表格", "请上传 xlsx、xls 或 csv 文件", name)
    is_named_table = name.lower().endswith((".csv", ".tsv"))
    return delimited.read_sheet(content, name, must_have_columns=not is_named_table)


def _zipped(content: bytes, name: str) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    archive = Archive(content, name)
    parts = [part.lower() for part in archive.names()]
    if any(part.endswith(("vbaproject.bin", ".xlam")) or "/macrosheets/" in part for part in parts):
        raise refuse("macros", "文件含有宏，不予接收", "请另存为不含宏的 .xlsx 后重新上传", name)
    if "content.xml" in parts or any(part.endswith("workbook.bin") for part in parts):
        raise refuse("format_unsupported", "不支持 ods、xlsb 格式", _AS_XLSX, name)
    if not any(part.startswith("xl/") for part in parts) or "[content_types].xml" not in parts:
        raise refuse("not_a_table", "文件不是表格", "请上传 xlsx、xls 或 csv 文件", name)
    if any(part.startswith("xl/externallinks/") for part in parts):
        # What such a formula last showed is the figure of a file that nobody here has seen.
        raise refuse("external_links", "表中公式引用了其他文件，不予接收", "请把引用粘贴为数值后重新上传", name)
    return ooxml.read_sheets(archive, name)


def _legacy(content: bytes, name: str) -> tuple[tuple[Sheet, ...], tuple[Finding, ...]]:
    """An .xls by calamine: its grid is at most 65,536 × 256, so no stray cell can bring the reader down."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise refuse("encrypted", "文件已加密，无法读取", "请去掉密码后重新上传", name)
    if "_VBA_PROJECT".encode("utf-16-le") in content:
        raise refuse("macros", "文件含有宏，不予接收", "请另存为不含宏的 .xlsx 后重新上传", name)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            sheets = tuple(_legacy_sheets(book))
    except PasswordError as error:
        raise refuse("encrypted", "文件已加密，无法读取", "请去掉密码后重新上传", name) from error
    except (CalamineError, ValueError, OSError) as error:
        raise refuse("damaged", "文件已损坏或不是表格，打不开", _AS_XLSX, name) from error
    return sheets, (_format_note(name),)


def _format_note(name: str) -> Finding:
    message = "旧版 .xls 不带百分比格式信息，设成百分比的单元格按小数读取"
    return Finding("table.percent_unseen", Severity.NOTE, message, Place(name), "含百分比单元格时请另存为 .xlsx")


def _legacy_sheets(book: CalamineWorkbook) -> Iterator[Sheet]:
    for about in book.sheets_metadata:
        if about.typ is not SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        grid = [tuple(_legacy_value(value) for value in row) for row in sheet.to_python(skip_empty_area=False)]
        merges = tuple(Merge(r1 + 1, c1 + 1, r2 + 1, c2 + 1) for (r1, c1), (r2, c2) in sheet.merged_cell_ranges or ())
        yield Sheet(about.name, _trimmed(grid), merges, about.visible is not SheetVisibleEnum.Visible)


def _trimmed(grid: list[tuple[Stored, ...]]) -> tuple[tuple[Stored, ...], ...]:
    rows = [row[: max((i + 1 for i, value in enumerate(row) if value is not None), default=0)] for row in grid]
    while rows and not rows[-1]:
        rows.pop()
    return tuple(rows)


def _legacy_value(value: object) -> Stored:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        exact = _FIFTEEN_DIGITS.create_decimal(repr(value))
        return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() and exact.adjusted() < 27 else exact
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date()
        return Printed(value.strftime("%Y-%m-%d %H:%M:%S"), value.date())
    if isinstance(value, date):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value) or None
