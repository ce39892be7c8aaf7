"""How firms climb one tier: from the pool through cultivation to recognition and re-check; how they move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from jiqun.enterprises import cohorts
from jiqun.enterprises.membership import Batch
from jiqun.enterprises.spells import Stage
from jiqun.model.errors import NotFound, NothingYet
from jiqun.reports.firm_workbooks import notes, title, written
from jiqun.reports.listbook import Listbook
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

STAGES = (Stage.POOLED, Stage.CULTIVATED, Stage.RECOGNISED, Stage.RECHECKED)
OUT = "不在任何阶段"


@dataclass(frozen=True, slots=True)
class StageCell:
    firms: int
    pct: float  # of the most that stood at any stage on any day


@dataclass(frozen=True)
class DayLine:
    day: date
    cells: tuple[StageCell, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """`before`, `after`: labels of stages, `OUT` for none; `way`: up, down, in, out or stay."""

    before: str
    after: str
    firms: int
    way: str


@dataclass(frozen=True)
class Step:
    start: date
    stop: date
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class PipelinePage:
    """`lists`: how many lists there are of each stage; a stage without any has no firms that could be shown."""

    listbook: Listbook
    ref: Ref
    stages: tuple[str, ...]
    lists: tuple[int, ...]
    days: tuple[DayLine, ...]
    steps: tuple[Step, ...]


def pipeline(listbook: Listbook, tier_id: str) -> PipelinePage:
    """Ends of years since the first list, and the page's day. Raises NothingYet where the tier has no list."""
    batches = [each.batch for each in listbook.lists.kept if each.batch.list_id == tier_id]
    if not batches:
        if tier_id not in listbook.book.view.city.tiers:
            raise NotFound("资料夹中没有这个梯度层级")
        raise NothingYet("这一层级还没有收录名单，看不出企业走到了哪一步；请先收录入库、认定或复核名单")
    days = _days(batches, listbook.on)
    found = listbook.book.kept(f"pipeline {tier_id}", lambda: _found(listbook, tier_id, days))
    standing = {(day, stage): firms for day, stage, firms in found.standing.iter_rows()}
    most = max(standing.values(), default=0) or 1
    lines = tuple(
        DayLine(day, tuple(_cell(standing.get((day, stage.value), 0), most) for stage in STAGES)) for day in days
    )
    moves = list(found.moves.iter_rows(named=True))
    steps = tuple(
        Step(start, stop, tuple(_move(row) for row in moves if row["from_day"] == start))
        for start, stop in pairwise(days)
    )
    counts = tuple(sum(batch.stage is stage for batch in batches) for stage in STAGES)
    labels = tuple(stage.label for stage in STAGES)
    return PipelinePage(listbook, listbook.tier(tier_id), labels, counts, lines, tuple(reversed(steps)))


def pipeline_workbook(listbook: Listbook, tier_id: str, *, created: datetime) -> bytes:
    """How many stood where on each day, and how they moved, as an xlsx file."""
    page = pipeline(listbook, tier_id)
    heads = (Column("日期", Kind.DAY), *(Column(label, Kind.INTEGER) for label in page.stages))
    standing: list[list[Value]] = [[line.day, *(Decimal(cell.firms) for cell in line.cells)] for line in page.days]
    moved: list[list[Value]] = [
        [step.start, step.stop, move.before, move.after, Decimal(move.firms)]
        for step in page.steps
        for move in step.moves
    ]
    columns = (
        Column("从", Kind.DAY), Column("到", Kind.DAY), Column("原在"), Column("现在"), Column("企业数", Kind.INTEGER),
    )  # fmt: skip
    name = title(listbook.book, f"{page.ref.name}培育进程")
    pages = [Page("各阶段", heads, standing, title=name), Page("流动", columns, moved, title=name)]
    return written(pages, notes(listbook.book, 0, 0), created)


def _days(batches: list[Batch], on: date) -> tuple[date, ...]:
    first = min(batch.year for batch in batches)
    ends = [date(year, 12, 31) for year in range(first, on.year)]
    return (*ends, on) if not ends or ends[-1] != on else tuple(ends)


def _found(listbook: Listbook, tier_id: str, days: tuple[date, ...]) -> cohorts.Pipeline:
    grants, held = listbook.grants(), listbook.held()
    own = [frame.filter(list_id=tier_id) for frame in (grants, held)]
    return cohorts.pipeline(own[0], own[1], days)


def _cell(firms: int, most: int) -> StageCell:
    return StageCell(firms, 100 * firms / most)


def _move(row: dict[str, object]) -> Move:
    ranks = {stage.value: at for at, stage in enumerate(STAGES)}
    before, after = (str(row[name]) if row[name] is not None else None for name in ("before", "after"))
    if before == after:
        way = "stay"
    elif before is None:
        way = "in"
    elif after is None:
        way = "out"
    else:
        way = "up" if ranks[after] > ranks[before] else "down"
    labels = {stage.value: stage.label for stage in STAGES}
    return Move(labels.get(before or "", OUT), labels.get(after or "", OUT), int(str(row["firms"])), way)
