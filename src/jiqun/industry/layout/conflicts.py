"""Why no plan keeps all rules: the smallest sets of clauses that clash, the sums that show it, and what would help.

A set of rules that no plan keeps is smallest when every set with one rule less can be kept; that is how each is
verified. All of them come from a hitting-set tree (Reiter 1987, A theory of diagnosis from first principles): each
node leaves out one rule of the set found above it. A leaf is a set of rules whose loss makes a plan possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

from jiqun.industry.layout.problem import Problem, Row, Rule
from jiqun.industry.layout.solving import Budget, is_possible

_CERTAIN = 1e-6


@dataclass(frozen=True, eq=False)
class Count:
    """Sums that cannot hold: `needed` by rows of least, more than `room` by rows of most plus `spare` other pairs.

    Every pair is in the needed rows once for each of them, and is covered by room or stands among the spare ones.
    """

    needs: tuple[tuple[Rule, tuple[Row, ...]], ...]
    rooms: tuple[tuple[Rule, tuple[Row, ...]], ...]
    spare: int
    needed: int
    room: int

    @property
    def short(self) -> int:
        return self.needed - self.room - self.spare


@dataclass(frozen=True, eq=False)
class Clash:
    """A smallest set of rules that no plan keeps; `count` is None where no plain sum shows it."""

    rules: tuple[Rule, ...]
    count: Count | None


@dataclass(frozen=True, eq=False)
class Loosening:
    """The printed limit nearest to a rule's own with which a plan becomes possible, all other rules kept."""

    rule: Rule
    limit: int


@dataclass(frozen=True, eq=False)
class Conflict:
    """`remedies`: smallest sets of rules to give up. `is_complete`: there are no other clashes and remedies.

    `is_settled` is False where time ran out before a clash was proved smallest.
    """

    clashes: tuple[Clash, ...]
    remedies: tuple[tuple[Rule, ...], ...]
    loosenings: tuple[Loosening, ...]
    is_complete: bool
    is_settled: bool = True


def explain(problem: Problem, budget: Budget, *, most_clashes: int = 8) -> Conflict:
    """The clashes of a problem that has no plan. Settled pairs are given up before printed clauses."""
    order = sorted(problem.rules, key=lambda rule: not rule.is_pair)
    tree = _Tree(problem, order, budget, most_clashes)
    tree.grow()
    clashes = tuple(Clash(found, count(problem, found)) for found in tree.sets)
    remedies = tuple(sorted(_smallest(tree.leaves), key=len))
    by_id = {rule.id: rule for rule in order}
    return Conflict(
        clashes,
        tuple(tuple(by_id[id_] for id_ in by_id if id_ in leaf) for leaf in remedies),
        loosenings(problem, {rule.id: rule for found in tree.sets for rule in found}.values(), budget),
        tree.is_complete,
        tree.is_settled,
    )


def smallest_clash(problem: Problem, rules: Sequence[Rule], budget: Budget) -> tuple[Rule, ...] | None:
    """One smallest clashing set among rules that clash: each is left out in turn, and stays out if the rest clash.

    None where time ran out. Early rules are the first to be left out.
    """
    kept = list(rules)
    for rule in rules:
        rest = [one for one in kept if one is not rule]
        possible = is_possible(problem, rest, budget)
        if possible is None or budget.is_spent:
            return None
        if not possible:
            kept = rest
    return tuple(kept)


class _Tree:
    """Reiter's tree, grown breadth first; `sets` are the clashes met, `leaves` the ids given up where none is left."""

    def __init__(self, problem: Problem, rules: Sequence[Rule], budget: Budget, most: int) -> None:
        self._problem, self._rules, self._budget, self._most = problem, rules, budget, most
        self.sets: list[tuple[Rule, ...]] = []
        self.leaves: list[frozenset[str]] = []
        self.is_complete = self.is_settled = True

    def grow(self) -> None:
        level: list[frozenset[str]] = [frozenset()]
        seen = set(level)
        while level:
            below: list[frozenset[str]] = []
            for given_up in level:
                if any(leaf <= given_up for leaf in self.leaves):
                    continue
                found = self._clash_without(given_up)
                if found is None:
                    return
                if not found:
                    self.leaves.append(given_up)
                for rule in found:
                    wider = given_up | {rule.id}
                    if wider not in seen:
                        seen.add(wider)
                        below.append(wider)
            level = below

    def _clash_without(self, given_up: frozenset[str]) -> tuple[Rule, ...] | None:
        """A clash that has none of these rules: one met before, or a new one; empty for none, None to stop."""
        for known in self.sets:
            if not any(rule.id in given_up for rule in known):
                return known
        rest = [rule for rule in self._rules if rule.id not in given_up]
        possible = is_possible(self._problem, rest, self._budget)
        if possible:
            return ()
        if possible is None or len(self.sets) >= self._most or self._budget.is_spent:
            self.is_complete = False
            return None
        found = smallest_clash(self._problem, rest, self._budget)
        if found is None:
            self.is_complete = False
            self.is_settled = bool(self.sets)
            return None
        self.sets.append(found)
        return found


