"""Figures: indicators with their tables, entry by hand, import of an office's own workbook."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.ledger.models import Observation
from jiqun.model.errors import InputRefused, UsageError
from jiqun.reports.exchange import message
from jiqun.reports.imports import import_page
from jiqun.reports.indicators import indicator, indicators
from jiqun.reports.view import Ref, View
from jiqun.web import forms
from jiqun.web.frame import account_of, answer, door, view_of


@door()
def indicators_page(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    page = indicators(view_of(request), asked.get("q", "").strip(), asked.get("only", "used"))
    return answer(request, "web/indicators.html", page)


@door()
def exchange(request: HttpRequest, name: str) -> HttpResponse:
    """Figures or their structure as an SDMX file; of the day that the pages are on."""
    file = message(view_of(request), name)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.content, content_type=file.media_type, headers=headers)


@door()
def indicator_page(request: HttpRequest, key: str) -> HttpResponse:
    view = view_of(request)
    own = _own_areas(request, view)
    page = indicator(view, key, request.GET.get("area", ""), every_period="all" in request.GET)
    return answer(request, "web/indicator.html", page, own_areas=own, may_enter=bool(own))


@require_POST
@door(Action.ENTER_FIGURES)
def enter(request: HttpRequest, key: str) -> HttpResponse:
    """One figure, on behalf of the account's body or area where it has one."""
    ws, account = workspace.current(), account_of(request)
    names = ("area_id", "period", "value_text", "unit", "value_kind", "source_title", "note")
    fields = {name: request.POST.get(name, "").strip() for name in names}
    fields |= {"indicator_id": key, "body_id": account.body_id or ""}
    subject = Observation(indicator_id=key, area_id=fields["area_id"], body_id=account.body_id)
    access.require(request.user, Action.ENTER_FIGURES, subject, city=ws.city)
    flows.add_observation(
        ws,
        fields,
        actor=request.user.get_username(),
        reason=request.POST.get("reason", "").strip(),
        known_on=forms.day(request, "known_on"),
        respondent=account.body_id or account.area_id or "",
    )
    messages.success(request, _("已录入。"))
    return redirect("indicator", key=key)


@door(Action.IMPORT)
def import_view(request: HttpRequest) -> HttpResponse:
    """A workbook, whole or not at all; its faults come back as a table on the same page."""
    if request.method != "POST":
        return answer(request, "web/import.html", import_page())
    file = request.FILES.get("table")
    if file is None:
        raise UsageError(_("没有选择文件"))
    verbs = {"figures": flows.import_figures, "targets": flows.import_targets}
    verb = verbs.get(request.POST.get("kind", ""), flows.import_table)
    try:
        done = verb(
            workspace.current(),
            file.read(),
            name=file.name,
            actor=request.user.get_username(),
            reason=forms.reason(request),
        )
    except InputRefused as refused:
        return answer(request, "web/import.html", import_page(findings=refused.findings), status=422)
    page = import_page(done.findings, written=done.written, unchanged=done.unchanged, event=done.event, done=True)
    return answer(request, "web/import.html", page)


def _own_areas(request: HttpRequest, view: View) -> tuple[Ref, ...]:
    """The areas this person may enter figures for."""
    if not access.may(request.user, Action.ENTER_FIGURES):
        return ()
    account = account_of(request)
    found = []
    for area in view.city.areas.values():
        subject = Observation(area_id=area.id, body_id=account.body_id)
        if access.may(request.user, Action.ENTER_FIGURES, subject, city=view.city):
            found.append(Ref(area.id, area.name))
    return tuple(found)
