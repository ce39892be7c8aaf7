"""The returns of a round as one table for checks and totals: one row a return, one column a cell."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Literal

import polars as pl

from jiqun.ledger import store
from jiqun.model.periods import Period
from jiqun.model.units import Unit
from jiqun.packs import City
from jiqun.records.models import Return, ReturnState, Round, Submission
from jiqun.statistics.checks import Question, questions
from jiqun.statistics.layout import Layout, layout
from jiqun.statistics.rollup import KEY, NODE, PASSED

Basis = Literal["accepted", "submitted"]
_CHUNK = 900  # keys in one query: SQLite takes no more than 999


def layout_of(round_: Round, city: City) -> Layout:
    """The cells of the round's form for its period, as the city's folder says them now."""
    return _laid(city, round_.form_id, Period.parse(round_.period).end)


def questions_of(round_: Round, city: City) -> tuple[Question, ...]:
    """What the form's checks ask of a return of the round."""
    return _asked(city, round_.form_id, Period.parse(round_.period).end)


@lru_cache(maxsize=64)
def _laid(city: City, form_id: str, on: date) -> Layout:
    return layout(city.forms[form_id], city, on)


@lru_cache(maxsize=64)
def _asked(city: City, form_id: str, on: date) -> tuple[Question, ...]:
    return questions(_laid(city, form_id, on), city)


def projected(
    round_: Round, laid: Layout, *, known_on: date | None = None, basis: Basis = "accepted",
    respondent_ids: Sequence[str] | None = None, upto: int | None = None, as_stored: bool = False,
) -> pl.DataFrame:  # fmt: skip
    """What `rollup.roll_up` takes: each return of the round, the areas that decide on it, how far it came, its figures.

    `known_on`: as it stood on that day; `upto`: after the event of this sequence. A submission that came through all
    levels counts until a revised one has; with the basis `submitted` whatever was sent counts everywhere. Figures of a
    round with other units or places are converted where that is exact, and unknown where it is not; `as_stored`: they
    stay as they were when the round was opened. `respondent_ids`: of these only.
    """
    owing = (store.as_of(Return, known_on) if upto is None else store.after_event(Return, upto)).filter(
        round_key=round_.key
    )
    if respondent_ids is not None:
        owing = owing.filter(respondent_id__in=list(respondent_ids))
    names = ("respondent_id", "path", "state", "level", "submission_version", "accepted_version")
    levels = len(laid.form.levels)
    ids, nodes, passed, counted = [], [], [], {}
    for id_, path, state, level, submitted, accepted in owing.order_by("respondent_id").values_list(*names):
        version, reached = _counted(state, level, submitted, accepted, levels, basis)
        ids.append(id_)
        nodes.append([*path, *[None] * (levels - len(path))][:levels])
        passed.append(reached if version else None)
        if version:
            counted[id_] = version
    frame = pl.DataFrame({KEY: ids, PASSED: passed}, schema={KEY: pl.String, PASSED: pl.Int64})
    frame = frame.with_columns(
        pl.Series(NODE.format(at), [path[at] for path in nodes], pl.String) for at in range(levels)
    )
    found = _figures(round_, laid, counted)
    return frame.join(found if as_stored else converted(round_, laid, found), on=KEY, how="left")


def converted(round_: Round, laid: Layout, rows: pl.DataFrame) -> pl.DataFrame:
    """Figures as stored, in the units and places that the form has now; unknown where that is not exact."""
    if round_.layout_digest == laid.digest:
        return rows
    stored = {key: (unit, digits) for key, unit, digits in round_.cells}
    return rows.with_columns(
        _converted(cell.key, stored[cell.key], (cell.unit, cell.digits)) for cell in laid.numbers if cell.key in stored
    )


def counts_at(laid: Layout, area_id: str) -> pl.Expr:
    """Whether a row of `projected` is in the totals at an area: one of its levels is that area, and has accepted it."""
    here = [(pl.col(NODE.format(at)) == area_id) & (pl.col(PASSED) > at) for at in range(len(laid.form.levels))]
    return pl.any_horizontal([one.fill_null(False) for one in here])


def _counted(state: str, level: int, submitted: int, accepted: int, levels: int, basis: Basis) -> tuple[int, int]:
    """(version of the submission that counts, levels that accepted it)."""
    if basis == "submitted" and submitted and state != ReturnState.RETURNED:
        return submitted, levels
    if accepted:
        return accepted, levels
    return (submitted, level) if state == ReturnState.SUBMITTED else (0, 0)


def _figures(round_: Round, laid: Layout, counted: dict[str, int]) -> pl.DataFrame:
    """The cells of the counted versions, as stored; a row for each respondent that has one."""
    stored = {key for key, _, _ in round_.cells}
    ids, lines, words = [], [], []
    for id_, steps, cells in _submissions(round_, counted):
        ids.append(id_)
        lines.append(steps)
        words.append(cells)
    numbers = {cell.key: pl.Int64 for cell in laid.numbers if cell.key in stored}
    texts = {cell.key: pl.String for cell in laid.cells if not cell.is_number and cell.key in stored}
    frame = pl.DataFrame({KEY: ids}, schema={KEY: pl.String})
    return frame.hstack(_parsed(lines, numbers)).hstack(_parsed(words, texts))


def _submissions(round_: Round, counted: dict[str, int]) -> Iterable[tuple[str, str, str]]:
    names = ("respondent_id", "version", "steps", "cells")
    rows = Submission.objects.filter(round_key=round_.key)
    if len(counted) <= _CHUNK:
        rows = rows.filter(respondent_id__in=list(counted))
    for id_, version, steps, cells in rows.values_list(*names).iterator(chunk_size=4000):
        if counted.get(id_) == version:
            yield id_, steps, cells


def _parsed(lines: list[str], schema: Mapping[str, type[pl.DataType]]) -> list[pl.Series]:
    """The columns of JSON objects, one a line; a key that a line lacks is null, one that is not asked for dropped."""
    if not schema:
        return []
    if not lines:
        return [pl.Series(key, [], kind) for key, kind in schema.items()]
    frame = pl.read_ndjson(io.BytesIO("\n".join(lines).encode()), schema=schema)
    return [frame[key] for key in schema]


def _converted(key: str, before: tuple[str, int], after: tuple[str, int]) -> pl.Expr:
    (old_unit, old_digits), (new_unit, new_digits) = before, after
    old, new = Unit.parse(old_unit), Unit.parse(new_unit)
    if not old.measures_like(new):
        return pl.lit(None, pl.Int64).alias(key)
    factor = old.factor / new.factor * Fraction(10) ** (new_digits - old_digits)
    above = pl.col(key).cast(pl.Int128) * factor.numerator
    exact = pl.when(above % factor.denominator == 0).then(above.floordiv(factor.denominator))
    return exact.cast(pl.Int64, strict=False).alias(key)
