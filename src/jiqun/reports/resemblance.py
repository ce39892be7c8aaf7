"""Whether areas are like the ones beside them in one industry or cluster, with a verdict for each in words.

Of an industry with a cell that may not be shown nothing is told; a reader of some areas has their rows, compared with
all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jiqun.industry.measures.resemblance import Resemblance, Verdict, pairs_beside
from jiqun.industry.measures.resemblance_sheets import quarter_words
from jiqun.industry.measures.results import Estimate
from jiqun.industry.measures.surveys import Survey
from jiqun.reports.firmbook import Firmbook
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    """`high`, `high_around`: 高 or 低, of the area and of those beside it; None where unknown."""

    area: Ref
    beside: tuple[Ref, ...]
    quotient: Estimate
    value: Estimate
    high: str | None
    high_around: str | None
    p: float | None
    q: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Neighbourly:
    """One group of a survey; `group` None: of none may be told anything. `compared`: areas beside another one."""

    group: Ref | None
    rows: tuple[NeighbourRow, ...]
    whole: Estimate
    whole_p: float | None
    compared: int
    fdr_pct: float
    options: tuple[Option, ...]

    @property
    def told(self) -> tuple[tuple[Verdict, tuple[Ref, ...]], ...]:
        """The verdicts beyond chance with their areas."""
        found = ((one, tuple(row.area for row in self.rows if row.verdict is one)) for one in Verdict if one.is_told)
        return tuple((verdict, areas) for verdict, areas in found if areas)

    @property
    def undecided(self) -> tuple[Ref, ...]:
        """Areas of which these few neighbours could not have told anything."""
        return tuple(row.area for row in self.rows if row.verdict is Verdict.TOO_FEW)

    @property
    def is_all_undecided(self) -> bool:
        known = [row for row in self.rows if row.verdict is not Verdict.UNKNOWN]
        return bool(known) and len(self.undecided) == len(known)


def neighbourly(book: Firmbook, found: Survey, wanted: str, shown: tuple[Sequence[int], Sequence[str]]) -> Neighbourly:
    """The group `wanted`, where something may be told of it, else the first of the `shown` with most to tell.

    `shown`: the reader's areas by place, and ids of groups in the order of the page. Raises AssertionError for a survey
    without neighbours.
    """
    near, (own, order) = found.resemblance, shown
    assert near is not None
    place = {id_: g for g, id_ in enumerate(found.group_ids)}
    known = [place[id_] for id_ in order if near.whole.is_known[place[id_]]]
    told = {g: sum(near.verdict(a, g).is_told for a in own) for g in known}
    best = max(known, key=lambda g: told[g], default=None)  # the first of equals
    g = place[wanted] if place.get(wanted) in known else best
    options = tuple(
        Option(found.group_ids[one], found.grouping.names[found.group_ids[one]], told[one]) for one in known
    )
    if g is None:
        return Neighbourly(None, (), Estimate(None), None, near.compared, 100 * near.test.fdr, options)
    beside = _beside(book, found)
    rows = tuple(_row(book, found, near, (a, g), beside) for a in own if near.beside[a])
    assert near.whole.p is not None
    return Neighbourly(
        Ref(found.group_ids[g], found.grouping.names[found.group_ids[g]]), rows, near.whole.at(g),
        float(near.whole.p[g]), near.compared, 100 * near.test.fdr, options,
    )  # fmt: skip


def _beside(book: Firmbook, found: Survey) -> dict[int, tuple[Ref, ...]]:
    pairs = pairs_beside(book.view.city, found.area_ids)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return {
        a: tuple(_area(book, found.area_ids[b]) for b in np.sort(both[both[:, 0] == a, 1])) for a in set(both[:, 0])
    }


def _row(
    book: Firmbook, found: Survey, near: Resemblance, at: tuple[int, int], beside: dict[int, tuple[Ref, ...]]
) -> NeighbourRow:
    a, g = at
    high, high_around = quarter_words(int(near.quarter[at]))
    p = None if near.local.p is None else _number(near.local.p[at])
    return NeighbourRow(
        _area(book, found.area_ids[a]), beside[a], found.by_cell["location_quotient"].at(a, g), near.local.at(a, g),
        high, high_around, p, _number(near.q[at]), near.verdict(a, g),
    )  # fmt: skip


def _area(book: Firmbook, id_: str) -> Ref:
    return book.view.names.area(id_) or Ref(id_, id_)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
