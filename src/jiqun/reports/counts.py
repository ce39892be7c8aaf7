"""Counts of titles year by year, as the lists known on the page's day say: stock, gains, losses, beside what others
published. Nothing is stored for a page; a run keeps the same numbers where a person had them counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from jiqun.enterprises import counting, membership
from jiqun.enterprises.cohorts import Balance, Count, Difference, Kind
from jiqun.enterprises.counting import Counted
from jiqun.enterprises.spells import HOLDING, End, Start
from jiqun.ledger.models import Event, Run, RunState
from jiqun.model.errors import NotFound
from jiqun.reports import published
from jiqun.reports.firm_workbooks import YEAR, written
from jiqun.reports.firmbook import Firmbook
from jiqun.reports.firms import ref_of
from jiqun.reports.holders import Holders, holders
from jiqun.reports.listbook import batch_words
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Page
from jiqun.tables.xlsx import Kind as Cell

COUNTING = "count_cohorts"
GAINS = {Start.NEW: "新进", Start.RETURNED: "重新取得", Start.MOVED_IN: "迁入"}
LOSSES = {End.LAPSED: "到期", End.REVOKED: "取消", End.GONE: "企业注销或并入", End.MOVED_OUT: "迁出"}
VALUE_WORDS = {
    "exact": "",
    "about": "约",
    "at_least": "不少于",
    "preliminary": "初步数",
    "final": "最终数",
    "revised": "修订数",
}


@dataclass(frozen=True, slots=True)
class Number:
    """A count as shown: one number, or what bounds it; `missing`: years whose lists are not there."""

    value: int | None
    least: int | None
    most: int | None
    missing: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        if self.value is not None:
            return f"{self.value:,}"
        if self.least is None:
            return "未知"
        return f"≥{self.least:,}" if self.most is None else f"{self.least:,}–{self.most:,}"

    @property
    def is_open(self) -> bool:
        """Whether rows that wait for a person make it a bound."""
        return self.value is None and self.most is not None


@dataclass(frozen=True, slots=True)
class CountCell:
    """`indicator` under which it would be recorded."""

    kind: str
    label: str
    number: Number
    indicator: Ref | None


@dataclass(frozen=True)
class YearLine:
    """One year of one title in one place: the balance, and its five counts.

    Gains and losses are those of decided rows. `missing`: years whose lists the stock would need.
    """

    year: int
    opening: Number
    gains: tuple[int, ...]
    losses: tuple[int, ...]
    closing: Number
    renewed: int
    unexplained: int
    missing: tuple[int, ...]
    counts: tuple[CountCell, ...]


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
    ours: Number
    stated: str
    source: str
    by: str
    contradicts: bool | None


@dataclass(frozen=True, slots=True)
class FirstList:
    """The first list of recognition there is: cumulative counts begin with it."""

    name: str
    words: str
    year: int


@dataclass(frozen=True)
class CountsPage:
    """`run`: the latest that counted just what the page shows, None where none did; `recorded`: the event that made
    figures of it, 0 for none.
    """

    book: Firmbook
    run: Run | None
    tiers: tuple[Option, ...]
    tier: Ref | None
    since: FirstList | None
    areas: tuple[Option, ...]
    area: str
    lines: tuple[YearLine, ...]
    beside: tuple[Beside, ...]
    undecided: tuple[OpenRows, ...]
    lists: int
    is_invented: bool
    recorded: int
    no_indicator: tuple[str, ...]
    holders: Holders | None


def counts(book: Firmbook, tier_id: str = "", area_id: str = "") -> CountsPage:
    """The counts of one title in one place, of every year that had ended, within the reader's areas."""
    city, lists = book.view.city, book.lists
    found = _counted(book)
    there = {each.list_id for each in found.balances}
    ids = [id_ for id_ in city.tiers if id_ in there]
    tier_id = tier_id if tier_id in ids else (ids[0] if ids else "")
    areas = _areas(book, [each for each in found.balances if each.list_id == tier_id])
    area_id = area_id if area_id in {option.value for option in areas} else (areas[0].value if areas else "")
    run = latest_run(book)
    return CountsPage(
        book=book,
        run=run,
        tiers=tuple(Option(id_, city.tiers[id_].name, 0) for id_ in ids),
        tier=ref_of(city.tiers[tier_id]) if tier_id else None,
        since=_first_list(book, tier_id),
        areas=areas,
        area=area_id,
        lines=_lines(book, found, tier_id, area_id) if areas else (),
        beside=_beside(book, tier_id),
        undecided=_undecided(book) if book.areas is None else (),
        lists=len(lists.kept),
        is_invented=lists.is_invented,
        recorded=_recorded(run) if run else 0,
        no_indicator=_no_indicator(book, tier_id),
        holders=holders(book, tier_id) if tier_id else None,
    )


