"""Which further cells to hide, and what an attacker can still compute of them.

What an attacker can learn of a hidden cell is exactly the least and greatest value that the published cells allow
(`deviations`). Hiding follows Fischetti and Salazar's flow view (Management Science 47, 2001): a cell is protected
upwards by a where some deviation raises it by a, and then hiding every cell that it moves is enough. For each cell and
direction the cheapest one is sought by linear programming, what is hidden already being free; what turns out to be
needless is shown again. The result is not always the least possible, and it is proved by the attack, not by the way it
was found.

One deviation, turned round, shrunk, or stretched as far as no cell falls below nothing, is a witness for every cell
that it moves far enough, and against every attacker who knows none of the cells it moves. So few questions need a
programme of their own: a table of 800 cells has ten thousand pairs of unsafe cell and insider."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jiqun.statistics.deviations import TOLERANCE, Deviations, Sums

_PROGRAMMES = 5_000  # after so many, what may be needless stays hidden: seconds for tables of two thousand cells


@dataclass(frozen=True, slots=True)
class Need:
    """How far below and above its value an attacker's interval of the cell must reach. `why` is a code of a rule."""

    cell: int
    below: int
    above: int
    why: str


@dataclass(frozen=True, slots=True)
class Attacker:
    """Who attacks: `known` cells it fills alone, so that it knows them; `own` are all that it has a part in, with the
    part, below which it knows that the cell is not.

    What it may learn of others in a cell of its own is the matter of the rules that made the need, not of an attack.
    """

    name: str = ""
    known: frozenset[int] = frozenset()
    own: Mapping[int, int] = field(default_factory=dict)


OUTSIDER = Attacker()


@dataclass(frozen=True)
class Choice:
    """What is not to be chosen: cells that are `never` shown, whatever it costs, and cells `always` shown. `cost` is
    what hiding each other cell loses; by default its value and one."""

    never: frozenset[int] = frozenset()
    always: frozenset[int] = frozenset()
    cost: NDArray[np.float64] | None = None


FREE = Choice()


@dataclass(frozen=True, slots=True)
class Interval:
    """What an attacker computes of a hidden cell; `high` is infinite where nothing bounds it. `who`: '' from outside;
    of insiders, what they cannot get below."""

    need: Need
    low: float
    high: float
    value: int
    who: str = ""

    @property
    def is_safe(self) -> bool:
        slack = TOLERANCE * max(self.need.above, self.need.below, 1)
        return self.high - self.value >= self.need.above - slack and self.value - self.low >= self.need.below - slack


