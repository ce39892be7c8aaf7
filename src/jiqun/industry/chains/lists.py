"""What to strengthen, fill and extend (强链、补链、延链), and the bottlenecks (卡脖子清单), from states of links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jiqun.industry.chains.states import LinkState, State
from jiqun.packs.schema.chains import Chain, ChainNode


class Way(StrEnum):
    """`STRENGTHEN`: it is there, and weak. `FILL`: it is missing. `EXTEND`: it is missing, and something strong feeds
    it directly, from which it can grow. `WATCH`: strong, or not known."""

    STRENGTHEN = "strengthen"
    FILL = "fill"
    EXTEND = "extend"
    WATCH = "watch"


@dataclass(frozen=True)
class Gap:
    """A link that wants something done. `from_ids`: strong links it can be extended from."""

    chain_id: str
    node: ChainNode
    state: LinkState
    way: Way
    from_ids: tuple[str, ...]
    urgency: float


def gaps(chain: Chain, states: Mapping[str, LinkState], criticality: Mapping[str, float]) -> tuple[Gap, ...]:
    """Every weak or missing link with the way that suits it, the most urgent first.

    Urgency is how much of the chain hangs on the link (`criticality`, 0 to 1) plus a half where it is missing and a
    quarter where a public text names it as weak: an order for people to look in, no measure of anything.
    """
    fed_by: dict[str, list[str]] = {}
    for edge in chain.all_edges():
        if edge.kind == "feeds":
            fed_by.setdefault(edge.to_id, []).append(edge.from_id)
    found = []
    for node in chain.nodes:
        state = states[node.id]
        if state.state not in (State.WEAK, State.MISSING):
            continue
        strong = tuple(i for i in fed_by.get(node.id, ()) if i in states and states[i].state is State.STRONG)
        urgency = criticality.get(node.id, 0.0)
        urgency += 0.5 * (state.state is State.MISSING) + 0.25 * (node.chokepoint is not None)
        found.append(Gap(chain.id, node, state, way_of(state, strong), strong, urgency))
    return tuple(sorted(found, key=lambda gap: (-gap.urgency, gap.node.id)))


def way_of(state: LinkState, strong_suppliers: tuple[str, ...]) -> Way:
    if state.state is State.MISSING:
        return Way.EXTEND if strong_suppliers else Way.FILL
    return Way.STRENGTHEN if state.state is State.WEAK else Way.WATCH


def bottlenecks(chain: Chain, states: Mapping[str, LinkState]) -> tuple[tuple[ChainNode, str], ...]:
    """(node, item) for each item that a text names as weak, and "" for a node that depends on outside by all three
    indicators without being named."""
    found: list[tuple[ChainNode, str]] = []
    for node in chain.nodes:
        if node.chokepoint is not None:
            found += [(node, item) for item in node.chokepoint.items]
        elif states[node.id].dependence.is_dependent:
            found.append((node, ""))
    return tuple(found)
