"""What the loss of one link takes from the others: a stated model, with an interval where quantities are unknown.

Model, after the generalised Leontief rule of Diem, Borsos, Reisch, Kertész and Thurner (2022), "Quantifying
firm-level economic systemic risk from nation-wide supply networks", Scientific Reports 12:7719, with losses passed
downstream only: a link can make as much as its scarcest essential input allows, and loses by its other inputs
what their cost shares say. x is what a link still makes, 1 before the shock. For a link j that is not shocked

    1 - x_j = max( max over groups g of essential inputs of sum over i in g of w_gi (1 - x_i),
                   sum over other inputs i of a_ij (1 - x_i) )

where links that substitute each other are one group and w are the cost shares within it (equal where one is not
known). A cost share a_ij that is not known lies between 0 and 1: once it is taken as 0 for the least loss, once as 1
for the most, the whole capped at 1. Recovery, stocks, prices and demand are left out: this is the first, short run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components

from jiqun.industry.chains.graph import Graph
from jiqun.model.errors import UsageError

Floats = NDArray[np.float64]
_STILL = 1e-9
_ROUNDS = 10_000


@dataclass(frozen=True, eq=False)
class Supplies:
    """The edges of `graph` with what they carry: in the order in which the graph was given them.

    shares: cost share 0 to 1 in what they feed, NaN where unknown. is_essential: nothing can be made without it.
    groups: number of the group of substitutes each link belongs to; a link without substitutes is its own.
    """

    graph: Graph
    shares: Floats
    is_essential: NDArray[np.bool_]
    groups: NDArray[np.int32]

    @classmethod
    def of(
        cls, graph: Graph, shares: ArrayLike, is_essential: ArrayLike, substitutes: ArrayLike | None = None
    ) -> Supplies:
        """`substitutes`: pairs of links that may stand in for each other, k × 2. Raises UsageError for odd shares."""
        known, needed = np.asarray(shares, np.float64), np.asarray(is_essential, bool)
        if known.shape != graph.targets.shape or needed.shape != graph.targets.shape:
            raise UsageError("每条边要有一个份额和一个“是否必需”")
        if np.any((known < 0) | (known > 1)):
            raise UsageError("成本份额应在 0 与 1 之间")
        pairs = np.asarray(substitutes if substitutes is not None else [], np.int32).reshape(-1, 2)
        paired = Graph.of(graph.links, pairs[:, 0], pairs[:, 1])
        groups = connected_components(paired.matrix, directed=False)[1].astype(np.int32)
        return cls(graph, known, needed, groups)


def losses(supplies: Supplies, shocked: ArrayLike, loss: float = 1.0) -> tuple[Floats, Floats]:
    """(least, most) of what every link loses, 0 to 1, when each link of `shocked` loses `loss` of what it makes."""
    if not 0 < loss <= 1:
        raise UsageError("冲击幅度应大于 0、不大于 1")
    at = np.asarray(shocked, np.int64).ravel()
    return _settled(supplies, at, loss, 0.0), _settled(supplies, at, loss, 1.0)


def criticality(supplies: Supplies, sizes: ArrayLike | None = None) -> tuple[Floats, Floats]:
    """(least, most) for each link: the share of all other links' size that is lost with it, 0 to 1.

    This is the economic systemic risk index of the paper named above, downstream part, without the link itself.
    sizes: weight of each link (revenue of its firms, say); all alike where None. One walk for each link.
    """
    weights = np.ones(supplies.graph.links) if sizes is None else np.asarray(sizes, np.float64)
    least, most = np.zeros(supplies.graph.links), np.zeros(supplies.graph.links)
    whole = weights.sum()
    for link in range(supplies.graph.links):
        others = whole - weights[link]
        if others > 0:
            low, high = losses(supplies, [link])
            least[link] = (low @ weights - weights[link]) / others
            most[link] = (high @ weights - weights[link]) / others
    return least, most


def _settled(supplies: Supplies, shocked: NDArray[np.int64], loss: float, unknown: float) -> Floats:
    """The losses once nothing grows any more. They only grow and stay within 1, so they settle; a circle of shares
    approaches its limit and is left when a round adds less than a billionth, or after ten thousand rounds."""
    graph = supplies.graph
    lost = np.zeros(graph.links)
    lost[shocked] = loss
    need = _Needs.of(supplies, unknown)
    for _ in range(_ROUNDS):
        passed = np.maximum(need.essential(lost), need.other(lost))
        passed[shocked] = loss
        passed = np.maximum(passed, lost)
        grown, lost = np.max(passed - lost, initial=0.0), passed
        if grown < _STILL:
            break
    return lost


@dataclass(frozen=True, eq=False)
class _Needs:
    """The edges split by what they are, with the weights of one reading of the unknown shares."""

    links: int
    group_of: NDArray[np.int64]  # for each essential edge, the number of its (user, group) pair
    user_of: NDArray[np.int64]  # for each such pair, the user
    weights: Floats  # of each essential edge within its pair, adding to 1
    suppliers: NDArray[np.int32]
    other_users: NDArray[np.int32]
    other_suppliers: NDArray[np.int32]
    other_shares: Floats

    @classmethod
    def of(cls, supplies: Supplies, unknown: float) -> _Needs:
        graph = supplies.graph
        users, suppliers = graph.targets, graph.sources
        shares, is_essential = supplies.shares[graph.edges], supplies.is_essential[graph.edges]
        pair = users[is_essential].astype(np.int64) * graph.links + supplies.groups[suppliers[is_essential]]
        pairs, group_of = np.unique(pair, return_inverse=True)
        given = shares[is_essential]
        unsaid = np.bincount(group_of, np.isnan(given), pairs.size) > 0
        plain = np.where(unsaid[group_of], 1.0, given)  # one share unknown: all of the group alike
        sums = np.bincount(group_of, plain, pairs.size)
        weights = plain / np.where(sums > 0, sums, 1)[group_of]
        rest = ~is_essential
        carried = np.where(np.isnan(shares[rest]), unknown, shares[rest])
        return cls(
            graph.links, group_of, pairs // max(graph.links, 1), weights, suppliers[is_essential], users[rest],
            suppliers[rest], carried,
        )  # fmt: skip

    def essential(self, lost: Floats) -> Floats:
        short = np.bincount(self.group_of, self.weights * lost[self.suppliers], self.user_of.size)
        worst = np.zeros(self.links)
        np.maximum.at(worst, self.user_of, short)
        return worst

    def other(self, lost: Floats) -> Floats:
        added = np.bincount(self.other_users, self.other_shares * lost[self.other_suppliers], self.links)
        return np.minimum(added, 1.0)
