"""The review desk: what a click does to the ledger, with and without scripts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jiqun.ledger.models import Claim, Event, Target
from jiqun.reports.claims import ACCEPT_FROM_PCT


def decide(client, claim, decision, **more):
    data = {"decision": decision, "version": claim.version, "next_key": "", **more}
    headers = {"HX-Request": "true", "HX-Target": "desk"} if more.pop("htmx", False) else {}
    data.pop("htmx", None)
    return client.post(reverse("claim-decide", args=[claim.key]), data, headers=headers)


def correction(claim, **changes):
    """The form as it stands, with some of it changed."""
    return {
        "kind": claim.kind, "comparator": claim.comparator, "value_text": claim.value_text, "unit": claim.unit,
        "measure": claim.measure, "period": claim.period, "area_id": claim.area_id or "", "bodies_pick": "",
        "indicator_pick": "高新技术企业数", "reason": "核对原文",
    } | changes  # fmt: skip


def test_the_sentence_is_shown_with_its_number_marked(admin, claim_of):
    claim = claim_of("300")
    html = admin.get("/review/", {"claim": claim.key}).content.decode()
    assert '<mark class="is-proposed is-number is-here">' in html
    assert "壮大企业" in html  # the heading before it, for context


def test_accepting_makes_a_target_and_brings_the_next(admin, claim_of):
    claim = claim_of("300")
    others = [row.key for row in admin.get("/review/").context["page"].rows if row.key != claim.key]
    answer = decide(admin, claim, "accept", next_key=others[0])
    assert answer.status_code == 302
    assert admin.get(answer.url).context["page"].detail.row.key == others[0]
    assert Target.objects.filter(key=f"t:{claim.key}", superseded_at=None, state="active").exists()


def test_with_htmx_only_the_desk_comes_back(admin, claim_of):
    answer = decide(admin, claim_of("300"), "accept", htmx=True)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert "queue" in answer.content.decode()
    assert 'id="waiting" hx-swap-oob="true"' in answer.content.decode()  # the number in the navigation follows


def test_a_correction_is_kept_with_its_reason(admin, claim_of):
    claim = claim_of("12")
    assert (
        decide(admin, claim, "correct", **correction(claim, value_text="15", bodies_pick="市科技局")).status_code == 302
    )
    after = claim_of("15")
    assert (after.state, after.indicator_id, after.body_ids, after.reason) == ("accepted", "firms", ["kjj"], "核对原文")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("indicator_pick", "没有的指标", "资料夹中没有这个指标"),
        ("bodies_pick", "市天文局", "资料夹中没有机构"),
        ("value_text", "许多", "不是数"),
        ("reason", " ", "没有写明理由"),
    ],
)
def test_a_correction_with_faults_changes_nothing(admin, claim_of, field, value, said):
    claim = claim_of("12")
    answer = decide(admin, claim, "correct", **correction(claim, **{field: value}))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert claim_of("12").version == claim.version


def test_rejecting_needs_a_reason(admin, claim_of):
    assert decide(admin, claim_of("300"), "reject").status_code == 422
    assert decide(admin, claim_of("300"), "reject", reason="是举例").status_code == 302
    assert claim_of("300").state == "rejected"


def test_two_people_at_one_claim_are_told(admin, claim_of):
    claim = claim_of("300")
    decide(admin, claim, "accept")
    answer = decide(admin, claim, "reject", reason="迟了一步")
    assert answer.status_code == 409
    assert "刚被他人处理" in answer.content.decode()


def test_undo_puts_the_claim_back(admin, claim_of):
    claim = claim_of("300")
    decide(admin, claim, "accept")
    event = Event.objects.latest("sequence").sequence
    admin.post(reverse("undo", args=[event]), {"claim": claim.key})
    assert claim_of("300").state == "proposed"
    assert not Target.objects.filter(key=f"t:{claim.key}", superseded_at=None, state="active").exists()


def test_the_desk_says_what_speaks_against_a_claim(admin, claim_of):
    claim = claim_of("12")
    assert "link_none" in claim.doubts
    html = admin.get("/review/", {"claim": claim.key}).content.decode()
    assert f'{round(claim.confidence * 100)}% <span class="small muted">' in html
    assert "未对应指标" in html
    assert claim_of("1000").doubts == []
    admin.post("/language/", {"language": "en", "next": "/"})
    assert '<span class="small muted">No indicator' in admin.get("/review/", {"claim": claim.key}).content.decode()


def test_the_line_of_bulk_acceptance_is_the_measured_one(admin, plan):
    html = admin.get("/review/").content.decode()
    assert f'<option value="{ACCEPT_FROM_PCT}" selected>' in html


def test_many_are_accepted_by_one_event_after_a_preview(admin, plan):
    count = admin.get("/review/bulk/?confidence=1").content.decode()
    waiting = Claim.objects.filter(superseded_at=None, state="proposed").count()
    assert f"<strong>{waiting}</strong>" in count
    before = Event.objects.count()
    admin.post("/review/bulk/", {"confidence": "1", "reason": "逐条看过"})
    assert Event.objects.count() == before + 1
    assert Claim.objects.filter(superseded_at=None, state="accepted").exists()


def test_a_batch_is_not_undone_from_one_of_its_claims(admin, plan, claim_of):
    admin.post("/review/bulk/", {"confidence": "1", "reason": "逐条看过"})
    claim = next(row for row in admin.get("/review/?state=accepted").context["page"].rows)
    detail = admin.get("/review/", {"state": "accepted", "claim": claim.key}).context["page"].detail
    assert (detail.undo_event, detail.batch_event) == (None, Event.objects.latest("sequence").sequence)


def test_the_queue_is_filtered(admin, plan):
    unlinked = admin.get("/review/?linked=no").context["page"]
    linked = admin.get("/review/?linked=yes").context["page"]
    both = admin.get("/review/").context["page"]
    assert unlinked.paging.total + linked.paging.total == both.paging.total
    assert all(row.indicator is None for row in unlinked.rows)
    assert admin.get("/review/?state=accepted").context["page"].rows == ()