def _smallest(leaves: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    return [leaf for leaf in leaves if not any(other < leaf for other in leaves)]


# --- sums


def count(problem: Problem, rules: Sequence[Rule]) -> Count | None:
    """The sums by which the rules cannot be kept together, or None where there are no plain ones.

    Each row gets a slack; the least total slack of the relaxed problem has multipliers (Farkas) that add rows up to
    one sum. Only multipliers of 0 and 1 make words, and the sum is verified in whole numbers before it is said.
    """
    rows = [(rule, row) for rule in rules for row in rule.rows]
    multipliers = _multipliers(problem, rows)
    if multipliers is None:
        return None
    taken = [pair for pair, is_taken in zip(rows, multipliers, strict=True) if is_taken]
    load = np.zeros(problem.size, dtype=np.int64)
    needed = room = 0
    for rule, row in taken:
        uses = np.ones(len(row.pairs), dtype=np.int64) if row.uses is None else row.uses
        load[row.pairs] += uses if rule.is_least else -uses
        needed += row.limit if rule.is_least else 0
        room += 0 if rule.is_least else row.limit
    spare = int(load[load > 0].sum())
    if needed <= room + spare:
        return None
    sides = [_by_rule([(rule, row) for rule, row in taken if rule.is_least is side]) for side in (True, False)]
    return Count(sides[0], sides[1], spare, needed, room)


def _multipliers(problem: Problem, rows: Sequence[tuple[Rule, Row]]) -> NDArray[np.bool_] | None:
    """Which rows to add up; None where the relaxed problem has a plan, or the multipliers are not 0 and 1."""
    at, columns, values, limits = [], [], [], []
    for index, (rule, row) in enumerate(rows):
        sign = -1 if rule.is_least else 1
        uses = np.ones(len(row.pairs), dtype=np.int64) if row.uses is None else row.uses
        at.append(np.full(len(row.pairs), index))
        columns.append(row.pairs)
        values.append(sign * uses)
        limits.append(sign * row.limit)
    shape = (len(rows), problem.size)
    matrix = csr_array((np.concatenate(values), (np.concatenate(at), np.concatenate(columns))), shape=shape)
    slack = csr_array((-np.ones(len(rows)), (np.arange(len(rows)), np.arange(len(rows)))), shape=(len(rows),) * 2)
    result = linprog(
        np.concatenate([np.zeros(problem.size), np.ones(len(rows))]), A_ub=hstack([matrix, slack]).tocsr(),
        b_ub=np.array(limits, dtype=float), bounds=[(0, 1)] * problem.size + [(0, None)] * len(rows), method="highs-ds",
    )  # fmt: skip
    if result.status != 0 or result.fun < _CERTAIN:
        return None
    found = -np.asarray(result.ineqlin.marginals)
    whole = np.round(found)
    is_plain = bool(np.all(np.abs(found - whole) < _CERTAIN)) and set(whole.tolist()) <= {0.0, 1.0}
    return whole > 0 if is_plain else None


def _by_rule(rows: Sequence[tuple[Rule, Row]]) -> tuple[tuple[Rule, tuple[Row, ...]], ...]:
    found: dict[str, tuple[Rule, list[Row]]] = {}
    for rule, row in rows:
        found.setdefault(rule.id, (rule, []))[1].append(row)
    return tuple((rule, tuple(own)) for rule, own in found.values())


# --- what would help


def loosenings(problem: Problem, rules: Iterable[Rule], budget: Budget) -> tuple[Loosening, ...]:
    """For each rule with a printed limit, by itself: the nearest looser limit with which there is a plan."""
    found = []
    for rule in rules:
        limit = _loosened(problem, rule, budget)
        if limit is not None:
            found.append(Loosening(rule, limit))
    return tuple(found)


def _loosened(problem: Problem, rule: Rule, budget: Budget) -> int | None:
    """By halving: with a looser limit whatever was possible stays possible."""
    if rule.limit is None or rule.is_pair:
        return None
    widest = 0 if rule.is_least else max(len(problem.clusters), len(problem.areas), rule.limit) * 4
    if not _helps(problem, rule, widest, budget):
        return None
    tight, loose = rule.limit, widest
    while abs(tight - loose) > 1:
        middle = (tight + loose) // 2
        if _helps(problem, rule, middle, budget):
            loose = middle
        else:
            tight = middle
        if budget.is_spent:
            return None
    return loose


def _helps(problem: Problem, rule: Rule, limit: int, budget: Budget) -> bool:
    others = [with_limit(one, limit) if one is rule else one for one in problem.rules]
    return bool(is_possible(problem, others, budget))


def with_limit(rule: Rule, limit: int) -> Rule:
    """The same rule with another printed limit on every row."""
    rows = tuple(replace(row, limit=limit * rule.scale) for row in rule.rows)
    return replace(rule, limit=limit, rows=rows)
