"""A round added up: each cell at an area with how far it reaches, as known on a day, down to the returns in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import NotFound
from jiqun.model.periods import Period
from jiqun.packs.schema.forms import FormColumn
from jiqun.records import context
from jiqun.records.deriving import is_derivable
from jiqun.records.models import Return, Round, stands
from jiqun.records.projection import Basis, counts_at, layout_of, projected
from jiqun.reports.paging import Paging
from jiqun.reports.view import Ref, View
from jiqun.statistics.answers import printed
from jiqun.statistics.layout import Layout, Row
from jiqun.statistics.rollup import KEY, Total, Totals
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

PAGE = 50
BASES: Mapping[Basis, str] = {"accepted": "已通过的", "submitted": "已报送的（未审核）"}


@dataclass(frozen=True)
class TotalsFilter:
    """`area` is where it is added up, `cell` the key of a cell to look into, `known` the day it was known."""

    area: str = ""
    cell: str = ""
    known: str = ""
    basis: str = "accepted"


@dataclass(frozen=True, slots=True)
class Figure:
    """A total as the page shows it; `text` None is unknown, and `why` says so."""

    key: str
    text: str | None
    why: str
    covered: str
    weight_pct: Decimal | None
    is_whole: bool


@dataclass(frozen=True, slots=True)
class TotalLine:
    row: Row
    figures: tuple[Figure | None, ...]


@dataclass(frozen=True, slots=True)
class Giver:
    """A return that is in a total, and what it says there."""

    key: str
    respondent: str
    area: Ref | None
    text: str


@dataclass(frozen=True)
class TotalsPage:
    """`areas`: the areas of the form's ladder that this reader may see added up, the highest first."""

    round_key: str
    form: Ref
    number: str
    is_invented: bool
    period: str
    filter: TotalsFilter
    area: Ref
    areas: tuple[tuple[str, tuple[Ref, ...]], ...]
    columns: tuple[FormColumn, ...]
    lines: tuple[TotalLine, ...]
    bases: Mapping[Basis, str]
    looked_into: str
    givers: tuple[Giver, ...]
    paging: Paging | None
    may_publish: bool
    may_derive: bool
    published_levels: tuple[str, ...]


def totals_page(view: View, key: str, wanted: TotalsFilter, known: date | None, page: int = 1) -> TotalsPage:
    """The round added up at one area. Raises NotFound for a round or area that this reader may not see added up."""
    round_, laid, found = _found(view, key, wanted, known)
    areas = areas_within(view, laid, found)
    reachable = {ref.id for _, several in areas for ref in several}
    area_id = wanted.area or next(iter(several[0].id for _, several in areas if several), "")
    area = view.names.area(area_id)
    if area is None or area_id not in reachable:
        raise NotFound("没有可以汇总的报表，或不在本账号的范围内")
    givers, paging = _givers(view, round_, laid, wanted, area_id, known, page)
    form = laid.form
    return TotalsPage(
        round_key=key, form=Ref(form.id, form.name, form.name_en), number=form.number, is_invented=form.is_invented,
        period=Period.parse(round_.period).label, filter=wanted, area=area, areas=areas, columns=laid.columns,
        lines=tuple(_lines(laid, found, area_id)), bases=BASES,
        looked_into=_named(laid, wanted.cell), givers=givers, paging=paging,
        may_publish=bool(access.may(view.user, Action.RUN_ROUNDS)) and bool(form.published.levels),
        may_derive=is_derivable(round_, view.city),
        published_levels=tuple(level.name for level in form.levels if level.id in form.published.levels),
    )  # fmt: skip


def totals_sheets(
    view: View, key: str, wanted: TotalsFilter, known: date | None
) -> tuple[Sequence[Page], Sequence[tuple[str, str]]]:
    """All areas that the reader may see, a line for each area and cell, as a sheet with its notes."""
    round_, laid, found = _found(view, key, wanted, known)
    reachable = {ref.id for _, several in areas_within(view, laid, found) for ref in several}
    names = {column.kind: column.group + column.name for column in laid.columns}
    columns = (
        Column("区域"), Column("指标", width=32), Column("代码"), Column("栏目"), Column("数值", Kind.FIGURE, width=18),
        Column("计量单位"), Column("覆盖面（份）"), Column("未给出的原因", width=30),
    )  # fmt: skip
    rows: list[list[Value]] = []
    for total in found.all:
        area = view.names.area(total.area_id)
        if area is None or total.area_id not in reachable:
            continue
        row = total.cell.row
        rows.append([area.name, row.name, row.code, names[total.cell.column],
                     None if total.text is None else Decimal(total.text), row.unit,
                     str(total.covered), total.reason or None])  # fmt: skip
    form = laid.form
    sheet = Page("汇总", columns, rows, title=f"{form.name} {Period.parse(round_.period).label}　汇总")
    notes = [
        ("报表", f"{form.name}（{form.number}）"), ("口径", BASES[_basis(wanted)]),
        ("知悉日", (known or view.today).isoformat()), ("覆盖面", "进入合计的份数/应报份数；不足规定比例的不给出合计"),
    ]  # fmt: skip
    return (sheet,), [*notes, *([("注意", "演示数据")] if form.is_invented else [])]


