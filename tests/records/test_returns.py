"""A round from its opening to its locking: who may do what, what is asked for, what stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from jiqun import flows
from jiqun.flows.returns import Filled
from jiqun.ledger import chain
from jiqun.ledger.models import Event
from jiqun.model.errors import Conflict, Forbidden, InputRefused, NotFound, UsageError
from jiqun.records.models import Draft, Return, Submission, stands
from jiqun.workspace import Workspace
from tests.records.conftest import Day

pytestmark = pytest.mark.django_db
People = Callable[[str], Any]
ROUND = "monthly|2026M1"


def cells(output: str, fresh: str = "0", **more: str) -> Filled:
    given = {"output@current": output, "output@same_period": "100", "fresh@current": fresh, "staff@current": "50"}
    return Filled(given | {key.replace("__", "@"): text for key, text in more.items()})


def opened(ws: Workspace) -> str:
    return str(flows.open_round(ws, "monthly", "2026M1", actor="editor").key)


def owed(firm: str, round_key: str = ROUND) -> Return:
    found: Return = stands(Return).get(key=f"{round_key}|{firm}")
    return found


# ── opening


def test_a_round_asks_everybody_whom_the_form_asks_and_knows_their_way_up(ws: Workspace) -> None:
    opened(ws)
    assert [(r.respondent_id, r.path) for r in stands(Return).order_by("respondent_id")] == [
        ("F1", ["north_park", "east", "pingchuan"]), ("F2", ["north_park", "east", "pingchuan"]),
        ("F3", ["south_park", "east", "pingchuan"]), ("F4", [None, "west", "pingchuan"]),
        ("F6", [None, None, "pingchuan"]),  # its area is not known: the city decides; F5 is too small
    ]  # fmt: skip
    assert {(r.state, r.due_on) for r in stands(Return)} == {("due", date(2026, 2, 8))}
    assert Event.objects.filter(action="round.opened").count() == 1
    assert chain.verify().is_whole


def test_who_owes_is_frozen_at_the_opening(ws: Workspace, pingchuan: Any) -> None:
    from jiqun.enterprises import register
    from jiqun.enterprises.snapshots import About, Contents

    opened(ws)
    book = register.open(ws.path / "registers", register.MAIN)
    later = register.manifest_on(book).about
    import polars as pl

    rows = pl.LazyFrame({"uscc": ["F7"], "name": ["七厂"], "area_id": ["west"], "revenue_yuan": [9e9]})
    about = About(date(2026, 2, 1), 2025, date(2026, 2, 1), later.origins, is_invented=True)
    register.append(book, about, Contents([rows]), city=pingchuan, recorded_at=ws.clock())
    assert stands(Return).filter(respondent_id="F7").count() == 0


def test_a_round_is_opened_once_and_by_the_calendar(ws: Workspace, day: Day) -> None:
    with pytest.raises(Conflict, match="2026-03-01 才开放"):
        flows.open_round(ws, "monthly", "2026M2", actor="editor")
    opened(ws)
    with pytest.raises(Conflict, match="已经布置"):
        opened(ws)
    with pytest.raises(UsageError, match="没有2026年一季度这一期"):
        flows.open_round(ws, "monthly", "2026Q1", actor="editor")
    with pytest.raises(NotFound):
        flows.open_round(ws, "weekly", "2026M1", actor="editor")


def test_a_lapsed_form_cannot_be_opened(ws: Workspace, day: Day) -> None:
    day.set("2026-07-01")
    with pytest.raises(Conflict, match="有效期到 2026-06-30"):
        flows.open_round(ws, "quarterly", "2026Q2", actor="editor")


def test_the_calendar_opens_and_locks(ws: Workspace, day: Day) -> None:
    due = flows.keep_calendar(ws, actor="clock")
    assert due.to_open == (("delivered", "2026M1"), ("monthly", "2026M1"))
    assert flows.rounds_due(ws).to_open == ()
    day.set("2026-02-20")
    assert flows.keep_calendar(ws, actor="clock").to_lock == ("delivered|2026M1", ROUND)
    assert {r.state for r in stands(Return)} == {"missing"}


# ── sending


def test_a_return_is_sent_with_one_event_and_waits_for_the_lowest_level(ws: Workspace, people: People) -> None:
    opened(ws)
    before = chain.head()[0]
    sent = flows.submit_return(ws, owed("F1").key, cells("120.5", "20"), user=people("F1"))
    assert (sent.state, sent.turn_area_id, sent.turn_until) == ("submitted", "north_park", date(2026, 2, 4))
    row = Submission.objects.get()
    assert row.amounts == {
        "output@current": 1205, "output@same_period": 1000, "fresh@current": 200, "staff@current": 50,
    }  # fmt: skip
    assert (row.printed["output@current"], row.origin, row.value_kind) == ("120.5", "web", "preliminary")
    assert Event.objects.filter(sequence__gt=before, action="return.submitted").count() == 1


def test_hard_checks_bar_and_all_faults_are_told_at_once(ws: Workspace, people: People) -> None:
    opened(ws)
    with pytest.raises(InputRefused) as refused:
        flows.submit_return(ws, owed("F1").key, cells("10", "11", staff__current="many"), user=people("F1"))
    said = [(f.code, f.place.cell) for f in refused.value.findings if f.severity == "error"]
    assert said == [("table.not_a_number", "staff@current"), ("form.hard", "fresh@current")]
    assert not Submission.objects.exists()
    assert owed("F1").state == "due"


def test_soft_checks_want_words_that_the_reviewer_reads(ws: Workspace, people: People, day: Day) -> None:
    opened(ws)
    flows.submit_return(ws, owed("F1").key, cells("100"), user=people("F1"))
    day.set("2026-03-01")
    flows.open_round(ws, "monthly", "2026M2", actor="editor")
    key = "monthly|2026M2|F1"
    flows.submit_return(ws, "monthly|2026M2|F2", cells("301"), user=people("F2"))  # sent nothing before: unknown
    with pytest.raises(InputRefused, match="需要说明：产值比上月增长两倍以上"):
        flows.submit_return(ws, key, cells("300.1"), user=people("F1"))
    filled = Filled(cells("300.1").cells, {"jump": "新线投产", "part": "不相干"})
    flows.submit_return(ws, key, filled, user=people("F1"))
    row = stands(Submission).get(key=key)
    assert row.explanations == {"jump": "新线投产"}
    assert row.findings == [{"id": "jump", "message": "产值比上月增长两倍以上"}]
    assert owed("F1", "monthly|2026M2").explained == 1


def test_what_could_not_be_asked_is_told_and_bars_nothing(ws: Workspace, people: People) -> None:
    opened(ws)
    examined = flows.examine_return(ws, owed("F1"), cells("999"))
    assert [f.code for f in examined.findings] == ["form.not_asked", "form.not_asked"]
    assert not examined.is_refused


# ── climbing


def up(ws: Workspace, people: People, firm: str, *areas: str, round_key: str = ROUND) -> None:
    for area in areas:
        user = people("editor" if area == "pingchuan" else area)
        assert flows.accept_returns(ws, [f"{round_key}|{firm}"], user=user) == 1


def test_a_return_climbs_level_by_level_and_skips_what_is_not_there(ws: Workspace, people: People) -> None:
    opened(ws)
    for firm in ("F1", "F4"):
        flows.submit_return(ws, owed(firm).key, cells("100"), user=people(firm))
    assert owed("F4").turn_area_id == "west"
    up(ws, people, "F1", "north_park")
    assert (owed("F1").turn_area_id, owed("F1").level) == ("east", 1)
    up(ws, people, "F1", "east", "pingchuan")
    assert (owed("F1").state, owed("F1").accepted_version) == ("accepted", 1)


def test_a_level_is_not_decided_by_another(ws: Workspace, people: People) -> None:
    opened(ws)
    flows.submit_return(ws, owed("F1").key, cells("100"), user=people("F1"))
    for name in ("east", "south_park", "west", "editor", "admin", "F1", "viewer", "auditor", "body"):
        with pytest.raises(Forbidden):
            flows.accept_returns(ws, [owed("F1").key], user=people(name))
        with pytest.raises(Forbidden):
            flows.give_back_returns(ws, [owed("F1").key], user=people(name), reason="不对")
    assert owed("F1").state == "submitted"


def test_what_is_returned_says_why_and_comes_again_as_a_new_version(ws: Workspace, people: People) -> None:
    opened(ws)
    key = owed("F1").key
    flows.submit_return(ws, key, cells("100"), user=people("F1"))
    up(ws, people, "F1", "north_park")
    with pytest.raises(InputRefused, match="理由"):
        flows.give_back_returns(ws, [key], user=people("east"), reason=" ")
    flows.give_back_returns(ws, [key], user=people("east"), reason="请核对单位")
    assert (owed("F1").state, owed("F1").reason, owed("F1").level) == ("returned", "请核对单位", 0)
    flows.submit_return(ws, key, cells("101"), user=people("F1"))
    assert owed("F1").turn_area_id == "north_park", "from the lowest level again"
    assert [row.amounts["output@current"] for row in Submission.objects.order_by("version")] == [1000, 1010]


def test_a_bulk_decision_is_one_event_and_all_or_nothing(ws: Workspace, people: People) -> None:
    opened(ws)
    for firm in ("F1", "F2", "F3"):
        flows.submit_return(ws, owed(firm).key, cells("100"), user=people(firm))
    before = chain.head()[0]
    with pytest.raises(Forbidden):
        flows.accept_returns(ws, [owed(f).key for f in ("F1", "F2", "F3")], user=people("north_park"))
    assert flows.accept_returns(ws, [owed(f).key for f in ("F1", "F2")], user=people("north_park")) == 2
    assert Event.objects.filter(sequence__gt=before, action="return.accepted").count() == 1


def test_a_return_can_be_recalled_until_somebody_has_decided(ws: Workspace, people: People) -> None:
    opened(ws)
    key = owed("F1").key
    flows.submit_return(ws, key, cells("100"), user=people("F1"))
    flows.recall_return(ws, key, user=people("F1"), reason="填错一格")
    assert owed("F1").state == "due"
    flows.submit_return(ws, key, cells("100"), user=people("F1"))
    up(ws, people, "F1", "north_park")
    with pytest.raises(Conflict, match="已有一级审核通过"):
        flows.recall_return(ws, key, user=people("F1"), reason="填错一格")


# ── locking and after


def test_after_locking_a_correction_is_a_revision_with_a_reason(ws: Workspace, people: People, day: Day) -> None:
    opened(ws)
    key = owed("F4").key
    flows.submit_return(ws, key, cells("100"), user=people("F4"))
    up(ws, people, "F4", "west", "pingchuan")
    with pytest.raises(Conflict, match="2026-02-20 才能锁定"):
        flows.lock_round(ws, ROUND, actor="editor")
    day.set("2026-02-20")
    flows.lock_round(ws, ROUND, actor="editor")
    assert {r.respondent_id: r.state for r in stands(Return)} == {
        "F1": "missing", "F2": "missing", "F3": "missing", "F4": "locked", "F6": "missing",
    }  # fmt: skip
    with pytest.raises(InputRefused, match="理由"):
        flows.submit_return(ws, key, cells("90"), user=people("F4"))
    flows.submit_return(ws, key, cells("90"), user=people("F4"), reason="审计调整")
    assert stands(Submission).get(key=key).value_kind == "revised"
    assert (owed("F4").accepted_version, owed("F4").submission_version) == (1, 2)
    flows.give_back_returns(ws, [key], user=people("west"), reason="请附审计报告")
    flows.lock_round(ws, ROUND, actor="editor")
    assert (owed("F4").state, owed("F4").accepted_version) == ("locked", 1), "as it was, not missing"


def test_what_is_late_comes_in_late(ws: Workspace, people: People, day: Day) -> None:
    opened(ws)
    day.set("2026-02-09")
    flows.submit_return(ws, owed("F1").key, cells("1"), user=people("F1"))
    assert owed("F1").is_late
    flows.extend_deadline(ws, ROUND, ["F2"], date(2026, 2, 12), actor="editor", reason="系统检修")
    flows.submit_return(ws, owed("F2").key, cells("1"), user=people("F2"))
    assert not owed("F2").is_late
    with pytest.raises(Conflict, match="锁定日"):
        flows.extend_deadline(ws, ROUND, ["F3"], date(2026, 2, 21), actor="editor", reason="系统检修")


# ── drafts


def test_a_draft_is_no_event_survives_and_tells_two_writers_apart(ws: Workspace, people: People) -> None:
    opened(ws)
    key, head = owed("F1").key, None
    people("F1")
    head = chain.head()
    assert flows.save_draft(ws, key, cells("12.x"), user=people("F1"), token=0) == 1
    assert flows.save_draft(ws, key, cells("12.5"), user=people("F1"), token=1) == 2
    assert chain.head() == head
    with pytest.raises(Conflict, match=r"F1 已在 \d\d-\d\d 09:00 保存.*重新打开本页"):
        flows.save_draft(ws, key, cells("13"), user=people("F1"), token=1)
    with pytest.raises(Conflict):
        flows.save_draft(ws, key, cells("13"), user=people("F1"), token=0)
    assert Draft.objects.get().cells["output@current"] == "12.5"
    flows.submit_return(ws, key, cells("12.5"), user=people("F1"))
    assert not Draft.objects.exists()
    with pytest.raises(Conflict, match="现在不能报送"):
        flows.save_draft(ws, key, cells("13"), user=people("F1"), token=2)


# ── whose figures


EVERYBODY = ("F2", "north_park", "east", "west", "pingchuan", "editor", "admin", "viewer", "auditor", "body")


@pytest.mark.parametrize("name", EVERYBODY)
def test_nobody_but_the_respondent_writes_its_figures(ws: Workspace, people: People, name: str) -> None:
    opened(ws)
    key, user = owed("F1").key, people(name)
    for write in (
        lambda: flows.submit_return(ws, key, cells("1"), user=user),
        lambda: flows.save_draft(ws, key, cells("1"), user=user, token=0),
        lambda: flows.recall_return(ws, key, user=user, reason="x"),
    ):
        with pytest.raises(Forbidden, match=r"填报|无此权限"):
            write()
    assert not Submission.objects.exists()
    assert not Draft.objects.exists()


def test_a_return_that_was_changed_meanwhile_is_not_overwritten(ws: Workspace, people: People) -> None:
    opened(ws)
    seen = owed("F1").version
    flows.submit_return(ws, owed("F1").key, cells("1"), user=people("F1"), version=seen)
    with pytest.raises(Conflict, match="刷新"):
        flows.submit_return(ws, owed("F1").key, cells("2"), user=people("F1"), version=seen)
