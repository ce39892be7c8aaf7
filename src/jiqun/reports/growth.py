"""Growth of a round by area: comparable and published side by side, with the bridge between the two totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jiqun.ledger import access
from jiqun.model.errors import NotFound
from jiqun.model.periods import Period
from jiqun.records.growth import comparable_cells, growth, year_ago_round
from jiqun.records.models import Round, stands
from jiqun.records.projection import Basis, layout_of
from jiqun.reports.totals import BASES
from jiqun.reports.view import Ref, View
from jiqun.statistics.answers import printed
from jiqun.statistics.comparable import WORDS, Comparison, rounded
from jiqun.statistics.layout import Cell, Layout
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page


@dataclass(frozen=True)
class GrowthFilter:
    """`cell` is the key of the cell to compare, `area` the one whose bridge is shown, `known` the day it was known."""

    cell: str = ""
    area: str = ""
    known: str = ""
    basis: str = "accepted"


@dataclass(frozen=True, slots=True)
class GrowthLine:
    """An area. Amounts are printed numbers, growths in percent to one place; None is unknown.

    `matched_pct` stands for the `matched` of `present` respondents whose two figures are known; `comparable_pct` where
    these are all. `unknown` respondents lack a figure that the published growth and the bridge need."""

    area: Ref
    level: str
    current: str | None
    same_period: str | None
    past: str | None
    comparable_pct: Decimal | None
    published_pct: Decimal | None
    matched_pct: Decimal | None
    matched: int
    present: int
    unknown: int

    @property
    def apart(self) -> Decimal | None:
        """Percentage points from comparable to published growth, of the printed figures."""
        if self.comparable_pct is None or self.published_pct is None:
            return None
        return self.published_pct - self.comparable_pct


@dataclass(frozen=True, slots=True)
class BridgeStep:
    """`points`: percent of last year's published total; None where that is not above zero."""

    name: str
    name_en: str
    count: int
    amount: str
    points: Decimal | None
    is_fall: bool


@dataclass(frozen=True)
class GrowthPage:
    """`bridge` is None where a figure of it is unknown; `had_round` says whether a round was held a year ago."""

    round_key: str
    form: Ref
    number: str
    is_invented: bool
    period: str
    filter: GrowthFilter
    cells: tuple[tuple[str, str], ...]
    named: str
    unit: str
    lines: tuple[GrowthLine, ...]
    chosen: GrowthLine
    bridge: tuple[BridgeStep, ...] | None
    bases: Mapping[Basis, str]
    had_round: bool


@dataclass(frozen=True)
class _Found:
    round: Round
    laid: Layout
    cell: Cell
    areas: tuple[tuple[GrowthLine, Comparison], ...]


def growth_page(view: View, key: str, wanted: GrowthFilter, known: date | None) -> GrowthPage:
    """Raises NotFound for a round, cell or area that this reader may not see compared."""
    found = _found(view, key, wanted, known)
    chosen = next((one for one in found.areas if wanted.area in ("", one[0].area.id)), None)
    if chosen is None:
        raise NotFound("没有可以比较的报表，或不在本账号的范围内")
    form = found.laid.form
    return GrowthPage(
        round_key=key, form=Ref(form.id, form.name, form.name_en), number=form.number, is_invented=form.is_invented,
        period=Period.parse(found.round.period).label, filter=wanted,
        cells=tuple((cell.key, _named(found.laid, cell)) for cell in comparable_cells(found.laid)),
        named=_named(found.laid, found.cell), unit=found.cell.unit, lines=tuple(line for line, _ in found.areas),
        chosen=chosen[0], bridge=_bridge(chosen[1], found.cell), bases=BASES,
        had_round=year_ago_round(found.round) is not None,
    )  # fmt: skip


