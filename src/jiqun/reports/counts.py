"""Counts of titles year by year: opening stock, gains, losses, closing stock, beside what others published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from jiqun.enterprises.cohorts import Kind
from jiqun.enterprises.membership import Batch
from jiqun.enterprises.spells import End, Start
from jiqun.ledger.models import Event, Run, RunState
from jiqun.model.errors import NotFound
from jiqun.reports.firm_workbooks import written
from jiqun.reports.firmbook import Firmbook
from jiqun.reports.firms import ref_of
from jiqun.reports.listbook import batch_words
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Page
from jiqun.tables.xlsx import Kind as Cell

COUNTING = "count_cohorts"
GAINS = {Start.NEW: "新进", Start.RETURNED: "重新取得", Start.MOVED_IN: "迁入"}
LOSSES = {End.LAPSED: "到期", End.REVOKED: "取消", End.GONE: "企业注销或并入", End.MOVED_OUT: "迁出"}
VALUE_WORDS = {"exact": "", "about": "约", "at_least": "不少于", "preliminary": "初步数", "final": "最终数"}


@dataclass(frozen=True, slots=True)
class CountCell:
    """`value` None where lists of `missing` years are not there; `indicator` under which it would be recorded."""

    kind: str
    label: str
    value: int | None
    missing: tuple[int, ...]
    indicator: Ref | None


@dataclass(frozen=True)
class YearLine:
    """One year of one title in one place: the balance, and its five counts.

    `is_opening_least`, `is_closing_least`: lists of `missing` years are not there, so the stock is at least this.
    """

    year: int
    opening: int
    gains: tuple[int, ...]
    losses: tuple[int, ...]
    closing: int
    granted: int
    renewed: int
    unexplained: int
    missing: tuple[int, ...]
    counts: tuple[CountCell, ...]
    is_opening_least: bool
    is_closing_least: bool


@dataclass(frozen=True, slots=True)
class OpenRows:
    """A list of which rows still wait for a person, and so count nowhere."""

    name: str
    tier: Ref
    words: str
    rows: int


@dataclass(frozen=True, slots=True)
class Beside:
    """A published figure that our count differs from. `contradicts` None: 约 leaves it open."""

    indicator: Ref
    area: Ref | None
    year: int
    ours: int
    stated: str
    source: str
    by: str
    contradicts: bool | None


@dataclass(frozen=True)
class CountsPage:
    """`run` None: nothing was counted yet. `recorded` is the event that made figures of the run, 0 for none."""

    book: Firmbook
    run: Run | None
    tiers: tuple[Option, ...]
    tier: Ref | None
    areas: tuple[Option, ...]
    area: str
    lines: tuple[YearLine, ...]
    beside: tuple[Beside, ...]
    undecided: tuple[OpenRows, ...]
    is_invented: bool
    is_older: bool
    recorded: int
    no_indicator: tuple[str, ...]


def counts(book: Firmbook, tier_id: str = "", area_id: str = "") -> CountsPage:
    """The latest run that counted the lists, as of the page's day; within the reader's areas."""
    run = latest_run(book)
    if run is None:
        return CountsPage(book, None, (), None, (), "", (), (), (), False, False, 0, ())
    result, city = run.result, book.view.city
    balances = [row for row in result["balances"] if row["year"] < book.view.on.year]
    lists = [id_ for id_ in city.tiers if any(row["list_id"] == id_ for row in balances)]
    tier_id = tier_id if tier_id in lists else (lists[0] if lists else "")
    areas = _areas(book, [row for row in balances if row["list_id"] == tier_id])
    area_id = area_id if area_id in {option.value for option in areas} else (areas[0].value if areas else "")
    own = [row for row in balances if row["list_id"] == tier_id and (row["area_id"] or "") == area_id]
    counted = _counted(result["counts"], tier_id, area_id or city.area_id or "")
    lines = tuple(_line(book, row, counted.get(row["year"], {})) for row in sorted(own, key=lambda row: -row["year"]))
    return CountsPage(
        book=book,
        run=run,
        tiers=tuple(Option(id_, city.tiers[id_].name, 0) for id_ in lists),
        tier=ref_of(city.tiers[tier_id]) if tier_id else None,
        areas=areas,
        area=area_id,
        lines=lines,
        beside=_beside(book, result["differences"], tier_id),
        undecided=_undecided(book, result["undecided"]) if book.areas is None else (),
        is_invented=bool(result["is_invented"]),
        is_older=_is_older(book, run),
        recorded=_recorded(run),
        no_indicator=_no_indicator(book, tier_id),
    )


def latest_run(book: Firmbook) -> Run | None:
    done = Run.objects.filter(kind=COUNTING, state=RunState.DONE, parameters__register=book.register.name)
    return done.order_by("-id").first()


def counts_workbook(book: Firmbook, *, created: datetime) -> bytes:
    """All balances of the run within the reader's areas, as an xlsx file. Raises NotFound where nothing was counted."""
    run = latest_run(book)
    if run is None:
        raise NotFound("还没有核算过名单")
    city = book.view.city
    columns = (
        Column("层级", width=24), Column("区域"), Column("年份", Cell.INTEGER), Column("年初", Cell.INTEGER),
        *(Column(word, Cell.INTEGER) for word in (*GAINS.values(), *LOSSES.values())), Column("年末", Cell.INTEGER),
        Column("当年认定", Cell.INTEGER), Column("其中续认定", Cell.INTEGER), Column("历年累计", Cell.INTEGER),
        Column("不平", Cell.INTEGER), Column("缺名单的年份"),
    )  # fmt: skip
    every: dict[tuple[str, str, int], dict[str, dict[str, Any]]] = {}
    for count in run.result["counts"]:
        every.setdefault((count["list_id"], count["area_id"], count["year"]), {})[count["kind"]] = count
    rows: list[list[Value]] = []
    for row in run.result["balances"]:
        if row["year"] >= book.view.on.year or not _sees(book, row["area_id"]):
            continue
        area = book.view.names.area(row["area_id"] or city.area_id)
        tier = city.tiers.get(row["list_id"])
        parts = [row[f"gain_{name}"] for name in GAINS] + [row[f"loss_{name}"] for name in LOSSES]
        counted = every.get((row["list_id"], row["area_id"] or city.area_id or "", row["year"]), {})
        ever = counted.get(Kind.CUMULATIVE.value)
        numbers = [
            row["year"], None if _is_opening_least(counted) else row["opening"], *parts,
            None if row["missing"] else row["closing"], row["granted"], row["renewed"],
            ever["value"] if ever else row["ever"], row["unexplained"],
        ]  # fmt: skip
        cells = [None if number is None else Decimal(number) for number in numbers]
        missing = "、".join(map(str, _missing(counted))) or None
        rows.append([tier.name if tier else row["list_id"], area.name if area else None, *cells, missing])
    mark = "【演示数据：企业均为凭空生成】" if run.result["is_invented"] else ""
    sheet = Page("核算", columns, rows, title=f"{city.name}称号核算{mark}")
    told = [
        ("运行", f"第 {run.pk} 号，{run.created_at:%Y-%m-%d}，资料夹摘要 {run.folder_digest}"),
        ("缺名单的年份", "这些年份的名单没有收录，所以年初、年末或累计数空着：只知道不少于收录到的"),
        ("平衡", "年末 = 年初 + 新进 + 重新取得 + 迁入 − 到期 − 取消 − 注销或并入 − 迁出；不平的差数列在“不平”"),
    ]
    return written([sheet], told, created)


