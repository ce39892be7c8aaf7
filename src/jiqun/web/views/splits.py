"""Split keys: in what proportion a divided cluster is recast; tried by its address, stated and withdrawn as events."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.industry.divisions import Division
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import InputRefused
from jiqun.reports.split_pages import refused, split_page, tried
from jiqun.web import forms
from jiqun.web.frame import answer, door, view_of

_PART = "p-"  # a field of a form is `p-` and the part's id; for what is in no cluster `p-` alone


@door()
def split(request: HttpRequest, from_id: str, to_id: str, cluster_id: str) -> HttpResponse:
    """One division; with shares or a series in the address, what they would do."""
    ws, view = workspace.current(), view_of(request)
    division = flows.division_of(view.city, from_id, to_id, cluster_id)
    typed, basis = _typed(request.GET, division), request.GET.get("by", "")
    trial = None
    if basis or any(typed.parts.values()):
        try:
            trial = tried(view, division, flows.read_shares(ws, division, typed, view.on), typed.parts, basis)
        except InputRefused as error:
            trial = refused(typed.parts, basis, error)
    page = split_page(view, division, trial)
    may_state = bool(access.may(request.user, Action.ADOPT_CATALOGUES)) and view.is_today
    status = 422 if trial is not None and trial.findings else 200
    return answer(request, "web/split.html", page, status=status, may_state=may_state)


@require_POST
@door(Action.ADOPT_CATALOGUES)
def state(request: HttpRequest, from_id: str, to_id: str, cluster_id: str) -> HttpResponse:
    ws = workspace.current()
    division = flows.division_of(ws.city, from_id, to_id, cluster_id)
    flows.state_split_key(ws, division, _typed(request.POST, division), **_signed(request))
    messages.success(request, _("已写明；换算的数自施行日起按这一依据，之前各日不变。"))
    return redirect("split-key", from_id=from_id, to_id=to_id, cluster_id=cluster_id)


@require_POST
@door(Action.ADOPT_CATALOGUES)
def withdraw(request: HttpRequest, from_id: str, to_id: str, cluster_id: str) -> HttpResponse:
    ws = workspace.current()
    division = flows.division_of(ws.city, from_id, to_id, cluster_id)
    flows.withdraw_split_key(ws, division, **_signed(request))
    messages.success(request, _("已撤回；自该日起没有分劈依据，换算只写出上下限。"))
    return redirect("split-key", from_id=from_id, to_id=to_id, cluster_id=cluster_id)


def _typed(sent: QueryDict, division: Division) -> flows.KeyTyped:
    indicator_id, _at, period = sent.get("by", "").partition("@")
    parts = {part: sent.get(f"{_PART}{part}", "").strip() for part in division.parts}
    return flows.KeyTyped(parts, indicator_id, period, sent.get("source", ""))


def _signed(request: HttpRequest) -> dict[str, Any]:
    return {
        "actor": request.user.get_username(), "reason": request.POST.get("reason", ""),
        "known_on": forms.day(request, "known_on"), "version": forms.version(request),
    }  # fmt: skip
