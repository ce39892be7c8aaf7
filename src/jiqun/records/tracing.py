"""What a total is made of: the areas below it with their own totals, and at the end the cells of single returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from jiqun.ledger import store
from jiqun.model.errors import NotFound
from jiqun.packs import City
from jiqun.records.context import totals
from jiqun.records.models import Return, Round, Submission
from jiqun.records.projection import layout_of, projected
from jiqun.statistics.answers import printed
from jiqun.statistics.layout import Cell
from jiqun.statistics.rollup import KEY, NODE, PASSED, Total


@dataclass(frozen=True, slots=True)
class CellTrace:
    """The cell of one return, in a total or not yet. `text` None: left empty, or nothing accepted so far.

    `return_key` and `submission_version` lead to what was sent; the version is 0 where nothing counts.
    """

    return_key: str
    respondent_name: str
    state: str
    submission_version: int
    counts: bool
    steps: int | None
    text: str | None


@dataclass(frozen=True)
class Trace:
    """A total, the areas directly below with theirs, and the returns that climb to it past those areas."""

    total: Total
    areas: tuple[Total, ...]
    cells: tuple[CellTrace, ...]


def trace(round_: Round, city: City, area_id: str, key: str, known_on: date | None = None) -> Trace:
    """One step down from the total of a cell at an area, as known on a day; the largest cells first.

    Raises NotFound where the round has no such total.
    """
    told, laid = totals(round_, city, known_on), layout_of(round_, city)
    total = told.by.get((area_id, key))
    if total is None:
        raise NotFound("这一期没有这个汇总数")
    rows = projected(round_, laid, known_on=known_on).filter(pl.col(NODE.format(total.level)) == area_id)
    below = [NODE.format(at) for at in reversed(range(total.level))]
    nearest = pl.coalesce(below) if below else pl.lit(None, pl.String)
    rows = rows.with_columns(nearest.alias("below"))
    areas = [
        told.by[area, key] for area in rows["below"].drop_nulls().unique(maintain_order=True) if (area, key) in told.by
    ]
    return Trace(total, tuple(areas), _cells(round_, rows.filter(pl.col("below").is_null()), total, known_on))


def _cells(round_: Round, rows: pl.DataFrame, total: Total, known_on: date | None) -> tuple[CellTrace, ...]:
    cell, key = total.cell, total.cell.key
    figures = {
        id_: (passed is not None and passed > total.level, steps)
        for id_, passed, steps in rows.select(
            KEY, PASSED, pl.col(key) if key in rows.columns else pl.lit(None)
        ).iter_rows()
    }
    owing = store.as_of(Return, known_on).filter(round_key=round_.key, respondent_id__in=list(figures))
    found = [_cell(row, cell, *figures[row.respondent_id]) for row in owing]
    return tuple(sorted(found, key=lambda each: (-(each.steps or 0), each.return_key)))


def _cell(row: Return, cell: Cell, counts: bool, steps: int | None) -> CellTrace:
    version = (row.accepted_version or row.submission_version) if counts else 0
    text = printed(steps, cell.digits) if steps is not None else None
    return CellTrace(row.key, row.respondent_name, row.state, version, counts, steps, text)


def submission(return_key: str, version: int) -> Submission:
    """What was sent under that version. Raises NotFound for none."""
    found: Submission | None = Submission.objects.filter(key=return_key, version=version).first()
    if found is None:
        raise NotFound("没有这一次报送")
    return found
