"""What a month's table hid, the tables of later months of the year hide."""

from __future__ import annotations

from typing import Any

import pytest

from jiqun import flows
from jiqun.flows.rounds import round_of
from jiqun.packs import City
from jiqun.records import releasing
from jiqun.workspace import Workspace
from tests.records.conftest import Day
from tests.records.test_publishing import WAY
from tests.records.test_release_editions import LENIENT, OUTPUT, four, with_thresholds
from tests.records.test_returns import ROUND, cells, owed, up

pytestmark = pytest.mark.django_db
FEBRUARY = "monthly|2026M2"
__all__ = ["four"]


@pytest.fixture
def february(four: Workspace, people: Any, day: Day) -> Workspace:
    """The same firms again; no firm alone would keep a district hidden under the lenient thresholds."""
    day.set("2026-03-05")
    flows.open_round(four, "monthly", "2026M2", actor="editor")
    for firm, output in (("F1", "90"), ("F2", "70"), ("F3", "35"), ("F4", "40")):
        user = people(firm)
        flows.submit_return(four, owed(firm, FEBRUARY).key, cells(output, "20"), user=user)
        up(four, people, firm, *WAY[firm], round_key=FEBRUARY)
    return four


def shown(city: City, key: str = FEBRUARY) -> set[str]:
    return {area for area, cell in releasing.release_of(round_of(key), city).shown if cell == OUTPUT}


def test_a_district_hidden_in_a_month_is_hidden_for_the_rest_of_the_year(february: Workspace) -> None:
    free = with_thresholds(february.city, **LENIENT)
    assert shown(free) == {"pingchuan", "east"}, "January's table is not out"
    flows.lock_round(february, ROUND, actor="editor")
    assert shown(free) == {"pingchuan"}


def test_a_month_is_not_held_by_those_that_come_after_it(february: Workspace) -> None:
    free = with_thresholds(february.city, **LENIENT)
    flows.publish_round(february, FEBRUARY, actor="editor")
    assert shown(free, ROUND) == {"pingchuan", "east"}
