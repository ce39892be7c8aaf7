"""Figures by hand, from the folder, and their revision."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiqun import flows
from jiqun.ledger import chain, store
from jiqun.ledger.models import Observation
from jiqun.model.errors import Conflict, Forbidden, InputRefused
from jiqun.workspace import Workspace


def _enter(ws: Workspace, value: str, **how: Any) -> Observation:
    given = {"indicator_id": "firms", "area_id": "dong", "period": "2023", "value_text": value, "unit": "家"}
    rest = {key: how.pop(key) for key in ("reason", "known_on") if key in how}
    return flows.add_observation(ws, given | how, actor="zhang", **rest)


def test_a_figure_is_known_from_the_day_it_was_entered(ws: Workspace) -> None:
    figure = _enter(ws, "520")
    assert (figure.known_on, figure.period_start, figure.period_end, figure.value_scaled) == (
        date(2026, 1, 5), date(2023, 1, 1), date(2023, 12, 31), 520,
    )  # fmt: skip


def test_a_revision_needs_a_reason_and_keeps_what_was_said_before(ws: Workspace) -> None:
    key = _enter(ws, "520", known_on=date(2024, 2, 1)).key
    with pytest.raises(InputRefused, match="已有数 520家，修改需要写明理由"):
        _enter(ws, "530")
    assert _enter(ws, "530", reason="补报两家企业", known_on=date(2024, 6, 1)).key == key
    said = [store.as_of(Observation, known_on=day).get().value_text for day in (date(2024, 5, 31), date(2024, 6, 1))]
    assert said == ["520", "530"]


def test_nobody_types_over_a_respondent(ws: Workspace) -> None:
    _enter(ws, "520", body_id="kjj", source_title="季报")
    with pytest.raises(Forbidden, match="填报单位"):
        _enter(ws, "999", body_id="gxj", source_title="季报", reason="我看不对")
    with pytest.raises(Forbidden, match="填报单位"):
        _enter(ws, "999", source_title="季报", reason="我看不对")
    assert _enter(ws, "530", body_id="kjj", source_title="季报", reason="补报").version == 2


def test_the_same_figure_again_leaves_no_event(ws: Workspace) -> None:
    _enter(ws, "520")
    head = chain.head()
    assert _enter(ws, "520").version == 1
    assert chain.head() == head


def test_every_fault_of_a_figure_is_told_at_once(ws: Workspace) -> None:
    with pytest.raises(InputRefused) as refused:
        flows.add_observation(
            ws, {"indicator_id": "firms", "period": "去年", "value_text": "约500", "unit": "亿元"}, actor="zhang"
        )
    assert [f.code for f in refused.value.findings] == [
        "ledger.not_a_period", "ledger.not_a_number", "ledger.missing", "ledger.unit",
    ]  # fmt: skip


def test_a_withdrawn_figure_was_in_use_before(ws: Workspace) -> None:
    key = _enter(ws, "520", known_on=date(2024, 2, 1)).key
    flows.withdraw_observation(ws, key, actor="zhang", reason="口径有误")
    assert store.as_of(Observation, known_on=date(2025, 1, 1)).get().state == "active"
    assert store.current(Observation, key).state == "withdrawn"
    with pytest.raises(Conflict, match="刚被他人修改"):
        flows.withdraw_observation(ws, key, actor="li", reason="x", version=1)


def test_folder_figures_are_known_from_their_publication(ws: Workspace) -> None:
    done = flows.import_folder_figures(ws, actor="演示导入")
    assert (done.written, done.unchanged) == (3, 0)
    known = store.as_of(Observation, known_on=date(2023, 8, 8)).get()
    assert (known.value_text, known.source_id, known.source_title, known.known_on) == (
        "600", "yb2022", "云川统计年鉴2022", date(2022, 10, 1),
    )  # fmt: skip
    head = chain.head()
    again = flows.import_folder_figures(ws, actor="演示导入")
    assert (again.written, again.unchanged) == (0, 3)
    assert chain.head() == head


def test_a_bad_reading_of_the_folder_can_be_undone_whole(ws: Workspace) -> None:
    flows.import_folder_figures(ws, actor="演示导入")
    flows.undo(ws, 1, actor="zhang", reason="年鉴拿错了")
    assert not Observation.objects.filter(superseded_at=None, state="active").exists()
    assert chain.verify().is_whole
