"""The returns of a round beside those of the same period of last year, as growth on comparable scope takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from jiqun.model.periods import Period
from jiqun.packs import City
from jiqun.packs.schema.forms import ColumnKind
from jiqun.records.models import Round, stands
from jiqun.records.projection import Basis, layout_of, projected
from jiqun.statistics import calendar
from jiqun.statistics.comparable import Comparison, compare
from jiqun.statistics.layout import Cell, Layout
from jiqun.statistics.rollup import KEY, NODE, PASSED

SAME: Mapping[ColumnKind, ColumnKind] = {"current": "same_period", "year_to_date": "same_period_ytd"}


@dataclass(frozen=True)
class LevelGrowth:
    """One level of the form's ladder, 0 the lowest: a comparison for each of its areas that has returns."""

    level: int
    comparisons: tuple[Comparison, ...]


def comparable_cells(laid: Layout) -> tuple[Cell, ...]:
    """The cells that add up and are asked for last year beside this one."""
    return tuple(
        cell
        for cell in laid.numbers
        if cell.column in SAME and cell.field.roll_up.kind == "sum" and base_of(laid, cell) is not None
    )


def base_of(laid: Layout, cell: Cell) -> Cell | None:
    """The cell of last year's figure as this year's respondent says it."""
    return laid.cell(cell.field.id, SAME[cell.column], cell.part_id)


def year_ago_round(round_: Round) -> Round | None:
    """The form's round of the same months of last year; None where none was held."""
    period = calendar.year_ago(Period.parse(round_.period))
    found: Round | None = stands(Round).filter(key=f"{round_.form_id}|{period}").first()
    return found


def growth(
    round_: Round, city: City, cell: Cell, known_on: date | None = None, basis: Basis = "accepted"
) -> tuple[LevelGrowth, ...]:
    """For every level, highest first, growth of the cell at its areas as known on a day, in steps of the cell.

    In scope is who owes a return, whether it came or not; a figure counts where its level has accepted it, as in the
    round's totals. What was published of last year is what counts in that round on the day, revisions included. Where
    no round was held then, who was in scope is not known: everybody counts as a stayer whose published figure is
    unknown. `cell` is one of `comparable_cells`.
    """
    laid = layout_of(round_, city)
    base = base_of(laid, cell)
    assert base is not None
    now = projected(round_, laid, known_on=known_on, basis=basis)
    past = year_ago_round(round_)
    then = projected(past, laid, known_on=known_on, basis="accepted") if past else None
    levels = reversed(range(len(laid.form.levels)))
    return tuple(LevelGrowth(at, compare(_returns(now, then, at, cell.key, base.key))[1:]) for at in levels)


def _returns(now: pl.DataFrame, then: pl.DataFrame | None, level: int, key: str, base: str) -> pl.DataFrame:
    """What `compare` takes, of one level."""
    node = NODE.format(level)
    here = now.select(KEY, now=pl.col(node), current=_counted(now, key, level), same_period=_counted(now, base, level))
    if then is None:
        return here.with_columns(then=pl.col("now"), published=pl.lit(None, pl.Int64))
    before = then.select(KEY, then=pl.col(node), published=_counted(then, key, level))
    return here.join(before, on=KEY, how="full", coalesce=True)


def _counted(rows: pl.DataFrame, key: str, level: int) -> pl.Expr:
    if key not in rows.columns:
        return pl.lit(None, pl.Int64)
    return pl.when(pl.col(PASSED) > level).then(pl.col(key))