class _Witnesses:
    """Deviations found, each both ways: which cells it moves, how far it must be stretched for each need, and how far
    it can be before an attacker knows better, who knows one of these cells or a part of one that falls.

    Needs stand twice, for the rise (sign 1) and for the fall; a row is a deviation, columns lie together in memory.
    """

    def __init__(self, sums: Sums, needs: Sequence[Need], attackers: Sequence[Attacker]) -> None:
        self.sums, self.n = sums, len(needs)
        self.cells = np.array([need.cell for need in needs], np.int64)
        self.far = np.array([need.above for need in needs] + [need.below for need in needs], np.float64)
        self.known = np.zeros((len(attackers), len(sums.values)), np.float32)
        self.own = np.zeros((2 * self.n, len(attackers)), bool)
        parts: list[tuple[int, int, int]] = []  # attacker, cell of its own, what others have of it
        for at, who in enumerate(attackers):
            self.known[at, sorted(who.known)] = 1
            self.own[:, at] = [need.cell in who.own for need in needs] * 2
            parts += [(at, cell, int(sums.values[cell]) - own) for cell, own in sorted(who.own.items())]
        whose, where, rest = np.array(parts, np.int64).reshape(-1, 3).T
        self.starts = np.flatnonzero(np.diff(whose, prepend=-1))
        self.whose, self.where, self.rest = whose[self.starts], where, rest.astype(np.float64)
        self.count = 0
        self.moves = np.zeros((64, len(sums.values)), bool, "F")
        self.stretch = np.zeros((64, 2 * self.n), np.float64, "F")
        self.most = np.zeros((64, len(attackers)))

    def way(self, at: int, sign: int) -> int:
        return at if sign > 0 else self.n + at

    def add(self, deviation: NDArray[np.float64]) -> None:
        """Keep it, and its reverse."""
        moved = deviation != 0
        if not moved.any():
            return
        torn = float(np.abs(self.sums.relations @ deviation).max(initial=0.0))
        knows = self.known @ moved.astype(np.float32) > 0
        for turned in (deviation, -deviation):
            reach = np.concatenate([turned[self.cells], -turned[self.cells]])
            moves = reach > 0
            # Stretched to the need, the sums may be torn by no more than an attack overlooks.
            moves &= torn * self.far <= TOLERANCE * reach * np.maximum(self.far, 1)
            stretch = np.full(2 * self.n, np.inf)
            stretch[moves] = self.far[moves] * (1 - TOLERANCE / 2) / reach[moves]
            most = np.where(knows, 0.0, self._most(turned))
            if (stretch <= most.max(initial=0.0)).any():
                self._keep(moved, stretch, most)

    def _most(self, turned: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far each attacker believes it: until a cell falls below nothing, or below what it knows is in it."""
        falls = turned < 0
        most = np.full(len(self.known), (self.sums.values[falls] / -turned[falls]).min(initial=np.inf))
        if self.where.size:
            fall = -turned[self.where]
            ends = np.divide(self.rest, fall, out=np.full(fall.size, np.inf), where=fall > 0)
            most[self.whose] = np.minimum(most[self.whose], np.minimum.reduceat(ends, self.starts))
        return most

    def _keep(self, moved: NDArray[np.bool_], stretch: NDArray[np.float64], most: NDArray[np.float64]) -> None:
        if self.count == len(self.moves):
            self.moves = np.asarray(np.vstack([self.moves, np.zeros_like(self.moves)]), order="F")
            self.stretch = np.asarray(np.vstack([self.stretch, np.zeros_like(self.stretch)]), order="F")
            self.most = np.vstack([self.most, np.zeros_like(self.most)])
        self.moves[self.count], self.stretch[self.count], self.most[self.count] = moved, stretch, most
        self.count += 1

    def lacking(self, way: int, without: int | None = None) -> NDArray[np.int64]:
        """The attackers against whom no witness stands for the need in this direction, `without` being shown."""
        if self.far[way] == 0:
            return np.zeros(0, np.int64)
        stretch = self.stretch[: self.count, way]
        stand = np.isfinite(stretch)
        if without is not None:
            stand &= ~self.moves[: self.count, without]
        rows = np.flatnonzero(stand)
        held = (self.most[rows] >= stretch[rows, None]).any(axis=0)
        return np.flatnonzero(~held & ~self.own[way])

    def fails(self, way: int, index: int) -> bool:
        """Whether no witness stands for the need in this direction against one attacker."""
        stretch = self.stretch[: self.count, way]
        return bool(self.far[way] and not (self.most[: self.count, index] >= stretch).any())

    def forget(self, cell: int) -> None:
        """Drop the witnesses that move a cell which is shown from now on."""
        stand = ~self.moves[: self.count, cell]
        count = int(stand.sum())
        for held in (self.moves, self.stretch, self.most):
            held[:count] = held[: self.count][stand]
        self.count = count


def attack(
    sums: Sums, hidden: Iterable[int], needs: Sequence[Need], insiders: Sequence[Attacker] = ()
) -> tuple[Interval, ...]:
    """For every need the interval that outsiders compute, and each insider, who knows what it has in the cells.

    An outsider's interval is the exact one, of two programmes. Against an insider a witness is enough: another table
    that agrees with all it knows; where none is at hand its own programmes are solved.
    """
    everything, attackers = frozenset(hidden), (OUTSIDER, *insiders)
    found, flows, witnesses = [], Deviations(sums, everything), _Witnesses(sums, needs, attackers)
    flows.open(everything)
    for need in needs:
        value, ends = int(sums.values[need.cell]), []
        for sign in (-1, 1):
            ends.append(value + sign * flows.reach(need.cell, sign))
            witnesses.add(flows.last)
        found.append(Interval(need, ends[0], ends[1], value))
    for index, who in enumerate(insiders, 1):
        got: dict[tuple[int, int], float] = {}
        for at, sign in itertools.product(range(len(needs)), (-1, 1)):
            need = needs[at]
            if need.cell not in who.own:
                got[at, sign] = float(need.above if sign > 0 else need.below)
                if witnesses.fails(witnesses.way(at, sign), index):
                    flows.open(everything - who.known, who.own)
                    got[at, sign] = flows.reach(need.cell, sign)
                    witnesses.add(flows.last)
        for at, need in enumerate(needs):
            if (at, 1) in got:
                value = int(sums.values[need.cell])
                found.append(Interval(need, value - got[at, -1], value + got[at, 1], value, who.name))
    return tuple(found)


class _Search:
    """The state of one search for cells to hide."""

    def __init__(self, sums: Sums, needs: Sequence[Need], insiders: Sequence[Attacker], choice: Choice) -> None:
        self.sums, self.needs, self.always = sums, needs, sorted(choice.always)
        self.cost = sums.values.astype(np.float64) + 1 if choice.cost is None else choice.cost
        self.attackers = (OUTSIDER, *insiders)
        self.unsafe = frozenset(need.cell for need in needs)
        self.held = self.unsafe | choice.never
        self.hidden = self.held
        self.witnesses = _Witnesses(sums, needs, self.attackers)
        self.ways = Deviations(sums, priced=True)

    def protect(self) -> None:
        """Hide what the needs want, the greatest first, against outsiders and then against insiders."""
        order = sorted(range(len(self.needs)), key=lambda at: -max(self.needs[at].above, self.needs[at].below))
        ways = [(at, sign) for at in order for sign in (1, -1)]
        for at, sign in ways:
            if 0 in self._lacking(at, sign):
                self._hide_for(at, sign, OUTSIDER)
        for at, sign in ways:
            missing = self._lacking(at, sign)
            while missing:
                self._hide_for(at, sign, self.attackers[missing[0]])
                # What could not be helped is not asked again: the attack will say so.
                still = set(self._lacking(at, sign))
                missing = [who for who in missing[1:] if who in still]

    def _lacking(self, at: int, sign: int, without: int | None = None) -> list[int]:
        found: list[int] = self.witnesses.lacking(self.witnesses.way(at, sign), without).tolist()
        return found

    def _hide_for(self, at: int, sign: int, who: Attacker) -> None:
        """Hide the cells moved by the cheapest deviation that meets the need; none where no deviation does."""
        cell, size = self.needs[at].cell, float(self.witnesses.far[self.witnesses.way(at, sign)])
        values = self.sums.values
        # A cell's price per unit moved falls with what it takes, so that few cells move much rather than many a little.
        price = self.cost / np.clip(values, 1, size)
        price[sorted(self.hidden)] = 0.0
        fixed = values == 0
        fixed[[*self.always, *who.known]] = True
        rest = values.astype(np.float64)
        rest[list(who.own)] -= list(who.own.values())
        fall, rise = np.where(fixed, 0, rest / size), np.where(fixed, 0, np.inf)
        fall[cell], rise[cell] = (0, np.nan) if sign > 0 else (np.nan, 0)
        moved = self.ways.cheapest(price / max(price.max(), 1e-300), rise, fall)
        moved[np.abs(moved) <= 1e-7] = 0.0
        self.hidden |= frozenset(np.flatnonzero(moved).tolist())
        if moved.size:
            self.witnesses.add(moved * size)

    def show_needless(self) -> None:
        """Show again, dearest first, what no need needs; of large tables, as far as a fixed number of programmes goes.
        The needs in a sum with the cell are asked first, then the one that refused last."""
        attacks = Deviations(self.sums, self.hidden)
        asked = [(at, sign) for at in range(len(self.needs)) for sign in (1, -1)]
        for cell in sorted(self.hidden - self.held, key=lambda c: (-self.cost[c], c)):
            if attacks.solved >= _PROGRAMMES:
                return
            if self._tells(cell):
                continue
            near = self.sums.beside(cell)
            for at, sign in sorted(asked, key=lambda one: self.needs[one[0]].cell not in near):
                if not self._stands(at, sign, cell, attacks):
                    asked.remove((at, sign))
                    asked.insert(0, (at, sign))
                    break
            else:
                self.hidden -= {cell}
                self.witnesses.forget(cell)

    def _tells(self, cell: int) -> bool:
        """Whether sum after sum tells somebody a cell of a need once this one is shown."""
        for who in self.attackers:
            told = self.sums.determined(self.hidden - who.known - {cell}, [cell, *who.known])
            if told & self.unsafe - who.own.keys():
                return True
        return False

    def _stands(self, at: int, sign: int, cell: int, attacks: Deviations) -> bool:
        """Whether the need is met against everybody with the cell shown."""
        need, far = self.needs[at], float(self.witnesses.far[self.witnesses.way(at, sign)])
        missing = self._lacking(at, sign, cell)
        while missing:
            who = self.attackers[missing[0]]
            attacks.open(self.hidden - {cell} - who.known, who.own)
            if attacks.reach(need.cell, sign, far) < far * (1 - TOLERANCE / 2):
                return False
            self.witnesses.add(attacks.last)
            still = self._lacking(at, sign, cell)
            if missing[0] in still:
                return False  # the solver's answer tears the sums
            missing = still
        return True


def hide(sums: Sums, needs: Sequence[Need], insiders: Sequence[Attacker] = (), choice: Choice = FREE) -> frozenset[int]:
    """Cells to hide, those of `needs` among them, so that every need is met against outsiders and insiders.

    Where a need cannot be met by hiding, as much is hidden as helps; `attack` then says which are unsafe. Empty cells
    are never hidden: an empty place is no secret.
    """
    if not needs:
        return frozenset()
    search = _Search(sums, needs, insiders, choice)
    search.protect()
    search.show_needless()
    return search.hidden
