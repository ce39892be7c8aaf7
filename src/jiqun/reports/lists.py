"""Published lists on pages: which there are, one of them with its rows and those that wait for a person, by firm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from jiqun.enterprises import matching, membership
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.matching import Evidence, Verdict
from jiqun.enterprises.membership import Batch, Kept
from jiqun.enterprises.spells import OPEN, End, Stage, Start
from jiqun.reports.firm_workbooks import notes, title, written
from jiqun.reports.firmbook import AREA
from jiqun.reports.listbook import HELD, Listbook, batch_words
from jiqun.reports.near import clause_names
from jiqun.reports.paging import Paging, cut
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

PAGE = 50
OPEN_ROWS = 30  # each is looked up in the whole register
MOST = 20_000
STATES = {
    "holds": "有效",
    "coming": "还没有开始",
    "lapsed": "已到期",
    "revoked": "已取消",
    "gone": "企业已注销、迁出或并入",
}
VERDICTS = {Verdict.CERTAIN: "确定", Verdict.LIKELY: "很可能", Verdict.POSSIBLE: "可能"}
_ENDS = {End.LAPSED: "lapsed", End.REVOKED: "revoked", End.GONE: "gone"}


@dataclass(frozen=True)
class ListFilter:
    """`only` "undecided": lists with rows that wait for a person."""

    tier: str = ""
    stage: str = ""
    year: str = ""
    only: str = ""


@dataclass(frozen=True, slots=True)
class ListRow:
    name: str
    words: str
    tier: Ref
    stage: str
    stage_label: str
    year: int
    published_on: date
    entries: int
    undecided: int
    is_invented: bool
    is_corrected: bool


@dataclass(frozen=True)
class ListsPage:
    listbook: Listbook
    rows: tuple[ListRow, ...]
    paging: Paging
    filter: ListFilter
    options: Mapping[str, tuple[Option, ...]]
    waiting: int


@dataclass(frozen=True, slots=True)
class Entry:
    """`code` "" for a firm out of the register; `state` of `STATES` on the page's day, "" for a list that only ends."""

    line: int | None
    printed: str
    code: str
    firm: str
    area: Ref | None
    start: date
    stop: date | None
    state: str
    version: str
    clauses: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    code: str
    name: str
    score: float
    verdict: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row of which it is not known whose it is; `proposals` best first."""

    line: int
    name: str
    code: str
    why: str
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    number: int
    recorded_at: datetime
    entries: int
    undecided: int
    reason: str
    is_withdrawn: bool


@dataclass(frozen=True)
class ListPage:
    listbook: Listbook
    row: ListRow
    origin: str
    origin_digest: str
    entries: tuple[Entry, ...]
    paging: Paging
    open_rows: tuple[OpenRow, ...]
    open_more: int
    editions: tuple[Edition, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """One stretch for which a firm held something, and the entries it rests on."""

    tier: Ref
    held: str
    start: date
    stop: date | None
    state: str
    start_label: str
    entries: tuple[HeldEntry, ...]


@dataclass(frozen=True, slots=True)
class HeldEntry:
    name: str
    words: str
    start: date
    stop: date | None
    version: str
    clauses: tuple[str, ...]
    reason: str


def lists(listbook: Listbook, wanted: ListFilter, page: int = 1) -> ListsPage:
    """The lists that fit, the latest first; entries are counted within the reader's scope."""
    heads = ["list_id", "stage", "year", "number"]
    sizes = {Batch(a, Stage(b), c, d): n for a, b, c, d, n in listbook.lists.entries.group_by(heads).len().iter_rows()}
    every = [_row(listbook, each, sizes.get(each.batch, 0)) for each in listbook.lists.kept]
    every.sort(key=lambda row: (row.published_on, row.name), reverse=True)
    fitting = [row for row in every if _fits(row, wanted)]
    shown, paging = cut(fitting, page, PAGE)
    waiting = sum(row.undecided for row in every)
    return ListsPage(listbook, tuple(shown), paging, wanted, _options(every), waiting)


def _fits(row: ListRow, wanted: ListFilter) -> bool:
    pairs = ((wanted.tier, row.tier.id), (wanted.stage, row.stage), (wanted.year, str(row.year)))
    return all(not asked or asked == own for asked, own in pairs) and (wanted.only != "undecided" or row.undecided > 0)


def _options(every: list[ListRow]) -> Mapping[str, tuple[Option, ...]]:
    def of(pairs: list[tuple[str, str]]) -> tuple[Option, ...]:
        return tuple(Option(value, label, pairs.count((value, label))) for value, label in dict.fromkeys(pairs))

    years = sorted((row.year for row in every), reverse=True)
    return {
        "tier": of([(row.tier.id, row.tier.name) for row in every]),
        "stage": of([(row.stage, row.stage_label) for row in every]),
        "year": of([(str(year), str(year)) for year in years]),
    }


