"""What a person decides counts from that moment, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from jiqun import flows
from jiqun.ledger import chain, store
from jiqun.ledger.models import Claim, Event, Observation, Target, TargetBody
from jiqun.model.errors import Conflict, InputRefused
from jiqun.workspace import Workspace

ClaimOf = Callable[[str], Any]


def test_an_accepted_target_stands_in_the_same_event(ws: Workspace, claim_of: ClaimOf) -> None:
    claim = claim_of("300")
    flows.decide_claim(ws, claim.key, "accept", actor="zhang", reason="核对原文")
    target = Target.objects.get()
    assert (target.key, target.indicator_id, target.area_id, target.measure) == (
        f"t:{claim.key}", "firms", "yunchuan", "cumulative",
    )  # fmt: skip
    assert (target.value_text, target.unit, target.value_scaled, target.deadline) == (
        "300", "家", 300, date(2025, 12, 31),
    )  # fmt: skip
    assert target.body_ids == ["jxw", "kjj"]
    assert list(TargetBody.objects.values_list("body_id", flat=True)) == ["jxw", "kjj"]
    assert target.known_on == date(2022, 1, 10), "the world knew the plan when it was issued"
    accepted = claim_of("300")
    assert (accepted.state, accepted.version, accepted.reason) == ("accepted", 2, "核对原文")
    assert target.event_id == accepted.event_id == 2
    assert Event.objects.get(sequence=2).action == "claim.accepted"


def test_an_accepted_actual_becomes_a_figure(ws: Workspace, claim_of: ClaimOf) -> None:
    claim = claim_of("1200")
    assert claim.kind == "actual"
    flows.decide_claim(ws, claim.key, "accept", actor="zhang")
    figure = Observation.objects.get()
    assert (figure.indicator_id, figure.period, figure.value_text, figure.claim_key, figure.is_preferred) == (
        "output", "2021", "1200", claim.key, True,
    )  # fmt: skip
    assert not Target.objects.exists()


def test_a_published_figure_stays_preferred_beside_one_from_a_document(ws: Workspace, claim_of: ClaimOf) -> None:
    flows.add_observation(
        ws, {"indicator_id": "output", "area_id": "yunchuan", "period": "2021", "value_text": "1210", "unit": "亿元"},
        actor="zhang",
    )  # fmt: skip
    flows.decide_claim(ws, claim_of("1200").key, "accept", actor="zhang")
    assert {o.value_text: o.is_preferred for o in Observation.objects.all()} == {"1210": True, "1200": False}


def test_an_unlinked_claim_stays_in_review_until_a_person_picks(ws: Workspace, claim_of: ClaimOf) -> None:
    claim = claim_of("12")
    with pytest.raises(InputRefused, match="还没有对应的指标"):
        flows.decide_claim(ws, claim.key, "accept", actor="zhang")
    assert claim_of("12").state == "proposed"
    flows.decide_claim(ws, claim.key, "correct", changes={"indicator_id": "firms"}, actor="zhang")
    assert Target.objects.get().indicator_id == "firms"


def test_a_correction_changes_fields_and_accepts(ws: Workspace, claim_of: ClaimOf) -> None:
    claim = claim_of("1000")
    flows.decide_claim(
        ws, claim.key, "correct", changes={"value_text": "1100", "period": "2026", "strict": True}, actor="zhang"
    )
    corrected, target = store.current(Claim, claim.key), Target.objects.get()
    assert (corrected.state, corrected.value_text) == ("accepted", "1100")
    assert (target.value_text, target.value_scaled, target.deadline, target.strict) == (
        "1100", 1100, date(2026, 12, 31), True,
    )  # fmt: skip
    assert store.history(Claim, claim.key)[0].value_text == "1000"


def test_every_fault_of_a_correction_is_told_at_once(ws: Workspace, claim_of: ClaimOf) -> None:
    with pytest.raises(InputRefused) as refused:
        flows.decide_claim(
            ws, claim_of("1000").key, "correct", actor="zhang",
            changes={"indicator_id": "nothing", "area_id": "mars", "value_text": "很多", "period": "明年",
                     "measure": "size", "body_ids": ["gxj", "nobody"], "comparator": "range", "quote": "x"},
        )  # fmt: skip
    assert [finding.code for finding in refused.value.findings] == [
        "ledger.field_unknown", "ledger.reference", "ledger.reference", "ledger.not_a_number", "ledger.not_a_period",
        "ledger.word", "ledger.reference", "ledger.range_open",
    ]  # fmt: skip
    assert chain.head()[0] == 1


def test_correcting_a_target_into_a_figure_withdraws_the_target(ws: Workspace, claim_of: ClaimOf) -> None:
    key = claim_of("1000").key
    flows.decide_claim(ws, key, "accept", actor="zhang")
    flows.decide_claim(ws, key, "correct", changes={"kind": "actual", "period": "2021"}, actor="zhang")
    assert store.current(Target, f"t:{key}").state == "withdrawn"
    assert Observation.objects.get().state == "active"


def test_rejecting_an_accepted_claim_withdraws_its_target(ws: Workspace, claim_of: ClaimOf) -> None:
    key = claim_of("1000").key
    flows.decide_claim(ws, key, "accept", actor="zhang")
    flows.decide_claim(ws, key, "reject", actor="li", reason="重复")
    assert (claim_of("1000").state, store.current(Target, f"t:{key}").state) == ("rejected", "withdrawn")


def test_accepting_what_is_accepted_leaves_no_event(ws: Workspace, claim_of: ClaimOf) -> None:
    key = claim_of("1000").key
    flows.decide_claim(ws, key, "accept", actor="zhang")
    head = chain.head()
    flows.decide_claim(ws, key, "accept", actor="li")
    assert chain.head() == head


def test_a_decision_on_a_version_that_is_gone_is_a_conflict(ws: Workspace, claim_of: ClaimOf) -> None:
    key = claim_of("1000").key
    flows.decide_claim(ws, key, "accept", actor="zhang", version=1)
    with pytest.raises(Conflict, match="刚被他人处理"):
        flows.decide_claim(ws, key, "reject", actor="li", version=1)


def test_undo_takes_back_claim_and_target_together(ws: Workspace, claim_of: ClaimOf) -> None:
    key = claim_of("1000").key
    flows.decide_claim(ws, key, "accept", actor="zhang")
    assert flows.undo(ws, 2, actor="zhang", reason="点错") == 3
    assert (claim_of("1000").state, store.current(Target, f"t:{key}").state) == ("proposed", "withdrawn")
    flows.decide_claim(ws, key, "accept", actor="zhang")
    assert store.current(Target, f"t:{key}").state == "active"
    assert chain.verify().is_whole


def test_many_are_accepted_by_one_event_and_taken_back_by_one(ws: Workspace, claim_of: ClaimOf) -> None:
    done = flows.decide_claims_above(ws, 0.9, actor="演示导入", reason="演示")
    assert (done.accepted, done.left, done.event) == (4, 1, 2)
    assert (Target.objects.count(), Observation.objects.count()) == (3, 1)
    assert claim_of("12").state == "proposed", "without an indicator it waits for a person"
    flows.undo(ws, 2, actor="zhang", reason="")
    assert set(Claim.objects.filter(superseded_at=None).values_list("state", flat=True)) == {"proposed"}
    assert not Target.objects.filter(superseded_at=None, state="active").exists()


def test_what_cannot_stand_is_left_for_a_person(ws: Workspace, plan: str) -> None:
    done = flows.decide_claims_above(ws, 0.5, actor="演示导入", reason="演示")
    assert (done.accepted, done.left) == (4, 1)
    again = flows.decide_claims_above(ws, 0.5, actor="演示导入", reason="演示")
    assert (again.accepted, again.left, again.event) == (0, 1, None)
