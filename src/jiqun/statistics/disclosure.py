"""Tables for outside users from which no respondent can be recognised or inferred, as the Statistics Law demands.

A table is all sums of contributions over the nodes of two or three trees (areas, industries, size classes, each with
its total). Several tables over the same contributions are linked: cells that mean the same are one cell. A cell is
unsafe with too few respondents, where its largest dominate it (n, k), or where the second largest could estimate the
largest within p per cent; unsafe cells are hidden, and others beside them until an attack by linear programming, from
outside and by every respondent that is alone in a cell or has much of a hidden one, leaves each unsafe cell the
interval it needs. A table that fails the attack is not released."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from scipy import sparse

from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs.city import City
from jiqun.statistics import suppression
from jiqun.statistics.deviations import Sums
from jiqun.statistics.suppression import Attacker, Choice, Interval, Need

Tree = Mapping[str, str | None]  # code → the code above it; the one root has None
Key = tuple[tuple[str, str], ...]  # (dimension, code) for each dimension that is not at its root, by name
WHY = {
    "few": "填报单位太少", "dominated": "少数单位占比过高", "estimable": "可由其中一家推算另一家",
    "difference": "与已公布数相减可推出个别单位",
}  # fmt: skip


@dataclass(frozen=True)
class DisclosureRules:
    """Dated thresholds (`disclosure_…` in city.yaml).

    A cell is unsafe with fewer than `least_respondents`, where `top_count` of them have more than `top_pct` of it, or
    where all but the two largest are less than `estimate_pct` of the largest. `few_pct`: how far from its value, both
    ways, an attacker's interval of a cell with too few must reach; for the other two rules this follows from the rule
    itself."""

    least_respondents: int
    top_count: int
    top_pct: int
    estimate_pct: int
    few_pct: int

    @classmethod
    def of(cls, city: City, on: datetime.date) -> DisclosureRules:
        """The city's thresholds that held on the day. Raises NotFound for one that the folder lacks."""
        names = ("least_respondents", "top_count", "top_pct", "estimate_pct", "few_pct")
        return cls(*(int(city.setting(f"disclosure_{name}", on)) for name in names))


@dataclass(frozen=True)
class Table:
    """Cells in order of their keys, with who is in them. `shares` has (cell, respondent_id, amount), largest first.

    `inner` are cells that are never shown, and yet must not be found out; `fixed` are out already (`editions`)."""

    keys: tuple[Key, ...]
    sums: Sums
    shares: pl.DataFrame
    inner: frozenset[int] = frozenset()
    fixed: frozenset[int] = frozenset()

    @cached_property
    def index(self) -> dict[Key, int]:
        return {key: at for at, key in enumerate(self.keys)}


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """`value` is None where hidden; `is_unsafe` says that it is so for its own sake, else for that of others."""

    key: Key
    value: int | None
    respondents: int | None
    is_unsafe: bool


@dataclass(frozen=True)
class Release:
    """What may be shown, and the proof: what an attacker computes of every unsafe cell, from outside and as an
    insider."""

    cells: tuple[ReleasedCell, ...]
    proof: tuple[Interval, ...]
    needs: tuple[Need, ...]

    @property
    def hidden(self) -> int:
        return sum(1 for cell in self.cells if cell.value is None)


def table(contributions: pl.DataFrame, trees: Mapping[str, Tree], tables: Sequence[Sequence[str]]) -> Table:
    """The cells of linked tables.

    `contributions` has `respondent_id` (the group a firm belongs to, where groups are known: its members know each
    other), `amount` (at least 0, null is left out) and a column of lowest codes for every dimension of `tables`.
    Raises ValueError for a negative amount, a code that its tree lacks, or a tree without exactly one root."""
    known = contributions.filter(pl.col("amount").is_not_null())
    if known.filter(pl.col("amount") < 0).height:
        raise ValueError("amounts below zero cannot be protected")
    for name, tree in trees.items():
        if sum(above is None for above in tree.values()) != 1:
            raise ValueError(f"the tree of {name} must have one root")
        strange = set(known[name].drop_nulls()) - set(tree) if name in known.columns else set()
        if strange or (name in known.columns and known[name].null_count()):
            raise ValueError(f"codes that the tree of {name} lacks: {sorted(strange) or 'null'}")
    keys: dict[Key, None] = {}
    for dimensions in tables:
        keys |= dict.fromkeys(
            _key(trees, zip(dimensions, nodes, strict=True))
            for nodes in itertools.product(*(trees[d] for d in dimensions))
        )
    ordered = tuple(sorted(keys))
    shares = _shares(known, trees, tables, {key: at for at, key in enumerate(ordered)})
    values = np.zeros(len(ordered), np.int64)
    totals = shares.group_by("cell").agg(pl.col("amount").sum())
    values[totals["cell"].to_numpy()] = totals["amount"].to_numpy()
    return Table(ordered, Sums(values, _relations(trees, tables, ordered)), shares)


