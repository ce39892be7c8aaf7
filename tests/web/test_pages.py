"""Every page: who may see it, what it is made of, and that nothing on it needs the network or an inline script."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.ledger.models import Account, Claim, Document, Role, Target, Task
from jiqun.reports import (
    areas,
    bodies,
    clusters,
    documents,
    events,
    imports,
    indicators,
    overview,
    review,
    search,
    target,
    targets,
    tasks,
)

TEMPLATES = Path(documents.__file__).parents[1] / "web" / "templates" / "web"
OPEN_TO_STRANGERS = {"login", "logout", "language"}

# page → context type → template
PAGES = {
    "overview": (overview.Overview, "overview"), "documents": (documents.Documents, "documents"),
    "document": (documents.DocumentPage, "document"), "review": (review.Review, "review"),
    "targets": (targets.Targets, "targets"), "target": (target.TargetPage, "target"),
    "target-new": (target.BlankTarget, "target_new"), "tasks": (tasks.Tasks, "tasks"),
    "task": (tasks.TaskPage, "task"), "indicators": (indicators.Indicators, "indicators"),
    "indicator": (indicators.IndicatorPage, "indicator"), "clusters": (clusters.Clusters, "clusters"),
    "areas": (areas.Areas, "areas"), "area": (areas.AreaPage, "area"), "bodies": (bodies.Bodies, "bodies"),
    "body": (bodies.BodyPage, "body"), "search": (search.Search, "search"), "import": (imports.ImportPage, "import"),
    "events": (events.Events, "events"), "event": (events.EventPage, "event"), "runs": (events.Runs, "runs"),
}  # fmt: skip
# Fields for the JSON of the same context that its page has no place for.
NOT_ON_THE_PAGE = {
    "DocumentPage.here", "DocumentPage.recorded_at", "DocumentPage.folder_digest", "TargetPage.claim_quote",
    "TargetPage.claim_event", "TaskPage.claims", "TaskPage.versions", "IndicatorPage.frequency", "ClusterPage.kind",
    "Clusters.shares", "IndicatorPage.lights", "AreaPage.lights",
    "Targets.options",  # handed to the form beside it
}  # fmt: skip


def address(name: str) -> str:
    made = {
        "document": lambda: [Document.objects.get().digest],
        "target": lambda: [Target.objects.filter(superseded_at=None).first().key],
        "task": lambda: [Task.objects.first().key],
        "indicator": lambda: ["firms"],
        "area": lambda: ["yunchuan"],
        "body": lambda: ["jxw"],
        "event": lambda: [1],
    }
    found = reverse(name, args=made[name]() if name in made else [])
    return found + "?q=" + quote("企业") if name == "search" else found


def views():
    return {pattern.name: pattern for pattern in get_resolver().url_patterns if getattr(pattern, "name", None)}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_answers_with_its_typed_context(admin, accepted, name):
    response = admin.get(address(name))
    assert response.status_code == 200
    context, template = PAGES[name]
    assert type(response.context["page"]) is context
    assert f"web/{template}.html" in [used.name for used in response.templates]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_nothing_inline_and_nothing_from_elsewhere(admin, accepted, name):
    response = admin.get(address(name))
    html = response.content.decode()
    assert not re.search(r"<[^>]+ style=", html)
    assert "<style" not in html
    assert not re.findall(r"<script(?![^>]* src=)", html)
    assert not re.findall(r'(?:src|href|action|hx-get|hx-post)="(?:https?:)?//', html)
    assert not re.search(r'<[^>]+ on[a-z]+="', html)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", PAGES)
def test_a_template_and_its_context_agree(name):
    """What the template asks of `page` is there, and what the context offers is shown or listed as JSON only."""
    context, template = PAGES[name]
    asked = fields_asked(template)
    offered = {field.name for field in dataclasses.fields(context)}
    named = offered | {name for name, kind in vars(context).items() if isinstance(kind, property)}
    assert asked <= named
    unused = {f"{context.__name__}.{field}" for field in offered - asked}
    assert unused <= NOT_ON_THE_PAGE


def fields_asked(template: str, seen: frozenset[str] = frozenset()) -> set[str]:
    text = (TEMPLATES / f"{template}.html").read_text(encoding="utf-8")
    inside = set(re.findall(r'include "web/([\w/]+)\.html"', text)) - seen
    found = set(re.findall(r"\bpage\.(\w+)", re.sub(r'\{% include "[^"]*" with [^%]*%\}', lambda m: m[0], text)))
    for part in inside:
        found |= fields_asked(part, seen | inside)
    return found


def test_no_page_stands_open(client, city):
    for name, pattern in views().items():
        if name in OPEN_TO_STRANGERS:
            continue
        assert hasattr(pattern.callback, "action"), name
        kinds = {kind: type(converter).__name__ for kind, converter in pattern.pattern.converters.items()}
        path = reverse(name, kwargs={kind: 1 if "Int" in converter else "x" for kind, converter in kinds.items()})
        answer = client.post(path)
        assert (answer.status_code, answer.url[:7]) == (302, "/login/"), name


def test_a_reader_reads_and_changes_nothing(sign_in, accepted):
    reader = sign_in("viewer")
    key, claim = Target.objects.first().key, Claim.objects.first().key
    for name in ("overview", "documents", "document", "targets", "target", "tasks", "indicators", "bodies"):
        assert reader.get(address(name)).status_code == 200
    refused = [
        reverse("document-upload"), reverse("claim-decide", args=[claim]), reverse("review-bulk"),
        reverse("target-amend", args=[key]), reverse("target-withdraw", args=[key]),
        reverse("target-split", args=[key]),
        reverse("figure-enter", args=["firms"]), reverse("undo", args=[1]), reverse("import"),
        reverse("comment", args=["target", key]), reverse("target-new"),
    ]  # fmt: skip
    before = Target.objects.count()
    for path in refused:
        assert reader.post(path, {"reason": "x", "decision": "accept"}).status_code == 403, path
    for path in (reverse("review"), reverse("events"), reverse("runs")):
        assert reader.get(path).status_code == 403, path
    assert Target.objects.count() == before


def test_a_generated_password_is_changed_before_anything_else(city, client):
    from jiqun import flows

    password = flows.add_user(city, "wang", "viewer", actor="setup")
    client.post("/login/", {"username": "wang", "password": password})
    assert client.get("/").url == "/password/"
    new = {"old_password": password, "new_password1": "Jiqun-2026-new", "new_password2": "Jiqun-2026-new"}
    assert client.post("/password/", new).url == "/"
    assert client.get("/").status_code == 200


def test_faults_have_pages_for_people(admin, client, accepted):
    missing = admin.get("/targets/none/")
    assert missing.status_code == 404
    assert "没有这个目标" in missing.content.decode()
    assert "找不到这个页面" in admin.get("/nowhere/").content.decode()
    assert admin.get("/documents/zz/").status_code == 404


def test_the_broken_page_asks_the_database_nothing(rf):
    from jiqun.web.views.entrance import broken

    response = broken(rf.get("/"))
    assert response.status_code == 500
    assert "程序出了问题" in response.content.decode()


def test_an_empty_ledger_says_what_to_do(ws, monkeypatch, client):
    from django.contrib.auth import get_user_model

    from jiqun import flows, workspace

    monkeypatch.setattr(workspace, "_opened", ws)
    flows.add_user(ws, "boss", "city_admin", actor="setup", password="correct-horse-9")
    client.force_login(get_user_model().objects.get(), "django.contrib.auth.backends.ModelBackend")
    assert "还没有在册目标" in client.get("/").content.decode()
    for name in (
        "documents",
        "review",
        "targets",
        "tasks",
        "indicators",
        "clusters",
        "areas",
        "bodies",
        "events",
        "runs",
    ):
        assert client.get(reverse(name)).status_code == 200, name


def test_a_page_looks_its_reader_up_once(admin: Client, city: Any) -> None:
    admin.get("/")
    with CaptureQueriesContext(connection) as asked:
        assert admin.get("/").status_code == 200
    assert sum('FROM "ledger_account"' in query["sql"] for query in asked.captured_queries) == 1


def test_a_role_taken_away_is_heard_of_by_the_next_page_and_by_a_write_at_once(admin: Client, city: Any) -> None:
    assert admin.get("/documents/").status_code == 200
    wanted = get_user_model().objects.get(username="city_admin")
    assert access.may(wanted, Action.INGEST)
    Account.objects.filter(user=wanted).update(role=Role.VIEWER)
    assert not access.may(wanted, Action.INGEST), "outside a page nothing is remembered"
    assert admin.post("/documents/upload/", {}).status_code == 403
    assert "只读" in admin.get("/documents/").content.decode()
