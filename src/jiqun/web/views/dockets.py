"""Dockets: the lists, one item with its way, and the forms that open, amend, move, withdraw and take over items."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.flows.dockets import Opened, opener, require_amend
from jiqun.ledger.access import Action
from jiqun.model.errors import InputRefused
from jiqun.records.filling import typed
from jiqun.reports import docket_feed
from jiqun.reports.docket_workbook import docket_workbook
from jiqun.reports.dockets import ItemFilter, docket, docket_of, dockets
from jiqun.reports.item import Tried, amending, item, opening, stated
from jiqun.reports.view import View
from jiqun.web import forms
from jiqun.web.frame import SESSION_KEY, answer, door, view_of
from jiqun.web.views.chains import book_of
from jiqun.web.views.firms import workbook

MOST = 20_000  # rows of one workbook
_FRONT = "f-"  # of a field's name on a form


@door()
def dockets_page(request: HttpRequest) -> HttpResponse:
    return answer(request, "web/dockets.html", dockets(view_of(request)))


@door()
def docket_page(request: HttpRequest, key: str) -> HttpResponse:
    wanted = forms.read_filter(ItemFilter, request.GET)
    page = docket(view_of(request), key, wanted, forms.whole(request.GET.get("page")) or 1)
    return answer(request, "web/docket.html", page)


@door()
def docket_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    view = view_of(request)
    page = docket(view, key, forms.read_filter(ItemFilter, request.GET), size=MOST)
    content = docket_workbook(view, page, created=workspace.current().clock())
    return workbook(content, f"{key}-{view.on:%Y%m%d}.xlsx")


@door()
def item_page(request: HttpRequest, key: str) -> HttpResponse:
    return _item(request, key)


@door(Action.KEEP_ITEMS)
def item_new(request: HttpRequest, key: str) -> HttpResponse:
    """`from`: the computed thing that the item is opened for, which fills its fields."""
    view, ws = _today(request), workspace.current()
    found = docket_of(view, key)
    origin = (request.POST if request.method == "POST" else request.GET).get("from", "")
    feeds = found.fed_by is not None and bool(origin)
    values = docket_feed.prefilled(book_of(request), found, origin) if feeds else {}
    if request.method != "POST":
        opener(found, request.user)
        return answer(request, "web/docket_form.html", opening(view, key, values), origin=origin if values else "")
    about = Opened(_reason(request), f"{docket_feed.ORIGIN}{origin}"[:255] if values else "web")
    try:
        row = flows.open_item(ws, key, _given(request), user=request.user, about=about)
    except InputRefused as refused:
        page = opening(view, key, {}, _tried(request, refused))
        return answer(request, "web/docket_form.html", page, origin=origin if values else "", status=422)
    messages.success(request, _("已登记为 %(number)s。") % {"number": row.number})
    return redirect("item", key=row.key)


@door(Action.KEEP_ITEMS)
def item_edit(request: HttpRequest, key: str) -> HttpResponse:
    view, ws = _today(request), workspace.current()
    found, row = stated(view, key)
    require_amend(ws, found, row, request.user)
    if request.method != "POST":
        return answer(request, "web/docket_form.html", amending(view, key), origin="")
    try:
        flows.amend_item(
            ws, key, _given(request), user=request.user, reason=_reason(request), version=forms.version(request)
        )
    except InputRefused as refused:
        page = amending(view, key, _tried(request, refused))
        return answer(request, "web/docket_form.html", page, origin="", status=422)
    messages.success(request, _("已修改；修改前的内容仍在流转记录里。"))
    return redirect("item", key=key)


@require_POST
@door(Action.KEEP_ITEMS)
def item_move(request: HttpRequest, key: str) -> HttpResponse:
    stated(_today(request), key)
    step = request.POST.get("step", "")
    try:
        flows.move_item(
            workspace.current(), key, step, _given(request), user=request.user, reason=_reason(request),
            version=forms.version(request),
        )  # fmt: skip
    except InputRefused as refused:
        return _item(request, key, _tried(request, refused, step))
    messages.success(request, _("已办理。"))
    return redirect("item", key=key)


@require_POST
@door(Action.KEEP_ITEMS)
def item_withdraw(request: HttpRequest, key: str) -> HttpResponse:
    found, _row = stated(_today(request), key)
    row = flows.withdraw_item(
        workspace.current(), key, user=request.user, reason=forms.reason(request), version=forms.version(request)
    )
    messages.success(request, _("%(number)s 已撤回。") % {"number": row.number})
    return redirect("docket", key=found.id)


@door(Action.KEEP_ITEMS)
def docket_import(request: HttpRequest, key: str) -> HttpResponse:
    """An office's own table taken over; every fault comes back on the same page with its cell."""
    view = _today(request)
    page = docket(view, key, ItemFilter())
    opener(page.docket, request.user)
    if request.method != "POST":
        return answer(request, "web/docket_import.html", page)
    shown: dict[str, Any] = {"reason": request.POST.get("reason", "")}
    file = request.FILES.get("table")
    try:
        if file is None or file.name is None:
            raise InputRefused([forms.fault(_("没有选择文件"), _("请选择 xlsx、xls 或 csv 文件"))])
        done = flows.import_items(
            workspace.current(), key, file.read(), user=request.user, reason=_reason(request), name=file.name
        )
    except InputRefused as refused:
        return answer(request, "web/docket_import.html", page, findings=refused.findings, status=422, **shown)
    return answer(request, "web/docket_import.html", page, done=done, findings=done.notes)


def _item(request: HttpRequest, key: str, tried: Tried | None = None) -> HttpResponse:
    page = item(view_of(request), key, tried)
    computed = None
    if page.docket.fed_by is not None:
        computed = docket_feed.computed_for(book_of(request), page.docket, page.row)
    general = [each for each in tried.findings if not _is_beside(each, page)] if tried else []
    return answer(
        request, "web/docket_item.html", page, computed=computed, general=general, status=422 if tried else 200
    )


def _is_beside(finding: Any, page: Any) -> bool:
    """Whether a form on the page has the field that the finding is about."""
    return any(finding.place.cell == blank.field.id for step in page.next if step.is_open for blank in step.blanks)


def _given(request: HttpRequest) -> dict[str, Any]:
    return {
        name.removeprefix(_FRONT): typed(str(text)) for name, text in request.POST.items() if name.startswith(_FRONT)
    }


def _tried(request: HttpRequest, refused: InputRefused, step: str = "") -> Tried:
    said = {id_: cell.text for id_, cell in _given(request).items()}
    return Tried(said, tuple(refused.findings), _reason(request), step)


def _reason(request: HttpRequest) -> str:
    """The reason given, "" where there is none: the verb says whether it wants one."""
    return request.POST.get("reason", "").strip()


def _today(request: HttpRequest) -> View:
    """The view as of today: what is written holds from today, whatever day is looked at."""
    view = view_of(request)
    if request.method == "POST" and not view.is_today:
        request.session[SESSION_KEY] = "today"  # what comes of it is seen there
    return View(view.city, view.today, view.today, view.user)