def _found(view: View, key: str, wanted: TotalsFilter, known: date | None) -> tuple[Round, Layout, Totals]:
    round_ = stands(Round).filter(key=key).first()
    if round_ is None:
        raise NotFound("没有这一期报表")
    return round_, layout_of(round_, view.city), context.totals(round_, view.city, known, _basis(wanted))


def _basis(wanted: TotalsFilter) -> Basis:
    return "submitted" if wanted.basis == "submitted" else "accepted"


def may_see_totals(view: View, seen: QuerySet[Any]) -> bool:
    """Whether a level of this reader's adds up any of the returns `seen`: one that only answers for itself does not."""
    if not access.may(view.user, Action.DECIDE_RETURNS):
        return False
    scope = access.areas_of_returns(view.user, view.city)
    return scope is None or any(not scope.isdisjoint(path) for path in seen.values_list("path", flat=True).iterator())


def areas_within(view: View, laid: Layout, found: Totals) -> tuple[tuple[str, tuple[Ref, ...]], ...]:
    """Levels from the highest, each with its areas inside the reader's scope that owe anything."""
    scope = access.areas_of_returns(view.user, view.city)
    by_level: dict[int, dict[str, Ref]] = {}
    for total in found.all:
        if scope is not None and total.area_id not in scope:
            continue
        area = view.names.area(total.area_id)
        if area is not None:
            by_level.setdefault(total.level, {}).setdefault(total.area_id, area)
    return tuple(
        (laid.form.levels[level].name, tuple(by_level[level].values())) for level in sorted(by_level, reverse=True)
    )


def _lines(laid: Layout, found: Totals, area_id: str) -> list[TotalLine]:
    at = {(total.cell.row.number, total.cell.column): total for total in found.at(area_id)}
    lines = []
    for row in laid.rows:
        if row.field.kind != "number" or row.field.roll_up.kind == "none":
            continue
        figures = tuple(_figure(at.get((row.number, column.kind))) for column in laid.columns)
        lines.append(TotalLine(row, figures))
    return lines


def _figure(total: Total | None) -> Figure | None:
    if total is None:
        return None
    is_whole = total.covered.counted == total.covered.owed
    return Figure(total.cell.key, total.text, total.reason, f"{total.covered.counted}/{total.covered.owed}",
                  total.covered.weight_pct, is_whole)  # fmt: skip


def _named(laid: Layout, key: str) -> str:
    cell = laid.by_key.get(key)
    if cell is None:
        return ""
    column = next(column for column in laid.columns if column.kind == cell.column)
    return f"{cell.row.name}（{column.group}{column.name}）"


def _givers(
    view: View, round_: Round, laid: Layout, wanted: TotalsFilter, area_id: str, known: date | None, page: int
) -> tuple[tuple[Giver, ...], Paging | None]:
    """The returns in the total of a cell, the largest figure first."""
    cell = laid.by_key.get(wanted.cell)
    if cell is None or not cell.is_number:
        return (), None
    rows = projected(round_, laid, known_on=known, basis=_basis(wanted))
    if cell.key not in rows.columns:
        return (), None
    held = rows.filter(counts_at(laid, area_id)).select(KEY, cell.key).drop_nulls()
    held = held.sort(cell.key, KEY, descending=[True, False])
    pages = max(1, -(-held.height // PAGE))
    number = min(max(1, page), pages)
    start = (number - 1) * PAGE
    shown = held[start : start + PAGE]
    owed = respondents_named(round_, shown[KEY].to_list())
    givers = tuple(
        Giver(f"{round_.key}|{id_}", owed[id_][0], view.names.area(owed[id_][1]), printed(steps, cell.digits))
        for id_, steps in shown.iter_rows()
    )
    return givers, Paging(number, pages, held.height, start + 1 if givers else 0, start + len(givers))


def respondents_named(round_: Round, ids: list[str]) -> dict[str, tuple[str, str]]:
    """Name and area of each of these respondents of the round."""
    rows = stands(Return).filter(round_key=round_.key)
    rows = rows.filter(respondent_id__in=ids) if len(ids) <= PAGE else rows
    return {id_: (name, area) for id_, name, area in rows.values_list("respondent_id", "respondent_name", "area_id")}
