"""Reported cells to ask about: a round's, the weightiest first, and one return's, in words to send back with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from jiqun.ledger import access
from jiqun.model.errors import NotFound
from jiqun.model.findings import Finding, Place
from jiqun.model.periods import Period
from jiqun.records.doubts import doubts
from jiqun.records.models import Return, ReturnState, Round, stands
from jiqun.records.projection import layout_of
from jiqun.reports.explanations import explanations_sheet
from jiqun.reports.paging import Paging, cut
from jiqun.reports.rounds import code_of
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref, View
from jiqun.statistics.answers import printed
from jiqun.statistics.layout import Layout
from jiqun.statistics.outliers import KINDS, EditRules, questions
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

PAGE = 50


@dataclass(frozen=True)
class DoubtFilter:
    """`kind` is one of `outliers.KINDS`, `cell` a cell's key, `q` part of a respondent's name or code."""

    kind: str = ""
    cell: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class DoubtLine:
    """A cell to ask about. Amounts are printed numbers, None unknown; `effect_pct` of the expected total of its
    series, `covered_pct` of all suspected effect, in the questions down to this one."""

    rank: int
    key: str
    respondent_id: str
    respondent: str
    area: Ref | None
    state: str
    state_label: str
    cell: str
    unit: str
    kind: str
    kind_label: str
    value: str
    last: str | None
    year_ago: str | None
    would_be: str | None
    effect_pct: Decimal | None
    covered_pct: Decimal | None


@dataclass(frozen=True)
class DoubtsPage:
    """The `first` questions cover nine tenths of the suspected effect. `known` cells were looked at, `unchecked` of
    them without a past to hold them against; told, as the effects are, to those who may see the whole city's."""

    round_key: str
    form: Ref
    number: str
    is_invented: bool
    period: str
    filter: DoubtFilter
    kinds: tuple[Option, ...]
    cells: tuple[Option, ...]
    lines: tuple[DoubtLine, ...]
    paging: Paging
    count: int
    firms: int
    first: int
    known: int
    unchecked: int
    has_past: bool
    shows_effect: bool


@dataclass(frozen=True)
class _Found:
    round: Round
    laid: Layout
    rows: tuple[dict[str, Any], ...]
    owed: dict[str, Return]
    checked: tuple[int, int] | None
    has_past: bool


def doubts_page(view: View, key: str, wanted: DoubtFilter, page: int = 1) -> DoubtsPage:
    """Raises NotFound for a round this reader has no returns of to decide on, Forbidden for one who decides on none."""
    found = _found(view, key)
    fitting = [row for row in found.rows if _fits(found, row, wanted)]
    shown, paging = cut(fitting, page, PAGE)
    form = found.laid.form
    names = {cell.key: _named(found.laid, cell.key) for cell in found.laid.numbers}
    return DoubtsPage(
        round_key=key, form=Ref(form.id, form.name, form.name_en), number=form.number, is_invented=form.is_invented,
        period=Period.parse(found.round.period).label, filter=wanted,
        kinds=_options(found.rows, "kind", KINDS), cells=_options(found.rows, "series", names),
        lines=tuple(_line(view, found, row) for row in shown), paging=paging, count=len(found.rows),
        firms=len({row["respondent_id"] for row in found.rows}),
        first=min(len(found.rows), sum(row["covered_pct"] < 90 for row in found.rows) + 1),
        known=found.checked[0] if found.checked else 0, unchecked=found.checked[1] if found.checked else 0,
        has_past=found.has_past, shows_effect=found.checked is not None,
    )  # fmt: skip


def doubts_sheet(view: View, key: str, wanted: DoubtFilter) -> tuple[Sequence[Page], Sequence[tuple[str, str]]]:
    """All questions that fit, each in words, and what respondents said to the checks they failed, as sheets."""
    found = _found(view, key)
    form, period = found.laid.form, Period.parse(found.round.period).label
    fitting = [row for row in found.rows if _fits(found, row, wanted)]
    words = dict(zip(((row["respondent_id"], row["series"]) for row in fitting), _asked(found.laid, fitting),
                     strict=True))  # fmt: skip
    lines: list[list[Value]] = []
    for row in fitting:
        line, told = _line(view, found, row), words[row["respondent_id"], row["series"]]
        lines.append([
            Decimal(line.rank), code_of(view, found.owed[line.respondent_id]), line.respondent,
            line.area.name if line.area else None, line.state_label, line.cell, line.unit, line.kind_label,
            *map(_number, (line.value, line.last, line.year_ago, line.would_be)), line.effect_pct, line.covered_pct,
            told.message, told.remedy,
        ])  # fmt: skip
    columns = (
        Column("次序", Kind.INTEGER), Column("单位代码", width=22), Column("单位名称", width=32), Column("区域"),
        Column("状态"), Column("指标", width=24), Column("计量单位"), Column("疑问", width=20),
        *(Column(name, Kind.NUMBER, "#,##0.####", 14) for name in ("本期数", "上期数", "上年同期数", "疑为")),
        Column("影响合计（%）", Kind.NUMBER, "0.00"), Column("累计覆盖（%）", Kind.NUMBER, "0.0"),
        Column("核实内容", width=60), Column("请", width=30),
    )  # fmt: skip
    notes = [
        ("报表", f"{form.name}（{form.number}）"), ("报告期", period),
        ("口径", "已报送的（含审核中）；只提问，不改数"),
        *([("没有历史可比的格", f"{found.checked[1]}/{found.checked[0]}")] if found.checked else []),
        *([("注意", "演示数据")] if form.is_invented else []),
    ]  # fmt: skip
    title = f"{form.name} {period}"
    asked = Page("核实清单", columns, lines, title=f"{title}　核实清单")
    return (asked, explanations_sheet(view, key, title)), notes


