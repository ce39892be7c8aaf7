"""A respondent's figure is the respondent's: whatever anybody does, on any path, each figure is one it sent itself.

A random walk over every verb with every role, and a walk over every address of the web and API with every role but
the respondent's own; afterwards what stands is what each respondent sent, under its own name.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from jiqun import flows
from jiqun.ledger import chain
from jiqun.ledger.models import Event
from jiqun.model.errors import JiqunError
from jiqun.records.models import Draft, Return, Submission, stands
from jiqun.workspace import Workspace
from tests.records.conftest import Day
from tests.records.test_returns import ROUND, cells, opened

pytestmark = pytest.mark.django_db
FIRMS = ("F1", "F2", "F3", "F4", "F6")
EVERYBODY = (
    *FIRMS, "F5", "F9", "north_park", "south_park", "east", "west", "pingchuan", "editor", "admin", "viewer",
    "auditor", "body",
)  # fmt: skip


def tries(ws: Workspace, draw: random.Random, user: Any, firm: str) -> dict[str, Callable[[], Any]]:
    """One attempt with each verb, by `user`, at the return of `firm`."""
    key = f"{ROUND}|{firm}"
    figure = str(draw.randint(1, 999))
    events = list(Event.objects.values_list("sequence", flat=True))
    export = f"统一社会信用代码,output@current\n{firm},{figure}".encode()
    fields = {"indicator_id": "output", "area_id": "east", "period": "2026M1", "value_text": figure, "unit": "万元"}
    name = user.get_username()
    return {
        "submit": lambda: flows.submit_return(ws, key, cells(figure), user=user, reason="试"),
        "draft": lambda: flows.save_draft(ws, key, cells(figure), user=user, token=draw.randint(0, 3)),
        "recall": lambda: flows.recall_return(ws, key, user=user, reason="试"),
        "accept": lambda: flows.accept_returns(ws, [key], user=user),
        "return": lambda: flows.give_back_returns(ws, [key], user=user, reason="试"),
        "deliver": lambda: flows.deliver_returns(ws, ROUND, export, user=user, reason="试"),
        "undo": lambda: flows.undo(ws, draw.choice(events), actor=name, reason="试"),
        "figure": lambda: flows.add_observation(ws, fields, actor=name, reason="试"),
        "table": lambda: flows.import_figures(ws, export, actor=name, reason="试"),
        "publish": lambda: flows.publish_round(ws, ROUND, actor=name),
        "lock": lambda: flows.lock_round(ws, ROUND, actor=name),
    }


@pytest.mark.parametrize("seed", range(2))
def test_after_a_random_walk_every_figure_is_one_its_respondent_sent(
    ws: Workspace, people: Any, day: Day, seed: int
) -> None:
    opened(ws)
    draw = random.Random(seed)
    users = {name: people(name) for name in EVERYBODY}
    sent: dict[str, list[str]] = {firm: [] for firm in FIRMS}
    done: set[str] = set()
    for step in range(240):
        if step == 180:
            day.set("2026-02-21")
        name = draw.choice(EVERYBODY)
        firm = name if name in FIRMS and draw.random() < 0.7 else draw.choice(FIRMS)
        attempts = tries(ws, draw, users[name], firm)
        verb = draw.choice([*attempts, "submit", "accept", "accept", "return"])
        before = stands(Submission).filter(respondent_id=firm).values_list("version", flat=True).first() or 0
        with contextlib.suppress(JiqunError, TypeError):
            attempts[verb]()
            done.add(verb)
        now = stands(Submission).filter(respondent_id=firm).first()
        if now is not None and now.version != before:
            assert (verb, name) == ("submit", firm), f"{name} wrote a figure of {firm} with {verb}"
            sent[firm].append(now.printed["output@current"])
    assert {"submit", "accept", "lock"} <= done
    for firm, figures in sent.items():
        rows = list(Submission.objects.filter(respondent_id=firm).order_by("version"))
        assert [row.printed["output@current"] for row in rows] == figures
        assert {row.actor for row in rows} <= {firm}
    assert {draft.saved_by for draft in Draft.objects.all()} <= set(FIRMS)
    assert all(draft.key.endswith(f"|{draft.saved_by}") for draft in Draft.objects.all())
    assert chain.verify().is_whole


def addresses(patterns: list[Any], front: str = "") -> list[tuple[str, list[str]]]:
    """(route, names of its parameters) of every address there is."""
    found: list[tuple[str, list[str]]] = []
    for pattern in patterns:
        route = front + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            found.append((route, list(pattern.pattern.converters)))
    return found


def test_no_address_lets_anybody_but_the_respondent_write(ws: Workspace, people: Any, monkeypatch: Any) -> None:
    from jiqun import workspace

    monkeypatch.setattr(workspace, "_opened", ws)
    opened(ws)
    flows.submit_return(ws, f"{ROUND}|F1", cells("100"), user=people("F1"))
    flows.save_draft(ws, f"{ROUND}|F2", cells("200"), user=people("F2"), token=0)
    figures = list(Submission.objects.values_list("key", "version", "cells"))
    drafts = list(Draft.objects.values_list("key", "token", "cells"))
    posted = {
        "output@current": "1", "cell-output@current": "1", "reason": "试", "token": "1", "version": "2",
        "keys": f"{ROUND}|F1",
        "key": f"{ROUND}|F1", "decision": "accept", "step": "submit", "action": "submit", "round": ROUND,
    }  # fmt: skip
    tried = 0
    for name in ("F3", "north_park", "admin", "body"):
        client = Client(raise_request_exception=False)
        client.force_login(people(name), "django.contrib.auth.backends.ModelBackend")
        for route, parameters in addresses(get_resolver().url_patterns):
            path = "/" + route
            for key in (f"{ROUND}|F1", f"{ROUND}|F2"):
                filled = path
                for _ in parameters:
                    start, end = filled.index("<"), filled.index(">")
                    value = "1" if filled[start + 1 : end].startswith("int:") else key
                    filled = filled[:start] + value + filled[end + 1 :]
                if filled.startswith(("/logout", "/password", "/login")):
                    continue
                for method in (client.post, client.delete) if filled.startswith("/api") else (client.post,):
                    method(filled, posted)
                    tried += 1
                if not parameters:
                    break
    assert tried > 200
    assert list(Submission.objects.values_list("key", "version", "cells")) == figures
    assert list(Draft.objects.values_list("key", "token", "cells")) == drafts
    assert stands(Return).get(key=f"{ROUND}|F1").submission_version == 1
