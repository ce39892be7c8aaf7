"""The snapshots of the register on pages: which there are, and of one the rows that did not come in whole, as sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import polars as pl

from jiqun.enterprises import register, snapshots
from jiqun.enterprises.register import Register
from jiqun.enterprises.snapshots import Manifest, Origin
from jiqun.model.errors import Forbidden, NotFound
from jiqun.reports.firm_workbooks import written
from jiqun.reports.firmbook import USE, Firmbook
from jiqun.reports.paging import Paging
from jiqun.reports.view import View
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

PAGE = 50
MOST = 100_000
_DAMAGED: Mapping[str, pl.DataType] = {
    "line": pl.UInt32(), "is_in": pl.Boolean(), "text": pl.List(pl.String()), "reasons": pl.String()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """`is_held`: the last edition of its day; earlier ones are kept and no longer shown. `is_withdrawn`: so is it."""

    directory: str
    day: date
    edition: int
    figures_year: int
    known_on: date
    recorded_at: datetime
    rows: int
    damaged: int
    origins: tuple[Origin, ...]
    reason: str
    is_invented: bool
    is_held: bool
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class DamagedRow:
    """A row of the table as it was; `is_in`: the rest of it came in, with what is wrong left unknown."""

    line: int
    is_in: bool
    reasons: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class SnapshotPage:
    book: Firmbook
    row: SnapshotRow
    damaged: tuple[DamagedRow, ...]
    paging: Paging
    kept_out: int
    only: str


def rows(book: Register, view: View) -> tuple[SnapshotRow, ...]:
    """The snapshots known on the day and those since withdrawn, the latest first."""
    known = [m for m in book.editions() if m.about.known_on <= view.on and not m.about.is_withdrawn]
    standing = {m.directory for m in book.snapshots()}
    last = {m.about.day: m.edition for m in known if m.directory in standing}
    return tuple(
        _row(m, last.get(m.about.day) == m.edition, m.directory not in standing) for m in reversed(known)
    )  # fmt: skip


def registered(root_book: Register | None, view: View) -> tuple[SnapshotRow, ...]:
    return rows(root_book, view) if root_book else ()


def snapshot(book: Firmbook, directory: str, page: int = 1, only: str = "") -> SnapshotPage:
    """One snapshot with a page of its damaged rows; `only` "out" or "in". Raises NotFound, Forbidden as `_damaged`."""
    manifest = _manifest(book, directory)
    every = _damaged(book, manifest)
    fitting = every.filter(pl.col("is_in") == (only == "in")) if only in ("in", "out") else every
    pages = max(1, -(-fitting.height // PAGE))
    number = min(max(1, page), pages)
    start = (number - 1) * PAGE
    shown = fitting[start : start + PAGE]
    last = max(m.edition for m in book.register.snapshots() if m.about.day == manifest.about.day)
    return SnapshotPage(
        book=book,
        row=_row(manifest, last == manifest.edition),
        damaged=tuple(
            DamagedRow(row["line"], row["is_in"], row["reasons"] or "", _cells(row["text"]))
            for row in shown.iter_rows(named=True)
        ),
        paging=Paging(number, pages, fitting.height, start + 1 if shown.height else 0, start + shown.height),
        kept_out=every.filter(~pl.col("is_in")).height,
        only=only if only in ("in", "out") else "",
    )


def damaged_workbook(book: Firmbook, directory: str, *, created: datetime) -> bytes:
    """The damaged rows as they were, with what is wrong, as an xlsx file to be mended and sent again."""
    manifest = _manifest(book, directory)
    every = _damaged(book, manifest).head(MOST)
    width = max((len(_cells(text)) for text in every["text"]), default=0)
    columns = (
        Column("行", Kind.INTEGER), Column("是否收入"), Column("问题", width=48),
        *(Column(f"第{at + 1}列", width=20) for at in range(width)),
    )  # fmt: skip
    lines: list[list[Value]] = []
    for row in every.iter_rows(named=True):
        cells = _cells(row["text"])
        padded = [cell or None for cell in cells] + [None] * (width - len(cells))
        lines.append([Decimal(row["line"]), "已收入" if row["is_in"] else "未收入", row["reasons"], *padded])
    sheet = Page("有问题的行", columns, lines, title=f"{manifest.about.day} 名册里有问题的行")
    told = [("名册", f"{manifest.directory}，摘要 {manifest.digest}"), ("收集用途", manifest.purpose.label)]
    return written([sheet], told, created)


def held_day(book: Firmbook, directory: str) -> date:
    """The day of a snapshot that is the last of its day. Raises NotFound for one that is not there or was replaced."""
    manifest = _manifest(book, directory)
    if any(m.about.day == manifest.about.day and m.edition > manifest.edition for m in book.register.snapshots()):
        raise NotFound("这份名册已被更正，请到最后一版撤回")
    return manifest.about.day


def _manifest(book: Firmbook, directory: str) -> Manifest:
    for manifest in book.register.snapshots():
        if manifest.directory == directory and manifest.about.known_on <= book.view.on:
            return manifest
    raise NotFound("这一天没有这份名册，或它已撤回")


def _damaged(book: Firmbook, manifest: Manifest) -> pl.DataFrame:
    """line, is_in, text, reasons. Raises Forbidden for a reader of some areas: nobody knows of which area a row is."""
    if book.areas is not None:
        raise Forbidden("有问题的行看不出属于哪个地区，只有可以查看全市企业的账号能看")
    register.read_snapshot(book.register, manifest, book.view.city, purpose=USE)  # the wall
    found = snapshots.side_table(book.register.folder / manifest.directory, manifest, "damaged")
    return pl.DataFrame(schema=_DAMAGED) if found is None else found


def _cells(text: list[str | None] | pl.Series) -> tuple[str, ...]:
    cells = [cell or "" for cell in text]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _row(manifest: Manifest, is_held: bool, is_withdrawn: bool = False) -> SnapshotRow:
    about = manifest.about
    return SnapshotRow(
        manifest.directory, about.day, manifest.edition, about.figures_year, about.known_on, manifest.recorded_at,
        manifest.rows, manifest.damaged_rows, about.origins, about.reason, about.is_invented, is_held,
        is_withdrawn,
    )  # fmt: skip
