"""A round by derived industry or cluster: bounds where a class counts in part, each firm once; down to the firms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from jiqun.ledger import access
from jiqun.model.errors import NotFound
from jiqun.model.periods import Period
from jiqun.records import context, derived_editions, deriving
from jiqun.records.deriving import CLASSIFICATIONS, Derivation, Target, derivable_cells, ways
from jiqun.records.models import Round, RoundState, stands
from jiqun.records.projection import layout_of
from jiqun.records.releasing import last_release
from jiqun.reports.kept import kept
from jiqun.reports.paging import Paging, cut
from jiqun.reports.totals import areas_within, respondents_named
from jiqun.reports.view import Ref, View
from jiqun.statistics import derived
from jiqun.statistics.answers import printed
from jiqun.statistics.derived import WHY, Sum
from jiqun.statistics.derived_release import Shown
from jiqun.statistics.layout import Cell, Layout
from jiqun.statistics.rollup import Total, Totals, rounded

PAGE = 50
_Levels = tuple[tuple[str, tuple[Ref, ...]], ...]
NOBODY = Sum("", 0, 0, 0, 0, 0, Fraction(0), Fraction(0))


@dataclass(frozen=True)
class DerivedFilter:
    """`way` is how firms are sorted, `target` and `code` what is looked into, `known` the day it was known."""

    way: str = CLASSIFICATIONS
    cell: str = ""
    area: str = ""
    known: str = ""
    target: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """At least `low`, at most `high`, as printed; shares of the round's total in percent, None where that is not above
    zero. `firms` are those it is made of, `in_part` of them count in part or by a share, `unknown` left it empty.
    `is_exact`: both are the same before they are rounded, and nobody left it empty."""

    low: str
    high: str
    low_pct: Decimal | None
    high_pct: Decimal | None
    firms: int
    in_part: int
    unknown: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class DerivedLine:
    """A target with what belongs to it; `amount` None: not shown to this reader. `shared`: with each of the lines in
    their order, None where they have no firm in common or it is not shown; of itself the amount."""

    ref: Ref
    amount: Amount | None
    shared: tuple[Amount | None, ...]


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A class of the register in a target, and why it counts as it does."""

    code: str
    name: str
    whys: tuple[str, ...]
    amount: Amount


@dataclass(frozen=True, slots=True)
class FirmLine:
    """A return with the class of its firm and what of it counts."""

    key: str
    respondent: str
    code: str
    why: str
    stated: str | None
    low: str | None
    high: str | None


@dataclass(frozen=True)
class DerivedPage:
    """`is_protected`: this reader sees only what no firm can be inferred from. `whole` is all lines together, each firm
    once, `apart` what they come to if added up; None where not shown. `total` None: too few returns are in, see `why`.
    `leaves_shares`: firms say their share of the industry whose groups these are, which no group can use. `classless`:
    firms whose class the register does not know, and what they come to.
    """

    round_key: str
    form: Ref
    number: str
    is_invented: bool
    period: str
    filter: DerivedFilter
    area: Ref
    areas: tuple[tuple[str, tuple[Ref, ...]], ...]
    cells: tuple[tuple[str, str], ...]
    cell: str
    named: str
    unit: str
    ways: tuple[Ref, ...]
    is_protected: bool
    total: str | None
    why: str
    covered: str
    lines: tuple[DerivedLine, ...]
    whole: Amount | None
    apart: tuple[str, str] | None
    leaves_shares: bool
    classless: tuple[int, str]
    chosen: Ref | None
    codes: tuple[CodeLine, ...]
    code: str
    firms: tuple[FirmLine, ...]
    paging: Paging | None


@dataclass(frozen=True)
class Found:
    """A round added up for one reader: `shown` is None where the reader may see everything. `known`: as known on that
    day; None as now."""

    round: Round
    laid: Layout
    cells: tuple[Cell, ...]
    cell: Cell
    area: Ref
    areas: tuple[tuple[str, tuple[Ref, ...]], ...]
    total: Total
    derivation: Derivation
    shown: Shown | None
    known: date | None


