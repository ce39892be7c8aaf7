"""Layouts: which clusters go to which districts. Trying is an address and writes nothing; adopting is an event."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.reports import layout_trial
from jiqun.reports.layout_workbook import board_workbook
from jiqun.reports.layouts import board, layout_of, layouts
from jiqun.web import forms
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.firms import workbook


@door()
def layouts_page(request: HttpRequest) -> HttpResponse:
    return answer(request, "web/layouts.html", layouts(view_of(request)))


@door()
def layout_page(request: HttpRequest, key: str) -> HttpResponse:
    """A pair that was turned leads to the address of the trial with it, so that going back undoes it."""
    view, asked = view_of(request), dict(request.GET.lists())
    turn = request.GET.get(layout_trial.TURN, "")
    if turn:
        layout = layout_of(view, key)
        read = layout_trial.read(layout, asked)
        if not read.faults:
            query = layout_trial.address(
                layout_trial.turned(layout, read.trial, turn), plan=request.GET.get("plan", "")
            )
            return redirect(f"{reverse('layout', args=[key])}?{query}#c-{turn}")
    page = board(view, key, asked, workspace.current().path / "registers")
    may_adopt = bool(access.may(request.user, Action.ADOPT_LAYOUTS))
    return answer(request, "web/layout.html", page, status=422 if page.read.faults else 200, may_adopt=may_adopt)


@require_POST
@door(Action.ADOPT_LAYOUTS)
def layout_adopt(request: HttpRequest, key: str) -> HttpResponse:
    """The plan that the page showed, pair by pair: not what a solve would find now."""
    pairs = (text.partition(":") for text in request.POST.get("plan", "").split())
    flows.adopt_layout(
        workspace.current(),
        key,
        [(cluster_id, area_id) for cluster_id, _colon, area_id in pairs],
        actor=request.user.get_username(),
        reason=request.POST.get("reason", "").strip(),
        trial=request.POST.get("trial", ""),
        known_on=forms.day(request, "known_on"),
        version=forms.version(request),
    )
    messages.success(request, _("已采用；下一个方案的调整代价从它算起。"))
    return redirect("layout", key=key)


@door()
def layout_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    view = view_of(request)
    page = board(view, key, dict(request.GET.lists()), workspace.current().path / "registers")
    content = board_workbook(view, page, created=workspace.current().clock())
    return workbook(content, f"layout-{key}-{view.on:%Y%m%d}.xlsx")