def latest_run(book: Firmbook) -> Run | None:
    """The last run that counted the very lists and snapshots known on the page's day, every year that had ended."""
    inputs = membership.inputs(book.register, book.lists, book.view.on)
    wanted = set(range(_first_year(book), _this_year(book)))
    done = Run.objects.filter(kind=COUNTING, state=RunState.DONE, parameters__register=book.register.name)
    for run in done.filter(folder_digest=book.view.city.digest).order_by("-id"):
        told = run.parameters
        if all(told[what] == now for what, now in inputs.items()) and set(told["years"]) >= wanted:
            return run
    return None


def counts_workbook(book: Firmbook, *, created: datetime) -> bytes:
    """All balances within the reader's areas, as an xlsx file. Raises NotFound where there are no lists."""
    lists, city, found = book.lists, book.view.city, _counted(book)
    if not lists.kept:
        raise NotFound("还没有收录名单")
    columns = (
        Column("层级", width=24), Column("区域"), Column("年份", Cell.INTEGER, YEAR),
        Column("年初（家）", Cell.INTEGER),
        *(Column(word, Cell.INTEGER) for word in (*GAINS.values(), *LOSSES.values())),
        Column("年末（家）", Cell.INTEGER), Column("当年认定（家）", Cell.INTEGER), Column("其中续认定", Cell.INTEGER),
        Column("历年累计（家）", Cell.INTEGER), Column("累计自哪一年", Cell.INTEGER, YEAR),
        Column("不平", Cell.INTEGER),
        Column("年末至少", Cell.INTEGER), Column("年末至多", Cell.INTEGER), Column("累计至少", Cell.INTEGER),
        Column("累计至多", Cell.INTEGER), Column("缺名单的年份"),
    )  # fmt: skip
    made = _by_place(found.counts)
    rows: list[list[Value]] = []
    for each in found.balances:
        counted = made.get((each.list_id, each.area_id, each.year))
        if counted is None or not _is_shown(book, each):
            continue
        area = book.view.names.area(each.area_id or city.area_id)
        tier = city.tiers.get(each.list_id)
        stock, ever = _number(counted[Kind.STOCK]), _number(counted[Kind.CUMULATIVE])
        numbers = [
            each.year, _opening(made, each).value, *(each.gains[name] for name in GAINS),
            *(each.losses[name] for name in LOSSES), stock.value, _number(counted[Kind.GRANTED]).value, each.renewed,
            ever.value, counted[Kind.CUMULATIVE].since, each.unexplained,
            stock.least, stock.most, ever.least, ever.most,
        ]  # fmt: skip
        cells = [None if number is None else Decimal(number) for number in numbers]
        missing = "、".join(map(str, counted[Kind.NET].missing)) or None
        rows.append([tier.name if tier else each.list_id, area.name if area else None, *cells, missing])
    mark = "【演示数据：企业均为凭空生成】" if lists.is_invented else ""
    sheet = Page("核算", columns, rows, title=f"{city.name}称号核算{mark}")
    run = latest_run(book)
    told = [
        ("口径", f"按 {book.view.on} 已知的名单和名册数出" + (f"，与第 {run.pk} 号运行相同" if run else "")),
        ("至少、至多", "名单里有待定的行时，年末、累计只知道范围；缺名单的年份没有上限。这时“年末”“历年累计”空着"),
        ("历年累计", "自“累计自哪一年”的第一份认定名单起，每家只计一次；此前取得称号的企业不在内"),
        ("平衡", "年末 = 年初 + 新进 + 重新取得 + 迁入 − 到期 − 取消 − 注销或并入 − 迁出；不平的差数列在“不平”"),
    ]
    return written([sheet], told, created)


# --- counting


def _counted(book: Firmbook) -> Counted:
    """Every year that ended by the page's day, and the one before the first list, whose stock opens the first year."""
    return book.kept("counted lists", lambda: _count(book))


def _count(book: Firmbook) -> Counted:
    lists = book.lists
    years = range(_first_year(book) - 1, _this_year(book))
    waiting = membership.waiting(book.register, lists)
    return counting.counted(
        lists.entries, waiting, list(book.snapshots()), years, lists.coverage(book.view.city.tiers)
    )  # fmt: skip


def _this_year(book: Firmbook) -> int:
    """The year of the page's day, which has not ended; a day to come ends none."""
    return min(book.view.on, book.view.today).year


def _first_year(book: Firmbook) -> int:
    return min((each.batch.year for each in book.lists.kept), default=_this_year(book))