def derived_page(
    view: View, registers: Path, key: str, wanted: DerivedFilter, known: date | None, page: int = 1
) -> DerivedPage:
    """Raises NotFound for a round, cell or area that this reader may not see so; Forbidden for those who may see no
    returns added up."""
    found = find(view, registers, key, wanted, known)
    form, laid = found.laid.form, found.laid
    lines = lines_of(found)
    targets = {line.ref.id: line.ref for line in lines}
    chosen = targets.get(wanted.target) if found.shown is None and found.total.steps is not None else None
    codes = codes_of(view, found, chosen) if chosen else ()
    firms, paging = firms_of(found, chosen, wanted.code, page) if chosen else ((), None)
    count, amount = found.derivation.classless
    return DerivedPage(
        round_key=key, form=Ref(form.id, form.name, form.name_en), number=form.number, is_invented=form.is_invented,
        period=Period.parse(found.round.period).label, filter=wanted, area=found.area, areas=found.areas,
        cells=tuple((cell.key, named(laid, cell)) for cell in found.cells), cell=found.cell.key,
        named=named(laid, found.cell), unit=found.cell.unit,
        ways=tuple(_ref(way) for way in ways(view.city, found.round.period_end) if found.shown is None or not way.id),
        is_protected=found.shown is not None, total=found.total.text, why=found.total.reason,
        covered=str(found.total.covered) if found.shown is None else "",
        lines=lines, whole=whole_of(found), apart=_apart(found),
        leaves_shares=bool(wanted.way) and any(field.share_of_series == wanted.way for field in form.fields),
        classless=(count, _text(Fraction(amount), found.cell)) if found.shown is None else (0, ""),
        chosen=chosen, codes=codes, code=wanted.code, firms=firms, paging=paging,
    )  # fmt: skip


def find(view: View, registers: Path, key: str, wanted: DerivedFilter, known: date | None) -> Found:
    """The round as this reader may see it. Raises as `derived_page` does."""
    round_ = stands(Round).filter(key=key).first()
    if round_ is None:
        raise NotFound("没有这一期报表")
    access.areas_of_returns(view.user, view.city)
    if not deriving.is_derivable(round_, view.city):
        raise NotFound("这张表不由企业填报，不能按产业归集")
    laid = layout_of(round_, view.city)
    totals = context.totals(round_, view.city, known)
    areas, outside = _areas(view, round_, laid, totals)
    first = next((several[0] for _, several in (*areas, *outside)), None)
    area = next((r for _, several in (*areas, *outside) for r in several if r.id == wanted.area), None)
    area = area if wanted.area else first
    if area is None:
        raise NotFound("没有可以汇总的报表，或不在本账号的范围内")
    every = (*outside, *areas)
    if any(area in several for _, several in outside):
        return _from_outside(view, round_, registers, area, every, wanted.cell)
    cells = derivable_cells(laid)
    cell = next((each for each in cells if wanted.cell in ("", each.key)), None)
    if cell is None:
        raise NotFound("这张表没有这个可以加总的指标")
    asked = f"derived {round_.key} {cell.key} {area.id} {wanted.way} {known}"
    derivation = kept(
        view, asked,
        lambda: deriving.derive(
            round_, view.city, registers, cell=cell, area_id=area.id, way=wanted.way, known_on=known
        ),
    )  # fmt: skip
    return Found(round_, laid, cells, cell, area, every, totals.by[area.id, cell.key], derivation, None, known)


def _from_outside(
    view: View, round_: Round, registers: Path, area: Ref, every: _Levels, wanted: str
) -> Found:  # fmt: skip
    """As the table came out last: two looks at returns as they are would tell of the firm that changed between them."""
    told = last_release(round_, view.city).shown
    cells = tuple(cell for cell in derivable_cells(layout_of(round_, view.city)) if (area.id, cell.key) in told)
    # who comes from an area of its own with a cell that is not released sees one that is
    key = next((cell.key for cell in cells if cell.key == wanted), None) or next((cell.key for cell in cells), "")
    out = derived_editions.last_edition(round_, view.city, registers, cell_key=key, area_id=area.id)
    if out is None:
        raise NotFound("这一期没有可以公布的合计")
    laid = layout_of(round_, out.city)
    total = context.totals(round_, out.city, upto=out.sequence).by[area.id, key]
    return Found(round_, laid, cells, out.cell, area, every, total, out.derivation, out.shown, out.day)


def _areas(view: View, round_: Round, laid: Layout, totals: Totals) -> tuple[_Levels, _Levels]:
    """Levels with the areas that the reader may see added up; and of a locked round the highest where it may not."""
    own = areas_within(view, laid, totals)
    ids = dict.fromkeys(total.area_id for total in totals.all if total.level == len(laid.form.levels) - 1)
    held = {ref.id for _, several in own for ref in several}
    top = tuple(ref for id_ in ids if id_ not in held and (ref := view.names.area(id_)) is not None)
    return own, ((laid.form.levels[-1].name, top),) if top and round_.state == RoundState.LOCKED else ()


