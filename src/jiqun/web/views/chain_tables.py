"""The tables of a chain: taken away, sent back changed, looked at, adopted and taken back."""

from __future__ import annotations

import io
import zipfile

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.industry.chains import carrying
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import InputRefused, NotFound
from jiqun.packs.schema.chains import Chain
from jiqun.reports.chain_tables import proposal_page, tables_page
from jiqun.web import forms
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.firms import workbook

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of every file in an archive, so that the same tables are the same bytes


@door()
def tables(request: HttpRequest, key: str) -> HttpResponse:
    may_adopt = bool(access.may(request.user, Action.ADOPT_CHAINS))
    return answer(request, "web/chain_tables.html", tables_page(view_of(request), key), may_adopt=may_adopt)


@door()
def tables_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    return workbook(carrying.workbook(_chain(request, key), created=workspace.current().clock()), f"chain-{key}.xlsx")


@door()
def tables_graphml(request: HttpRequest, key: str) -> HttpResponse:
    return _file(carrying.graphml(_chain(request, key)), "application/graphml+xml", f"chain-{key}.graphml")


@door()
def tables_csv(request: HttpRequest, key: str) -> HttpResponse:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in carrying.csv_files(_chain(request, key)).items():
            archive.writestr(zipfile.ZipInfo(name, _FIRST_DAY), content, zipfile.ZIP_DEFLATED)
    return _file(held.getvalue(), "application/zip", f"chain-{key}-csv.zip")


@door(Action.ADOPT_CHAINS)
def proposal(request: HttpRequest) -> HttpResponse:
    """What a chain would change: one that was sent, or one looked at before; else the form for a new chain."""
    ws = workspace.current()
    key = request.POST.get("chain", "")
    try:
        if request.method == "POST":
            sent = {file.name or "": file.read() for file in request.FILES.getlist("tables")}
            own = {name: request.POST.get(name, "") for name in ("new_id", "new_name")}
            found = flows.propose_chain(ws, sent, key, **own)
        elif digest := request.GET.get("digest", ""):
            found = flows.chain_proposal_kept(ws, digest)
        else:
            return answer(request, "web/chain_new.html", None)
    except InputRefused as refused:
        return answer(request, "web/chain_refused.html", refused.findings, status=422, key=key)
    page = proposal_page(found.digest, found.chain, found.differences, is_new=found.before is None)
    return answer(request, "web/chain_proposal.html", page)


@door(Action.ADOPT_CHAINS)
def proposal_file(request: HttpRequest) -> HttpResponse:
    """The chain as the file that a city's folder has of it."""
    found = flows.chain_proposal_kept(workspace.current(), request.GET.get("digest", ""))
    return _file(found.content, "application/yaml", f"{found.chain.id}.yaml")


@require_POST
@door(Action.ADOPT_CHAINS)
def adopt(request: HttpRequest) -> HttpResponse:
    done = flows.adopt_chain(
        workspace.current(),
        request.POST.get("digest", ""),
        actor=request.user.get_username(),
        reason=forms.reason(request),
    )
    messages.success(request, _("已采用；企业要重新归到环节：在产业链总页点“归链”。"))
    return redirect("chain-tables", key=done.edition_id)


@require_POST
@door(Action.ADOPT_CHAINS)
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    done = flows.withdraw_chain(
        workspace.current(), key, actor=request.user.get_username(), reason=forms.reason(request)
    )
    messages.success(request, _("已撤回；在用的是之前的产业链。"))
    return redirect("chain-tables", key=key) if key in done.workspace.city.chains else redirect("chains")


def _chain(request: HttpRequest, key: str) -> Chain:
    found = view_of(request).city.chains.get(key)
    if found is None:
        raise NotFound(_("资料夹中没有这条产业链"))
    return found


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
