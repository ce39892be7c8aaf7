"""The rule of a tier as all engines read it: clauses over a register's columns, points tables, and what joins them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Literal

from jiqun.packs.schema.tiers import Condition, ScoreItem, ScoreTable, Tier, TierVersion
from jiqun.rules import Expression, ValueType, tree
from jiqun.rules.checking import dimension_of
from jiqun.rules.dimensions import Dimension
from jiqun.rules.tree import Operator


@dataclass(frozen=True)
class Derived:
    """A truth that is read from a column in another way than the rule language does.

    `member`: whether the list of the column has `words[0]`. `industry`: whether the code of the column lies under one
    of `words`, the first digits of codes; unknown where the code is too short to tell.
    """

    name: str
    kind: Literal["member", "industry"]
    column: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Threshold:
    """`measure` stands to `limit` as `operator` says; of the year `years_back`.

    `is_age`: the measure is a day, the limit was years or days since it. `since_power`: compounded over so many years.
    """

    measure: Expression
    operator: Operator
    limit: Expression
    is_age: bool = False
    since_power: int = 1


@dataclass(frozen=True)
class Clause:
    """`id` within the tier. `test` is the clause as a rule; `applies` says for which firms, None for all.

    `thresholds` are the comparisons it is made of, none where it is no comparison. `asks` is the column with a person's
    judgement, for what the register cannot answer; None elsewhere.
    """

    id: str
    condition: Condition
    test: Expression
    applies: Expression | None = None
    thresholds: tuple[Threshold, ...] = ()
    asks: str | None = None

    @cached_property
    def rule(self) -> Expression:
        """A firm to which the clause does not apply does not meet it."""
        return self.test if self.applies is None else tree.Logic(Operator.AND, (self.applies, self.test))


@dataclass(frozen=True)
class Level:
    """A step of a points table; `test` None for one that a person must choose."""

    low: Fraction
    high: Fraction
    test: Expression | None
    label: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns that the test reads."""
        return () if self.test is None else tuple(tree.names(self.test))


@dataclass(frozen=True)
class Item:
    """A line of a points table: the best of `options`, each a list of levels of which the first that holds counts.

    Where none holds it brings nothing. `awarded` is the column with the points a person gave; they count as far as
    they lie within what the levels allow. `most` bounds what an item without levels may bring.
    """

    id: str
    item: ScoreItem
    options: tuple[tuple[Level, ...], ...]
    most: Fraction
    awarded: str


@dataclass(frozen=True)
class Points:
    """A points table. `parts` cap what their items bring together, `most` the whole."""

    id: str
    table: ScoreTable
    items: tuple[Item, ...]
    parts: Mapping[str, Fraction]
    most: Fraction


@dataclass(frozen=True)
class Reaches:
    """That the total of a points table, and that of each of `parts`, reaches a minimum; `is_strict`: exceeds it."""

    table: str
    least: Fraction
    is_strict: bool = False
    parts: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True)
class Joined:
    """`all` or `any` of the parts."""

    how: Literal["all", "any"]
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Meets:
    """That a clause is met."""

    clause: str


Node = Joined | Meets | Reaches


@dataclass(frozen=True)
class Band:
    """One line of business of the size classes: each measure with its lower limits of 小型, 中型, 大型."""

    name: str
    applies: Derived
    limits: tuple[tuple[str, Expression, tuple[Expression, Expression, Expression]], ...]


@dataclass(frozen=True, eq=False)
class TierRule:
    """One edition of one tier, ready to judge rows on a day; told from another by which object it is.

    `node` None: there is no known threshold, and every verdict is unknown. `types` are of all columns asked for,
    `derived` those read in another way.
    """

    tier: Tier
    version: TierVersion
    on: date
    node: Node | None
    clauses: Mapping[str, Clause]
    points: Mapping[str, Points]
    bands: tuple[Band, ...]
    derived: Mapping[str, Derived]
    types: Mapping[str, ValueType]

    @property
    def id(self) -> str:
        return self.tier.id

    @property
    def columns(self) -> frozenset[str]:
        """Every column of a row that the rule reads."""
        return frozenset(self.types) - frozenset(self.derived) | {each.column for each in self.derived.values()}

    def dimension(self, measure: Expression) -> Dimension:
        """What the number of one of the rule's expressions counts."""
        known = self._dimensions.get(id(measure))
        if known is None:
            known = self._dimensions[id(measure)] = measure, dimension_of(measure, self.types)
        return known[1]

    @cached_property
    def _dimensions(self) -> dict[int, tuple[Expression, Dimension]]:
        return {}


def leaves(node: Node | None) -> Iterator[Meets | Reaches]:
    if isinstance(node, Joined):
        for part in node.parts:
            yield from leaves(part)
    elif node is not None:
        yield node


def judged(tier_id: str, clause_id: str) -> str:
    """The column with a person's judgement of a clause, yes or no."""
    return f"judged__{tier_id}__{clause_id}"


UNSIZED = "unsized__"  # begins the columns that tell of firms in whose line of business there are no size classes


def unsized(tier_id: str, size: str) -> str:
    """The column that says of such a firm whether it is of a size class of the tier, or above."""
    return f"{UNSIZED}{tier_id}__{size}"


def awarded(tier_id: str, table_id: str, item_id: str) -> str:
    """The column with the points that people gave for an item."""
    return f"points__{tier_id}__{table_id}__{item_id}"
