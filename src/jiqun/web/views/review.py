"""The review desk: accept, correct, reject, accept many, undo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.ledger import access, store
from jiqun.ledger.access import Action
from jiqun.ledger.models import Claim, ClaimState, Event
from jiqun.model.errors import EnvironmentFailed, NotFound, UsageError
from jiqun.reports import review as desk
from jiqun.reports.claims import ACCEPT_FROM_PCT
from jiqun.reports.review import ReviewFilter
from jiqun.web import forms
from jiqun.web.frame import answer, door, frame, view_of

THRESHOLDS = (95, 90, 85, 80, 70, 60, 50)
SUGGEST_SECONDS = 90.0  # a browser waits no longer; what is left is asked about at the next click
DECISIONS = ("accept", "correct", "reject")


@door(Action.REVIEW)
def review_page(request: HttpRequest) -> HttpResponse:
    return _desk(request, request.GET.get("claim", ""))


@require_POST
@door(Action.REVIEW)
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """One claim decided; the next of the queue comes up."""
    decision = request.POST.get("decision", "")
    if decision not in DECISIONS:
        raise UsageError(_("没有这种处理办法"))
    ws = workspace.current()
    flows.decide_claim(
        ws,
        key,
        decision,
        actor=request.user.get_username(),
        changes=_changes(request, key) if decision == "correct" else None,
        reason=request.POST.get("reason", "").strip() if decision == "accept" else forms.reason(request),
        version=forms.version(request),
    )
    return _after(request, request.POST.get("next_key", ""))


@door(Action.REVIEW)
def bulk(request: HttpRequest) -> HttpResponse:
    """GET: how many a bulk acceptance would decide. POST: accept them, by one event that can be undone."""
    chosen = request.POST if request.method == "POST" else request.GET
    pct = forms.whole(chosen.get("confidence")) or 100
    document = chosen.get("document", "")
    if request.method != "POST":
        return render(request, "web/parts/bulk_count.html", {"count": desk.waiting_above(pct / 100, document)})
    done = flows.decide_claims_above(
        workspace.current(),
        pct / 100,
        actor=request.user.get_username(),
        reason=forms.reason(request),
        document=document,
    )
    said = _("已采纳 %(n)d 条；另有 %(left)d 条达到把握但还缺指标、时期等，留待人工处理。")
    messages.success(request, said % {"n": done.accepted, "left": done.left})
    return redirect(f"{reverse('review')}?{urlencode({'document': document})}" if document else reverse("review"))


@require_POST
@door(Action.SUGGEST)
def suggest(request: HttpRequest) -> HttpResponse:
    """The model that the owner named looks at one document; nothing is sent out before the box is ticked."""
    digest = request.POST.get("document", "")
    done = flows.suggest(
        workspace.current(),
        digest,
        actor=request.user.get_username(),
        reason=request.POST.get("reason", "").strip(),
        may_leave=request.POST.get("may_leave") == "on",
        seconds=SUGGEST_SECONDS,
    )
    said = _("模型看了 %(asked)d 段（共 %(portions)d 段），新增建议 %(n)d 条，舍去 %(refused)d 条。")
    counts = {"asked": done.asked, "portions": done.portions, "n": len(done.added), "refused": done.refused}
    messages.success(request, said % counts)
    if done.asked < done.portions:
        messages.warning(request, done.findings[-1].message)
    return redirect(f"{reverse('review')}?{urlencode({'document': digest, 'origin': 'model'})}")


@require_POST
@door(Action.UNDO)
def undo(request: HttpRequest, sequence: int) -> HttpResponse:
    """What an event did is put back by an event of its own."""
    event = Event.objects.filter(sequence=sequence).first()
    if event is None:
        raise NotFound(_("没有这个事件"))
    access.require(request.user, Action.UNDO, event)
    reason = request.POST.get("reason", "").strip() or _("审核时撤销")
    flows.undo(workspace.current(), sequence, actor=request.user.get_username(), reason=reason)
    item, claim = request.POST.get("item", ""), request.POST.get("claim", "")
    if item:
        messages.success(request, _("已撤销刚才的操作。"))
        return redirect("item", key=item)
    if claim:
        return _after(request, claim)
    messages.success(request, _("已撤销第 %(n)d 号事件。") % {"n": sequence})
    if event.subject_type == "document" and access.may(request.user, Action.REVIEW):
        return redirect("document-figures", digest=event.subject_key)
    if not access.may(request.user, Action.READ_EVENTS):
        return redirect("overview")  # respondents undo what is theirs, and do not read the journal
    return redirect("event", sequence=sequence)


def _desk(request: HttpRequest, selected: str) -> HttpResponse:
    view = view_of(request)
    page = desk.review(view, _filter(request), forms.whole(request.GET.get("page")) or 1, selected)
    bodies = page.detail.values["body_ids"].split() if page.detail else []
    context: dict[str, Any] = {
        "choices": desk.choices(view),
        "thresholds": THRESHOLDS,
        "accept_from": ACCEPT_FROM_PCT,
        "body_lines": forms.body_lines(view.city, bodies),
    }
    if request.headers.get("HX-Request") and request.headers.get("HX-Target") == "desk":
        return render(
            request,
            "web/parts/desk.html",
            {"page": page, "frame": frame(request), "waiting": desk.waiting(), **context},
        )
    return answer(
        request,
        "web/review.html",
        page,
        bulk_count=desk.waiting_above(0.9, page.filter.document),
        **_model(request),
        **context,
    )


def _model(request: HttpRequest) -> dict[str, Any]:
    """The model that may be asked, for those who may ask it; a bad setting is told in its place."""
    if not access.may(request.user, Action.SUGGEST):
        return {}
    try:
        return {"model": flows.model_of(workspace.current())}
    except EnvironmentFailed as error:
        return {"model_fault": str(error)}


def _after(request: HttpRequest, claim: str) -> HttpResponse:
    """The desk again, at `claim`; a browser without scripts is sent there."""
    if request.headers.get("HX-Request"):
        return _desk(request, claim)
    asked = request.GET.copy()
    if claim:
        asked["claim"] = claim
    return redirect(f"{reverse('review')}?{urlencode(list(asked.items()))}")


def _filter(request: HttpRequest) -> ReviewFilter:
    asked = request.GET
    state = asked.get("state", ClaimState.PROPOSED.value)
    wanted = forms.read_filter(ReviewFilter, asked)
    return replace(wanted, state="" if state not in ClaimState.values else state)


def _changes(request: HttpRequest, key: str) -> dict[str, Any]:
    city = workspace.current().city
    posted = request.POST
    changes = forms.promise_fields(city, posted)
    changes["kind"] = posted.get("kind", "target")
    changes["indicator_id"] = forms.pick_indicator(city, posted, store.current(Claim, key).indicator_id)
    return changes