def return_doubts(view: View, owed: Return) -> tuple[Finding, ...]:
    """What to ask of one return that has been sent, in words; nothing for those who decide on none."""
    if owed.state not in (ReturnState.SUBMITTED, ReturnState.ACCEPTED, ReturnState.LOCKED):
        return ()
    if not access.may(view.user, access.Action.DECIDE_RETURNS) or not EditRules.are_stated(view.city):
        return ()
    round_ = stands(Round).get(key=owed.round_key)
    of_it = doubts(round_, view.city).found.filter(pl.col("respondent_id") == owed.respondent_id)
    if access.returns_of(view.user, view.city) is not None:
        of_it = _of_these(of_it)
    return tuple(_asked(layout_of(round_, view.city), list(of_it.iter_rows(named=True))))


def _found(view: View, key: str) -> _Found:
    round_ = stands(Round).filter(key=key).first()
    if round_ is None:
        raise NotFound("没有这一期报表")
    access.areas_of_returns(view.user, view.city)  # whoever may not see returns added up decides on none
    rows = stands(Return).filter(round_key=key)
    allowed = access.returns_of(view.user, view.city)
    if allowed is not None and not rows.filter(allowed).exists():
        raise NotFound("没有这一期报表")
    told = doubts(round_, view.city)
    ids = told.found["respondent_id"].unique().to_list()
    owed: dict[str, Return] = {}
    for start in range(0, len(ids), 900):
        several = rows.filter(respondent_id__in=ids[start : start + 900])
        owed |= {one.respondent_id: one for one in (several if allowed is None else several.filter(allowed))}
    asked = told.found.filter(pl.col("respondent_id").is_in(list(owed)))
    if allowed is not None:
        asked = _of_these(asked)
    return _Found(
        round_, layout_of(round_, view.city), tuple(asked.iter_rows(named=True)), owed,
        None if allowed is not None else (told.known, told.unchecked), told.has_past,
    )  # fmt: skip


def _of_these(asked: pl.DataFrame) -> pl.DataFrame:
    """The questions ranked among themselves, without their part in totals that tell of others."""
    priority = pl.col("priority")
    covered = pl.when(priority.sum() > 0).then(priority.cum_sum() * 100 / priority.sum()).otherwise(100.0)
    return asked.with_columns(
        rank=pl.int_range(1, pl.len() + 1), covered_pct=covered, effect_pct=pl.lit(None, pl.Float64)
    )


def _fits(found: _Found, row: dict[str, Any], wanted: DoubtFilter) -> bool:
    owed = found.owed[row["respondent_id"]]
    return (
        wanted.kind in ("", row["kind"])
        and wanted.cell in ("", row["series"])
        and (wanted.q in owed.respondent_name or wanted.q in owed.respondent_id)
    )


def _options(rows: Sequence[dict[str, Any]], name: str, labels: dict[str, str]) -> tuple[Option, ...]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row[name]] = counts.get(row[name], 0) + 1
    return tuple(Option(value, label, counts[value]) for value, label in labels.items() if value in counts)


def _line(view: View, found: _Found, row: dict[str, Any]) -> DoubtLine:
    owed = found.owed[row["respondent_id"]]
    cell = found.laid.by_key[row["series"]]

    def text(steps: float | None) -> str | None:
        return None if steps is None else printed(round(steps), cell.digits)

    return DoubtLine(
        rank=row["rank"], key=owed.key, respondent_id=owed.respondent_id, respondent=owed.respondent_name,
        area=view.names.area(owed.area_id), state=owed.state, state_label=str(ReturnState(owed.state).label),
        cell=_named(found.laid, cell.key), unit=cell.unit, kind=row["kind"], kind_label=KINDS[row["kind"]],
        value=printed(row["value"], cell.digits), last=text(row["last"]), year_ago=text(row["year_ago"]),
        would_be=text(row["would_be"]), effect_pct=_pct(row["effect_pct"], "0.01"),
        covered_pct=_pct(row["covered_pct"], "0.1"),
    )  # fmt: skip


def _asked(laid: Layout, rows: Sequence[dict[str, Any]]) -> list[Finding]:
    def say(series: str, steps: float) -> str:
        cell = laid.by_key[series]
        return f"{printed(round(steps), cell.digits)}{cell.unit}"

    frame = pl.DataFrame(rows, infer_schema_length=None)
    return list(questions(frame, lambda s: _named(laid, s), say, lambda id_, s: Place(sheet=id_, cell=s)))


def _named(laid: Layout, key: str) -> str:
    cell = laid.by_key[key]
    if len(laid.columns) == 1:
        return cell.row.name
    column = next(column for column in laid.columns if column.kind == cell.column)
    return f"{cell.row.name}（{column.group}{column.name}）"


def _pct(value: float | None, places: str) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal(places))


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