def _sees(book: Firmbook, area_id: str | None) -> bool:
    return book.areas is None or area_id in book.areas


def _areas(book: Firmbook, rows: list[dict[str, Any]]) -> tuple[Option, ...]:
    """The city first, where the reader sees all of it; then its areas in the folder's order."""
    there = {row["area_id"] for row in rows}
    city = book.view.city
    found = [Option("", city.name, 0)] if book.areas is None and None in there else []
    found += [Option(id_, area.name, 0) for id_, area in city.areas.items() if id_ in there and _sees(book, id_)]
    return tuple(found)


def _counted(rows: list[dict[str, Any]], tier_id: str, area_id: str) -> dict[int, dict[str, dict[str, Any]]]:
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for row in rows:
        if row["list_id"] == tier_id and row["area_id"] == area_id:
            found.setdefault(row["year"], {})[row["kind"]] = row
    return found


def _line(book: Firmbook, row: dict[str, Any], counted: dict[str, dict[str, Any]]) -> YearLine:
    cells = []
    for kind in Kind:
        found = counted.get(kind.value)
        indicator_id = found["indicator_id"] if found else None
        indicator = book.view.names.indicator(indicator_id) if indicator_id else None
        value = found["value"] if found else None
        cells.append(CountCell(kind.value, kind.label, value, tuple(found["missing"]) if found else (), indicator))
    return YearLine(
        year=row["year"],
        opening=row["opening"],
        gains=tuple(row[f"gain_{name}"] for name in GAINS),
        losses=tuple(row[f"loss_{name}"] for name in LOSSES),
        closing=row["closing"],
        granted=row["granted"],
        renewed=row["renewed"],
        unexplained=row["unexplained"],
        missing=_missing(counted),
        counts=tuple(cells),
        is_opening_least=_is_opening_least(counted),
        is_closing_least=bool(row["missing"]),
    )