def _key(trees: Mapping[str, Tree], nodes: Iterable[tuple[str, str]]) -> Key:
    return tuple(sorted((name, code) for name, code in nodes if trees[name][code] is not None))


def _up(tree: Tree, code: str) -> list[str]:
    found = [code]
    while (above := tree[found[-1]]) is not None:
        found.append(above)
    return found


def _shares(
    known: pl.DataFrame, trees: Mapping[str, Tree], tables: Sequence[Sequence[str]], index: Mapping[Key, int]
) -> pl.DataFrame:
    found = []
    for dimensions in tables:
        rows = known.select("respondent_id", *dimensions, pl.col("amount").cast(pl.Int64))
        rows = rows.group_by("respondent_id", *dimensions).agg(pl.col("amount").sum())
        for name in dimensions:
            pairs = [(code, up) for code in trees[name] for up in _up(trees[name], code)]
            ladder = pl.DataFrame(pairs, schema={name: pl.String, f"{name}_up": pl.String}, orient="row")
            rows = rows.join(ladder, on=name).drop(name).rename({f"{name}_up": name})
        nodes = rows.select(dimensions).unique()
        cells = [index[_key(trees, zip(dimensions, each, strict=True))] for each in nodes.iter_rows()]
        rows = rows.join(nodes.with_columns(cell=pl.Series(cells, dtype=pl.Int64)), on=list(dimensions))
        found.append(rows.group_by("cell", "respondent_id").agg(pl.col("amount").sum()))
    # Linked tables say the same of a cell they share: one of them speaks.
    together = pl.concat(found).unique(["cell", "respondent_id"], keep="any")
    return together.sort(["cell", "amount", "respondent_id"], descending=[False, True, False])


def _relations(trees: Mapping[str, Tree], tables: Sequence[Sequence[str]], keys: Sequence[Key]) -> sparse.csr_array:
    """A row for every node that has others below it, at every node of the other dimensions: it is their sum."""
    index = {key: at for at, key in enumerate(keys)}
    below: dict[str, dict[str, list[str]]] = {name: {} for name in trees}
    for name, tree in trees.items():
        for code, above in tree.items():
            if above is not None:
                below[name].setdefault(above, []).append(code)
    lines: dict[tuple[int, ...], None] = {}
    for dimensions in tables:
        for at, name in enumerate(dimensions):
            others = [trees[d] for d in dimensions if d != name]
            for parent, children in below[name].items():
                for nodes in itertools.product(*others):
                    cells = (
                        index[_key(trees, zip(dimensions, (*nodes[:at], code, *nodes[at:]), strict=True))]
                        for code in (parent, *children)
                    )
                    lines[tuple(cells)] = None
    rows = [row for row, line in enumerate(lines) for _ in line]
    columns = [cell for line in lines for cell in line]
    signs = [sign for line in lines for sign in (1, *(-1 for _ in line[1:]))]
    return sparse.csr_array((signs, (rows, columns)), shape=(len(lines), len(keys)), dtype=np.int64)