def _is_shown(book: Firmbook, each: Balance) -> bool:
    return each.year >= _first_year(book) and _sees(book, each.area_id)


def _by_place(made: tuple[Count, ...]) -> dict[tuple[str, str | None, int], dict[Kind, Count]]:
    found: dict[tuple[str, str | None, int], dict[Kind, Count]] = {}
    for each in made:
        found.setdefault((each.list_id, each.area_id, each.year), {})[each.kind] = each
    return found


def _number(count: Count) -> Number:
    return Number(count.value, count.least, count.most, count.missing)


def _opening(made: Mapping[tuple[str, str | None, int], dict[Kind, Count]], each: Balance) -> Number:
    return _number(made[each.list_id, each.area_id, each.year - 1][Kind.STOCK])


def _lines(book: Firmbook, found: Counted, tier_id: str, area_id: str) -> tuple[YearLine, ...]:
    made = _by_place(found.counts)
    own = [
        each for each in found.balances
        if (each.list_id, each.area_id or "") == (tier_id, area_id) and _is_shown(book, each)
    ]  # fmt: skip
    return tuple(_line(book, each, made) for each in sorted(own, key=lambda each: -each.year))


def _line(
    book: Firmbook, each: Balance, made: Mapping[tuple[str, str | None, int], dict[Kind, Count]]
) -> YearLine:  # fmt: skip
    counted = made[each.list_id, each.area_id, each.year]
    cells = []
    for kind in Kind:
        indicator_id = published.indicator_of(book.view.city, counted[kind])
        indicator = book.view.names.indicator(indicator_id) if indicator_id else None
        cells.append(CountCell(kind.value, kind.label, _number(counted[kind]), indicator))
    return YearLine(
        year=each.year,
        opening=_opening(made, each),
        gains=tuple(each.gains[name] for name in GAINS),
        losses=tuple(each.losses[name] for name in LOSSES),
        closing=_number(counted[Kind.STOCK]),
        renewed=each.renewed,
        unexplained=each.unexplained,
        missing=counted[Kind.NET].missing,
        counts=tuple(cells),
    )


def _first_list(book: Firmbook, tier_id: str) -> FirstList | None:
    recognised = [
        each.batch for each in book.lists.kept
        if each.batch.list_id == tier_id and HOLDING.get(each.batch.stage) == "recognised"
    ]  # fmt: skip
    if not recognised:
        return None
    first = min(recognised, key=lambda batch: (batch.year, batch.number))
    return FirstList(first.name, batch_words(first), first.year)


def _sees(book: Firmbook, area_id: str | None) -> bool:
    return book.areas is None or area_id in book.areas


def _areas(book: Firmbook, balances: list[Balance]) -> tuple[Option, ...]:
    """The city first, where the reader sees all of it; then its areas in the folder's order."""
    there = {each.area_id for each in balances}
    city = book.view.city
    found = [Option("", city.name, 0)] if book.areas is None and None in there else []
    found += [Option(id_, area.name, 0) for id_, area in city.areas.items() if id_ in there and _sees(book, id_)]
    return tuple(found)


def _undecided(book: Firmbook) -> tuple[OpenRows, ...]:
    found = []
    for each in book.lists.kept:
        if each.undecided:
            tier = book.view.city.tiers.get(each.batch.list_id)
            ref = ref_of(tier) if tier else Ref("", each.batch.list_id)
            found.append(OpenRows(each.batch.name, ref, batch_words(each.batch), each.undecided))
    return tuple(found)


def _beside(book: Firmbook, tier_id: str) -> tuple[Beside, ...]:
    city, names = book.view.city, book.view.names
    first = _first_year(book)
    every = book.kept(
        "counts beside", lambda: published.differences(city, _counted(book).counts, book.view.on)
    )  # fmt: skip
    own = [
        each for each in every
        if each.ours.list_id == tier_id and each.ours.year >= first and _sees(book, each.ours.area_id)
    ]  # fmt: skip
    own.sort(key=lambda each: (-each.ours.year, each.ours.kind, each.ours.area_id or ""))
    return tuple(
        Beside(
            names.indicator(published.indicator_of(city, each.ours) or ""),
            names.area(each.ours.area_id or city.area_id), each.ours.year, _number(each.ours),
            f"{each.stated.value:,}", _said_by(each), f"{each.by:+,}".replace("-", "−"), each.contradicts,
        )
        for each in own
    )  # fmt: skip


def _said_by(each: Difference) -> str:
    return "，".join(filter(None, (VALUE_WORDS.get(each.stated.value_kind), each.stated.source)))


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
