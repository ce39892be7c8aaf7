"""Who loses which title when: by month and district, with how each firm stands on the rule, so that it can be told."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from jiqun.enterprises import cohorts
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.names import normal_form
from jiqun.reports.firm_workbooks import notes, title, written
from jiqun.reports.firmbook import AREA
from jiqun.reports.firms import LONGEST_QUERY, named
from jiqun.reports.listbook import HELD, Listbook
from jiqun.reports.paging import Paging
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

PAGE = 50
MOST = 20_000
MONTHS = 12  # looked ahead
SOONEST = "day"
_SORTS = {SOONEST: "lapses_on", "name": "firm", "area": AREA, "tier": "list_id", "answer": "answer"}
ANSWERS = {"meets": "符合", "fails": "不符合", "unknown": "未知"}


@dataclass(frozen=True)
class DueFilter:
    """`month` like 2023M9; `answer` is how the firm stands on the rule by the latest verdicts; `ahead` in months.

    `sort` is a key of the heads, with `-` from the last down; `q` a part of a name or code.
    """

    tier: str = ""
    area: str = ""
    month: str = ""
    answer: str = ""
    ahead: int | None = MONTHS
    q: str = ""
    sort: str = SOONEST


@dataclass(frozen=True, slots=True)
class DueRow:
    """`last_day`: the last day on which it holds."""

    code: str
    firm: str
    area: Ref | None
    tier: Ref
    held: str
    last_day: date
    answer: str


@dataclass(frozen=True, slots=True)
class MonthLine:
    """`counts`: titles that lapse in the month, by tier in the order of `DuePage.tiers`."""

    month: str
    label: str
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class DuePage:
    listbook: Listbook
    filter: DueFilter
    since: date
    until: date
    tiers: tuple[Ref, ...]
    months: tuple[MonthLine, ...]
    rows: tuple[DueRow, ...]
    paging: Paging
    options: Mapping[str, tuple[Option, ...]]


def due(listbook: Listbook, wanted: DueFilter, page: int = 1) -> DuePage:
    """Titles that lapse from the page's day on, the soonest first unless asked otherwise."""
    wanted = _sound(wanted)
    since, until = listbook.on, later(listbook.on, _ahead(wanted))
    every = _every(listbook, since, until)
    fitting = _fitting(every, wanted)
    pages = max(1, -(-fitting.height // PAGE))
    number = min(max(1, page), pages)
    start = (number - 1) * PAGE
    rows = _rows(listbook, fitting[start : start + PAGE])
    tiers = [id_ for id_ in listbook.book.view.city.tiers if id_ in set(every["list_id"])]
    tiers += sorted(set(every["list_id"]) - set(tiers))
    return DuePage(
        listbook=listbook,
        filter=wanted,
        since=since,
        until=until,
        tiers=tuple(listbook.tier(id_) for id_ in tiers),
        months=_months(_fitting(every, DueFilter(area=wanted.area, answer=wanted.answer, q=wanted.q)), tiers),
        rows=rows,
        paging=Paging(number, pages, fitting.height, start + 1 if rows else 0, start + len(rows)),
        options=_options(listbook, every),
    )


def due_workbook(listbook: Listbook, wanted: DueFilter, *, created: datetime) -> bytes:
    """The titles that lapse, as an xlsx file."""
    wanted = _sound(wanted)
    until = later(listbook.on, _ahead(wanted))
    fitting = _fitting(_every(listbook, listbook.on, until), wanted)
    columns = (
        Column("到期月份"), Column("最后有效日", Kind.DAY), Column("称号", width=24), Column("阶段"),
        Column("统一社会信用代码"), Column("企业名称", width=36), Column("区域"), Column("按现行标准和最近名册"),
    )  # fmt: skip
    rows: list[list[Value]] = [
        [f"{row.last_day:%Y-%m}", row.last_day, row.tier.name, row.held, row.code, row.firm or None,
         row.area.name if row.area else None, ANSWERS.get(row.answer, "没有判定")]
        for row in _rows(listbook, fitting.head(MOST))
    ]  # fmt: skip
    sheet = Page("到期", columns, rows, title=title(listbook.book, f"{listbook.on} 至 {until} 到期的称号"))
    told = [
        *notes(listbook.book, len(rows), fitting.height),
        ("依据", "已收录名单的有效期；到期前再次认定或复核的不列"),
        *([("查找", wanted.q)] if wanted.q else []),
    ]
    return written([sheet], told, created)


def later(day: date, months: int) -> date:
    """The same day so many months on, or the last of that month."""
    at = day.month - 1 + months
    year, month = day.year + at // 12, at % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _sound(wanted: DueFilter) -> DueFilter:
    sort = wanted.sort if wanted.sort.removeprefix("-") in _SORTS else SOONEST
    return replace(wanted, sort=sort, q=wanted.q[:LONGEST_QUERY])


def _ahead(wanted: DueFilter) -> int:
    return min(max(1, wanted.ahead or MONTHS), 60)


def _every(listbook: Listbook, since: date, until: date) -> pl.DataFrame:
    """list_id, held, uscc, lapses_on, month, firm, area_id, answer."""
    return listbook.book.kept(f"due {since} {until}", lambda: _derived(listbook, since, until))


def _derived(listbook: Listbook, since: date, until: date) -> pl.DataFrame:
    # a title that holds on the page's day loses it on a later one
    ending = cohorts.due(listbook.held(), date.fromordinal(since.toordinal() + 1), until)
    found = ending.join(listbook.names(), on=KEY, how="inner", maintain_order="left")
    return found.with_columns(answer=_answers(listbook, found))


def _answers(listbook: Listbook, found: pl.DataFrame) -> pl.Series:
    """How each firm stands on the rule of the title; "" where it was not judged."""
    book = listbook.book
    tiers = [id_ for id_ in found["list_id"].unique().sort() if book.is_judged(id_)]
    told: dict[tuple[str, str], str] = {}
    if tiers:
        codes = found[KEY].unique().to_list()
        rows = book.rows.filter(pl.col(KEY).is_in(codes)).select(KEY, *tiers).collect(engine="streaming")
        words = {True: "meets", False: "fails", None: "unknown"}
        for row in rows.iter_rows(named=True):
            told |= {(id_, row[KEY]): words[row[id_]] for id_ in tiers}
    pairs = found.select("list_id", KEY).iter_rows()
    return pl.Series("answer", [told.get((id_, code), "") for id_, code in pairs], dtype=pl.String)


def _fitting(every: pl.DataFrame, wanted: DueFilter) -> pl.DataFrame:
    tests = [pl.lit(True)]
    for column, value in (("list_id", wanted.tier), ("month", wanted.month), ("answer", wanted.answer)):
        if value:
            tests.append(pl.col(column) == value)
    if wanted.area:
        tests.append(pl.col(AREA).is_null() if wanted.area == "none" else pl.col(AREA) == wanted.area)
    if wanted.q:
        tests.append(named(wanted.q, normal_form(pl.col("firm"))))
    column = _SORTS[wanted.sort.removeprefix("-")]
    falling = [wanted.sort.startswith("-"), False, False]
    empty = pl.col(column).is_null() | (pl.col(column).cast(pl.String) == "")  # not known: last, either way
    return every.filter(pl.all_horizontal(tests)).sort(
        empty, column, "lapses_on", KEY, descending=[False, *falling], nulls_last=True, maintain_order=True
    )


def _rows(listbook: Listbook, frame: pl.DataFrame) -> tuple[DueRow, ...]:
    return tuple(
        DueRow(
            row[KEY], row["firm"], listbook.book.view.names.area(row[AREA]), listbook.tier(row["list_id"]),
            HELD[row["held"]], date.fromordinal(row["lapses_on"].toordinal() - 1), row["answer"],
        )
        for row in frame.iter_rows(named=True)
    )  # fmt: skip


def _months(every: pl.DataFrame, tiers: list[str]) -> tuple[MonthLine, ...]:
    counted = every.group_by("month", "list_id").len()
    cells = {(month, id_): n for month, id_, n in counted.iter_rows()}
    months = sorted({month for month, _ in cells}, key=lambda month: tuple(map(int, month.split("M"))))
    found = []
    for month in months:
        year, number = month.split("M")
        counts = tuple(cells.get((month, id_), 0) for id_ in tiers)
        found.append(MonthLine(month, f"{year}年{number}月", counts, sum(counts)))
    return tuple(found)


def _options(listbook: Listbook, every: pl.DataFrame) -> Mapping[str, tuple[Option, ...]]:
    names = listbook.book.view.names

    def area(id_: str | None) -> str:
        found = names.area(id_)
        return found.name if found else "未知"

    def of(column: str) -> list[tuple[str | None, int]]:
        return list(every.group_by(column).len().sort("len", column, descending=[True, False]).iter_rows())

    return {
        "tier": tuple(Option(id_ or "", listbook.tier(id_ or "").name, n) for id_, n in of("list_id")),
        "area": tuple(Option(id_ or "none", area(id_), n) for id_, n in of(AREA)),
    }
