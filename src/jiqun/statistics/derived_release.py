"""Which sums of derived industries may leave the house: those that no attack on all of them leads back from.

Sums, unions and overlaps share firms in many ways. Firms that count alike in every target make up one cell, which is
never shown; each figure is a sum of such cells. Hidden is what `disclosure` finds must be, for these cells' sake and
for what lies between a target's bounds too, and the attack proves it. What was shown of the same firms before is in an
attacker's hands as well (`editions`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from scipy import sparse

from jiqun.model.errors import InputRefused
from jiqun.statistics import disclosure, editions
from jiqun.statistics.derived import WHOLE
from jiqun.statistics.deviations import Sums
from jiqun.statistics.disclosure import DisclosureRules, Key, Table
from jiqun.statistics.editions import Earlier

# target → whether it counts whole there, or by which share; what is not named does not count
_Kind = Mapping[str, bool | tuple[int, int]]
_TOTAL, _LOW, _HIGH = ("total",), ("low",), ("high",)
_Name = tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """Of which targets, and of which pairs of them in the order of their names, the bounds may be shown; and whether
    those of all together may."""

    targets: frozenset[str] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    whole: bool = False


@dataclass(frozen=True)
class Before:
    """An edition that is out with its total, as `shown` took it; `shown` None where nobody knows any more what else."""

    lines: pl.DataFrame
    found: pl.DataFrame
    shown: Shown | None


def shown(lines: pl.DataFrame, found: pl.DataFrame, rules: DisclosureRules, before: Sequence[Before] = ()) -> Shown:
    """What may be shown of `found`, of `derived.parts` on `lines`, to those who know the total of all lines as well,
    and the editions `before`, from the oldest on.

    Nothing where an amount is below zero, now or before, or no hiding protects the firms. A target of which a firm
    counts by a share that is neither nothing nor all stays inside, and with it all of them together.
    """
    now, earlier = _Edition.of(lines, found), [_Edition.of(one.lines, one.found) for one in before]
    if now is None:
        return Shown()
    several = {name for one in (now, *earlier) if one is not None for name in one.names}
    out = []
    for one, edition in zip(before, earlier, strict=True):
        if edition is None:
            return Shown()
        table = edition.table(several)
        if one.shown is None and disclosure.unsafe(table, rules):
            return Shown()
        out.append(Earlier(table, _keys(edition.all if one.shown is None else one.shown)))
    try:
        done = editions.release(now.table(several), out, rules).release
    except InputRefused:
        return Shown()
    held = {tuple(word for _, word in cell.key) for cell in done.cells if cell.value is None}
    if _TOTAL in held:
        return Shown()
    return Shown(
        frozenset(name for name in now.names if not held & {(*_LOW, name), (*_HIGH, name)}),
        frozenset(
            pair for pair in itertools.combinations(now.names, 2) if not held & {(*_LOW, *pair), (*_HIGH, *pair)}
        ),
        not now.shared and not held & {_LOW, _HIGH},
    )  # fmt: skip


@dataclass(frozen=True)
class _Edition:
    """`names` are the targets of which each firm counts as nothing, all, or between the two; `shared` the others."""

    known: pl.DataFrame
    found: pl.DataFrame
    names: tuple[str, ...]
    shared: frozenset[str]

    @classmethod
    def of(cls, lines: pl.DataFrame, found: pl.DataFrame) -> _Edition | None:
        """None where an amount is below zero."""
        known = lines.with_row_index("line").filter(pl.col("amount").is_not_null())
        if known.filter(pl.col("amount") < 0).height:
            return None
        found = found.filter(pl.col("high_ppm") > 0)  # who says that nothing of it counts does not count
        is_shared = ~pl.col("low_ppm").is_in([0, WHOLE]) | ~pl.col("high_ppm").is_in([0, WHOLE])
        shared = frozenset(found.filter(is_shared)["target"])
        return cls(known, found, tuple(sorted(set(found["target"]) - shared)), shared)

    @property
    def all(self) -> Shown:
        return Shown(frozenset(self.names), frozenset(itertools.combinations(self.names, 2)), not self.shared)

    def table(self, several: Collection[str]) -> Table:
        """Firms parted by how they count in `several` targets, also those of other editions: what these tell of a part
        of them is told here as well."""
        found = self.found.filter(pl.col("target").is_in(sorted(several)))
        return _table(_amounts(self.known, found), _figures(self.names))


def _keys(told: Shown) -> frozenset[Key]:
    names: list[_Name] = [_TOTAL]
    for several in (*((name,) for name in told.targets), *told.pairs, *([()] if told.whole else [])):
        names += [(*_LOW, *several), (*_HIGH, *several)]
    return frozenset(_key(name) for name in names)


def _key(name: _Name) -> Key:
    return tuple((f"word{at}", word) for at, word in enumerate(name))


def _amounts(known: pl.DataFrame, found: pl.DataFrame) -> list[tuple[_Kind, dict[str, int]]]:
    """Each way to count, with what the firms that count so have."""
    kinds: dict[int, dict[str, bool | tuple[int, int]]] = {line: {} for line in known["line"]}
    for line, target, low, high in found.select("line", "target", "low_ppm", "high_ppm").iter_rows():
        if line in kinds:
            kinds[line][target] = low == WHOLE if low in (0, WHOLE) and high == WHOLE else (low, high)
    cells: dict[tuple[tuple[str, bool | tuple[int, int]], ...], dict[str, int]] = {}
    for line, firm, amount in known.select("line", "firm_id", "amount").iter_rows():
        firms = cells.setdefault(tuple(sorted(kinds[line].items())), {})
        firms[firm] = firms.get(firm, 0) + amount
    return [(dict(kind), firms) for kind, firms in sorted(cells.items(), key=lambda one: _word(one[0]))]


def _word(kind: Iterable[tuple[str, bool | tuple[int, int]]]) -> str:
    return " ".join(f"{name}:{way}" for name, way in kind)


def _figures(names: Sequence[str]) -> dict[_Name, Callable[[_Kind], bool]]:
    """Each figure that may be asked for, and what lies between bounds: what counts in it."""
    found: dict[_Name, Callable[[_Kind], bool]] = {
        _TOTAL: lambda kind: True, _LOW: lambda kind: any(kind.get(name) is True for name in names),
        _HIGH: lambda kind: any(name in kind for name in names),
    }  # fmt: skip
    found["between",] = partial(_between, found[_LOW], found[_HIGH])
    for several in (*((name,) for name in names), *itertools.combinations(names, 2)):
        surely, at_most = _in_all(several, surely=True), _in_all(several, surely=False)
        found[*_LOW, *several], found[*_HIGH, *several] = surely, at_most
        found["between", *several] = partial(_between, surely, at_most)
    return found


def _in_all(several: Sequence[str], *, surely: bool) -> Callable[[_Kind], bool]:
    return lambda kind: all(kind.get(one) is True if surely else one in kind for one in several)


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
    keys = (*((("alike", _word(sorted(kind.items()))),) for kind, _ in cells), *(_key(name) for name in made))
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