def growth_sheets(
    view: View, key: str, wanted: GrowthFilter, known: date | None
) -> tuple[Sequence[Page], Sequence[tuple[str, str]]]:
    """All areas that the reader may see, and the bridge of each, as sheets with their notes."""
    found = _found(view, key, wanted, known)
    form, period = found.laid.form, Period.parse(found.round.period).label
    title = f"{form.name} {period}　{_named(found.laid, found.cell)}（{found.cell.unit}）"
    lines: list[list[Value]] = []
    steps: list[list[Value]] = []
    for line, comparison in found.areas:
        amounts = (line.current, line.same_period, line.past)
        counts = (line.matched, line.present, line.unknown)
        lines.append([line.area.name, line.level, *map(_number, amounts), line.comparable_pct, line.published_pct,
                      line.apart, line.matched_pct, *map(Decimal, counts)])  # fmt: skip
        for step in _bridge(comparison, found.cell) or ():
            steps.append([line.area.name, step.name, Decimal(step.count), _number(step.amount), step.points])
    places = "#,##0" + ("." + "0" * found.cell.digits if found.cell.digits else "")
    rates = ("可比口径增速（%）", "按公布数计算增速（%）", "相差（百分点）", "同口径单位增速（%）")
    columns = [
        Column("区域"), Column("层级"),
        *(Column(title, Kind.NUMBER, places, 16) for title in ("本期数", "可比同期数", "上年公布数")),
        *(Column(title, Kind.NUMBER, "0.0") for title in rates),
        *(Column(title, Kind.INTEGER) for title in ("同口径单位数", "在库单位数", "缺数单位数")),
    ]  # fmt: skip
    bridge = [
        Column("区域"), Column("因素"), Column("单位数", Kind.INTEGER),
        Column(f"影响（{found.cell.unit}）", Kind.NUMBER, places, 16), Column("影响（百分点）", Kind.NUMBER, "0.00"),
    ]  # fmt: skip
    notes = [
        ("报表", f"{form.name}（{form.number}）"), ("口径", BASES[_basis(wanted)]),
        ("知悉日", (known or view.today).isoformat()),
        ("可比口径增速", "本期数比在库单位自报的上年同期数；有单位缺数的不给出"),
        ("上年公布数", "上年同期那一期按知悉日已通过的数，含修订；没有那一期的不给出"),
        *([("注意", "演示数据")] if form.is_invented else []),
    ]  # fmt: skip
    return (Page("增速", columns, lines, title=title), Page("差异构成", bridge, steps, title=title)), notes


def _found(view: View, key: str, wanted: GrowthFilter, known: date | None) -> _Found:
    round_ = stands(Round).filter(key=key).first()
    if round_ is None:
        raise NotFound("没有这一期报表")
    scope = access.areas_of_returns(view.user, view.city)
    laid = layout_of(round_, view.city)
    cells = comparable_cells(laid)
    cell = next((each for each in cells if wanted.cell in ("", each.key)), None)
    if cell is None:
        raise NotFound("这张表没有同时报本期数和上年同期数的这一指标")
    areas = []
    for level in growth(round_, view.city, cell, known, _basis(wanted)):
        name = laid.form.levels[level.level].name
        for one in level.comparisons:
            area = view.names.area(one.group)
            if area is not None and (scope is None or one.group in scope):
                areas.append((_line(area, name, one, cell), one))
    return _Found(round_, laid, cell, tuple(areas))


def _basis(wanted: GrowthFilter) -> Basis:
    return "submitted" if wanted.basis == "submitted" else "accepted"


def _line(area: Ref, level: str, one: Comparison, cell: Cell) -> GrowthLine:
    present, comparable = one.present, one.comparable
    return GrowthLine(
        area=area, level=level, current=_text(comparable.amount, cell), same_period=_text(comparable.base, cell),
        past=_text(one.published.base, cell), comparable_pct=comparable.pct(), published_pct=one.published.pct(),
        matched_pct=one.matched.pct(), matched=one.matched_count, present=present.count, unknown=one.unknown,
    )  # fmt: skip


def _bridge(one: Comparison, cell: Cell) -> tuple[BridgeStep, ...] | None:
    """The steps that somebody takes part in."""
    steps, points = one.bridge(), one.points()
    if steps is None:
        return None
    return tuple(
        BridgeStep(
            *WORDS[step.kind], step.count, printed(step.amount, cell.digits),
            rounded(points[step.kind], 2) if points else None, step.amount < 0,
        )
        for step in steps
        if step.count
    )  # fmt: skip


def _text(steps: int | None, cell: Cell) -> str | None:
    return None if steps is None else printed(steps, cell.digits)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _named(laid: Layout, cell: Cell) -> str:
    column = next(column for column in laid.columns if column.kind == cell.column)
    return f"{cell.row.name}（{column.group}{column.name}）"
