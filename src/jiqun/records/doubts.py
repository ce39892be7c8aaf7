"""The cells of a round to ask about: each held against its respondent's returns of the period before and a year ago."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import polars as pl

from jiqun.model.periods import Period
from jiqun.packs import City
from jiqun.packs.schema.forms import ColumnKind
from jiqun.records.context import latest
from jiqun.records.models import Round, stands
from jiqun.records.projection import layout_of, projected
from jiqun.statistics import calendar
from jiqun.statistics.layout import Cell, Layout
from jiqun.statistics.outliers import EditRules, suspicious, unchecked
from jiqun.statistics.rollup import KEY, NODE

ASKED: tuple[ColumnKind, ...] = ("current", "year_to_date")


@dataclass(frozen=True)
class Doubts:
    """`found` as `outliers.suspicious` gives it, of all that was sent; of `known` cells, `unchecked` have no past to
    be held against."""

    found: pl.DataFrame
    known: int
    unchecked: int
    has_past: bool


def doubts(round_: Round, city: City) -> Doubts:
    """What to ask of the round's returns as sent, the weightiest first. Respondents of one lowest area are a group.

    Kept until a return of the round, or of one it is held against, changes. Raises NotFound where the folder lacks
    the thresholds of editing (`edit_…`).
    """
    form, period = city.forms[round_.form_id], Period.parse(round_.period)
    held = {"last": calendar.period_before(form, period), "year_ago": calendar.year_ago(period)}
    past = {name: _round(form.id, when) for name, when in held.items()}
    mark = (round_.key, city.digest, latest(round_.key), *(latest(one.key) if one else "" for one in past.values()))
    found = _kept.get(mark)
    if found is None:
        found = _doubts(round_, city, past)
        with _turn:
            while len(_kept) >= _AT_MOST:
                _kept.pop(next(iter(_kept)))
            _kept[mark] = found
    return found


_AT_MOST = 20
_kept: dict[tuple[str, ...], Doubts] = {}
_turn = threading.Lock()


def asked_cells(laid: Layout) -> tuple[Cell, ...]:
    """The numbers that are looked at; what a respondent repeats of last year is not."""
    return tuple(cell for cell in laid.numbers if cell.column in ASKED)


def _doubts(round_: Round, city: City, past: dict[str, Round | None]) -> Doubts:
    laid, rules = layout_of(round_, city), EditRules.of(city, Period.parse(round_.period).end)
    keys = [cell.key for cell in asked_cells(laid)]
    cells = _long(projected(round_, laid, basis="submitted"), laid, keys, "value")
    for name, other in past.items():
        if other is None:
            cells = cells.with_columns(pl.lit(None, pl.Int64).alias(name))
            continue
        before = _long(projected(other, laid, basis="submitted"), laid, keys, name).drop("group")
        cells = cells.join(before, on=["respondent_id", "series"], how="left")
    silent = unchecked(cells, rules)
    return Doubts(
        suspicious(cells, rules), int(silent["cells"].sum()), int(silent["unchecked"].sum()),
        any(other is not None for other in past.values()),
    )  # fmt: skip


def _long(rows: pl.DataFrame, laid: Layout, keys: list[str], value: str) -> pl.DataFrame:
    """A row for each cell: respondent_id, group (its lowest area), series, and its number in steps."""
    nodes = [NODE.format(at) for at in range(len(laid.form.levels))]
    known = [key for key in keys if key in rows.columns]
    return (
        rows.select(pl.col(KEY).alias("respondent_id"), pl.coalesce(nodes).alias("group"), *known)
        .unpivot(known, index=["respondent_id", "group"], variable_name="series", value_name=value)
        .with_columns(pl.col(value).cast(pl.Int64))
    )


def _round(form_id: str, period: Period | None) -> Round | None:
    found: Round | None = stands(Round).filter(key=f"{form_id}|{period}").first() if period else None
    return found
