"""A layout problem in plain values: pairs of cluster and area, rules that bound them, terms that judge them.

Pair `c * len(areas) + a` stands for cluster `c` in area `a`. Nothing here knows where a problem came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jiqun.packs.schema.concept import Confidence

Pairs = NDArray[np.int64]  # numbers of pairs
Chosen = NDArray[np.bool_]  # one for each pair
HUNDREDTHS = 100  # amounts of terms are whole hundredths of a point


class RuleKind(StrEnum):
    """What a rule bounds; a fixed pair is at least one, a forbidden pair at most none."""

    AREAS_PER_CLUSTER = "areas_per_cluster"
    CLUSTERS_PER_AREA = "clusters_per_area"
    CLUSTER_IN_ZONE = "cluster_in_zone"
    CLUSTER_OUTSIDE_ZONE = "cluster_outside_zone"
    ZONE_TOTAL = "zone_total"
    RESOURCE = "resource"
    FIXED = "fixed"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class Party:
    """A cluster or an area."""

    id: str
    name: str
    group: str = ""
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why something is so: in words, where it is printed, how sure it is; `is_assumed`: no source says it."""

    words: str = ""
    article: str = ""
    source: str | None = None
    is_assumed: bool = False
    confidence: Confidence = Confidence.HIGH
    note: str = ""


@dataclass(frozen=True, eq=False)
class Row:
    """The sum over `pairs`, each taken `uses` times (None: once), is bounded by `limit`; `subject` is whose sum."""

    subject: str
    pairs: Pairs
    limit: int
    uses: NDArray[np.int64] | None = None


@dataclass(frozen=True, eq=False)
class Rule:
    """One side of a clause: every row is at least (`is_least`) or at most its limit.

    `id` is `<clause>.least` or `<clause>.most`. `limit` is what the clause prints, None where rows differ. `scale`:
    limits of rows are so many times what is printed.
    """

    id: str
    clause_id: str
    kind: RuleKind
    is_least: bool
    limit: int | None
    rows: tuple[Row, ...]
    grounds: Grounds
    name: str = ""  # of the zone or resource
    unit: str = ""
    scale: int = 1
    is_own: bool = False  # tried by a person, not in the folder

    @property
    def is_pair(self) -> bool:
        return self.kind in (RuleKind.FIXED, RuleKind.FORBIDDEN)


class Shape(StrEnum):
    """How a term's amount comes from its values: added up over all pairs, or from the areas' own sums."""

    SUM = "sum"
    WORST_AREA = "worst_area"
    SPREAD = "spread"  # worst less best: never above 0


@dataclass(frozen=True, eq=False)
class Term:
    """Something a plan earns: its amount, in hundredths, times `weight`.

    `values` and `constant` are whole hundredths. `unknown` marks pairs whose value is the stated stand-in.
    """

    id: str
    name: str
    weight: Fraction
    values: NDArray[np.int64]
    constant: int = 0
    shape: Shape = Shape.SUM
    unknown: Chosen | None = None
    grounds: Grounds = Grounds()
    is_invented: bool = False


@dataclass(frozen=True, slots=True)
class Seat:
    """What says that a cluster stands in an area today."""

    words: str
    source: str | None
    confidence: Confidence
    is_assumed: bool = False


@dataclass(frozen=True, eq=False)
class Exempted:
    """Clusters that the city places itself, and by which clause; `seats` by area where it said so."""

    id: str
    clusters: tuple[Party, ...]
    grounds: Grounds


@dataclass(frozen=True, eq=False)
class Problem:
    """`today` marks the pairs of today's layout: what was adopted, from `adopted_on` on, or, where it is None, what
    `seats` show. `seats` says by pair what shows that a cluster stands there."""

    id: str
    name: str
    clusters: tuple[Party, ...]
    areas: tuple[Party, ...]
    rules: tuple[Rule, ...]
    terms: tuple[Term, ...] = ()
    exempted: tuple[Exempted, ...] = ()
    today: Chosen = field(default_factory=lambda: np.zeros(0, bool))
    seats: Mapping[int, tuple[Seat, ...]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()  # what the problem could not take into account
    adopted_on: date | None = None

    @property
    def size(self) -> int:
        return len(self.clusters) * len(self.areas)

    def pair(self, cluster: int, area: int) -> int:
        return cluster * len(self.areas) + area

    def parties(self, pair: int) -> tuple[Party, Party]:
        """The cluster and the area of a pair."""
        cluster, area = divmod(int(pair), len(self.areas))
        return self.clusters[cluster], self.areas[area]

    def grid(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of pairs as a table of clusters × areas."""
        return values.reshape(len(self.clusters), len(self.areas))
