"""A document comes in once, whole, and never takes a person's decision away."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from jiqun import flows
from jiqun.flows import intake
from jiqun.ledger import chain, store
from jiqun.ledger.models import Claim, Document, Event, Run, Task
from jiqun.ledger.structure import document_of
from jiqun.model.errors import InputRefused, NotFound
from jiqun.workspace import Workspace


def test_a_plan_becomes_a_document_with_claims_and_tasks(ws: Workspace, plan: str) -> None:
    document = Document.objects.get()
    assert (document.title, document.issuer, document.known_on, document.is_restatement) == (
        "云川市高新技术产业行动计划", "云川市人民政府", date(2022, 1, 10), True,
    )  # fmt: skip
    claims = {claim.value_text: claim for claim in document.claims.all()}
    assert {value: claim.state for value, claim in claims.items()} == dict.fromkeys(
        ("1200", "1000", "50", "300", "12"), "proposed"
    )
    assert (claims["300"].bodies, claims["300"].body_ids) == (["市经信委", "市科技局"], ["jxw", "kjj"])
    assert {claim.known_on for claim in claims.values()} == {date(2022, 1, 10)}
    assert [task.title for task in Task.objects.order_by("start")] == ["培育高新技术企业", "建设创新平台"]
    assert list(Event.objects.values_list("action", "subject_key")) == [("document.ingested", plan)]
    assert chain.verify().is_whole


def test_a_claims_key_is_the_place_of_its_number_in_the_original(ws: Workspace, plan: str) -> None:
    for claim in Claim.objects.select_related("document"):
        assert claim.key == f"{plan}:{claim.number_start}-{claim.number_end}"
        assert claim.document.original[claim.number_start : claim.number_end].startswith(claim.value_text)


def test_the_original_is_kept_under_its_digest(ws: Workspace, plan: str) -> None:
    kept = ws.files / plan
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == plan
    assert [file.name for file in ws.files.iterdir()] == [plan]


def test_the_folder_is_kept_as_it_was(ws: Workspace, plan: str) -> None:
    kept = ws.path / "folders" / ws.city.digest / "yunchuan" / "city.yaml"
    assert "云川市" in kept.read_text("utf-8")
    assert Document.objects.get().folder_digest == ws.city.digest


def test_what_was_read_can_be_had_again(ws: Workspace, plan: str) -> None:
    from jiqun import documents

    listed = ws.city.documents[0]
    read = documents.read(ws.city.read(f"documents/{listed.file}"), listed.file)
    again = document_of(Document.objects.get())
    assert replace(again, header=read.header) == read


def test_the_same_file_again_changes_nothing_and_says_so(ws: Workspace, plan: str) -> None:
    head = chain.head()
    again = flows.ingest(ws, ws.city.read("documents/plan.txt"), name="renamed.txt", actor="li")
    assert (again.is_new, again.digest, again.claims) == (False, plan, 5)
    assert chain.head() == head


def test_a_document_without_a_date_is_known_from_the_day_it_came_in(ws: Workspace) -> None:
    done = flows.ingest(
        ws, "关于企业的通知\n\n到2025年，全市高新技术企业达到900家。\n".encode(), name="a.txt", actor="li"
    )
    document = Document.objects.get(digest=done.digest)
    assert (document.issued_on, document.known_on) == (None, date(2026, 1, 5))
    assert done.claims == 1


def test_a_file_that_is_no_document_is_refused_and_leaves_nothing(ws: Workspace) -> None:
    with pytest.raises(InputRefused):
        flows.ingest(ws, b"\x00\x01\x02\x03" * 100, name="a.bin", actor="li")
    assert chain.head()[0] == 0
    assert list(ws.files.iterdir()) == []


def test_a_file_that_is_not_there_is_not_found(ws: Workspace) -> None:
    with pytest.raises((NotFound, InputRefused)):
        flows.ingest(ws, ws.path / "nothing.txt", actor="li")


def _with_alias(ws: Workspace, alias: str) -> Workspace:
    """The workspace after its folder learnt another word for an indicator."""
    firms = ws.city.indicators["firms"]
    named = firms.model_copy(update={"aliases": (*firms.aliases, alias)})
    indicators = {**ws.city.indicators, "firms": named}
    return replace(ws, city=replace(ws.city, indicators=indicators, digest="0" * 64))


def test_reextraction_renews_what_nobody_decided(ws: Workspace, plan: str) -> None:
    before = Claim.objects.get(value_text="12")
    assert before.indicator_id is None
    result = flows.reextract(_with_alias(ws, "概念验证中心"), plan, actor="li")
    assert result.renewed == (before.key,)
    assert (result.added, result.proposed, result.gone) == ((), {}, ())
    assert store.current(Claim, before.key).indicator_id == "firms"
    run = Run.objects.get()
    assert (run.state, run.kind, run.folder_digest) == ("done", "reextract", "0" * 64)


def test_reextraction_never_touches_a_decision(ws: Workspace, plan: str) -> None:
    before = Claim.objects.get(value_text="12")
    flows.decide_claim(ws, before.key, "reject", actor="zhang")
    result = flows.reextract(_with_alias(ws, "概念验证中心"), plan, actor="li")
    assert result.renewed == ()
    assert result.proposed == {before.key: {"indicator_id": (None, "firms")}}
    after = store.current(Claim, before.key)
    assert (after.state, after.indicator_id, after.actor) == ("rejected", None, "zhang")
    assert Run.objects.get().result["proposed"] == {before.key: {"indicator_id": [None, "firms"]}}


def test_a_number_read_wider_is_the_same_claim(ws: Workspace, plan: str) -> None:
    """As if an earlier extraction had taken 300家 for the number, and a person had decided on it."""
    old = Claim.objects.get(value_text="300")
    end = old.number_end
    wide = {f.attname: getattr(old, f.attname) for f in Claim._meta.concrete_fields if f.attname != "id"}
    other = f"{plan}:{old.number_start}-{end + 1}"
    twin = Claim(**wide | {"key": other, "number_end": end + 1, "state": "rejected"})
    found = intake._rekeyed({old.key: old}, {other: twin})
    assert list(found) == [other]
    assert found[other].number_end == end + 1


def test_reextraction_that_finds_the_same_writes_nothing(ws: Workspace, plan: str) -> None:
    head = chain.head()
    flows.reextract(ws, plan, actor="li")
    assert chain.head() == head