def unsafe(found: Table, rules: DisclosureRules) -> tuple[Need, ...]:
    """The cells that must not be shown, with how far an attack must be kept from them (after tau-ARGUS's manual, 2.3).

    p%: above = p/100 * x1 - (T - x1 - x2), so that the second largest cannot estimate the largest within p %. (n, k):
    above = 100/k * (x1 + ... + xn) - T. Too few: `few_pct` of the value. Both ways the same, rounded up, and at least
    1."""
    top = pl.col("amount").head(rules.top_count).sum()
    cells = found.shares.filter(pl.col("amount") > 0).group_by("cell").agg(
        n=pl.len(), total=pl.col("amount").sum(), top=top,
        first=pl.col("amount").first(), second=pl.col("amount").get(1, null_on_oob=True).fill_null(0),
    )  # fmt: skip
    needs = []
    for row in cells.sort("cell").iter_rows(named=True):
        reach = {}
        if row["n"] < rules.least_respondents:
            reach["few"] = -(-row["total"] * rules.few_pct // 100)
        if row["top"] * 100 > row["total"] * rules.top_pct:
            reach["dominated"] = -(-row["top"] * 100 // rules.top_pct) - row["total"]
        rest = row["total"] - row["first"] - row["second"]
        if rest * 100 < row["first"] * rules.estimate_pct:
            reach["estimable"] = -(-row["first"] * rules.estimate_pct // 100) - rest
        if reach:
            why, far = max(reach.items(), key=lambda one: one[1])
            needs.append(Need(row["cell"], min(max(far, 1), row["total"]), max(far, 1), why))
    return tuple(needs)


def insiders(found: Table, needs: Sequence[Need]) -> tuple[Attacker, ...]:
    """Respondents that are alone in unsafe cells: their own figure tells them the cell's, and so more of the table."""
    cells = [need.cell for need in needs]
    return _attackers(found, pl.col("alone") & pl.col("cell").is_in(cells))


def largest(found: Table, hidden: Iterable[int]) -> tuple[Attacker, ...]:
    """The two largest respondents of each hidden cell: it cannot be smaller than what they know to be in it, and what
    falls less tells more of others. Whoever has less in the same cells knows less."""
    order = pl.int_range(pl.len()).over("cell")
    return _attackers(found, pl.col("cell").is_in(list(hidden)) & (order < 2))


def _attackers(found: Table, who: pl.Expr) -> tuple[Attacker, ...]:
    rows = found.shares.filter(pl.col("amount") > 0).with_columns(alone=pl.len().over("cell") == 1)
    some = rows.filter(who)["respondent_id"].unique().sort()
    told = rows.filter(pl.col("respondent_id").is_in(some.implode())).group_by("respondent_id").agg(
        known=pl.col("cell").filter("alone"), own="cell", parts="amount"
    )  # fmt: skip
    return tuple(
        Attacker(id_, frozenset(known), dict(zip(own, parts, strict=True)))
        for id_, known, own, parts in told.sort("respondent_id").iter_rows()
    )


def release(found: Table, rules: DisclosureRules, more: Sequence[Need] = ()) -> Release:
    """The table with cells hidden, proved by attack. `more` are needs beside those of the rules; of what is out
    already nothing is needed any more.

    Raises InputRefused, with a finding for each, where hiding cannot protect a cell: there is nothing to release then.
    """
    by_cell: dict[int, Need] = {}
    for need in (*more, *unsafe(found, rules)):
        other = by_cell.get(need.cell, need)
        why = need.why if need.above >= other.above else other.why
        by_cell[need.cell] = Need(need.cell, max(need.below, other.below), max(need.above, other.above), why)
    needs = tuple(by_cell[cell] for cell in sorted(by_cell) if cell not in found.fixed)
    inside = insiders(found, needs)
    while True:
        hidden = suppression.hide(found.sums, needs, inside, Choice(found.inner, found.fixed)) | found.inner
        asked = {who.name for who in inside}
        others = tuple(who for who in largest(found, hidden) if who.name not in asked)
        proof = suppression.attack(found.sums, hidden, needs, (*inside, *others))
        bad = [one for one in proof if not one.is_safe]
        if not (learned := tuple(who for who in others if who.name in {one.who for one in bad})):
            break
        inside = (*inside, *learned)  # few of all respondents learn enough to be hidden from
    if bad:
        raise InputRefused(_refusal(found, one) for one in bad)
    held = {need.cell for need in needs}
    counts = dict(found.shares.filter(pl.col("amount") > 0).group_by("cell").len().iter_rows())
    cells = tuple(
        ReleasedCell(
            key,
            None if at in hidden else int(found.sums.values[at]),
            None if at in hidden else counts.get(at, 0),
            at in held,
        )
        for at, key in enumerate(found.keys)
    )
    return Release(cells, proof, needs)


def _refusal(found: Table, one: Interval) -> Finding:
    where = "、".join(code for _, code in found.keys[one.need.cell]) or "合计"
    by = "，连同某个填报单位自己的数" if one.who else ""
    return Finding(
        "disclosure", Severity.ERROR,
        f"“{where}”（{WHY[one.need.why]}）遮盖后仍可由其他格{by}推算，不能对外提供此表", Place(cell=where),
        "合并分组或减少分组的层次后再试。",
    )  # fmt: skip
