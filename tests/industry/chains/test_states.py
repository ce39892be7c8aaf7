"""How a link stands, on its exact boundaries."""

from __future__ import annotations

from datetime import date

import pytest

from jiqun.industry.chains.dependence import Purchases, dependence
from jiqun.industry.chains.states import Placed, Rules, State, freshness_of, judge, months_after
from jiqun.packs.schema.chains import ChainNode, Chokepoint, Dated

RULES = Rules(5, 1, 0.8, 0.4, 0.6, 24, 3)
NODE = ChainNode(id="a", segment="upstream", name="谐波减速器", gb_codes=("3453",))
FRESH = freshness_of(Dated(as_of=date(2025, 1, 1)), None, RULES, date(2026, 1, 1))
NONE = dependence(None)


def state(placed: Placed, node: ChainNode = NODE, **more: object) -> tuple[State, list[str]]:
    found = judge(node, placed, RULES, freshness=FRESH, depends=more.pop("depends", NONE), **more)
    return found.state, [reason.code for reason in found.reasons]


def placed(firms: int, titled: int = 1, revenues: tuple[float, ...] = (), **more: object) -> Placed:
    return Placed(firms, titled, revenues, looked_at=100, said_share=0.9, **more)


def test_enough_firms_and_titles_are_strong() -> None:
    assert state(placed(5, 1, (1.0,) * 5)) == (State.STRONG, ["firms", "titled"])
    assert state(placed(4, 1, (1.0,) * 4)) == (State.WEAK, ["few_firms", "titled"])
    assert state(placed(5, 0, (1.0,) * 5)) == (State.WEAK, ["firms", "few_titled"])


def test_no_firm_is_missing_only_where_most_say_what_they_do() -> None:
    assert state(Placed(0, 0, looked_at=100, said_share=0.6)) == (State.MISSING, ["no_firms"])
    assert state(Placed(0, 0, looked_at=100, said_share=0.59)) == (State.UNKNOWN, ["few_say"])
    assert state(Placed(0, 0)) == (State.UNKNOWN, ["no_register"])
    assert state(Placed(0, 0, near=2, looked_at=100, said_share=0.9)) == (State.UNKNOWN, ["near_only"])
    found = state(Placed(0, 0, same_code=3, looked_at=100, said_share=0.9))
    assert found == (State.UNKNOWN, ["same_code_only"])


def test_one_source_is_weak_and_says_what_could_stand_in() -> None:
    # 8 of 10: exactly the share
    found = judge(
        NODE, placed(5, 1, (8.0, 0.5, 0.5, 0.5, 0.5)), RULES, freshness=FRESH, depends=NONE, substitutes=["RV减速器"]
    )
    assert found.state is State.WEAK and found.is_single_source
    assert found.reasons[-1].text == "最大一家占已知营业收入的 80%；可以替代的有：RV减速器"
    assert "80" not in found.reasons[-1].plain
    assert state(placed(1, 1))[1][-1] == "single_source"


def test_concentration_is_unknown_without_revenues() -> None:
    # shares 0.6, 0.1 × 4: 0.36 + 0.04 = 0.40 exactly is not above
    assert state(placed(5, 1, (6.0, 1.0, 1.0, 1.0, 1.0)))[0] is State.STRONG
    assert state(placed(5, 1, (6.1, 1.0, 1.0, 1.0, 0.9)))[1][-1] == "concentrated"
    found = judge(NODE, placed(5, 1), RULES, freshness=FRESH, depends=NONE)
    assert found.is_single_source is None and found.placed.hhi is None


def test_a_named_weakness_keeps_a_link_from_being_strong() -> None:
    node = NODE.model_copy(update={"chokepoint": Chokepoint(items=("长寿命",))})
    assert state(placed(9, 3, (1.0,) * 9), node) == (State.WEAK, ["firms", "titled", "chokepoint"])


def test_the_three_indicators_are_met_above_their_limits() -> None:
    # HHI 0.7² + 0.3² = 0.58; outside 100 of 150; 100 ÷ 80
    found = dependence(Purchases({"甲": 70, "乙": 30}, 50, 80))
    assert found.concentration == pytest.approx(0.58)
    assert (found.outside_share, found.outside_to_sold) == (pytest.approx(2 / 3), 1.25)
    assert found.is_dependent is True
    assert dependence(Purchases({"甲": 70, "乙": 30}, 50, 100)).is_dependent is False  # exactly 1 is not above
    assert dependence(Purchases({"甲": 70, "乙": 30}, None, 80)).is_dependent is None
    assert dependence(Purchases({"甲": 70, "乙": 30}, None, 200)).is_dependent is False  # one that fails decides
    assert dependence(Purchases({"甲": 0})).is_dependent is False
    assert dependence(None).unknown == ("外部来源的集中度", "外购占全部采购", "外购与本地产出之比")


def test_evidence_is_stale_after_its_months_or_without_a_day() -> None:
    on = date(2026, 6, 30)
    assert not freshness_of(Dated(as_of=date(2024, 6, 30)), None, RULES, on).is_stale  # due that very day
    assert freshness_of(Dated(as_of=date(2024, 6, 29)), None, RULES, on).is_stale
    assert freshness_of(Dated(), None, RULES, on).is_stale
    assert freshness_of(Dated(), date(2026, 1, 1), RULES, on).due == date(2028, 1, 1)
    assert freshness_of(Dated(review_by=date(2027, 1, 1)), None, RULES, on).is_stale is False
    assert months_after(date(2024, 1, 31), 1) == date(2024, 2, 29)