def _missing(counted: Mapping[str, dict[str, Any]]) -> tuple[int, ...]:
    """Years without whose lists the opening or the closing stock cannot be told: those that the net change lacks."""
    net = counted.get(Kind.NET.value)
    return tuple(net["missing"]) if net else ()


def _is_opening_least(counted: Mapping[str, dict[str, Any]]) -> bool:
    """Whether the stock at the end of the year before is not told whole."""
    own, net = counted.get(Kind.STOCK.value), counted.get(Kind.NET.value)
    return bool(own and net and set(net["missing"]) - set(own["missing"]))


def _undecided(book: Firmbook, rows: Mapping[str, int]) -> tuple[OpenRows, ...]:
    found = []
    for name, number in rows.items():
        batch = Batch.parse(name)
        tier = book.view.city.tiers.get(batch.list_id)
        found.append(OpenRows(name, ref_of(tier) if tier else Ref("", batch.list_id), batch_words(batch), number))
    return tuple(found)


def _beside(book: Firmbook, rows: list[dict[str, Any]], tier_id: str) -> tuple[Beside, ...]:
    tier = book.view.city.tiers.get(tier_id)
    own = {id_ for _, id_ in tier.counted if id_} if tier else set()
    names = book.view.names
    return tuple(
        Beside(
            names.indicator(row["indicator_id"]), names.area(row["area_id"]), row["year"], row["ours"], row["stated"],
            "，".join(filter(None, (VALUE_WORDS.get(row["value_kind"]), row["source"]))),
            row["by"], row["contradicts"],
        )
        for row in sorted(rows, key=lambda row: (-row["year"], row["indicator_id"], row["area_id"]))
        if row["indicator_id"] in own and row["year"] < book.view.on.year
        and (book.areas is None or row["area_id"] in book.areas)
    )  # fmt: skip


def _is_older(book: Firmbook, run: Run) -> bool:
    """Whether lists or snapshots have come in, or been corrected, since the run counted."""
    later = Event.objects.filter(action__startswith="list.", recorded_at__gt=run.created_at)
    told = ("firms.imported", "firms.withdrawn")
    return later.exists() or Event.objects.filter(action__in=told, recorded_at__gt=run.created_at).exists()


def _recorded(run: Run) -> int:
    found = Event.objects.filter(action="cohorts.recorded", subject_key=str(run.pk)).order_by("-sequence").first()
    return found.sequence if found else 0


def _no_indicator(book: Firmbook, tier_id: str) -> tuple[str, ...]:
    """The kinds of count that the tier's data names no indicator for: they stay here and become no figure."""
    tier = book.view.city.tiers.get(tier_id)
    if tier is None:
        return ()
    named = {field.removesuffix("_id") for field, id_ in tier.counted if id_}
    return tuple(kind.label for kind in Kind if kind.value not in named)
