"""What happened to firms between two snapshots on a page: renamed, moved, merged, entered, left; with likely pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from jiqun.enterprises import changes as told
from jiqun.enterprises import register
from jiqun.enterprises.changes import Change
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.snapshots import Manifest
from jiqun.model.errors import NothingYet
from jiqun.reports.firm import said
from jiqun.reports.firm_workbooks import notes, title, written
from jiqun.reports.firmbook import AREA, USE, Firmbook
from jiqun.reports.paging import Paging
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Page

PAGE = 50
MOST = 20_000
PAIRS = 50  # shown
_COLUMNS = {Change.MOVED: "area_id", Change.RECLASSIFIED: "industry_code", Change.STATUS: "status"}


@dataclass(frozen=True)
class ChangesFilter:
    """`since`, `until`: directories of two snapshots; "" for the one before the latest, and the latest."""

    since: str = ""
    until: str = ""
    kind: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """`into`: the firm it went into, "" for none; `is_here`: it stands in the later snapshot and has a page."""

    code: str
    name: str
    area: Ref | None
    kind: str
    label: str
    before: str
    after: str
    into: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A firm that left and one that entered under its name: for a person to look at."""

    left: str
    entered: str
    name: str


@dataclass(frozen=True)
class ChangesPage:
    book: Firmbook
    filter: ChangesFilter
    snapshots: tuple[Option, ...]
    since: date
    until: date
    rows: tuple[ChangeRow, ...]
    paging: Paging
    kinds: tuple[Option, ...]
    areas: tuple[Option, ...]
    pairs: tuple[Pair, ...]


