"""Targets: the list, the workbook, one target, and its entry, amendment, withdrawal and division."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.flows.targets import Part
from jiqun.ledger import access, store
from jiqun.ledger.access import Action
from jiqun.ledger.models import Target, Task
from jiqun.ledger.statement import Statement
from jiqun.model.errors import NotFound
from jiqun.records.models import DocketItem
from jiqun.reports.review import choices
from jiqun.reports.target import blank, target
from jiqun.reports.targets import TargetFilter, all_fitting, targets
from jiqun.reports.workbooks import targets_workbook
from jiqun.web import forms
from jiqun.web.frame import account_of, answer, door, view_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@door()
def targets_page(request: HttpRequest) -> HttpResponse:
    wanted = forms.read_filter(TargetFilter, request.GET)
    page = targets(view_of(request), wanted, forms.whole(request.GET.get("page")) or 1)
    labels = {
        "body": _("责任单位"), "indicator": _("指标"), "area": _("区域"), "cluster": _("集群"),
        "document": _("文件"), "measure": _("口径"), "due": _("期限"),
    }  # fmt: skip
    selects = [(name, label, getattr(wanted, name), page.options[name]) for name, label in labels.items()]
    may_edit = bool(access.may(request.user, Action.EDIT_TARGETS))
    return answer(request, "web/targets.html", page, selects=selects, may_edit=may_edit)


@door()
def targets_xlsx(request: HttpRequest) -> HttpResponse:
    view = view_of(request)
    rows = all_fitting(view, forms.read_filter(TargetFilter, request.GET))
    content = targets_workbook(view, rows, created=workspace.current().clock())
    name = f"targets-{view.on:%Y%m%d}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@door()
def target_page(request: HttpRequest, key: str) -> HttpResponse:
    view = view_of(request)
    page = target(view, key)
    stated = store.current(Target, key)
    asks = {"may_comment": Action.COMMENT, "may_edit": Action.EDIT_TARGETS, "may_split": Action.SPLIT_TARGETS}
    allowed = {name: bool(access.may(request.user, action, stated, city=view.city)) for name, action in asks.items()}
    return answer(
        request,
        "web/target.html",
        page,
        choices=choices(view),
        body_lines=forms.body_lines(view.city, page.values["body_ids"].split()),
        **allowed,
    )


@door(Action.EDIT_TARGETS)
def target_new(request: HttpRequest) -> HttpResponse:
    view, ws = view_of(request), workspace.current()
    if request.method != "POST":
        page = blank(view)
        return answer(request, "web/target_new.html", page, choices=choices(view), body_lines="")
    fields = forms.promise_fields(ws.city, request.POST)
    fields["indicator_id"] = forms.pick_indicator(ws.city, request.POST)
    fields["title"] = request.POST.get("title", "").strip() or None
    fields["unit"] = fields["unit"] or None
    row = flows.add_target(
        ws,
        fields,
        actor=request.user.get_username(),
        reason=forms.reason(request),
        known_on=forms.day(request, "known_on"),
    )
    return redirect("target", key=row.key)


@require_POST
@door(Action.EDIT_TARGETS)
def amend(request: HttpRequest, key: str) -> HttpResponse:
    ws = workspace.current()
    flows.amend_target(
        ws,
        key,
        forms.promise_fields(ws.city, request.POST),
        actor=request.user.get_username(),
        reason=forms.reason(request),
        known_on=forms.day(request, "known_on"),
        version=forms.version(request),
    )
    messages.success(request, _("已修订；修订前的目标仍可按日期查看。"))
    return redirect("target", key=key)


@require_POST
@door(Action.EDIT_TARGETS)
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    flows.withdraw_target(
        workspace.current(),
        key,
        actor=request.user.get_username(),
        reason=forms.reason(request),
        version=forms.version(request),
    )
    messages.success(request, _("已撤回。"))
    return redirect("target", key=key)


@require_POST
@door(Action.SPLIT_TARGETS)
def split(request: HttpRequest, key: str) -> HttpResponse:
    """The target divided among areas; a sum that differs from the whole needs its own explanation."""
    ws = workspace.current()
    access.require(request.user, Action.SPLIT_TARGETS, store.current(Target, key), city=ws.city)
    parts = [
        Part(value, area_id=name.removeprefix("part-"))
        for name in request.POST
        if name.startswith("part-") and (value := request.POST.get(name, "").strip())
    ]
    for part in parts:  # nor may a district put its burden on another
        access.require(request.user, Action.SPLIT_TARGETS, Target(area_id=part.area_id), city=ws.city)
    why = "；".join(filter(None, (forms.reason(request), request.POST.get("gap_reason", "").strip())))
    done = flows.split_target(
        ws, key, parts, actor=request.user.get_username(), reason=why, version=forms.version(request)
    )
    messages.success(request, _("已分解为 %(n)d 份。") % {"n": len(done.parts)})
    view = view_of(request)
    if not view.is_today:
        messages.warning(request, _("分解从今天起有效，按更早的日期查看时不显示；请切换到今天。"))
    for finding in done.findings:
        messages.warning(request, str(finding))
    return redirect("target", key=key)


@require_POST
@door(Action.COMMENT)
def comment(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    ws = workspace.current()
    models: dict[str, type[Statement]] = {"target": Target, "task": Task, "item": DocketItem}
    if kind not in models:
        raise NotFound(_("没有这种对象"))
    subject = store.current(models[kind], key)
    access.require(request.user, Action.COMMENT, subject, city=ws.city)
    account = account_of(request)
    flows.add_comment(
        ws,
        subject,
        request.POST.get("text", ""),
        actor=request.user.get_username(),
        body_id=account.body_id,
        area_id=account.area_id,
    )
    messages.success(request, _("已提交。"))
    return redirect(kind, key=key)
