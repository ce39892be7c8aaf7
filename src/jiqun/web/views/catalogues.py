"""Lines of cluster catalogues: side by side, recast, a proposed edition looked at, adopted and taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import InputRefused, NotFound, UsageError
from jiqun.reports.catalogue import catalogue_page, catalogue_workbook, preview_page
from jiqun.web import forms
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.firms import workbook


@door()
def catalogue(request: HttpRequest, series: str) -> HttpResponse:
    asked = request.GET.get("to", ""), request.GET.get("key", "")
    page = catalogue_page(view_of(request), series, *asked, every_period="all" in request.GET)
    may_adopt = bool(access.may(request.user, Action.ADOPT_CATALOGUES))
    return answer(request, "web/catalogue.html", page, may_adopt=may_adopt)


@door()
def catalogue_xlsx(request: HttpRequest, series: str) -> HttpResponse:
    view = view_of(request)
    page = catalogue_page(view, series, request.GET.get("to", ""), request.GET.get("key", ""))
    content = catalogue_workbook(view, page, created=workspace.current().clock())
    return workbook(content, f"catalogue-{series}-{view.on:%Y%m%d}.xlsx")


@door(Action.ADOPT_CATALOGUES)
def proposal(request: HttpRequest) -> HttpResponse:
    """What an edition would do: one uploaded, one of the folder's `proposals/`, or one looked at before."""
    ws, view = workspace.current(), view_of(request)
    try:
        if request.method == "POST":
            file = request.FILES.get("edition")
            if file is None:
                raise UsageError(_("没有选择文件"))
            found = flows.propose_catalogue(ws, file.read(), view)
        elif listed := request.GET.get("file", ""):
            if listed not in ws.city.paths("proposals/"):
                raise NotFound(_("资料夹里没有这份草案"))
            found = flows.propose_catalogue(ws, ws.city.read(listed), view)
        elif digest := request.GET.get("digest", ""):
            found = flows.proposal_kept(ws, digest, view)
        else:
            raise NotFound(_("没有要预览的目录"))
    except InputRefused as refused:
        return answer(request, "web/catalogue_refused.html", refused.findings, status=422)
    return answer(request, "web/catalogue_preview.html", preview_page(view, found.digest, found.preview))


@require_POST
@door(Action.ADOPT_CATALOGUES)
def adopt(request: HttpRequest) -> HttpResponse:
    done = flows.adopt_catalogue(
        workspace.current(),
        request.POST.get("digest", ""),
        actor=request.user.get_username(),
        reason=forms.reason(request),
    )
    messages.success(request, _("已采用；原有目标和数据未作改动。"))
    series = next(one.series for one in done.workspace.city.catalogues if one.id == done.edition_id)
    return redirect("catalogue", series=series)


@require_POST
@door(Action.ADOPT_CATALOGUES)
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    flows.withdraw_catalogue(workspace.current(), key, actor=request.user.get_username(), reason=forms.reason(request))
    messages.success(request, _("已撤回这一版目录。"))
    return redirect("clusters")
