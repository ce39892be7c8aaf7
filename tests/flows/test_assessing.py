"""On any day, every target is held against what was known that day."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from jiqun import flows
from jiqun.assessment.promises import Light
from jiqun.workspace import Workspace


@pytest.fixture
def firms_target(ws: Workspace, claim_of: Callable[[str], Any]) -> None:
    """1000 firms by 2025, of a plan of January 2022; 600 at the end of 2021, 800 at the end of 2022 (yearbooks)."""
    flows.import_folder_figures(ws, actor="zhang")
    flows.decide_claim(ws, claim_of("1000").key, "accept", actor="zhang")


@pytest.mark.usefixtures("firms_target")
@pytest.mark.parametrize(
    ("day", "light", "value"),
    [
        (date(2022, 9, 30), Light.NO_DATA, None),  # the yearbook of 2022 came out on 1 October
        (date(2023, 9, 30), Light.NO_DATA, None),  # 600 is where the plan began; nothing of its own years is out
        (date(2023, 10, 1), Light.ON_TRACK, "800"),  # 600 + 400 × 1/4 = 700 were due at the end of 2022
    ],
)
def test_a_day_knows_only_what_was_out(ws: Workspace, day: date, light: Light, value: str | None) -> None:
    assessed = flows.assess(ws, day)
    [(target, progress)] = assessed.results
    record = flows.progress_record(target, progress)
    assert (assessed.lights, record["value"], record["light"]) == ({light: 1}, value, light.value)
    assert json.loads(json.dumps(record, ensure_ascii=False)) == record


@pytest.mark.usefixtures("firms_target")
def test_before_the_plan_there_is_nothing_to_assess(ws: Workspace) -> None:
    assert flows.assess(ws, date(2022, 1, 9)).results == ()
