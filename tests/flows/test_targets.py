"""Targets by hand, their amendments in both times, and their division."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiqun import flows
from jiqun.flows.targets import Part
from jiqun.ledger import chain, store
from jiqun.ledger.models import Comment, Target
from jiqun.model.errors import Conflict, InputRefused
from jiqun.workspace import Workspace


def _add(ws: Workspace, **fields: Any) -> Target:
    given = {"indicator_id": "firms", "value_text": "1000", "unit": "家", "period": "2025", "comparator": "ge"}
    return flows.add_target(ws, given | fields, actor="zhang", known_on=date(2022, 1, 10))


def test_a_target_by_hand_is_filled_from_its_indicator(ws: Workspace) -> None:
    target = flows.add_target(ws, {"indicator_id": "firms", "value_text": "1000", "period": "2025"}, actor="zhang")
    assert (target.key, target.title, target.unit, target.area_id, target.deadline, target.known_on) == (
        "t:1", "高新技术企业数", "家", "yunchuan", date(2025, 12, 31), date(2026, 1, 5),
    )  # fmt: skip


def test_every_fault_of_a_target_is_told_at_once(ws: Workspace) -> None:
    with pytest.raises(InputRefused) as refused:
        flows.add_target(ws, {"area_id": "mars", "period": "soon"}, actor="zhang")
    assert [finding.code for finding in refused.value.findings] == [
        "ledger.reference", "ledger.not_a_period", "ledger.missing", "ledger.missing",
    ]  # fmt: skip


def test_an_amendment_holds_from_its_day_on(ws: Workspace) -> None:
    key = _add(ws).key
    flows.amend_target(
        ws, key, {"value_text": "1200", "period": "2026"}, actor="li", reason="中期调整", known_on=date(2023, 8, 8)
    )
    values = [store.as_of(Target, known_on=day).get().value_text for day in (date(2023, 8, 7), date(2023, 8, 8))]
    assert values == ["1000", "1200"]
    assert store.current(Target, key).deadline == date(2026, 12, 31)


def test_amending_and_withdrawing_need_a_reason(ws: Workspace) -> None:
    key = _add(ws).key
    for change in (
        lambda: flows.amend_target(ws, key, {"value_text": "1"}, actor="li", reason=" "),
        lambda: flows.withdraw_target(ws, key, actor="li", reason=""),
    ):
        with pytest.raises(InputRefused, match="需要写明理由"):
            change()


def test_a_withdrawn_target_was_in_force_before(ws: Workspace) -> None:
    key = _add(ws).key
    flows.withdraw_target(ws, key, actor="li", reason="取消", known_on=date(2024, 1, 1))
    assert store.as_of(Target, known_on=date(2023, 12, 31)).get().state == "active"
    assert store.as_of(Target, known_on=date(2024, 1, 1)).get().state == "withdrawn"
    with pytest.raises(Conflict, match="已撤回"):
        flows.amend_target(ws, key, {"value_text": "1"}, actor="li", reason="x")


def test_a_change_to_a_version_that_is_gone_is_a_conflict(ws: Workspace) -> None:
    key = _add(ws).key
    flows.amend_target(ws, key, {"value_text": "1200"}, actor="li", reason="调整", version=1)
    with pytest.raises(Conflict, match="刚被他人修改"):
        flows.amend_target(ws, key, {"value_text": "1300"}, actor="wu", reason="调整", version=1)


def test_parts_that_add_up_need_no_reason(ws: Workspace) -> None:
    key = _add(ws).key
    split = flows.split_target(ws, key, [Part("600", area_id="dong"), Part("400", area_id="xi")], actor="zhang")
    assert split.findings == ()
    assert [(t.area_id, t.value_text, t.unit, t.deadline, t.parent_key) for t in split.parts] == [
        ("dong", "600", "家", date(2025, 12, 31), key), ("xi", "400", "家", date(2025, 12, 31), key),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "code", "said"),
    [
        (("600", "399"), "ledger.parts_short", "各份合计 999家，比总目标 1000家 少 1家"),
        (("600", "500.5"), "ledger.parts_beyond", "各份合计 1100.5家，比总目标 1000家 多 100.5家"),
    ],
)
def test_a_sum_that_differs_is_a_warning_that_wants_a_reason(
    ws: Workspace, values: tuple[str, str], code: str, said: str
) -> None:
    key = _add(ws).key
    parts = [Part(values[0], area_id="dong"), Part(values[1], area_id="xi")]
    with pytest.raises(InputRefused) as refused:
        flows.split_target(ws, key, parts, actor="zhang")
    first, last = refused.value.findings
    assert (first.code, first.message, last.code) == (code, said, "ledger.reason")
    split = flows.split_target(ws, key, parts, actor="zhang", reason="东川区承诺多做")
    assert [(f.code, f.severity.value) for f in split.findings] == [(code, "warning")]


@pytest.mark.parametrize(
    "fields",
    [
        {"indicator_id": "output_share", "unit": "%", "value_text": "50", "measure": "share"},
        {"indicator_id": "firms", "unit": "%", "value_text": "7", "measure": "growth"},
    ],
)
def test_what_does_not_add_up_is_not_checked_and_says_so(ws: Workspace, fields: dict[str, str]) -> None:
    key = _add(ws, **fields).key
    split = flows.split_target(ws, key, [Part("52", area_id="dong"), Part("47", area_id="xi")], actor="zhang")
    assert [(f.code, f.severity.value) for f in split.findings] == [("ledger.not_added_up", "note")]


def test_faulty_parts_are_refused_all_at_once(ws: Workspace) -> None:
    key = _add(ws).key
    parts = [
        Part("x", area_id="dong"),
        Part("1", area_id="dong"),
        Part("1", body_id="nobody"),
        Part("1"),
        Part("", area_id="xi"),
    ]
    with pytest.raises(InputRefused) as refused:
        flows.split_target(ws, key, parts, actor="zhang")
    assert [f.code for f in refused.value.findings] == [
        "ledger.not_a_number", "ledger.reference", "ledger.part", "ledger.missing", "ledger.part_twice",
    ]  # fmt: skip


def test_a_new_division_withdraws_the_parts_it_leaves_out(ws: Workspace) -> None:
    key = _add(ws).key
    flows.split_target(ws, key, [Part("600", area_id="dong"), Part("400", area_id="xi")], actor="zhang")
    split = flows.split_target(ws, key, [Part("1000", body_id="gxj")], actor="zhang")
    assert [(t.body_ids, t.area_id) for t in split.parts] == [(["gxj"], "yunchuan")]
    assert store.current(Target, f"{key}>dong").state == "withdrawn"


def test_withdrawing_a_target_withdraws_its_parts(ws: Workspace) -> None:
    key = _add(ws).key
    flows.split_target(ws, key, [Part("1000", area_id="dong")], actor="zhang")
    flows.split_target(ws, f"{key}>dong", [Part("1000", body_id="gxj")], actor="dong")
    flows.withdraw_target(ws, key, actor="zhang", reason="取消")
    assert not Target.objects.filter(superseded_at=None, state="active").exists()


def test_a_divided_target_is_not_undone_under_its_parts(ws: Workspace) -> None:
    key = _add(ws).key
    flows.split_target(ws, key, [Part("1000", area_id="dong")], actor="zhang")
    with pytest.raises(Conflict, match="已经分解"):
        flows.undo(ws, 1, actor="zhang", reason="")
    flows.undo(ws, 2, actor="zhang", reason="")
    flows.undo(ws, 1, actor="zhang", reason="")
    assert chain.verify().is_whole


def test_a_comment_stands_beside_its_target(ws: Workspace) -> None:
    target = _add(ws)
    flows.add_comment(ws, target, " 已完成招引 ", actor="gxj", body_id="gxj")
    comment = Comment.objects.get()
    assert (comment.subject_type, comment.subject_key, comment.text) == ("target", target.key, "已完成招引")
    with pytest.raises(InputRefused, match="意见是空的"):
        flows.add_comment(ws, target, "  ", actor="gxj")
