"""On the page: a suggestion is marked as one, and no text leaves the machine before a person has agreed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jiqun import flows
from jiqun.flows import endpoint
from jiqun.ledger.models import Claim, Run
from tests.flows.model_server import Model, say

TEXT = "云川市扶持办法\n\n对入选名录的企业，给予不低于8000万元奖励。\n"
POINTER = {"quote": "给予不低于8000万元奖励", "number": "8000万元", "indicator": "奖励"}


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv(endpoint.KEY_VARIABLE, raising=False)


@pytest.fixture
def digest(city):
    return flows.ingest(city, TEXT.encode(), name="a.txt", actor="zhang").digest


@pytest.fixture
def configure(city):
    def write(address: str, name: str = "stand-in") -> None:
        with (city.path / "workspace.yaml").open("a", encoding="utf-8") as out:
            out.write(f"model:\n  endpoint: {address}\n  name: {name}\n")

    return write


def test_without_a_model_the_page_offers_none(admin, digest):
    html = admin.get("/review/").content.decode()
    assert 'id="suggest"' not in html
    assert admin.post(reverse("review-suggest"), {"document": digest}).status_code == 404


def test_a_suggestion_is_asked_for_shown_as_one_and_filtered(admin, digest, configure):
    with Model(say(POINTER)) as model:
        configure(model.address)
        page = admin.get("/review/").content.decode()
        assert "文字不离开本机" in page
        assert "may_leave" not in page
        answer = admin.post(reverse("review-suggest"), {"document": digest, "reason": "补漏"}, follow=True)
    html = answer.content.decode()
    assert "模型看了 1 段（共 1 段），新增建议 1 条，舍去 0 条。" in html
    (row,) = answer.context["page"].rows
    assert (row.suggested_by, row.quote) == ("stand-in", "给予不低于8000万元奖励")
    assert html.count('<span class="tag tag--warn">模型建议</span>') == 2, "in the queue and beside the sentence"
    rules = admin.get("/review/", {"origin": "rules", "state": "all"}).context["page"].rows
    assert rules
    assert {row.suggested_by for row in rules} == {""}


def test_the_page_says_when_text_will_leave_and_wants_a_yes(admin, digest, configure):
    configure("https://model.example.com/v1")
    html = admin.get("/review/").content.decode()
    assert "文件中的文字将离开本机，发送到 model.example.com（模型 stand-in）。" in html
    assert 'name="may_leave" required' in html
    refused = admin.post(reverse("review-suggest"), {"document": digest})
    assert refused.status_code == 400
    assert "将离开本机" in refused.content.decode()
    assert not Run.objects.exists()


def test_a_bad_setting_is_told_in_its_place(admin, digest, configure):
    configure("ftp://model.example.com")
    html = admin.get("/review/").content.decode()
    assert "model.endpoint 应形如" in html
    assert 'action="/review/suggest/"' not in html


def test_who_may_not_ask_does_not_see_the_offer(sign_in, digest, configure):
    configure("https://model.example.com/v1")
    editor = sign_in("city_editor")
    assert "model.example.com" not in editor.get("/review/").content.decode()
    assert editor.post(reverse("review-suggest"), {"document": digest, "may_leave": "on"}).status_code == 403


def test_a_model_that_fails_is_a_page_for_a_person(admin, digest, configure):
    with Model(say()) as model:
        configure(model.address)
    answer = admin.post(reverse("review-suggest"), {"document": digest})
    assert answer.status_code == 503
    assert "连不上" in answer.content.decode()


def test_the_name_of_a_model_is_shown_as_text(admin, digest, configure):
    with Model(say(POINTER)) as model:
        configure(model.address, name="<b>m</b>")
        html = admin.post(reverse("review-suggest"), {"document": digest}, follow=True).content.decode()
    assert "<b>m</b>" not in html
    assert "&lt;b&gt;m&lt;/b&gt;" in html


def test_bulk_acceptance_counts_and_takes_no_suggestion(admin, digest, configure):
    with Model(say(POINTER)) as model:
        configure(model.address)
        admin.post(reverse("review-suggest"), {"document": digest})
    admin.post(reverse("review-bulk"), {"confidence": "1", "reason": "批量"})
    assert Claim.objects.get(suggested_by="stand-in", superseded_at=None).state == "proposed"