def _row(listbook: Listbook, each: Kept, entries: int) -> ListRow:
    about, batch = each.manifest.about, each.batch
    undecided = each.undecided if listbook.book.areas is None else 0
    return ListRow(
        batch.name, batch_words(batch), listbook.tier(batch.list_id), batch.stage.value, batch.stage.label, batch.year,
        about.day, entries, undecided, about.is_invented, each.manifest.edition > 1,
    )  # fmt: skip


# --- one list


def one_list(listbook: Listbook, name: str, page: int = 1) -> ListPage:
    """The list with a page of its rows. Raises NotFound for one that is not there on the day."""
    each = listbook.kept(name)
    rows = _own(listbook, each.batch)
    shown, paging = cut(range(rows.height), page, PAGE)
    part = rows[shown[0] : shown[-1] + 1] if shown else rows.head(0)
    origins = each.manifest.about.origins
    waiting = _waiting(listbook, each)
    return ListPage(
        listbook=listbook,
        row=_row(listbook, each, rows.height),
        origin="；".join(origin.source for origin in origins),
        origin_digest=next((origin.digest for origin in origins if origin.digest), ""),
        entries=_entries(listbook, each.batch, part),
        paging=paging,
        open_rows=_open_rows(listbook, each, waiting),
        open_more=max(0, waiting.height - OPEN_ROWS),
        editions=_editions(listbook, each.batch),
    )


def list_workbook(listbook: Listbook, name: str, *, created: datetime) -> bytes:
    """The list as an xlsx file, within the reader's scope; a second sheet has the rows that wait for a person."""
    each = listbook.kept(name)
    rows = _own(listbook, each.batch)
    found = _entries(listbook, each.batch, rows.head(MOST))
    columns = (
        Column("行", Kind.INTEGER), Column("名单上的名称", width=36), Column("统一社会信用代码"),
        Column("名册里的名称", width=36), Column("区域"), Column("起", Kind.DAY), Column("失效日", Kind.DAY),
        Column("状态"), Column("准入版本"), Column("依据条款", width=48), Column("说明", width=24),
    )  # fmt: skip
    row, book = _row(listbook, each, rows.height), listbook.book
    heading = title(book, f"{row.tier.name}{row.words}")
    pages = [Page("名单", columns, [_cells(entry) for entry in found], title=heading)]
    waiting = _waiting(listbook, each)
    if waiting.height:
        heads = (
            Column("行", Kind.INTEGER),
            Column("名单上的名称", width=36),
            Column("名单上的代码"),
            Column("待定的原因", width=40),
        )
        lines = [[Decimal(line), *rest] for line, *rest in waiting.select("line", "name", "code", "why").iter_rows()]
        pages.append(Page("待人工确认", heads, lines, title=heading))
    told = [
        *notes(book, len(found), rows.height),
        ("名单", f"{row.name}，{row.published_on} 公布，摘要 {each.manifest.digest}"),
    ]
    return written(pages, told, created)


def _cells(entry: Entry) -> list[Value]:
    line = None if entry.line is None else Decimal(entry.line)
    area = entry.area.name if entry.area else None
    return [
        line, entry.printed or None, entry.code, entry.firm or None, area, entry.start, entry.stop,
        STATES.get(entry.state) or None, entry.version or None, "；".join(entry.clauses) or None, entry.reason or None,
    ]  # fmt: skip


def _own(listbook: Listbook, batch: Batch) -> pl.DataFrame:
    wanted = pl.col("list_id") == batch.list_id
    for name, value in (("stage", batch.stage.value), ("year", batch.year), ("number", batch.number)):
        wanted &= pl.col(name) == value
    return listbook.lists.entries.filter(wanted).sort("line", KEY, nulls_last=True)


def _entries(listbook: Listbook, batch: Batch, rows: pl.DataFrame) -> tuple[Entry, ...]:
    held = batch.stage in (Stage.POOLED, Stage.CULTIVATED, Stage.RECOGNISED, Stage.RECHECKED)
    states = _states(listbook, batch, rows) if held else {}
    names = _clauses(listbook, batch.list_id)
    return tuple(
        Entry(
            row["line"], row["name"] or "", row[KEY], row["firm"], listbook.book.view.names.area(row[AREA]),
            row["valid_from"], row["valid_to"], states.get(row[KEY], ""), row["rule_version"] or "",
            tuple(names.get(id_, id_) for id_ in row["clauses"] or ()), row["reason"] or "",
        )
        for row in rows.iter_rows(named=True)
    )  # fmt: skip


