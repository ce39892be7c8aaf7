"""Documents: the list, one with its claims marked, taking one in, and giving the original back."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.claims import ClaimKind
from jiqun.model.errors import NotFound, UsageError
from jiqun.reports.document_figures import FiguresFilter, document_figures, figures_workbook
from jiqun.reports.documents import document, documents, find
from jiqun.web import forms
from jiqun.web.forms import whole
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.review import THRESHOLDS
from jiqun.web.views.targets import XLSX


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


@door()
def figures_page(request: HttpRequest, digest: str) -> HttpResponse:
    """What the document reports as reached, each number with its sentence and what the ledger has beside it."""
    wanted = forms.read_filter(FiguresFilter, request.GET)
    page = document_figures(view_of(request), digest, wanted, whole(request.GET.get("page")) or 1, THRESHOLDS)
    may_undo = bool(access.may(request.user, Action.UNDO)) and bool(access.may(request.user, Action.REVIEW))
    return answer(request, "web/document_figures.html", page, may_undo=may_undo)


@door()
def figures_xlsx(request: HttpRequest, digest: str) -> HttpResponse:
    content = figures_workbook(view_of(request), digest, created=workspace.current().clock())
    name = f"figures-{find(digest).digest[:12]}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_POST
@door(Action.REVIEW)
def accept_figures(request: HttpRequest, digest: str) -> HttpResponse:
    """The document's figures from a confidence on, by one event that can be undone; disputed ones stay."""
    row = find(digest)
    pct = whole(request.POST.get("confidence")) or 100
    done = flows.decide_claims_above(
        workspace.current(),
        pct / 100,
        actor=request.user.get_username(),
        reason=forms.reason(request),
        document=row.digest,
        kind=ClaimKind.ACTUAL.value,
    )
    said = _("已采纳 %(n)d 条；达到把握而未采纳 %(left)d 条，其中 %(d)d 条与别处的数不同。")
    messages.success(request, said % {"n": done.accepted, "left": done.left, "d": done.contradicting})
    return redirect("document-figures", digest=row.digest)


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
