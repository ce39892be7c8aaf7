"""Counting lights, and what falls due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jiqun.assessment.promises import Light, Progress
from jiqun.assessment.summary import Judged, by_area, by_cluster, by_lead, count, deadlines_ahead

ON = date(2020, 12, 1)


def judged(key: str, light: Light, deadline: date | None = None, *body_ids: str, **more: str) -> Judged:
    progress = Progress(light, "因为。", ON, Decimal(100), "家")
    return Judged(key, progress, deadline, body_ids, more.get("area_id"), more.get("cluster_id"))


ALL = [
    judged("a", Light.MET, date(2020, 12, 31), "工信", "科技", area_id="市", cluster_id="芯"),
    judged("b", Light.OVERDUE, None, "工信", area_id="市"),
    judged("c", Light.NO_DATA, date(2020, 12, 5), "科技", "工信", area_id="区"),
    judged("d", Light.BEHIND, date(2020, 12, 31), "科技", cluster_id="芯"),
    judged("e", Light.FELL_BACK, date(2020, 12, 2), "科技"),
    judged("f", Light.EARLY, date(2021, 12, 31)),
]


def test_every_light_has_a_count_and_shares_are_of_the_judged() -> None:
    tally = count(ALL)
    assert tally.counts[Light.ON_TRACK] == 0
    assert (tally.total, tally.judged, tally.needs_attention) == (6, 4, 3)
    assert tally.met_share == Decimal("0.25")
    assert count([]).met_share is None


def test_a_promise_counts_once_under_the_body_that_leads() -> None:
    tallies = by_lead(ALL)
    assert [(one.id, one.total, one.needs_attention) for one in tallies] == [
        ("科技", 3, 2), ("工信", 2, 1), (None, 1, 0)]  # fmt: skip
    assert sum(one.total for one in tallies) == len(ALL)


def test_by_cluster_and_area() -> None:
    assert [(one.id, one.total) for one in by_cluster(ALL)] == [("芯", 2), (None, 4)]
    assert [(one.id, one.total) for one in by_area(ALL)] == [("市", 2), ("区", 1), (None, 3)]


def test_deadlines_ahead_take_both_ends_and_leave_out_what_is_met() -> None:
    assert [one.key for one in deadlines_ahead(ALL, ON, 30)] == ["e", "c", "d"]
    assert [one.key for one in deadlines_ahead(ALL, ON, 4)] == ["e", "c"]
    assert [one.key for one in deadlines_ahead(ALL, date(2020, 12, 31), 0)] == ["d"]