def _states(listbook: Listbook, batch: Batch, rows: pl.DataFrame) -> dict[str, str]:
    """Firm → how it stands on the day with what this list granted."""
    kind = "recognised" if batch.stage is Stage.RECHECKED else batch.stage.value
    grants = listbook.book.kept("list grants", listbook.grants)
    own = grants.filter((pl.col("list_id") == batch.list_id) & (pl.col("held") == kind))
    mine = rows.select(KEY, "valid_from").join(own, left_on=[KEY, "valid_from"], right_on=[KEY, "from"])
    return {
        code: "holds" if stop > listbook.on else _ENDS[End(ends)]
        for code, stop, ends in mine.select(KEY, "to", "ends").iter_rows()
    }


def _clauses(listbook: Listbook, list_id: str) -> Mapping[str, str]:
    return clause_names(listbook.book, list_id, must=False)


def _waiting(listbook: Listbook, each: Kept) -> pl.DataFrame:
    """Rows that wait, for readers of every area only: nobody knows of which area they are."""
    rows = membership.undecided(listbook.book.register, each)
    return rows.sort("line") if listbook.book.areas is None else rows.head(0)


def _open_rows(listbook: Listbook, each: Kept, waiting: pl.DataFrame) -> tuple[OpenRow, ...]:
    if waiting.is_empty():
        return ()
    shown = waiting.head(OPEN_ROWS)
    key = f"proposals {each.manifest.digest}"
    found = listbook.book.kept(key, lambda: _proposals(listbook, shown))
    return tuple(
        OpenRow(row["line"], row["name"], row["code"] or "", row["why"], found.get(at, ()))
        for at, row in enumerate(shown.iter_rows(named=True))
    )


def _proposals(listbook: Listbook, rows: pl.DataFrame) -> dict[int, tuple[Proposal, ...]]:
    book = listbook.book
    dirty = rows.select("name", pl.col("code").alias(KEY))
    found: dict[int, list[Proposal]] = {}
    for one in matching.match(dirty, book.firms, book.view.city).iter_rows(named=True):
        evidence = tuple(Evidence(word).label for word in one["evidence"])
        proposal = Proposal(one[KEY], one["name"], one["score"], VERDICTS[Verdict(one["verdict"])], evidence)
        found.setdefault(one["row"], []).append(proposal)
    return {at: tuple(each) for at, each in found.items()}


def _editions(listbook: Listbook, batch: Batch) -> tuple[Edition, ...]:
    known = [m for m in membership.editions(listbook.book.register, batch) if m.about.known_on <= listbook.on]
    return tuple(
        Edition(m.edition, m.recorded_at, m.rows, m.damaged_rows, m.about.reason, m.about.is_withdrawn)
        for m in reversed(known)
    )


# --- by firm


def held_by(listbook: Listbook, code: str) -> tuple[Held, ...]:
    """What the firm was granted, by which list and edition, until when; what holds on the day first."""
    own = listbook.lists.entries.filter(pl.col(KEY) == code)
    mine = listbook.held().filter(pl.col(KEY) == code)
    found = [_held(listbook, own, stretch) for stretch in mine.iter_rows(named=True)]
    return tuple(sorted(found, key=lambda each: (each.state != "holds", -each.start.toordinal(), each.tier.name)))


def _held(listbook: Listbook, own: pl.DataFrame, stretch: Mapping[str, Any]) -> Held:
    start, stop = stretch["from"], stretch["to"]
    kinds = ["recognised", "rechecked"] if stretch["held"] == "recognised" else [stretch["held"]]
    entries = own.filter(
        (pl.col("list_id") == stretch["list_id"]) & pl.col("stage").is_in(kinds)
        & (pl.col("valid_from") >= start) & (pl.col("valid_from") < stop)
    ).sort("valid_from")  # fmt: skip
    names = _clauses(listbook, stretch["list_id"])
    state = "holds" if start <= listbook.on < stop else "coming" if start > listbook.on else _ENDS[End(stretch["ends"])]
    return Held(
        tier=listbook.tier(stretch["list_id"]),
        held=HELD[stretch["held"]],
        start=start,
        stop=None if stop == OPEN else stop,
        state=state,
        start_label="曾失效后再次取得" if stretch["starts"] == Start.RETURNED else "",
        entries=tuple(_held_entry(row, names) for row in entries.iter_rows(named=True)),
    )


def _held_entry(row: Mapping[str, Any], names: Mapping[str, str]) -> HeldEntry:
    batch = Batch(row["list_id"], Stage(row["stage"]), row["year"], row["number"])
    clauses = tuple(names.get(id_, id_) for id_ in row["clauses"] or ())
    return HeldEntry(
        batch.name, batch_words(batch), row["valid_from"], row["valid_to"], row["rule_version"] or "", clauses,
        row["reason"] or "",
    )  # fmt: skip
