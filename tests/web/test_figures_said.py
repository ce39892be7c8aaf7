"""Figures as pages say them: every kind of value has its word and judge, the newest of each series, thousands."""

from __future__ import annotations

import re
from typing import Any

import pytest

from jiqun import flows
from jiqun.assessment.promises import ValueKind
from jiqun.ledger import store
from jiqun.ledger.models import Observation
from jiqun.reports import register
from jiqun.reports.wording import VALUE_KINDS
from jiqun.web.templatetags.jiqun import grouped
from jiqun.workspace import Workspace
from tests.web.conftest import signing_in
from tests.web.test_dockets import text

FIGURE = {"indicator_id": "demo_output", "area_id": "suzhou", "cluster_id": "sz22-ei", "unit": "亿元",
          "source_title": "测试"}  # fmt: skip


@pytest.fixture
def admin(suzhou: Workspace) -> Any:
    return signing_in(suzhou)()


def test_every_kind_of_value_has_a_word() -> None:
    assert set(VALUE_KINDS) == {kind.value for kind in ValueKind}


def test_a_target_is_judged_by_a_revised_figure(suzhou: Workspace, admin: Any) -> None:
    """What was published as final and said otherwise later is a figure like any other."""
    final = FIGURE | {"period": "2022", "value_text": "11000", "value_kind": "final"}
    flows.add_observation(suzhou, final, actor="zhang", reason="测试")
    with store.recording("round.published", actor="zhang", clock=suzhou.clock) as entry:  # as a round's revision does
        entry.change_all(list(Observation.objects.all()), {"value_text": "12564.96", "value_kind": "revised"})
    fields = {"indicator_id": "demo_output", "area_id": "suzhou", "cluster_id": "sz22-ei", "comparator": "ge",
              "value_text": "12000", "unit": "亿元", "period": "2022", "measure": "level"}  # fmt: skip
    flows.add_target(suzhou, fields, actor="zhang", reason="测试")
    register._kept.clear()
    assert "已达成" in text(admin.get("/targets/?as_of=today"))
    assert "修订数" in text(admin.get("/clusters/sz22-ei/"))
    assert "12564.96" in admin.get("/indicators/demo_output/").content.decode().split("vega")[-1], "nor is it left out"


def test_a_cluster_has_the_newest_of_every_series_and_all_when_asked(suzhou: Workspace, admin: Any) -> None:
    for period, value in (("2022", "120"), ("2022M12", "11"), ("2021", "100"), ("2023M1", "9")):
        flows.add_observation(suzhou, FIGURE | {"period": period, "value_text": value}, actor="zhang", reason="测试")
    page = admin.get("/clusters/sz22-ei/?as_of=today")
    (shown,) = re.findall(r'id="figures".*?</section>', page.content.decode(), re.S)
    assert "9亿元" in shown and "另有 3 期" in shown and "120亿元" not in shown
    shown = text(admin.get("/clusters/sz22-ei/?all=1"))
    assert "120亿元" in shown and "11亿元" in shown and "100亿元" in shown


@pytest.mark.parametrize(
    ("printed", "said"),
    [("1234.50", "1,234.50"), ("-21063.35", "-21,063.35"), ("+1000", "+1,000"), ("999", "999"), ("2022年", "2022年"),
     ("0001", "0001"), ("未知", "未知"), ("12.3456", "12.3456"), (1234567, "1,234,567")],
)  # fmt: skip
def test_figures_of_a_column_are_grouped_by_thousands(printed: Any, said: str) -> None:
    assert grouped(printed) == said
