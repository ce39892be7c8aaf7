"""Nobody changes an item but by what its docket grants: a random walk over every verb with every role.

What may be is written here by hand, not asked of the code: who is what to an item, and what that allows.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from jiqun import flows
from jiqun.ledger import chain, store
from jiqun.ledger.models import Event
from jiqun.model.errors import JiqunError
from jiqun.records.models import DocketItem, stands
from jiqun.workspace import Workspace
from tests.records.test_items import POSTED, cells
from tests.records.test_whose_figures import addresses

pytestmark = pytest.mark.django_db
WHO = {
    "admin": "city", "editor": "city", "body": ("body", "gxj"), "kjj": ("body", "kjj"), "east": ("area", "east"),
    "west": ("area", "west"), "north_park": ("area", "north_park"), "viewer": None, "auditor": None, "F1": None,
}  # fmt: skip
INSIDE = {"east": {"east", "north_park", "south_park"}, "west": {"west"}, "north_park": {"north_park"}}
AMENDS = {"open": {"city", "owner", "opener"}, "posted": {"city"}, "work": {"owner"}, "done": set(), "ended": set()}
STEPS = {
    ("open", "posted"): {"city"}, ("posted", "work"): {"owner"}, ("posted", "open"): {"city", "owner"},
    ("work", "open"): {"city", "owner"}, ("work", "done"): {"city"}, ("open", "ended"): {"city", "opener"},
    ("posted", "ended"): {"city"},
}  # fmt: skip


OFTEN = ("move",) * 5 + ("amend",) * 4 + ("undo",) * 3 + ("import",) * 2 + ("open", "withdraw")


def parties(name: str, row: DocketItem) -> set[str]:
    who = WHO[name]
    if who == "city":
        return {"city"}
    if who is None:
        return set()
    kind, id_ = who
    own = INSIDE[id_] if kind == "area" else {id_}
    pairs = {"owner": (row.owner_kind, row.owner_id), "opener": (row.opener_kind, row.opener_id)}
    return {party for party, (its, said) in pairs.items() if its == kind and said in own}


def attempts(ws: Workspace, draw: random.Random, user: Any, key: str) -> dict[str, Callable[[], Any]]:
    number, text = key.split("|")[1], str(draw.randint(1, 9999))
    name = user.get_username()
    events = list(Event.objects.order_by("-sequence").values_list("sequence", flat=True)[:4])
    change = draw.choice([{"words": text}, {"money": text}, {"lead": draw.choice(["gxj", "kjj"])}, {"name": text}])
    export = f"编号,金额,说明\n{number},{text},{text}\n".encode()
    fresh = f"名称,环节\n新{text},导轨\n".encode()
    step = draw.choice(["post", "start", "start", "back", "finish", "end", "drop"])
    given = {**POSTED, "lead": "kjj"} if step == "post" else {}
    return {
        "open": lambda: flows.open_item(ws, "matters", cells(name=f"条{text}", node="车床"), user=user),
        "amend": lambda: flows.amend_item(ws, key, cells(**change), user=user, reason="试"),
        "move": lambda: flows.move_item(ws, key, step, cells(**given), user=user, reason="试"),
        "withdraw": lambda: flows.withdraw_item(ws, key, user=user, reason="试"),
        "import": lambda: flows.import_items(
            ws, "matters", draw.choice([export, fresh]), user=user, reason="试", name="a.csv"
        ),
        "undo": lambda: flows.undo(ws, draw.choice(events), actor=name, reason="试"),
    }


@pytest.mark.parametrize("seed", range(3))
def test_after_a_random_walk_every_version_was_granted(ws: Workspace, people: Any, seed: int) -> None:
    draw, users = random.Random(seed), {name: people(name) for name in WHO}
    for at, name in enumerate(("east", "body", "editor", "kjj")):
        flows.open_item(ws, "matters", cells(name=f"起{at}", node="导轨"), user=users[name])
    done: dict[str, int] = {}
    for _ in range(400):
        name = draw.choice(list(WHO))
        keys = list(stands(DocketItem).values_list("key", flat=True))
        verbs = attempts(ws, draw, users[name], draw.choice(keys))
        verb = draw.choice(OFTEN)
        with contextlib.suppress(JiqunError):
            verbs[verb]()
            done[verb] = done.get(verb, 0) + 1
    assert all(done.get(verb) for verb in ("open", "amend", "move", "import", "undo")), done
    assert chain.verify().is_whole
    events = {event.sequence: event for event in Event.objects.all()}
    for key in set(DocketItem.objects.values_list("key", flat=True)):
        versions = list(store.history(DocketItem, key))
        for before, after in itertools.pairwise(versions):
            hold = was_granted(before, after, events)
            assert hold, f"{key} v{after.version}: {after.actor} by {events[after.event_id].action}"
        first = versions[0]
        assert WHO[first.actor] is not None, f"{first.actor} opened {key}"
        assert WHO[first.actor] == "city" or (first.opener_kind, first.opener_id) == WHO[first.actor]


def was_granted(before: DocketItem, after: DocketItem, events: dict[int, Event]) -> bool:
    own, action = parties(after.actor, before), events[after.event_id].action
    if action == "event.undone":
        return events[before.event_id].actor == after.actor
    if after.standing != before.standing:
        return "city" in own or ("opener" in own and before.state == "open")
    if before.values.get("lead") != after.values.get("lead") and "city" not in own:
        return False
    if after.state != before.state:
        return bool(STEPS.get((before.state, after.state), set()) & own)
    return bool(AMENDS[before.state] & own)


def test_no_address_lets_strangers_change_an_item(ws: Workspace, people: Any, monkeypatch: Any) -> None:
    from jiqun import workspace

    monkeypatch.setattr(workspace, "_opened", ws)
    row = flows.open_item(ws, "matters", cells(name="东区的", node="导轨"), user=people("east"))
    row = flows.amend_item(ws, row.key, cells(lead="kjj"), user=people("editor"), reason="定")
    row = flows.move_item(ws, row.key, "post", cells(**POSTED), user=people("editor"))
    row = flows.move_item(ws, row.key, "start", user=people("kjj"))
    posted = {
        "f-words": "夹带", "f-money": "1", "reason": "试", "version": str(row.version), "step": "start", "text": "话",
        "decision": "accept", "key": row.key, "keys": row.key, "item": row.key,
    }  # fmt: skip
    tried = 0
    for name in ("west", "body", "east", "viewer", "auditor", "F1", "admin"):
        client = Client(raise_request_exception=False)
        client.force_login(people(name), "django.contrib.auth.backends.ModelBackend")
        for route, parameters in addresses(get_resolver().url_patterns):
            for sequence in (row.event_id, row.event_id - 1) if "<int:" in route else (0,):
                path = "/" + route
                for _ in parameters:
                    start, end = path.index("<"), path.index(">")
                    is_number = path[start + 1 : end].startswith("int:")
                    path = path[:start] + (str(sequence) if is_number else row.key) + path[end + 1 :]
                withdraws = name == "admin" and path.endswith("/withdraw/")  # what the city may do
                if not withdraws and not path.startswith(("/logout", "/password", "/login")):
                    client.post(path, posted)
                    tried += 1
    assert tried > 500
    assert store.current(DocketItem, row.key).version == row.version
    assert stands(DocketItem).count() == 1
