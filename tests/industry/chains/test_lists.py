"""A small chain walked whole: states, ways, bottlenecks, purchases."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from jiqun.industry.chains.analysis import ChainGraph, purchases, states
from jiqun.industry.chains.lists import Way, bottlenecks, gaps
from jiqun.industry.chains.states import Placed, Rules, State
from jiqun.packs.schema.chains import Chain

RULES = Rules(5, 1, 0.8, 0.4, 0.6, 24, 3)
CHAIN = Chain.model_validate(
    {
        "id": "c", "name": "链", "as_of": date(2025, 1, 1),
        "nodes": [
            {"id": "steel", "segment": "upstream", "name": "钢", "gb_codes": ["3110"], "feeds_ids": ["gear"]},
            {"id": "gear", "segment": "upstream", "name": "齿轮", "gb_codes": ["3453"], "feeds_ids": ["arm"],
             "chokepoint": {"items": ["高精齿轮", "长寿命齿轮"]}},
            {"id": "motor", "segment": "upstream", "name": "电机", "gb_codes": ["3812"], "feeds_ids": ["arm"]},
            {"id": "arm", "segment": "midstream", "name": "机械臂", "gb_codes": ["3491"]},
        ],
        "edges": [
            {"from_id": "motor", "to_id": "arm", "cost_share_pct": 20},
            {"from_id": "gear", "to_id": "motor", "kind": "substitutes"},
        ],
        "purchases": [
            {"node_id": "gear", "year": 2023, "origin": "甲", "is_outside": True, "value_yuan": 9},
            {"node_id": "gear", "year": 2024, "origin": "甲", "is_outside": True, "value_yuan": 60},
            {"node_id": "gear", "year": 2024, "origin": "甲", "is_outside": True, "value_yuan": 10},
            {"node_id": "gear", "year": 2024, "origin": "本市", "is_outside": False, "value_yuan": 30},
        ],
        "sales": [{"node_id": "gear", "year": 2024, "value_yuan": 35}],
    }
)  # fmt: skip
CITY: Any = SimpleNamespace(sources={})


def placed(firms: int) -> Placed:
    return Placed(firms, firms, (1.0,) * firms, looked_at=50, said_share=1.0)


def test_an_edge_said_with_a_quantity_stands_once() -> None:
    ends = [(edge.from_id, edge.to_id, edge.cost_share_pct) for edge in CHAIN.all_edges() if edge.kind == "feeds"]
    assert ends == [("motor", "arm", 20), ("steel", "gear", None), ("gear", "arm", None)]


def test_the_latest_year_of_purchases_counts() -> None:
    bought = purchases(CHAIN, "gear")
    assert bought is not None
    assert (dict(bought.outside_yuan), bought.inside_yuan, bought.sold_yuan) == ({"甲": 70.0}, 30.0, 35.0)
    assert purchases(CHAIN, "steel") is None


def test_ways_follow_from_states_and_what_feeds_a_link() -> None:
    charted = ChainGraph(CHAIN)
    by_node = {"steel": placed(6), "gear": placed(0), "motor": placed(1), "arm": placed(0)}
    found = states(CITY, charted, by_node, RULES, date(2026, 1, 1))
    assert {key: state.state for key, state in found.items()} == {
        "steel": State.STRONG, "gear": State.MISSING, "motor": State.WEAK, "arm": State.MISSING,
    }  # fmt: skip
    assert not found["steel"].freshness.is_stale
    assert found["gear"].dependence.is_dependent is True  # 1.0 > 0.4, 0.7 > 0.5, 2 > 1
    listed = gaps(CHAIN, found, {"gear": 0.2, "arm": 0.0})
    # gear 0.2 + 0.5 + 0.25, arm 0.5, motor 0
    assert [(gap.node.id, gap.way, round(gap.urgency, 2)) for gap in listed] == [
        ("gear", Way.EXTEND, 0.95), ("arm", Way.FILL, 0.5), ("motor", Way.STRENGTHEN, 0.0),
    ]  # fmt: skip
    assert listed[0].from_ids == ("steel",)
    assert [(node.id, item) for node, item in bottlenecks(CHAIN, found)] == [
        ("gear", "高精齿轮"),
        ("gear", "长寿命齿轮"),
    ]


def test_a_chain_is_walked_both_ways() -> None:
    charted = ChainGraph(CHAIN)
    assert charted.layers == (0, 1, 0, 2)
    assert charted.upstream("arm") == ("gear", "motor", "steel")
    assert charted.downstream("steel") == ("gear", "arm")
    assert charted.standing_in("gear") == ("motor",)
    # motor's share is 0.2; the share of gear in the arm is unknown
    assert charted.losses("motor") == {"arm": (0.2, 0.2)}
    assert charted.losses("steel") == {"gear": (0.0, 1.0), "arm": (0.0, 1.0)}
