"""Every target of a day, judged once: what is kept, what is counted, what a filter leaves."""

from __future__ import annotations

from datetime import date

import pytest

from jiqun import flows
from jiqun.assessment.promises import Light
from jiqun.flows.targets import Part
from jiqun.ledger.models import Event
from jiqun.reports.areas import areas
from jiqun.reports.kinship import related
from jiqun.reports.overview import deadlines
from jiqun.reports.paging import cut
from jiqun.reports.register import _compute as read_anew
from jiqun.reports.register import count_lights, register
from jiqun.reports.targets import TargetFilter, targets
from jiqun.reports.view import View
from tests.flows.conftest import plan, ws, yunchuan

__all__ = ["plan", "ws", "yunchuan"]


@pytest.fixture
def view(ws, plan):
    from django.contrib.auth import get_user_model

    flows.add_user(ws, "boss", "city_admin", actor="setup", password="correct-horse-9")
    flows.import_folder_figures(ws, actor="zhang")
    flows.decide_claims_above(ws, 0.0, actor="zhang", reason="测试")
    return View(ws.city, date(2024, 1, 1), ws.today, get_user_model().objects.get())


def test_the_register_is_kept_until_the_ledger_changes(ws, view):
    first = register(view)
    assert register(view) is first
    flows.add_target(
        ws, {"indicator_id": "firms", "value_text": "9", "period": "2030"}, actor="li", known_on=date(2023, 1, 1)
    )
    assert register(view) is not first
    assert len(register(view).rows) == len(first.rows) + 1


def test_a_register_brought_up_to_date_is_the_one_read_anew(ws, view):
    """Every kind of change, each judged from what was written since: a figure, an amendment, a division, an undo."""
    key = next(row.key for row in register(view).rows if row.promise == "达到1000家")
    figure = {"indicator_id": "firms", "area_id": "yunchuan", "period": "2023", "value_text": "990", "unit": "家"}
    day = date(2023, 12, 1)
    changes = [
        lambda: flows.add_observation(ws, figure, actor="li", known_on=day),
        lambda: flows.amend_target(ws, key, {"value_text": "980"}, actor="li", reason="调整", known_on=day),
        lambda: flows.split_target(ws, key, [Part("600", area_id="dong")], actor="li", reason="部分"),
        lambda: flows.undo(ws, Event.objects.latest("sequence").sequence, actor="li", reason="撤回"),
        lambda: flows.withdraw_target(ws, key, actor="li", reason="取消", known_on=day),
        lambda: flows.add_user(ws, "nobody", "viewer", actor="setup"),
    ]
    for change in changes:
        change()
        kept, anew = register(view), read_anew(view)
        assert kept.rows == anew.rows
        assert kept.judged() == anew.judged()


def test_an_event_that_touches_no_target_leaves_the_register(ws, view):
    first = register(view)
    flows.add_user(ws, "nobody", "viewer", actor="setup")
    assert register(view) is first


def test_another_day_is_another_register(view):
    earlier = View(view.city, date(1999, 1, 1), view.today, view.user)
    assert register(earlier).rows == ()
    assert register(view).rows


def test_800_of_1000_firms_by_the_end_of_2022_is_the_reading(view):
    """600 at the end of 2021 and 1000 due at the end of 2025 ask for 700 at the end of 2022; 800 were published."""
    row = next(row for row in register(view).rows if row.promise == "达到1000家")
    assert (row.judged.reached, row.judged.reached_label) == ("800家", "2022年")
    assert row.judged.light in (Light.ON_TRACK, Light.MET)
    assert row.judged.completion_pct == 80.0
    assert row.judged.done == 0.8  # the bar says the share beside it, not the half of the way from 600


def test_lights_are_all_listed_and_add_up(view):
    rows = register(view).wholes
    counted = count_lights(rows)
    assert {count.light for count in counted} == set(Light)
    assert sum(count.count for count in counted) == len(rows)


def test_the_worst_comes_first(view):
    rows = targets(view, TargetFilter()).rows
    assert [row.severity for row in rows] == sorted(row.severity for row in rows)


@pytest.mark.parametrize(
    "wanted",
    [
        {"indicator": "firms"},
        {"measure": "cumulative"},
        {"body": "kjj"},
        {"body": "gxj"},
        {"due": "later"},
        {"q": "1000"},
    ],
)
def test_a_filter_leaves_what_its_option_counted(view, wanted):
    page = targets(view, TargetFilter(**wanted))
    ((name, value),) = wanted.items()
    if name == "q":
        assert page.paging.total == sum("1000" in row.sentence for row in register(view).wholes)
    else:
        assert page.paging.total == next(o.count for o in page.options[name] if o.value == value)
        assert page.paging.total > 0


def test_a_repeated_promise_is_related(ws, view):
    row = next(row for row in register(view).rows if row.promise == "达到1000家")
    again = flows.add_target(
        ws,
        {"indicator_id": "firms", "value_text": "1200", "period": "2025", "comparator": "ge"},
        actor="li",
        known_on=date(2023, 1, 1),
    )
    (found,) = [one for one in related(view, row.key) if one.other.key == again.key]
    assert found.kind == "conflict"
    assert found.said.endswith("须核定。")


def test_areas_are_compared_within_one_year(ws, view):
    """东川 has 2022 only; a half-year of 西川 is not put beside it."""
    flows.add_observation(
        ws,
        {"indicator_id": "firms", "area_id": "xi", "period": "2023H1", "value_text": "310", "unit": "家"},
        actor="li",
        known_on=date(2023, 8, 1),
    )
    page = areas(view, "firms")
    assert page.year_label == "2022年"
    assert {row.share.ref.id: row.headline and row.headline.value for row in page.rows} == {"dong": "500家", "xi": None}


def test_deadlines_gather_by_day(view):
    found = deadlines(register(view).wholes, view.on)
    assert [due.on for due in found] == [date(2025, 12, 31)]
    assert found[0].days == 730


def test_a_page_beyond_the_last_is_the_last():
    shown, paging = cut(list(range(101)), 9, 50)
    assert (shown, paging.number, paging.pages, paging.first, paging.last) == ([100], 3, 3, 101, 101)
    assert cut([], 1)[1].total == 0
    assert paging.near == (1, 2, 3)
