"""The JSON: the pages' own contexts, one shape for everything that goes wrong, documentation from this machine."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from jiqun.ledger.models import Target, Task
from jiqun.web.api import api

SHAPE = {"ok", "error", "status"}


def endpoints() -> list[str]:
    return sorted(api.get_openapi_schema()["paths"])


def filled(path: str) -> str:
    """The address with ids that are in the ledger."""
    known = {
        "/api/documents/{digest}": lambda: (
            __import__("jiqun.ledger.models", fromlist=["Document"]).Document.objects.get().digest
        ),
        "/api/targets/{key}": lambda: Target.objects.first().key,
        "/api/tasks/{key}": lambda: Task.objects.first().key,
        "/api/indicators/{key}": lambda: "firms",
        "/api/areas/{key}": lambda: "dong",
        "/api/bodies/{key}": lambda: "kjj",
    }
    found = re.sub(r"\{\w+\}", lambda _: quote(known[path](), safe=""), path) if path in known else path
    return found + "?q=" + quote("企业") if path == "/api/search" else found


@pytest.mark.parametrize("path", endpoints())
def test_strangers_are_refused_in_one_shape(client, city, path):
    answer = client.get(re.sub(r"\{\w+\}", "x", path))
    assert answer.status_code == 401
    assert set(answer.json()) == SHAPE
    assert answer.json()["error"] == {"code": "not_signed_in", "message": "请先登录"}


NOT_IN_THE_CITY = ("/clusters/", "/layouts/", "/dockets/", "/items/")


@pytest.mark.parametrize("path", [path for path in endpoints() if not any(kind in path for kind in NOT_IN_THE_CITY)])
def test_every_endpoint_answers(admin, accepted, path):
    answer = admin.get(filled(path))
    assert answer.status_code == 200, answer.content[:300]
    assert answer.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("path", [path for path in endpoints() if "{" in path])
def test_what_is_not_there_is_said_in_one_shape(admin, accepted, path):
    answer = admin.get(re.sub(r"\{\w+\}", "none", path))
    body = answer.json()
    assert (answer.status_code, set(body), body["ok"], body["status"]) == (404, SHAPE, False, 404)
    assert body["error"]["code"] == "not_found"


def test_bad_parameters_and_wrong_roles_have_the_same_shape(admin, sign_in, accepted):
    bad = admin.get("/api/targets?page=first")
    assert (bad.status_code, set(bad.json())) == (422, SHAPE)
    viewer = sign_in("viewer")
    refused = viewer.get("/api/review")
    assert (refused.status_code, set(refused.json()), refused.json()["error"]["code"]) == (403, SHAPE, "forbidden")


def test_a_day_asked_of_the_api_is_for_that_answer_only(admin, accepted):
    admin.get("/?as_of=today")
    assert admin.get("/api/targets?as_of=1999-01-01").json()["paging"]["total"] == 0
    assert admin.get("/targets/").context["page"].paging.total > 0
    assert admin.get("/api/targets?as_of=soon").status_code == 400


def test_a_first_password_opens_no_data(city, client):
    from jiqun import flows

    password = flows.add_user(city, "wang", "viewer", actor="setup")
    client.post("/login/", {"username": "wang", "password": password})
    assert client.get("/api/targets").status_code == 403


def test_json_and_page_say_the_same(admin, accepted):
    page = admin.get("/targets/").context["page"]
    told = admin.get("/api/targets").json()
    assert [row["key"] for row in told["rows"]] == [row.key for row in page.rows]
    assert [row["judged"]["light"] for row in told["rows"]] == [str(row.judged.light) for row in page.rows]


def test_the_documentation_is_served_from_here(admin, accepted):
    html = admin.get("/api/docs").content.decode()
    assert "swagger-ui" in html
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', html)


def test_the_schema_describes_the_contexts(admin, accepted):
    schema = admin.get("/api/openapi.json").json()
    assert "TargetPage" in schema["components"]["schemas"]
