"""The table of a round for outside users: areas by figures, with a mark where a total would lead back to a firm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import NotFound
from jiqun.model.periods import Period
from jiqun.records.models import Round, RoundState, stands
from jiqun.records.projection import layout_of
from jiqun.records.releasing import Release, came_out, last_release, release_of
from jiqun.reports.view import Ref, View
from jiqun.statistics.disclosure import DisclosureRules
from jiqun.statistics.layout import Cell, Layout
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

MARK = "…"  # what a figure that is not published shows, outside and in the workbook


@dataclass(frozen=True, slots=True)
class Shown:
    """`text` None: not published; `why` says so to those who publish, and is empty for others."""

    text: str | None
    why: str


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """An area with its figures, in the order of the columns; None where the form has no such total there."""

    area: Ref
    level: str
    figures: tuple[Shown | None, ...]


@dataclass(frozen=True)
class ReleasePage:
    """`day`: as known on it. `columns`: name and unit of each figure. `reasons` count what stays inside, for those who
    publish."""

    round_key: str
    form: Ref
    number: str
    is_invented: bool
    period: str
    is_final: bool
    day: date
    columns: tuple[tuple[str, str], ...]
    lines: tuple[ReleaseLine, ...]
    shown: int
    held: int
    reasons: tuple[tuple[str, int], ...]
    rules: DisclosureRules | None
    has_levels: bool

    @property
    def by_figure(self) -> tuple[tuple[str, str, tuple[Shown | None, ...]], ...]:
        """Name, unit and the figures of every area: for a table with more figures than areas; else empty."""
        if len(self.columns) <= len(self.lines):
            return ()
        turned = zip(*(line.figures for line in self.lines), strict=True)
        return tuple((*column, found) for column, found in zip(self.columns, turned, strict=True))


def release_page(view: View, key: str) -> ReleasePage:
    """Raises NotFound for no such round, or for one not locked yet where the reader does not publish it; Forbidden
    for those who may see no returns added up."""
    round_, laid, found, day = _found(view, key)
    may_know = bool(access.may(view.user, Action.RUN_ROUNDS))
    cells = _cells(laid, found)
    form = laid.form
    held, is_of_firms = found.released.held, form.respondents.kind == "firms"
    return ReleasePage(
        round_key=key, form=Ref(form.id, form.name, form.name_en), number=form.number, is_invented=form.is_invented,
        period=Period.parse(round_.period).label, is_final=round_.state == RoundState.LOCKED, day=day,
        columns=tuple((_named(laid, cell), cell.unit) for cell in cells),
        lines=tuple(_lines(view, laid, found, cells, may_know)), shown=len(found.released.shown), held=len(held),
        reasons=tuple(Counter(held.values()).most_common()) if may_know else (),
        rules=DisclosureRules.of(view.city, round_.period_end) if is_of_firms and may_know else None,
        has_levels=bool(form.published.levels),
    )  # fmt: skip


def release_sheets(view: View, key: str) -> tuple[Sequence[Page], Sequence[tuple[str, str]]]:
    """The table as it may be handed out, with its notes; why a figure is missing is not among them."""
    round_, laid, found, day = _found(view, key)
    cells = _cells(laid, found)
    form, period = laid.form, Period.parse(round_.period).label
    columns = [Column("区域", width=16)]
    for cell in cells:
        places = "#,##0" + ("." + "0" * cell.digits if cell.digits else "")
        columns.append(Column(f"{_named(laid, cell)}（{cell.unit}）", Kind.NUMBER, places, 18))
    rows: list[list[Value]] = []
    for line in _lines(view, laid, found, cells, may_know=False):
        rows.append([line.area.name, *(
            None if one is None else MARK if one.text is None else Decimal(one.text) for one in line.figures
        )])  # fmt: skip
    notes = [
        ("报表", f"{form.name}（{form.number}）"), ("报告期", period),
        ("数据性质", "最终数" if round_.state == RoundState.LOCKED else "初步数"),
        ("知悉日", day.isoformat()),
        (MARK, "不公布：覆盖面不足，或可能推算出单个填报单位"),
        *([("注意", "演示数据")] if form.is_invented else []),
    ]  # fmt: skip
    return (Page("公布表", columns, rows, title=f"{form.name} {period}"),), notes


def _found(view: View, key: str) -> tuple[Round, Layout, Release, date]:
    """The last is the day as of which the table is: today's for who publishes, of its coming out for readers."""
    round_ = stands(Round).filter(key=key).first()
    if round_ is None:
        raise NotFound("没有这一期报表")
    access.areas_of_returns(view.user, view.city)
    if access.may(view.user, Action.RUN_ROUNDS):
        return round_, layout_of(round_, view.city), release_of(round_, view.city), view.today
    if round_.state != RoundState.LOCKED:
        raise NotFound("这一期还没有锁定，公布表尚未形成")
    # While returns come in or are revised, two looks at a table would tell of the firm accepted between them.
    out = came_out(round_, view.city)
    return round_, layout_of(round_, view.city), last_release(round_, view.city), out[-1].day if out else view.today


def _cells(laid: Layout, found: Release) -> tuple[Cell, ...]:
    wanted = {total.cell.key for total in found.wanted}
    return tuple(cell for cell in laid.numbers if cell.key in wanted)


def _lines(view: View, laid: Layout, found: Release, cells: Sequence[Cell], may_know: bool) -> list[ReleaseLine]:
    """The highest level first, areas in the folder's order."""
    by_area: dict[str, dict[str, str | None]] = {}
    level: dict[str, int] = {}
    shown = found.shown
    for total in found.wanted:
        place = (total.area_id, total.cell.key)
        by_area.setdefault(total.area_id, {})[total.cell.key] = total.text if place in shown else None
        level[total.area_id] = total.level
    order = {area_id: at for at, area_id in enumerate(view.city.areas)}
    lines = []
    for area_id in sorted(by_area, key=lambda one: (-level[one], order.get(one, len(order)))):
        area = view.names.area(area_id)
        if area is not None:
            figures = _figures(by_area[area_id], found.released.held if may_know else {}, area_id, cells)
            lines.append(ReleaseLine(area, laid.form.levels[level[area_id]].name, figures))
    return lines


def _figures(
    texts: Mapping[str, str | None], held: Mapping[tuple[str, str], str], area_id: str, cells: Sequence[Cell]
) -> tuple[Shown | None, ...]:
    return tuple(
        Shown(texts[cell.key], held.get((area_id, cell.key), "")) if cell.key in texts else None for cell in cells
    )


def _named(laid: Layout, cell: Cell) -> str:
    column = next(column for column in laid.columns if column.kind == cell.column)
    is_one = len({each.column for each in laid.numbers if each.field is cell.field}) == 1
    return cell.row.name if is_one else f"{cell.row.name}（{column.group}{column.name}）"