def lines_of(found: Found) -> tuple[DerivedLine, ...]:
    """Every target in the folder's order, also those that no firm belongs to; none where the total is unknown."""
    if found.total.steps is None:
        return ()
    made, may = found.derivation, found.shown
    sums = {id_: _amount(each, found) for id_, each in made.sums.items()}
    pairs = {
        (each.one, each.other): _amount(
            Sum("", each.firms, 0, 0, 0, 0, each.low, each.high), found)
        for each in made.overlaps if may is None or (each.one, each.other) in may.pairs
    }  # fmt: skip
    lines = []
    for target in made.targets:
        is_shown = may is None or target.id in may.targets or target.id not in sums
        own = sums.get(target.id) or _amount(NOBODY, found)
        both = (tuple(sorted((target.id, other.id))) for other in made.targets)
        shared = tuple(own if pair[0] == pair[1] else pairs.get((pair[0], pair[1])) for pair in both)
        lines.append(DerivedLine(_ref(target), own if is_shown else None, shared))
    return tuple(lines)


def whole_of(found: Found) -> Amount | None:
    """All targets together, each firm once; None where it is not known or not shown."""
    if found.total.steps is None or (found.shown is not None and not found.shown.whole):
        return None
    return _amount(found.derivation.whole, found)


def _apart(found: Found) -> tuple[str, str] | None:
    sums = found.derivation.sums
    if found.total.steps is None or (found.shown is not None and not sums.keys() <= found.shown.targets):
        return None
    ends = (sum((getattr(each, end) for each in sums.values()), Fraction(0)) for end in ("low", "high"))
    low, high = (_text(end, found.cell) for end in ends)
    return low, high


def codes_of(view: View, found: Found, target: Ref) -> tuple[CodeLine, ...]:
    """The classes that firms of the target have, the largest first."""
    rows = found.derivation.found.filter(pl.col("target") == target.id)
    by_code = rows.with_columns(target=pl.col("industry_code").fill_null(""))
    whys = dict(by_code.group_by("target").agg(pl.col("why").unique()).iter_rows())
    industries = view.city.industries
    lines = [
        CodeLine(
            each.target, industries[each.target].name if each.target in industries else "",
            tuple(words for why, words in WHY.items() if why in whys[each.target]), _amount(each, found),
        )
        for each in sorted(derived.sums(by_code), key=lambda one: (-one.high, one.target))
    ]  # fmt: skip
    return tuple(lines)


def firms_of(found: Found, target: Ref, code: str, page: int) -> tuple[tuple[FirmLine, ...], Paging]:
    """A page of the returns in the target, or in one class of it, the largest first."""
    shown, paging = cut(_rows_of(found, target, code), page, PAGE)
    return _firm_lines(found, shown), paging


def every_firm(found: Found, target: Ref) -> tuple[FirmLine, ...]:
    """All returns in the target, the largest first."""
    return _firm_lines(found, _rows_of(found, target, ""))


def _rows_of(found: Found, target: Ref, code: str) -> list[dict[str, Any]]:
    rows = found.derivation.found.filter(pl.col("target") == target.id)
    rows = rows.filter(pl.col("industry_code") == code) if code else rows
    return rows.sort("amount", "firm_id", descending=[True, False], nulls_last=True).to_dicts()


def _firm_lines(found: Found, rows: Sequence[Mapping[str, Any]]) -> tuple[FirmLine, ...]:
    names = respondents_named(found.round, [row["firm_id"] for row in rows])
    lines = []
    for row in rows:
        ends = derived.ends_of(row)
        low, high = (_text(end, found.cell) for end in ends) if ends else (None, None)
        stated = None if row["amount"] is None else _text(Fraction(row["amount"]), found.cell)
        lines.append(FirmLine(f"{found.round.key}|{row['firm_id']}", names[row["firm_id"]][0],
                              row["industry_code"] or "", WHY[row["why"]], stated, low, high))  # fmt: skip
    return tuple(lines)


def _amount(each: Sum, found: Found) -> Amount:
    whole = found.total.steps
    low_pct, high_pct = (
        Decimal(rounded(1000 * end / whole)) / 10 if whole and whole > 0 else None for end in (each.low, each.high)
    )
    low, high = _text(each.low, found.cell), _text(each.high, found.cell)
    return Amount(low, high, low_pct, high_pct, each.firms, each.firms_in_part, each.unknown, each.is_exact)


def _text(steps: Fraction, cell: Cell) -> str:
    return printed(rounded(steps), cell.digits)


def _ref(target: Target) -> Ref:
    return Ref(target.id, target.name, target.name_en)


def named(laid: Layout, cell: Cell) -> str:
    """The cell as the page names it."""
    column: Mapping[str, str] = {column.kind: column.group + column.name for column in laid.columns}
    return f"{cell.row.name}（{column[cell.column]}）"
