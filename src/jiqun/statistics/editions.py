"""A table for outside users beside those that are out already: what all of them together tell.

An earlier edition of a table (preliminary, then final, then revised), or the table of a part of it (a district's), says
something of the same respondents. All become one table for `disclosure`: a cell to which the same respondents give the
same is one cell in both; where they do not, the two differ by what was added less what was taken away, and both of
these are cells that nobody may find out. What is out already can be hidden no more. So the attack that proves a release
solves the joint system.

A difference tells a figure where it is that figure nearly whole: of a respondent that came or went, or whose figure
changed to or from almost nothing. That one of many was corrected by a little is told, and tells no figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import polars as pl
from scipy import sparse

from jiqun.statistics import disclosure
from jiqun.statistics.deviations import Sums
from jiqun.statistics.disclosure import DisclosureRules, Key, Release, Table

_Shares = dict[str, int]  # respondent → amount, none of them 0
_EARLIER, _ADDED, _TAKEN = "以前公布的表", "比以前多出的", "比以前少去的"


@dataclass(frozen=True)
class Earlier:
    """A table as it was, and which of its cells are out."""

    table: Table
    shown: frozenset[Key]


def rooted(table: Table, under: Key) -> Table:
    """The table of a part, with its root where the whole's table has it: a district's total is a cell of the city's."""

    def placed(key: Key) -> Key:
        named = {name for name, _ in key}
        return tuple(sorted((*key, *(pair for pair in under if pair[0] not in named))))

    return replace(table, keys=tuple(placed(key) for key in table.keys))


@dataclass(frozen=True)
class Beside:
    """What may be shown of a table beside the earlier ones. `differing` are cells whose difference from what is out
    would tell a figure."""

    release: Release
    differing: frozenset[Key]


def release(after: Table, before: Sequence[Earlier], rules: DisclosureRules) -> Beside:
    """The table with cells hidden, proved by attack on all tables together; `before` from the oldest on.

    Raises InputRefused, with a finding for each, where no hiding of this table's cells can protect another."""
    joint, differences = joined(after, before, rules)
    done = disclosure.release(joint, rules)
    needed = {need.cell for need in done.needs}
    differing = frozenset(after.keys[at] for cell, at in differences.items() if cell in needed)
    return Beside(replace(done, cells=done.cells[: len(after.keys)]), differing)


def joined(after: Table, before: Sequence[Earlier], rules: DisclosureRules) -> tuple[Table, dict[int, int]]:
    """One table of all, the cells of `after` first; and which cells are differences of which of these."""
    made = _Joint(after, rules)
    for one in reversed(before):  # the newest first: an older one may be like it
        made.add(one)
    return made.table(), made.differences


@dataclass
class _Joint:
    after: Table
    rules: DisclosureRules
    keys: list[Key] = field(default_factory=list)
    shares: list[_Shares] = field(default_factory=list)  # of cells, in order
    values: list[int] = field(default_factory=list)
    rows: dict[tuple[tuple[int, int], ...], None] = field(default_factory=dict)  # (cell, sign) of each sum
    alike: dict[Key, list[int]] = field(default_factory=dict)  # the cells that stand for one key, in this or that table
    inner: set[int] = field(default_factory=set)
    fixed: set[int] = field(default_factory=set)
    differences: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.inner |= self.after.inner
        self.fixed |= self.after.fixed
        for key, shares in zip(self.after.keys, _by_cell(self.after), strict=True):
            self.alike[key] = [self._cell(key, shares)]
        self._sums(self.after, list(range(len(self.keys))))

    def add(self, one: Earlier) -> None:
        places = []
        for at, shares in enumerate(_by_cell(one.table)):
            key = one.table.keys[at]
            others = self.alike.setdefault(key, [])
            place = next((other for other in others if self.shares[other] == shares), None)
            if place is None:
                place = self._cell((("", _EARLIER), *key), shares)
                self.inner.add(place)
                for other in others:
                    self._differ(key, place, other)
                others.append(place)
            if key in one.shown:
                self.inner.discard(place)
                self.fixed.add(place)
            places.append(place)
        self._sums(one.table, places)

    def _differ(self, key: Key, old: int, new: int) -> None:
        """new - old = added - taken, neither of which is ever shown."""
        firms = self.shares[old].keys() | self.shares[new].keys()
        change = {id_: self.shares[new].get(id_, 0) - self.shares[old].get(id_, 0) for id_ in firms}
        line = [(new, 1), (old, -1)]
        for word, sign in ((_ADDED, 1), (_TAKEN, -1)):
            moved = {id_: sign * by for id_, by in change.items() if sign * by > 0}
            if moved:
                cell = self._cell(
                    (("", word), *key), moved if self._tells(moved, old, new) else {}, sum(moved.values())
                )
                self.inner.add(cell)
                self.differences |= {cell: new} if new < len(self.after.keys) else {}
                line.append((cell, -sign))
        self.rows[tuple(line)] = None

    def _tells(self, moved: _Shares, old: int, new: int) -> bool:
        """Whether a change is some respondent's figure, as far as an interval of it must reach."""
        whole = ((by, max(self.shares[old].get(id_, 0), self.shares[new].get(id_, 0))) for id_, by in moved.items())
        return any(by * 100 >= most * (100 - self.rules.few_pct) for by, most in whole)

    def _cell(self, key: Key, shares: _Shares, value: int | None = None) -> int:
        self.keys.append(key)
        self.shares.append(shares)
        self.values.append(sum(shares.values()) if value is None else value)
        return len(self.keys) - 1

    def _sums(self, table: Table, places: Sequence[int]) -> None:
        lines = table.sums.relations
        for start, end in pairwise(lines.indptr):
            cells = (places[cell] for cell in lines.indices[start:end])
            self.rows[tuple(sorted(zip(cells, lines.data[start:end].tolist(), strict=True)))] = None

    def table(self) -> Table:
        of = [(row, cell, sign) for row, line in enumerate(self.rows) for cell, sign in line]
        where = ([row for row, _, _ in of], [cell for _, cell, _ in of])
        shape = (len(self.rows), len(self.keys))
        relations = sparse.csr_array(([sign for _, _, sign in of], where), shape=shape, dtype=np.int64)
        shares = pl.DataFrame(
            list(self._lines()), schema={"cell": pl.Int64, "respondent_id": pl.String, "amount": pl.Int64}, orient="row"
        ).sort(["cell", "amount", "respondent_id"], descending=[False, True, False])
        sums = Sums(np.array(self.values, np.int64), relations)
        return Table(tuple(self.keys), sums, shares, frozenset(self.inner), frozenset(self.fixed))

    def _lines(self) -> Iterator[tuple[int, str, int]]:
        for cell, shares in enumerate(self.shares):
            for id_, amount in shares.items():
                yield cell, id_, amount


def _by_cell(table: Table) -> list[_Shares]:
    found: list[_Shares] = [{} for _ in table.keys]
    for cell, id_, amount in table.shares.filter(pl.col("amount") > 0).iter_rows():
        found[cell][id_] = amount
    return found
