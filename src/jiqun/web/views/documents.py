"""Documents: the list, one with its claims marked, taking one in, and giving the original back."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.ledger.access import Action
from jiqun.model.errors import NotFound, UsageError
from jiqun.reports.documents import document, documents, find
from jiqun.web.forms import whole
from jiqun.web.frame import answer, door, view_of


@door()
def documents_page(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    page = documents(view_of(request), asked.get("q", "").strip(), whole(asked.get("page")) or 1)
    return answer(request, "web/documents.html", page)


@door()
def document_page(request: HttpRequest, digest: str) -> HttpResponse:
    asked = request.GET
    place = asked.get("claim", "")
    full = find(digest).digest
    page = document(
        view_of(request),
        full,
        is_original=asked.get("text") == "original",
        here=f"{full}:{place}" if place else "",
    )
    return answer(request, "web/document.html", page)


@require_POST
@door(Action.INGEST)
def upload(request: HttpRequest) -> HttpResponse:
    """Take one file in. The same file again changes nothing and says so."""
    file = request.FILES.get("file")
    if file is None:
        raise UsageError(_("没有选择文件"))
    ws = workspace.current()
    taken = flows.ingest(ws, file.read(), name=file.name, actor=request.user.get_username())
    if taken.is_new:
        said = _("已收录：识别出量化表述 %(claims)d 条、任务 %(tasks)d 项，请审核。")
        messages.success(request, said % {"claims": taken.claims, "tasks": taken.tasks})
    else:
        messages.warning(request, _("台账里已有这份文件，没有重复收录。"))
    return redirect("document", digest=taken.digest)


@door()
def original_file(request: HttpRequest, digest: str) -> FileResponse:
    """The file as it was uploaded, always as a download, never opened in the page."""
    row = find(digest)
    kept = workspace.current().files / row.digest
    if not kept.is_file():
        raise NotFound(_("原件不在工作区的 files 目录里"))
    return FileResponse(kept.open("rb"), as_attachment=True, filename=row.name, content_type="application/octet-stream")
