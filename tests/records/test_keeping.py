"""A server opens and locks rounds on their days: once, whoever else looks, and not where it is told to leave it."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import yaml
from django.db import DatabaseError

from jiqun import flows, workspace
from jiqun.flows import keeping, rounds
from jiqun.ledger.models import Event
from jiqun.model import files
from jiqun.model.errors import Conflict
from jiqun.records.models import Round, stands
from jiqun.workspace import Workspace
from tests.records.conftest import Day

pytestmark = pytest.mark.django_db


@pytest.fixture
def real(ws: Workspace) -> Workspace:
    """The workspace with its monthly form as one that an office made."""
    forms = dict(ws.city.forms)
    forms["monthly"] = forms["monthly"].model_copy(update={"is_invented": False})
    return dataclasses.replace(ws, city=dataclasses.replace(ws.city, forms=forms))


def actions() -> list[tuple[str, str, str]]:
    told = Event.objects.filter(action__startswith="round.").order_by("sequence")
    return list(told.values_list("action", "actor", "subject_key"))


def test_each_round_is_opened_and_locked_by_one_event_however_often_it_looks(real: Workspace, day: Day) -> None:
    for _ in range(3):
        keeping.look(real)
    assert [(action, actor) for action, actor, _ in actions()] == [("round.opened", "日历")]
    day.set("2026-02-20")
    for _ in range(3):
        keeping.look(real)
    assert [action for action, *_ in actions()] == ["round.opened", "round.locked"]
    assert stands(Round).get().form_id == "monthly", "forms of a demo are left to people"


def test_while_another_process_is_at_it_nothing_is_done(real: Workspace) -> None:
    held = files.hold(real.path / ".calendar")
    assert held is not None and keeping.look(real) is None and not actions()
    held.close()
    assert keeping.look(real) is not None and len(actions()) == 1


def test_what_cannot_be_done_keeps_nothing_else_from_being_done(real: Workspace, monkeypatch: Any) -> None:
    honest = rounds.open_round

    def refuse(ws: Workspace, form_id: str, *rest: Any, **more: Any) -> Round:
        if form_id == "delivered":
            raise Conflict("没有填报对象")
        return honest(ws, form_id, *rest, **more)

    monkeypatch.setattr(rounds, "open_round", refuse)
    done = flows.keep_calendar(real, actor="editor")
    assert done.to_open == (("monthly", "2026M1"),) and done.failed == (("delivered|2026M1", "没有填报对象"),)


def test_two_who_open_a_round_at_once_open_one(real: Workspace, monkeypatch: Any) -> None:
    """The second has looked before the first wrote, and is refused when its turn to write comes."""
    honest, opened = rounds.keep_folder, []

    def meanwhile(*of: Any) -> Any:
        if not opened:
            opened.append(1)
            flows.open_round(real, "monthly", "2026M1", actor="other")
        return honest(*of)

    monkeypatch.setattr(rounds, "keep_folder", meanwhile)
    with pytest.raises(Conflict, match="已经布置"):
        flows.open_round(real, "monthly", "2026M1", actor="editor")
    assert [actor for _, actor, _ in actions()] == ["other"] and Round.objects.count() == 1


def test_two_who_lock_a_round_at_once_lock_it_once(real: Workspace, day: Day, monkeypatch: Any) -> None:
    flows.open_round(real, "monthly", "2026M1", actor="editor")
    day.set("2026-02-20")
    honest, locked = rounds.keep_folder, []

    def meanwhile(*of: Any) -> Any:
        if not locked:
            locked.append(1)
            flows.lock_round(real, "monthly|2026M1", actor="other")
        return honest(*of)

    monkeypatch.setattr(rounds, "keep_folder", meanwhile)
    assert flows.lock_round(real, "monthly|2026M1", actor="editor").state == "locked"
    assert [(action, actor) for action, actor, _ in actions()] == [
        ("round.opened", "editor"), ("round.locked", "other"),
    ]  # fmt: skip


def test_what_others_did_meanwhile_has_not_failed(real: Workspace, monkeypatch: Any) -> None:
    due = flows.rounds_due(real)
    flows.open_round(real, "monthly", "2026M1", actor="other")
    monkeypatch.setattr(rounds, "rounds_due", lambda ws: due)
    done = flows.keep_calendar(real, actor="editor", with_invented=False)
    assert done.to_open == () and done.failed == ()


def test_a_database_that_fails_for_one_round_is_said_and_the_others_are_done(
    real: Workspace, day: Day, monkeypatch: Any
) -> None:
    def fail(*of: Any, **how: Any) -> Round:
        raise DatabaseError("database disk image is malformed")

    honest = rounds.open_round
    monkeypatch.setattr(
        rounds,
        "open_round",
        lambda ws, form, *of, **how: (fail if form == "delivered" else honest)(ws, form, *of, **how),
    )
    done = flows.keep_calendar(real, actor="editor")
    assert done.to_open == (("monthly", "2026M1"),)
    assert done.failed == (("delivered|2026M1", "账本文件已损坏，请从备份恢复"),)
    day.set("2026-02-20")
    monkeypatch.setattr(rounds, "lock_round", fail)
    assert ("monthly|2026M1", "账本文件已损坏，请从备份恢复") in flows.keep_calendar(real, actor="editor").failed


@pytest.mark.parametrize(
    ("said", "kept"),
    [({}, True), ({"calendar": False}, False), ({"opens_on": date(2023, 8, 8)}, False),
     ({"opens_on": date(2023, 8, 8), "calendar": True}, True)],
)  # fmt: skip
def test_the_workspace_says_whether_servers_keep_it(ws: Workspace, said: dict[str, Any], kept: bool) -> None:
    file = ws.path / "workspace.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text("utf-8")) | said), "utf-8")
    assert keeping.is_kept(ws.path) is kept


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch, real: Workspace) -> Iterator[list[float]]:
    """When a watch looked; the first time something goes wrong."""
    found: list[float] = []

    def look(_: Workspace) -> None:
        found.append(time.monotonic())
        if len(found) == 1:
            raise Conflict("第一次不成")

    monkeypatch.setattr(keeping, "look", look)
    monkeypatch.setattr(keeping, "EVERY", 0.02)
    monkeypatch.setattr(workspace, "_opened", real)
    monkeypatch.setattr(keeping.connection, "close", lambda: None)
    yield found


def test_a_watch_looks_again_after_a_fault_and_ends_with_its_server(looks: list[float], real: Workspace) -> None:
    with keeping.keeping(real.path):
        until = time.monotonic() + 10
        while len(looks) < 3 and time.monotonic() < until:
            threading.Event().wait(0.01)
    assert len(looks) >= 3
    assert not [thread for thread in threading.enumerate() if thread.name == "jiqun-calendar"]
