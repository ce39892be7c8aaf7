"""One chain of a city as a graph with everything that is said of its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from jiqun.industry.chains import graph as graphs
from jiqun.industry.chains.candidates import Side, beside
from jiqun.industry.chains.dependence import Purchases, dependence
from jiqun.industry.chains.graph import Graph, Ints
from jiqun.industry.chains.shocks import Supplies, criticality, losses
from jiqun.industry.chains.states import Freshness, LinkState, Placed, Rules, freshness_of, judge
from jiqun.packs import City
from jiqun.packs.schema.chains import Chain, Dated

_ESSENTIAL = frozenset({"part_of", "made_with", "needs_technology"})
_EACH_AT_MOST = 1_000  # links of a chain up to which every single loss is walked; above, betweenness stands in


@dataclass(frozen=True, eq=False)
class ChainGraph:
    """`graph` numbers the chain's nodes in their order; substitutes are no edges of it."""

    chain: Chain

    @cached_property
    def number_of(self) -> dict[str, int]:
        return {node.id: number for number, node in enumerate(self.chain.nodes)}

    @cached_property
    def edges(self) -> tuple[tuple[int, int, str, float], ...]:
        """(from, to, kind, cost share 0 to 1 or NaN) of every edge but substitutes."""
        return tuple(
            (
                self.number_of[edge.from_id], self.number_of[edge.to_id], edge.kind,
                float("nan") if edge.cost_share_pct is None else float(edge.cost_share_pct) / 100,
            )
            for edge in self.chain.all_edges()
            if edge.kind != "substitutes"
        )  # fmt: skip

    @cached_property
    def substitutes(self) -> tuple[tuple[int, int], ...]:
        return tuple(
            (self.number_of[edge.from_id], self.number_of[edge.to_id])
            for edge in self.chain.edges
            if edge.kind == "substitutes"
        )

    @cached_property
    def graph(self) -> Graph:
        return Graph.of(len(self.chain.nodes), [edge[0] for edge in self.edges], [edge[1] for edge in self.edges])

    @cached_property
    def beside(self) -> Mapping[str, Mapping[str, Side]]:
        """Node id → the nodes beside it, each with what it is to the node."""
        return beside(self.chain)

    @cached_property
    def supplies(self) -> Supplies:
        shares = np.array([edge[3] for edge in self.edges], np.float64)
        needed = np.array([edge[2] in _ESSENTIAL for edge in self.edges], bool)
        return Supplies.of(self.graph, shares, needed, self.substitutes or None)

    @cached_property
    def layers(self) -> tuple[int, ...]:
        return tuple(graphs.layers(self.graph)[0].tolist())

    @cached_property
    def criticality(self) -> tuple[tuple[float, float], ...]:
        """(least, most) share of the other links lost with each; empty for a chain of too many links."""
        if len(self.chain.nodes) > _EACH_AT_MOST:
            return ()
        least, most = criticality(self.supplies)
        return tuple(zip(least.tolist(), most.tolist(), strict=True))

    @cached_property
    def sole_ways(self) -> tuple[int, ...]:
        """How many links each one alone cuts off."""
        return tuple(graphs.sole_ways(self.graph, self.substitutes or None).tolist())

    def upstream(self, node_id: str) -> tuple[str, ...]:
        return self._named(graphs.reached(self.graph.reverse, self.number_of[node_id]))

    def downstream(self, node_id: str) -> tuple[str, ...]:
        return self._named(graphs.reached(self.graph, self.number_of[node_id]))

    def losses(self, node_id: str) -> dict[str, tuple[float, float]]:
        """(least, most) that every other link loses with this one; those that surely lose nothing are left out."""
        least, most = losses(self.supplies, [self.number_of[node_id]])
        return {
            node.id: (low, high)
            for node, low, high in zip(self.chain.nodes, least.tolist(), most.tolist(), strict=True)
            if high > 0 and node.id != node_id
        }

    def standing_in(self, node_id: str) -> tuple[str, ...]:
        """Ids of the links that substitute this one."""
        return tuple(self.chain.nodes[other].id for other in self._stand_ins.get(self.number_of[node_id], ()))

    @cached_property
    def _stand_ins(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for one, other in self.substitutes:
            found.setdefault(one, []).append(other)
            if other != one:
                found.setdefault(other, []).append(one)
        return found

    def _named(self, numbers: Ints) -> tuple[str, ...]:
        return tuple(self.chain.nodes[number].id for number in numbers.tolist())


def states(
    city: City, charted: ChainGraph, placed: Mapping[str, Placed], rules: Rules, on: date
) -> dict[str, LinkState]:
    """Node id → how it stands on the day. `placed`: node id → its firms; nodes left out have no register to look in."""
    named = {node.id: node.name for node in charted.chain.nodes}
    return {
        node.id: judge(
            node,
            placed.get(node.id, Placed(0, 0)),
            rules,
            freshness=freshness(city, node.chokepoint or node, charted.chain, rules, on),
            depends=dependence(purchases(charted.chain, node.id)),
            substitutes=[named[other] for other in charted.standing_in(node.id)],
        )
        for node in charted.chain.nodes
    }


def freshness(city: City, dated: Dated, chain: Chain, rules: Rules, on: date) -> Freshness:
    """Of something of the chain: its own day, else its source's, else the chain's."""
    source = city.sources.get(dated.source or "")
    return freshness_of(dated, (source.published_on if source else None) or chain.as_of, rules, on)


def purchases(chain: Chain, node_id: str) -> Purchases | None:
    """What the folder knows was bought of a node in the latest year it speaks of; None where nothing."""
    bought = [row for row in chain.purchases if row.node_id == node_id]
    if not bought:
        return None
    year = max(row.year for row in bought)
    outside: dict[str, float] = {}
    for row in bought:
        if row.year == year and row.is_outside:
            outside[row.origin] = outside.get(row.origin, 0.0) + row.value_yuan
    inside = [row.value_yuan for row in bought if row.year == year and not row.is_outside]
    sold = [row.value_yuan for row in chain.sales if row.node_id == node_id and row.year == year]
    return Purchases(outside, float(sum(inside)) if inside else None, float(sum(sold)) if sold else None)
