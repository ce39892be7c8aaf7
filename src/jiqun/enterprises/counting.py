"""The lists of a register counted for the whole city and each district: one answer for the run and for the pages.

What is counted is what was decided. Rows of which nobody knows whose they are change no number, they widen it: such a
row may be one firm more, or nobody that was not counted already; one of a list of those struck off, one firm less.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from jiqun.enterprises import cohorts, spells
from jiqun.enterprises.cohorts import RECOGNISED, Balance, Count, Coverage, Waiting
from jiqun.enterprises.membership import departures
from jiqun.enterprises.spells import HOLDING, OPEN, Stage


@dataclass(frozen=True)
class Counted:
    """Of every list, year and place (`area_id` None: the city): the balance, and its five counts."""

    balances: tuple[Balance, ...]
    counts: tuple[Count, ...]


def counted(
    entries: pl.DataFrame,
    open_rows: pl.DataFrame,
    snapshots: Sequence[tuple[date, pl.DataFrame]],
    years: Sequence[int],
    coverage: Mapping[str, Coverage],
) -> Counted:
    """`entries` as `membership.read` has them, `open_rows` as `membership.waiting` does.

    `snapshots`: day and rows (uscc, area_id; ended_on, merged_into_uscc) of dated registers. A firm whose district
    nobody knows counts for the city only.
    """
    told = [(day, rows) for day, rows in snapshots if "ended_on" in rows.columns]
    grants = spells.granted(entries, departures(told)).filter(pl.col("held") == RECOGNISED)
    whole = spells.spells(grants)
    made: list[Balance] = []
    found: list[Count] = []
    for by in ((), ("area_id",)):
        where = spells.places(snapshots, by)
        parts = spells.pieces(whole, where, by), spells.placed(grants, where, by)
        balances = cohorts.balances(*parts, years, by, coverage)
        waits = _waiting(open_rows, balances)
        made += balances
        found += cohorts.counts([each for each in balances if each.area_id is not None or not by], coverage, waits)
    return Counted(tuple(made), tuple(found))


def _waiting(open_rows: pl.DataFrame, balances: Iterable[Balance]) -> dict[tuple[str, int, str | None], Waiting]:
    """How many rows wait that could touch each balance; none where no row does."""
    by_list: dict[str, list[dict[str, object]]] = {}
    for row in open_rows.iter_rows(named=True):
        by_list.setdefault(row["list_id"], []).append(row)
    return {
        (each.list_id, each.year, each.area_id): _of_year(by_list[each.list_id], each.year, each.area_id)
        for each in balances if each.list_id in by_list
    }  # fmt: skip


def _of_year(rows: Iterable[Mapping[str, object]], year: int, area_id: str | None) -> Waiting:
    """A row that prints its district can be of no other; one that prints none, of every one."""
    first, last, before = date(year, 1, 1), date(year, 12, 31), date(year - 1, 12, 31)
    given, cuts = [], []
    for row in rows:
        start, stop = row["valid_from"], row["valid_to"] or OPEN
        assert isinstance(start, date) and isinstance(stop, date)
        if area_id is not None and row["area_id"] not in (None, area_id):
            continue
        stage = Stage(str(row["stage"]))
        if HOLDING.get(stage) == RECOGNISED:
            given.append((start, stop))
        elif stage is Stage.REVOKED:
            cuts.append(start)
    return Waiting(
        opening=sum(start <= before < stop for start, stop in given),
        closing=sum(start <= last < stop for start, stop in given),
        granted=sum(start.year == year for start, _ in given),
        touching=sum(start <= last and stop >= first for start, stop in given),
        ever=sum(start <= last for start, _ in given),
        struck_before=sum(start <= before for start in cuts),
        struck=sum(start <= last for start in cuts),
    )
