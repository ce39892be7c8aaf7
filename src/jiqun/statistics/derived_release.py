"""Which sums of derived industries may leave the house: those that no attack on all of them leads back from.

Sums, unions and overlaps share firms in many ways. Firms that count alike in every target make up one cell, which is
never shown; each figure is a sum of such cells. Hidden is what `disclosure` finds must be, for these cells' sake and
for what lies between a target's bounds too, and the attack proves it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from scipy import sparse

from jiqun.model.errors import InputRefused
from jiqun.statistics import disclosure
from jiqun.statistics.derived import WHOLE
from jiqun.statistics.deviations import Sums
from jiqun.statistics.disclosure import DisclosureRules, Table

_Kind = Mapping[str, bool]  # target → whether it counts whole there; what is not named does not count
_TOTAL, _LOW, _HIGH = ("total",), ("low",), ("high",)
_Name = tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """Of which targets, and of which pairs of them in the order of their names, the bounds may be shown; and whether
    those of all together may."""

    targets: frozenset[str] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    whole: bool = False


def shown(lines: pl.DataFrame, found: pl.DataFrame, rules: DisclosureRules) -> Shown:
    """What may be shown of `found`, of `derived.parts` on `lines`, to those who know the total of all lines as well.

    Nothing where an amount is below zero or no hiding protects the firms. A target of which a firm counts by a share
    that is neither nothing nor all stays inside, and with it all of them together.
    """
    known = lines.with_row_index("line").filter(pl.col("amount").is_not_null())
    if known.filter(pl.col("amount") < 0).height:
        return Shown()
    found = found.filter(pl.col("high_ppm") > 0)  # who says that nothing of it counts does not count
    is_shared = ~pl.col("low_ppm").is_in([0, WHOLE]) | ~pl.col("high_ppm").is_in([0, WHOLE])
    shared = set(found.filter(is_shared)["target"])
    names = sorted(set(found["target"]) - shared)
    found = found.filter(pl.col("target").is_in(names))
    figures = _figures(names)
    try:
        done = disclosure.release(_table(_amounts(known, found), figures), rules)
    except InputRefused:
        return Shown()
    held = {tuple(word for _, word in cell.key) for cell in done.cells if cell.value is None}
    if _TOTAL in held:
        return Shown()
    return Shown(
        frozenset(name for name in names if not held & {(*_LOW, name), (*_HIGH, name)}),
        frozenset(
            pair for pair in itertools.combinations(names, 2) if not held & {(*_LOW, *pair), (*_HIGH, *pair)}
        ),
        not shared and not held & {_LOW, _HIGH},
    )  # fmt: skip


def _amounts(known: pl.DataFrame, found: pl.DataFrame) -> list[tuple[_Kind, dict[str, int]]]:
    """Each way to count, with what the firms that count so have."""
    kinds: dict[int, dict[str, bool]] = {line: {} for line in known["line"]}
    for line, target, low in found.select("line", "target", "low_ppm").iter_rows():
        if line in kinds:
            kinds[line][target] = low == WHOLE
    cells: dict[tuple[tuple[str, bool], ...], dict[str, int]] = {}
    for line, firm, amount in known.select("line", "firm_id", "amount").iter_rows():
        firms = cells.setdefault(tuple(sorted(kinds[line].items())), {})
        firms[firm] = firms.get(firm, 0) + amount
    return [(dict(kind), firms) for kind, firms in sorted(cells.items())]


def _figures(names: Sequence[str]) -> dict[_Name, Callable[[_Kind], bool]]:
    """Each figure that may be asked for, and what lies between bounds: what counts in it."""
    found: dict[_Name, Callable[[_Kind], bool]] = {
        _TOTAL: lambda kind: True, _LOW: lambda kind: any(kind.values()), _HIGH: bool,
        ("between",): lambda kind: bool(kind) and not any(kind.values()),
    }  # fmt: skip
    for several in (*((name,) for name in names), *itertools.combinations(names, 2)):
        surely, at_most = _in_all(several, surely=True), _in_all(several, surely=False)
        found[*_LOW, *several], found[*_HIGH, *several] = surely, at_most
        found["between", *several] = partial(_between, surely, at_most)
    return found


def _in_all(several: Sequence[str], *, surely: bool) -> Callable[[_Kind], bool]:
    return lambda kind: all(kind.get(one, False) if surely else one in kind for one in several)


def _between(surely: Callable[[_Kind], bool], at_most: Callable[[_Kind], bool], kind: _Kind) -> bool:
    return at_most(kind) and not surely(kind)


def _table(cells: Sequence[tuple[_Kind, dict[str, int]]], figures: Mapping[_Name, Callable[[_Kind], bool]]) -> Table:
    """The cells of firms that count alike, then the figures made of them; empty figures are no secret and left out."""
    made = {name: [at for at, (kind, _) in enumerate(cells) if counts(kind)] for name, counts in figures.items()}
    made = {name: parts for name, parts in made.items() if parts}
    members = [firms for _, firms in cells]
    for parts in made.values():
        firms: dict[str, int] = {}
        for at in parts:
            for firm, amount in cells[at][1].items():
                firms[firm] = firms.get(firm, 0) + amount
        members.append(firms)
    keys = (*((("alike", f"{at:09}"),) for at in range(len(cells))),
            *(tuple((f"word{at}", word) for at, word in enumerate(name)) for name in made))  # fmt: skip
    rows = [row for row, parts in enumerate(made.values()) for _ in range(len(parts) + 1)]
    columns = [column for row, parts in enumerate(made.values()) for column in (len(cells) + row, *parts)]
    signs = [sign for parts in made.values() for sign in (1, *[-1] * len(parts))]
    relations = sparse.csr_array((signs, (rows, columns)), shape=(len(made), len(keys)), dtype=np.int64)
    shares = pl.DataFrame(
        [(at, firm, amount) for at, firms in enumerate(members) for firm, amount in firms.items()],
        schema={"cell": pl.Int64, "respondent_id": pl.String, "amount": pl.Int64}, orient="row",
    ).sort(["cell", "amount", "respondent_id"], descending=[False, True, False])  # fmt: skip
    never = {*range(len(cells)), *(len(cells) + at for at, name in enumerate(made) if name[0] == "between")}
    values = np.array([sum(firms.values()) for firms in members], np.int64)
    return Table(keys, Sums(values, relations), shares, frozenset(never))