def changes(book: Firmbook, wanted: ChangesFilter, page: int = 1) -> ChangesPage:
    """A page of the changes that fit. Raises NotFound where fewer than two days have a snapshot."""
    held = _held(book)
    earlier, later = _chosen(held, wanted)
    every = _every(book, earlier, later)
    fitting = _fitting(every, wanted)
    pages = max(1, -(-fitting.height // PAGE))
    number = min(max(1, page), pages)
    start = (number - 1) * PAGE
    rows = _rows(book, fitting[start : start + PAGE])
    return ChangesPage(
        book=book,
        filter=wanted,
        snapshots=tuple(Option(m.directory, f"{m.about.day}", m.rows) for m in held),
        since=earlier.about.day,
        until=later.about.day,
        rows=rows,
        paging=Paging(number, pages, fitting.height, start + 1 if rows else 0, start + len(rows)),
        kinds=_options(every, "change", {kind.value: kind.label for kind in Change}),
        areas=_options(every, AREA, {id_: area.short_name or area.name for id_, area in book.view.city.areas.items()}),
        pairs=_pairs(every),
    )


def changes_workbook(book: Firmbook, wanted: ChangesFilter, *, created: datetime) -> bytes:
    """The changes that fit, as an xlsx file."""
    earlier, later = _chosen(_held(book), wanted)
    fitting = _fitting(_every(book, earlier, later), wanted)
    columns = (
        Column("统一社会信用代码"), Column("企业名称", width=36), Column("区域"), Column("变更"),
        Column("原来", width=36), Column("现在", width=36),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [row.code, row.name or None, row.area.name if row.area else None, row.label, row.before or None,
         row.after or None]
        for row in _rows(book, fitting.head(MOST))
    ]  # fmt: skip
    sheet = Page("变更", columns, rows, title=title(book, f"企业变更（{earlier.about.day} 至 {later.about.day}）"))
    return written([sheet], notes(book, len(rows), fitting.height), created)


def _held(book: Firmbook) -> list[Manifest]:
    """Of each day the last edition known on the page's day, earliest first."""
    on = book.view.on
    known = [m for m in book.register.snapshots() if max(m.about.day, m.about.known_on) <= on]
    held = list({m.about.day: m for m in known}.values())
    if len(held) < 2:
        raise NothingYet("至少要有两天的名册，才看得出变更；请再导入另一天的名册")
    return held


def _chosen(held: list[Manifest], wanted: ChangesFilter) -> tuple[Manifest, Manifest]:
    by_name = {m.directory: m for m in held}
    later = by_name.get(wanted.until, held[-1])
    before = [m for m in held if m.about.day < later.about.day]
    if not before:
        later, before = held[-1], held[:-1]
    earlier = by_name.get(wanted.since)
    return (earlier if earlier in before else before[-1]), later


def _every(book: Firmbook, earlier: Manifest, later: Manifest) -> pl.DataFrame:
    """uscc, change, before, after, name, area_id, is_here; of firms that stood in the reader's areas on either day."""
    return book.kept(f"changes {earlier.digest} {later.digest}", lambda: _derived(book, earlier, later))


def _derived(book: Firmbook, earlier: Manifest, later: Manifest) -> pl.DataFrame:
    one, two = (register.read_snapshot(book.register, m, book.view.city, purpose=USE) for m in (earlier, later))
    found = told.changes(one, two)
    frames = [
        firms.rows.select(
            KEY, pl.col("name").alias(f"name:{at}"), pl.col(AREA).alias(f"area:{at}"), pl.lit(True).alias(f"in:{at}")
        ).collect(engine="streaming")
        for at, firms in enumerate((one, two))
    ]  # fmt: skip
    both = found.join(frames[0], on=KEY, how="left", maintain_order="left").join(
        frames[1], on=KEY, how="left", maintain_order="left"
    )
    placed = both.with_columns(
        name=pl.coalesce("name:1", "name:0"), **{AREA: pl.coalesce("area:1", "area:0")},
        is_here=pl.col("in:1").fill_null(False),
    )  # fmt: skip
    if book.areas is not None:
        own = sorted(book.areas)
        placed = placed.filter(pl.col("area:0").is_in(own) | pl.col("area:1").is_in(own))
    return placed.select(KEY, "change", "before", "after", "name", AREA, "is_here")


def _fitting(every: pl.DataFrame, wanted: ChangesFilter) -> pl.DataFrame:
    tests = [pl.lit(True)]
    if wanted.kind:
        tests.append(pl.col("change") == wanted.kind)
    if wanted.area:
        tests.append(pl.col(AREA).is_null() if wanted.area == "none" else pl.col(AREA) == wanted.area)
    return every.filter(pl.all_horizontal(tests))


def _rows(book: Firmbook, frame: pl.DataFrame) -> tuple[ChangeRow, ...]:
    return tuple(_row(book, row) for row in frame.iter_rows(named=True))


def _row(book: Firmbook, row: Mapping[str, Any]) -> ChangeRow:
    kind = Change(row["change"])
    into = row["after"] if kind is Change.MERGED else ""
    before, after = (_words(book, kind, row[name]) for name in ("before", "after"))
    return ChangeRow(
        row[KEY], row["name"] or "", book.view.names.area(row[AREA]), kind.value, kind.label, before, after, into or "",
        row["is_here"],
    )  # fmt: skip


def _words(book: Firmbook, kind: Change, value: str | None) -> str:
    column = book.firms.columns.get(_COLUMNS.get(kind, ""))
    return "" if value is None else said(book.view, column.attribute, value) if column else value


def _options(every: pl.DataFrame, column: str, names: Mapping[str, str]) -> tuple[Option, ...]:
    counted = every.group_by(column).len().sort("len", column, descending=[True, False]).iter_rows()
    return tuple(Option(value or "none", names.get(value or "", value or "未知"), n) for value, n in counted)


def _pairs(every: pl.DataFrame) -> tuple[Pair, ...]:
    found = told.likely_successors(every.select(KEY, "change", "before", "after")).head(PAIRS)
    return tuple(Pair(left, entered, name) for left, entered, name in found.iter_rows())
