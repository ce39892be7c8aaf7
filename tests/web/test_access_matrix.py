"""Every address × every role × GET and POST, held against a table written by hand: not against `ledger.access`.

An address that is not in `NEEDS` fails; so does one whose answer, or whose trace in the ledger, is not as said here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from jiqun.ledger.models import Account, Claim, Document, Event, Run, Target, Task

ROLES = ("city_admin", "city_editor", "department", "district", "respondent", "viewer", "auditor")
NOBODY = ("anonymous", "deactivated", "no_account")

# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────
# action → roles that may; the scope of departments and districts is tested further down
MAY: dict[str, set[str]] = {
    "read": set(ROLES),
    "comment": {"city_admin", "city_editor", "department", "district"},
    "enter_figures": {"city_admin", "city_editor", "department", "district"},
    "split_targets": {"city_admin", "city_editor", "district"},
    "edit_targets": {"city_admin", "city_editor"},
    "keep_items": {"city_admin", "city_editor", "department", "district"},
    "adopt_layouts": {"city_admin", "city_editor"},
    "review": {"city_admin", "city_editor"},
    "ingest": {"city_admin", "city_editor"},
    "suggest": {"city_admin"},
    "import": {"city_admin", "city_editor"},
    "undo": {"city_admin", "city_editor", "department", "district"},
    "adopt_catalogues": {"city_admin", "city_editor"},
    "adopt_chains": {"city_admin", "city_editor"},
    "read_events": {"city_admin", "city_editor", "auditor"},
    "read_firms": {"city_admin", "city_editor", "department", "district"},
    "read_returns": {"city_admin", "city_editor", "department", "district", "respondent"},
    "report": {"department", "district", "respondent"},
    "decide_returns": {"city_admin", "city_editor", "district"},
    "run_rounds": {"city_admin", "city_editor"},
}


@dataclass(frozen=True)
class Needs:
    """What an address asks for; None: it does not take the method."""

    get: str | None = "read"
    post: str | None = None


NEEDS: dict[str, Needs] = {
    "overview": Needs(), "documents": Needs(), "document": Needs(), "document-file": Needs(),
    "document-upload": Needs(None, "ingest"),
    "document-figures": Needs(), "document-figures-xlsx": Needs(), "document-figures-accept": Needs(None, "review"),
    "review": Needs("review"), "review-bulk": Needs("review", "review"), "claim-decide": Needs(None, "review"),
    "review-suggest": Needs(None, "suggest"),
    "undo": Needs(None, "undo"),
    "targets": Needs(), "targets-xlsx": Needs(), "target": Needs(),
    "target-new": Needs("edit_targets", "edit_targets"), "target-amend": Needs(None, "edit_targets"),
    "target-withdraw": Needs(None, "edit_targets"), "target-split": Needs(None, "split_targets"),
    "comment": Needs(None, "comment"),
    "tasks": Needs(), "task": Needs(), "indicators": Needs(), "indicator": Needs(),
    "figure-enter": Needs(None, "enter_figures"),
    "catalogue": Needs(), "catalogue-xlsx": Needs(),
    "catalogue-proposal": Needs("adopt_catalogues", "adopt_catalogues"),
    "catalogue-adopt": Needs(None, "adopt_catalogues"), "catalogue-withdraw": Needs(None, "adopt_catalogues"),
    "chain-tables": Needs(), "chain-xlsx": Needs(), "chain-graphml": Needs(), "chain-csv": Needs(),
    "chain-proposal": Needs("adopt_chains", "adopt_chains"), "chain-proposal-file": Needs("adopt_chains"),
    "chain-adopt": Needs(None, "adopt_chains"), "chain-withdraw": Needs(None, "adopt_chains"),
    "split-key": Needs(), "split-key-state": Needs(None, "adopt_catalogues"),
    "split-key-withdraw": Needs(None, "adopt_catalogues"),
    "chains": Needs(), "chain": Needs(), "chain-link": Needs(), "chain-sketch": Needs(),
    "chain-place": Needs(None, "import"),
    "chain-gaps": Needs(), "chain-gaps-xlsx": Needs(),
    "chain-bottlenecks": Needs(), "chain-bottlenecks-xlsx": Needs(),
    "sdmx": Needs(),
    "dockets": Needs(), "docket": Needs(), "docket-xlsx": Needs(), "item": Needs(),
    "item-new": Needs("keep_items", "keep_items"), "docket-import": Needs("keep_items", "keep_items"),
    "item-edit": Needs("keep_items", "keep_items"), "item-move": Needs(None, "keep_items"),
    "item-withdraw": Needs(None, "keep_items"),
    "clusters": Needs(), "cluster": Needs(), "areas": Needs(), "area": Needs(), "bodies": Needs(), "body": Needs(),
    "firms": Needs("read_firms"), "firms-xlsx": Needs("read_firms"), "firm": Needs("read_firms"),
    "measures": Needs("read_firms"), "measures-xlsx": Needs("read_firms"),
    "gathering": Needs("read_firms"), "gathering-xlsx": Needs("read_firms"), "gathering-csv": Needs("read_firms"),
    "lists": Needs("read_firms"), "list": Needs("read_firms"), "list-xlsx": Needs("read_firms"),
    "list-import": Needs("import", "import"), "list-decide": Needs(None, "import"),
    "list-withdraw": Needs(None, "import"), "due": Needs("read_firms"), "due-xlsx": Needs("read_firms"),
    "counts": Needs("read_firms"), "counts-xlsx": Needs("read_firms"), "counts-count": Needs(None, "import"),
    "counts-record": Needs(None, "import"),
    "firms-import": Needs("import", "import"), "firms-classify": Needs(None, "import"), "work": Needs("import"),
    "snapshot-withdraw": Needs(None, "import"),
    "snapshot": Needs("read_firms"), "snapshot-xlsx": Needs("read_firms"), "changes": Needs("read_firms"),
    "changes-xlsx": Needs("read_firms"), "twins": Needs("read_firms"), "twins-xlsx": Needs("read_firms"),
    "twins-decide": Needs(None, "import"),
    "subsidies": Needs("read_firms"), "subsidy": Needs("read_firms"), "subsidy-xlsx": Needs("read_firms"),
    "tier-pipeline": Needs("read_firms"), "tier-pipeline-xlsx": Needs("read_firms"),
    "tier-candidates": Needs("read_firms"), "tier-candidates-xlsx": Needs("read_firms"),
    "tier-candidates-admit": Needs(None, "import"),
    "tiers": Needs(), "tier": Needs(), "tier-near": Needs("read_firms"), "tier-near-xlsx": Needs("read_firms"),
    "tier-what-if": Needs("read_firms"), "tier-cluster": Needs(),
    "rounds": Needs("read_returns"), "round-open": Needs(None, "run_rounds"),
    "rounds-calendar": Needs(None, "run_rounds"), "round": Needs("read_returns"),
    "round-reminders": Needs("read_returns"),
    "round-totals": Needs("read_returns"), "round-totals-xlsx": Needs("read_returns"),
    "round-growth": Needs("read_returns"), "round-growth-xlsx": Needs("read_returns"),
    "round-derived": Needs("read_returns"), "round-derived-xlsx": Needs("read_returns"),
    "round-release": Needs("read_returns"), "round-release-xlsx": Needs("read_returns"),
    "round-doubts": Needs("read_returns"), "round-doubts-xlsx": Needs("read_returns"),
    "round-publish": Needs(None, "run_rounds"), "round-lock": Needs(None, "run_rounds"),
    "round-extend": Needs(None, "run_rounds"), "round-decide": Needs(None, "decide_returns"),
    "return": Needs("read_returns"), "return-draft": Needs(None, "report"), "return-check": Needs(None, "report"),
    "return-submit": Needs(None, "report"), "return-recall": Needs(None, "report"),
    "return-decide": Needs(None, "decide_returns"), "return-grid": Needs("read_returns"),
    "return-upload": Needs(None, "report"),
    "layouts": Needs(), "layout": Needs(), "layout-xlsx": Needs(),
    "layout-adopt": Needs(None, "adopt_layouts"),
    "search": Needs(), "import": Needs("import", "import"),
    "events": Needs("read_events"), "event": Needs("read_events"), "runs": Needs("read_events"),
    "as-of": Needs(), "password": Needs("read", "read"),
    "login": Needs("anyone", "anyone"), "logout": Needs(None, "anyone"), "language": Needs(None, "anyone"),
    "api:openapi-json": Needs(), "api:openapi-view": Needs(), "api:api-root": Needs(),
    "api:get_overview": Needs(), "api:get_documents": Needs(), "api:get_document": Needs(),
    "api:get_review": Needs("review"), "api:get_targets": Needs(), "api:get_target": Needs(),
    "api:get_tasks": Needs(), "api:get_task": Needs(), "api:get_indicators": Needs(), "api:get_indicator": Needs(),
    "api:get_clusters": Needs(), "api:get_cluster": Needs(), "api:get_areas": Needs(), "api:get_area": Needs(),
    "api:get_layouts": Needs(), "api:get_layout": Needs(),
    "api:get_dockets": Needs(), "api:get_docket": Needs(), "api:get_item": Needs(),
    "api:get_bodies": Needs(), "api:get_body": Needs(), "api:get_search": Needs(),
    "api:get_events": Needs("read_events"), "api:get_runs": Needs("read_events"),
}  # fmt: skip
# the invented city has none of these: allowed readers hear 404 (its register is in test_firms.py)
MISSING = {
    **dict.fromkeys(("chain-tables", "chain-xlsx", "chain-graphml", "chain-csv", "chain-withdraw"), "none"),
    "catalogue": "none", "catalogue-xlsx": "none", "catalogue-withdraw": "none",
    "cluster": "no-such-cluster", "firm": "91329900MA00000000", "tier": "none", "tier-near": "none",
    "tier-near-xlsx": "none", "tier-what-if": "none", "tier-cluster": "none", "list": "hnte.recognised.2023.1",
    "list-xlsx": "hnte.recognised.2023.1", "list-decide": "hnte.recognised.2023.1",
    "list-withdraw": "hnte.recognised.2023.1", "tier-pipeline": "none", "tier-pipeline-xlsx": "none",
    "tier-candidates": "none", "tier-candidates-xlsx": "none", "tier-candidates-admit": "none", "subsidy": "none",
    "snapshot": "2023-07-01", "snapshot-xlsx": "2023-07-01", "snapshot-withdraw": "2023-07-01",
    "subsidy-xlsx": "none", **dict.fromkeys(
        ("round", "round-totals", "round-totals-xlsx", "round-growth", "round-growth-xlsx", "round-publish",
         "round-derived", "round-derived-xlsx", "round-release", "round-release-xlsx", "round-doubts",
         "round-doubts-xlsx", "round-reminders", "round-lock", "round-extend", "round-decide"),
        "none|2026M1",
    ), **dict.fromkeys(
        ("return", "return-draft", "return-check", "return-submit", "return-recall", "return-decide", "return-grid",
         "return-upload"), "none|2026M1|F1"
    ), **dict.fromkeys(("docket", "docket-xlsx", "item-new", "docket-import"), "none"),
    **dict.fromkeys(("item", "item-edit", "item-move", "item-withdraw"), "none|A-2026-001"),
    "layout": "none", "layout-xlsx": "none", "layout-adopt": "none", "chain": "none", "chain-sketch": "none",
}  # fmt: skip
# without a register these say what to do to whoever looks, and are missing to a POST
NOTHING_YET = {
    "changes",
    "counts",
    "due",
    "firm",
    "firms",
    "gathering",
    "list",
    "lists",
    "snapshot",
    "subsidies",
    "subsidy",
    "tier-candidates",
    "tier-near",
    "tier-pipeline",
    "tier-what-if",
    "twins",
}
EMPTY = {
    "firms-xlsx",
    "chain-link",
    "split-key",
    "split-key-state",
    "split-key-withdraw",
    "twins-xlsx",
    "catalogue-proposal",
    "chain-proposal-file",
    "measures-xlsx",
    "gathering-xlsx",
    "gathering-csv",
    "changes-xlsx",
    "due-xlsx",
    "counts-xlsx",
    *MISSING,
} - {"firm", "list", "snapshot", "subsidy", "tier-near", "tier-what-if", "tier-pipeline", "tier-candidates"}
# those of the last line say that there is no register yet, and what to do


# ── every address of the urlconf ────────────────────────────────────────────────────────────────────────────


def walk(patterns: list[Any], space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}", pattern


ADDRESSES = dict(walk(get_resolver().url_patterns))


def test_every_address_has_a_line_in_the_table() -> None:
    assert set(ADDRESSES) == set(NEEDS)
    assert not [name for name in ADDRESSES if name.endswith("None")], "an address without a name"


def test_every_operation_of_the_api_is_an_address_of_the_table() -> None:
    from jiqun.web.api import api

    ids = {
        f"api:{operation['operationId'].rsplit('_', 1)[-1]}": (path, method)
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }
    assert {method for _, method in ids.values()} == {"get"}, "the API writes nothing"
    assert sum(name.startswith("api:get_") for name in NEEDS) == len(ids)


@dataclass(frozen=True)
class Things:
    """One of each that an address can be about: a target of the district, a task of the department."""

    document: str
    claim: str
    target: str
    task: str
    event: int


@pytest.fixture
def things(accepted: Any) -> Things:
    from jiqun import flows

    fields = {
        "title": "规上企业", "indicator_id": "firms", "area_id": "dong", "body_ids": ["kjj"], "value_text": "100",
        "unit": "家", "measure": "level", "comparator": "ge", "period": "2027",
    }  # fmt: skip
    target = flows.add_target(accepted, fields, actor="zhang", reason="测试")
    claim = Claim.objects.filter(superseded_at=None).first()
    Run.objects.create(kind="reextract", actor="zhang", folder_digest="0", created_at=accepted.clock())
    return Things(
        Document.objects.get().digest, claim.key, target.key, Task.objects.filter(superseded_at=None).first().key, 1
    )


def path_of(name: str, things: Things) -> str:
    plain = name.removeprefix("api:get_").removeprefix("api:")
    ids: dict[str, Any] = {
        "document": things.document, "document-file": things.document, "document-figures": things.document,
        "document-figures-xlsx": things.document, "document-figures-accept": things.document,
        "claim-decide": things.claim,
        "undo": things.event, "event": things.event, "target": things.target, "target-amend": things.target,
        "target-withdraw": things.target, "target-split": things.target, "task": things.task, "indicator": "firms",
        "figure-enter": "firms", "sdmx": "figures.csv", "area": "dong", "body": "kjj", "work": "none", **MISSING,
    }  # fmt: skip
    if name == "comment":
        return reverse(name, args=["target", things.target])
    if name == "chain-link" or name.startswith("split-key"):
        return reverse(name, args=["none"] * (2 if name == "chain-link" else 3))
    path = reverse(name, args=[ids[plain]] if plain in ids else [])
    if name == "as-of":
        return path + "?as_of=today"
    return path + "?q=x" if plain == "search" else path


@pytest.fixture
def enter(city: Any) -> Callable[[str], Client]:
    """A browser of somebody of that role: a department kjj, a district dong."""
    from django.contrib.auth import get_user_model

    from jiqun import flows

    def entered(who: str) -> Client:
        client = Client()
        if who == "anonymous":
            return client
        scope = {
            "department": {"body_id": "kjj"}, "district": {"area_id": "dong"},
            "respondent": {"respondent_id": "91329900MA00000000"},
        }.get(who, {})  # fmt: skip
        role = who if who in ROLES else "city_admin"
        flows.add_user(city, who, role, actor="setup", password="correct-horse-9", **scope)
        user = get_user_model().objects.get(username=who)
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        if who == "deactivated":
            user.is_active = False
            user.save()
        if who == "no_account":
            Account.objects.filter(user=user).delete()
        return client

    return entered


def what_came(answer: Any) -> str:
    """The answer in the words of the table."""
    if answer.streaming:
        b"".join(answer.streaming_content)  # read to its end, the file is closed
    if answer.status_code in (301, 302):
        return "log_in" if answer.url.startswith("/login/") else "sent_on"
    return {401: "log_in", 403: "refused", 405: "not_so", 404: "missing", 200: "shown"}.get(
        answer.status_code, str(answer.status_code)
    )


def expected(name: str, who: str, action: str | None) -> set[str]:
    """What may come: one of these."""
    if action == "anyone":
        return {"shown", "sent_on", "log_in"}
    if who in ("anonymous", "deactivated"):
        return {"not_so"} if NEEDS[name].post == "anyone" else {"log_in"}
    if action is None:
        return {"not_so"}
    if who == "no_account" or who not in MAY[action]:
        return {"refused"}
    if name in (*EMPTY, "api:api-root", *(f"api:get_{kind}" for kind in ("cluster", "layout", "docket", "item"))):
        return {"missing"}
    return {"shown"}


@pytest.mark.parametrize("who", [*ROLES, *NOBODY])
def test_reading(enter: Callable[[str], Client], things: Things, who: str) -> None:
    client = enter(who)
    before, wrong = Event.objects.count(), []
    for name, needs in NEEDS.items():
        answer = client.get(path_of(name, things))
        allowed = expected(name, who, needs.get)
        if name == "as-of" and "shown" in allowed:
            allowed = {"sent_on"}
        if who == "no_account" and name in ("api:openapi-json", "api:openapi-view", "api:api-root"):
            allowed = {"shown", "missing"}  # describes addresses, shows nothing of the ledger
        if what_came(answer) not in allowed:
            wrong.append((name, answer.status_code, sorted(allowed)))
        if name.startswith("api:") and who in ("anonymous", "deactivated") and name != "api:openapi-view":
            assert answer.status_code == 401, name
            assert answer.json()["error"]["code"] == "not_signed_in"
    assert wrong == []
    assert Event.objects.count() == before, "reading left an event"


# a POST that would do something, if it were let
FILLED = {
    "decision": "reject", "reason": "测试", "confidence": "1", "text": "意见", "part-dong": "100",
    "indicator_pick": "firms", "comparator": "ge", "value_text": "5", "unit": "家", "measure": "level",
    "period": "2025", "area_id": "dong",
    "title": "t", "source_title": "s", "bodies_pick": "",
}  # fmt: skip


@pytest.mark.parametrize("who", [*ROLES, *NOBODY])
def test_a_post_without_the_right_is_refused_and_changes_nothing(
    enter: Callable[[str], Client], things: Things, who: str
) -> None:
    client, before, wrong = enter(who), Event.objects.count(), []
    for name, needs in NEEDS.items():
        if needs.post == "anyone" or (needs.post and who in MAY[needs.post]):
            continue
        answer = client.post(path_of(name, things), FILLED)
        allowed = expected(name, who, needs.post)
        if needs.post is None and who in ROLES:  # a page that only shows may answer as it does for GET
            allowed = allowed | expected(name, who, needs.get) | ({"sent_on"} if name == "as-of" else set())
            allowed = allowed | ({"missing"} if name in NOTHING_YET else set())
        if who == "no_account":
            allowed = allowed | {"refused"} | ({"shown", "missing"} if name.startswith("api:") else set())
        came = what_came(answer)
        if came not in allowed:
            wrong.append((name, answer.status_code, sorted(allowed)))
        assert Event.objects.count() == before, name
    assert wrong == []


@pytest.mark.parametrize("who", ROLES)
def test_a_post_with_the_right_is_not_refused_for_the_role(
    enter: Callable[[str], Client], things: Things, who: str
) -> None:
    client = enter(who)
    for name, needs in NEEDS.items():
        if needs.post not in MAY or who not in MAY[needs.post] or name == "password":
            continue
        answer = client.post(path_of(name, things), {"version": "999", "area_id": "dong"})  # too little to be done
        own_event_only = name == "undo" and who in ("department", "district")
        assert (answer.status_code == 403) is own_event_only, (name, answer.status_code)
        assert what_came(answer) != "log_in", name


# ── scope ───────────────────────────────────────────────────────────────────────────────────────────────────


def add_target(ws: Any, area: str, body: str) -> Target:
    from jiqun import flows

    return flows.add_target(
        ws,
        {"indicator_id": "firms", "area_id": area, "body_ids": [body], "value_text": "10", "unit": "家",
         "measure": "level", "comparator": "ge", "period": "2027", "title": f"{area}的目标"},
        actor="zhang", reason="测试",
    )  # fmt: skip


def test_a_district_splits_its_own_target_only_and_among_its_own(enter: Any, accepted: Any) -> None:
    own, other = add_target(accepted, "dong", "kjj"), add_target(accepted, "xi", "kjj")
    district = enter("district")
    before = Event.objects.count()
    for key, parts in (
        (other.key, {"part-xi": "10"}),
        (other.key, {"part-dong": "10"}),
        (own.key, {"part-xi": "10"}),  # its own target, somebody else's burden
        (own.key, {"part-dong": "5", "part-xi": "5"}),
    ):
        answer = district.post(reverse("target-split", args=[key]), {"reason": "测试", **parts})
        assert answer.status_code == 403, (key, parts)
    assert Event.objects.count() == before
    done = district.post(reverse("target-split", args=[own.key]), {"reason": "测试", "part-dong": "10"})
    assert done.status_code == 302
    assert Target.objects.filter(parent_key=own.key, area_id="dong").exists()


def test_comments_go_to_own_matters_only(enter: Any, accepted: Any) -> None:
    dongs_kjj, xis_gxj = add_target(accepted, "dong", "kjj"), add_target(accepted, "xi", "gxj")
    for who in ("department", "district"):
        client = enter(who)
        assert client.post(reverse("comment", args=["target", dongs_kjj.key]), {"text": "好"}).status_code == 302
        assert client.post(reverse("comment", args=["target", xis_gxj.key]), {"text": "好"}).status_code == 403


def test_a_district_enters_figures_of_its_own_area_only(enter: Any, accepted: Any) -> None:
    district, before = enter("district"), Event.objects.count()
    figure = {"period": "2025", "value_text": "7", "unit": "家", "value_kind": "exact", "source_title": "月报"}
    for area in ("xi", "yunchuan", ""):
        answer = district.post(reverse("figure-enter", args=["firms"]), {**figure, "area_id": area})
        assert answer.status_code == 403, area
    assert Event.objects.count() == before
    assert district.post(reverse("figure-enter", args=["firms"]), {**figure, "area_id": "dong"}).status_code == 302


def test_undo_of_another_s_event_is_refused_and_of_an_own_one_done(enter: Any, accepted: Any) -> None:
    department = enter("department")
    figure = {"period": "2025", "value_text": "7", "area_id": "dong", "source_title": "月报"}
    department.post(reverse("figure-enter", args=["firms"]), figure)
    own = Event.objects.latest("sequence")
    assert own.actor == "department"
    others = Event.objects.exclude(actor="department").latest("sequence")
    assert department.post(reverse("undo", args=[others.sequence])).status_code == 403
    assert Event.objects.latest("sequence") == own
    answer = department.post(reverse("undo", args=[own.sequence]), follow=True)
    assert Event.objects.latest("sequence").action == "event.undone"
    assert answer.status_code == 200, "sent to a page that it may see"


def test_readers_see_accepted_claims_only(enter: Any, city: Any, claim_of: Any) -> None:
    waiting = claim_of("300")
    for who in ("viewer", "department", "district"):
        client = enter(who)
        html = client.get(reverse("document", args=[waiting.document.digest])).content.decode()
        assert '<mark class="is-proposed' not in html
        answered = client.get(reverse("api:get_document", args=[waiting.document.digest])).content.decode()
        assert waiting.key not in answered
        assert not re.search(r"/review/", html)


def test_a_generated_password_opens_nothing(enter: Callable[[str], Client], things: Things) -> None:
    client = enter("city_admin")
    Account.objects.update(must_change_password=True)
    before = Event.objects.count()
    for name in NEEDS.keys() - {"login", "logout", "language", "password"}:
        for answer in (client.get(path_of(name, things)), client.post(path_of(name, things), FILLED)):
            if name.startswith("api:") and name != "api:openapi-view":
                assert (answer.status_code, answer.json()["error"]["message"]) == (403, "请先在网页上修改初始密码")
            else:
                assert (answer.status_code, answer.url) == (302, "/password/"), name
    assert Event.objects.count() == before
