"""Rounds of forms and their returns: opened, filled in, sent up and down as workbooks, decided level by level."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, tables, workspace
from jiqun.flows.keeping import is_kept
from jiqun.flows.returns import Filled
from jiqun.ledger.access import Action
from jiqun.model.errors import Conflict, InputRefused, JiqunError
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.periods import Period
from jiqun.records.models import Return, Round, stands
from jiqun.records.projection import layout_of
from jiqun.reports import returns, rounds
from jiqun.reports.doubts import DoubtFilter, doubts_page, doubts_sheet, return_doubts
from jiqun.reports.growth import GrowthFilter, growth_page, growth_sheets
from jiqun.reports.release import release_page, release_sheets
from jiqun.reports.reminders import reminders
from jiqun.reports.returns import Shown, return_page
from jiqun.reports.rounds import RoundFilter, round_page
from jiqun.reports.totals import TotalsFilter, totals_page, totals_sheets
from jiqun.reports.view import Ref
from jiqun.statistics import grid
from jiqun.statistics.grid import Taken
from jiqun.web import forms
from jiqun.web.forms import read_filter, whole
from jiqun.web.frame import answer, door, read_day, view_of
from jiqun.web.templatetags.jiqun import name as name_of
from jiqun.web.views.firms import sheets_of, workbook

MOST_BYTES = 20 * 1024**2  # of a workbook that is sent up: a form's grid has some kilobytes
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@door(Action.READ_RETURNS)
def rounds_page(request: HttpRequest) -> HttpResponse:
    page = rounds.rounds(view_of(request))
    due = flows.rounds_due(workspace.current()) if page.may_run else None
    waiting = _labelled(due.to_open) if due else ()
    kept = is_kept(workspace.current().path) if page.may_run else False
    locking = [(row.key, row.form, row.period) for row in page.rounds if due and row.key in due.to_lock]
    return answer(request, "web/rounds.html", page, waiting=waiting, locking=locking, is_kept=kept)


def _labelled(to_open: tuple[tuple[str, str], ...]) -> list[tuple[str, str, str, str]]:
    forms_of = workspace.current().city.forms
    return [(form, period, forms_of[form].name, Period.parse(period).label) for form, period in to_open]


@require_POST
@door(Action.RUN_ROUNDS)
def round_open(request: HttpRequest) -> HttpResponse:
    form, period = request.POST.get("form", ""), request.POST.get("period", "").strip()
    opened = flows.open_round(
        workspace.current(), form, period, actor=request.user.get_username(), reason=request.POST.get("reason", "")
    )
    messages.success(request, _("已布置，应报 %(n)d 份。") % {"n": opened.owing})
    return redirect("round", key=opened.key)


@require_POST
@door(Action.RUN_ROUNDS)
def keep_calendar(request: HttpRequest) -> HttpResponse:
    done = flows.keep_calendar(workspace.current(), actor=request.user.get_username())
    messages.success(
        request, _("按日历布置 %(n)d 期、锁定 %(m)d 期。") % {"n": len(done.to_open), "m": len(done.to_lock)}
    )
    forms_of = workspace.current().city.forms
    for key, why in done.failed:
        form_id, period = key.split("|")
        form = forms_of.get(form_id)
        named = f"{name_of(Ref(form.id, form.name, form.name_en))} {Period.parse(period).label}" if form else key
        messages.error(request, _("未办：%(round)s（%(why)s）") % {"round": named, "why": why})
    return redirect("rounds")


@door(Action.READ_RETURNS)
def one_round(request: HttpRequest, key: str) -> HttpResponse:
    page = round_page(view_of(request), key, read_filter(RoundFilter, request.GET), whole(request.GET.get("page")) or 1)
    return answer(request, "web/round.html", page)


@door(Action.READ_RETURNS)
def round_reminders(request: HttpRequest, key: str) -> HttpResponse:
    return sheets_of(reminders(view_of(request), key), f"reminders-{key}")


@require_POST
@door(Action.RUN_ROUNDS)
def round_lock(request: HttpRequest, key: str) -> HttpResponse:
    flows.lock_round(workspace.current(), key, actor=request.user.get_username(), reason=forms.reason(request))
    messages.success(request, _("已锁定。锁定之后的更正作为修订数公布。"))
    return redirect("round", key=key)


@require_POST
@door(Action.RUN_ROUNDS)
def round_extend(request: HttpRequest, key: str) -> HttpResponse:
    until = forms.day(request, "until")
    chosen = request.POST.getlist("respondent")
    if until is None or not chosen:
        raise InputRefused([forms.fault("没有选择单位或延期到哪一天", "请勾选单位并填写日期")])
    count = flows.extend_deadline(
        workspace.current(), key, chosen, until, actor=request.user.get_username(), reason=forms.reason(request)
    )
    messages.success(request, _("已为 %(n)d 家单位延期。") % {"n": count})
    return redirect("round", key=key)


@require_POST
@door(Action.DECIDE_RETURNS)
def round_decide(request: HttpRequest, key: str) -> HttpResponse:
    """Several returns of a round, accepted together."""
    keys = [f"{key}|{one}" for one in request.POST.getlist("respondent")]
    if not keys:
        raise InputRefused([forms.fault("没有选择报表", "请先勾选要通过的报表")])
    count = flows.accept_returns(workspace.current(), keys, user=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _("已通过 %(n)d 份。") % {"n": count})
    return redirect("round", key=key)


@door(Action.READ_RETURNS)
def round_totals(request: HttpRequest, key: str) -> HttpResponse:
    wanted = read_filter(TotalsFilter, request.GET)
    page = totals_page(view_of(request), key, wanted, _known(wanted), whole(request.GET.get("page")) or 1)
    return answer(request, "web/totals.html", page)


@door(Action.READ_RETURNS)
def round_totals_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    wanted = read_filter(TotalsFilter, request.GET)
    return sheets_of(totals_sheets(view_of(request), key, wanted, _known(wanted)), f"totals-{key}")


@door(Action.READ_RETURNS)
def round_growth(request: HttpRequest, key: str) -> HttpResponse:
    wanted = read_filter(GrowthFilter, request.GET)
    return answer(request, "web/growth.html", growth_page(view_of(request), key, wanted, _known(wanted)))


@door(Action.READ_RETURNS)
def round_growth_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    wanted = read_filter(GrowthFilter, request.GET)
    return sheets_of(growth_sheets(view_of(request), key, wanted, _known(wanted)), f"growth-{key}")


@door(Action.READ_RETURNS)
def round_release(request: HttpRequest, key: str) -> HttpResponse:
    return answer(request, "web/release.html", release_page(view_of(request), key))


@door(Action.READ_RETURNS)
def round_release_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    return sheets_of(release_sheets(view_of(request), key), f"release-{key}")


@door(Action.READ_RETURNS)
def round_doubts(request: HttpRequest, key: str) -> HttpResponse:
    wanted = read_filter(DoubtFilter, request.GET)
    page = doubts_page(view_of(request), key, wanted, whole(request.GET.get("page")) or 1)
    return answer(request, "web/doubts.html", page)


@door(Action.READ_RETURNS)
def round_doubts_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    return sheets_of(doubts_sheet(view_of(request), key, read_filter(DoubtFilter, request.GET)), f"doubts-{key}")


def _known(wanted: TotalsFilter | GrowthFilter) -> date | None:
    """The day asked for; None, for now, where the address names none that can be read."""
    return read_day(wanted.known, workspace.current().today)


@require_POST
@door(Action.RUN_ROUNDS)
def round_publish(request: HttpRequest, key: str) -> HttpResponse:
    done = flows.publish_round(
        workspace.current(), key, actor=request.user.get_username(), reason=forms.reason(request)
    )
    messages.success(
        request,
        _("已公布 %(n)d 个数；%(m)d 个因覆盖面不足未知，%(k)d 个可能推算出单个企业而不公布。")
        % {"n": done.written, "m": done.unknown, "k": done.too_few},
    )
    return redirect("round-totals", key=key)


@door(Action.READ_RETURNS)
def one_return(request: HttpRequest, key: str) -> HttpResponse:
    view = view_of(request)
    page = return_page(view, key)
    asked = return_doubts(view, returns.seen(view, key))
    return answer(request, "web/return.html", page, asked=asked, asks="ask" in request.GET)


@require_POST
@door(Action.REPORT)
def return_draft(request: HttpRequest, key: str) -> HttpResponse:
    """What the page saves while a person types; answers JSON, a conflict in words."""
    try:
        token = flows.save_draft(
            workspace.current(), key, _typed(request), user=request.user, token=whole(request.POST.get("token")) or 0
        )
    except JiqunError as error:
        told = [str(one) for one in error.findings] if isinstance(error, InputRefused) else []
        return JsonResponse({"message": "；".join(told) or str(error)}, status=error.http_status)
    return JsonResponse({"token": token, "saved_at": f"{workspace.current().clock().astimezone(workspace.ZONE):%H:%M}"})


@require_POST
@door(Action.REPORT)
def return_check(request: HttpRequest, key: str) -> HttpResponse:
    """The answers as they would be sent, with what the checks say; the draft is saved on the way."""
    view, typed = view_of(request), _typed(request)
    owed = returns.seen(view, key)
    conflict = _save(request, key, typed)
    examined = flows.examine_return(workspace.current(), owed, typed)
    findings = (*examined.findings, *conflict)
    shown = Shown(typed.cells, typed.explanations, typed.signed, findings, examined.outcomes, is_checked=True)
    return answer(request, "web/return.html", return_page(view, key, shown), status=409 if conflict else 200)


@require_POST
@door(Action.REPORT)
def return_submit(request: HttpRequest, key: str) -> HttpResponse:
    view, typed = view_of(request), _typed(request)
    owed = returns.seen(view, key)
    conflict = _save(request, key, typed)
    if not conflict:
        try:
            flows.submit_return(
                workspace.current(), key, typed, user=request.user, version=forms.version(request),
                reason=request.POST.get("reason", "").strip(),
            )  # fmt: skip
            messages.success(request, _("已报送。"))
            return redirect("return", key=key)
        except InputRefused as refused:
            conflict = tuple(one for one in refused.findings if one.code == "reason")
    examined = flows.examine_return(workspace.current(), owed, typed)
    findings = (*examined.findings, *conflict)
    shown = Shown(typed.cells, typed.explanations, typed.signed, findings, examined.outcomes, is_checked=True)
    return answer(request, "web/return.html", return_page(view, key, shown), status=422)


def _save(request: HttpRequest, key: str, typed: Filled) -> tuple[Finding, ...]:
    """The draft saved; a finding where somebody else has saved since, so that neither's figures are lost."""
    token = whole(request.POST.get("token")) or 0
    try:
        flows.save_draft(workspace.current(), key, typed, user=request.user, token=token)
    except Conflict as error:
        what = _("另一人也在填写这份报表：%(said)s") % {"said": error}
        remedy = _("先记下您的改动，重新打开本页核对后再填")
        return (Finding("form.conflict", Severity.ERROR, what, Place(), remedy),)
    return ()


@require_POST
@door(Action.REPORT)
def return_recall(request: HttpRequest, key: str) -> HttpResponse:
    flows.recall_return(
        workspace.current(), key, user=request.user, reason=forms.reason(request), version=forms.version(request)
    )
    messages.success(request, _("已撤回，可以修改后重新报送。"))
    return redirect("return", key=key)


@require_POST
@door(Action.DECIDE_RETURNS)
def return_decide(request: HttpRequest, key: str) -> HttpResponse:
    ws = workspace.current()
    flows_version = forms.version(request)
    if flows_version is not None and returns.seen(view_of(request), key).version != flows_version:
        raise Conflict(_("这份报表的状态刚有变化，请刷新后重试"))
    if request.POST.get("decision") == "accept":
        flows.accept_returns(ws, [key], user=request.user, reason=request.POST.get("reason", "").strip())
        messages.success(request, _("已通过。"))
    else:
        flows.give_back_returns(ws, [key], user=request.user, reason=forms.reason(request))
        messages.success(request, _("已退回，填报单位会看到理由。"))
    return redirect("return", key=key)


# --- workbooks


@door(Action.READ_RETURNS)
def return_grid(request: HttpRequest, key: str) -> HttpResponse:
    """The official grid of the return, filled with what is kept of it."""
    view = view_of(request)
    owed = returns.seen(view, key)
    laid = layout_of(_round(owed), view.city)
    page = return_page(view, key)
    cells = returns.kept_cells(owed, with_draft=page.may_fill)
    reasons = (page.returned_for,) if page.returned_for else ()
    content = grid.write(
        laid, returns.heading(view, owed, laid.form), created=workspace.current().clock(), filled=cells,
        reasons=reasons,
    )  # fmt: skip
    return workbook(content, f"{key.replace('|', '-')}.xlsx")


@dataclass(frozen=True)
class MarkedFile:
    """The workbook given back: as an address the browser saves from, since nothing of it is kept here."""

    name: str
    url: str
    is_rebuilt: bool


@require_POST
@door(Action.REPORT)
def return_upload(request: HttpRequest, key: str) -> HttpResponse:
    """A filled grid: what is read goes into the form on the page, and the same file comes back with its faults."""
    view = view_of(request)
    owed = returns.seen(view, key)
    if not returns.may_fill(view, owed):
        raise Conflict(_("这份报表现在不能填报"))
    file = request.FILES.get("table")
    if file is None or file.name is None:
        raise InputRefused([forms.fault(_("没有选择文件"), _("请选择填好的表式"))])
    if (file.size or 0) > MOST_BYTES:
        raise InputRefused([forms.fault(_("文件超过 20 MB"), _("请只上传本表，不要附带图片和其他工作表"))])
    content = file.read()
    laid = layout_of(_round(owed), view.city)
    taken = grid.read(tables.read(content, file.name), laid)
    typed = Filled(taken.filled, {}, {line: said for line, said in taken.stated.foot.items() if said})
    examined = flows.examine_return(workspace.current(), owed, typed)
    told = [*_of_another(taken, owed, laid.form.number, rounds.code_of(view, owed)), *taken.findings]
    marked = grid.mark(
        content, file.name, [*told, *taken.located(examined.findings)], created=workspace.current().clock()
    )
    stem = file.name.rpartition(".")[0] or file.name
    url = f"data:{_XLSX};base64,{base64.b64encode(marked.content).decode()}"
    shown = Shown(
        typed.cells, typed.explanations, typed.signed, (*told, *examined.findings), examined.outcomes, is_checked=True
    )
    return answer(
        request, "web/return.html", return_page(view, key, shown),
        marked=MarkedFile(f"{stem}-{grid.REASONS}.xlsx", url, marked.is_rebuilt), uploaded=file.name,
    )  # fmt: skip


def _of_another(taken: Taken, owed: Return, number: str, code: str) -> list[Finding]:
    """Where the sheet says that it is another form, period or respondent: by code, by name where that has none."""
    _form, period, respondent = owed.key.split("|", 2)
    stated, found = taken.stated, []
    is_own = stated.respondent_id in (None, code, respondent)  # older sheets bear our own name of it
    for what, said, wanted in (
        (_("表号"), stated.form_number, number),
        (_("报告期"), stated.period and stated.period.label, Period.parse(period).label),
        (_("单位代码"), None if is_own or not code else stated.respondent_id, code),
        (_("填报单位"), None if code else stated.respondent, owed.respondent_name),
    ):
        if said is not None and said != wanted:
            message = _("表上的%(what)s是“%(said)s”，这里应是“%(wanted)s”") % {
                "what": what, "said": said, "wanted": wanted,
            }  # fmt: skip
            found.append(
                Finding("grid.another", Severity.ERROR, message, Place(sheet=taken.sheet), _("请核对是否选错了文件"))
            )
    return found


def _round(owed: Return) -> Round:
    found: Round = stands(Round).get(key=owed.round_key)
    return found


def _typed(request: HttpRequest) -> Filled:
    """The form's fields: `c-` cells, `e-` explanations, `f-` lines of the foot."""
    said: dict[str, dict[str, str]] = {"c": {}, "e": {}, "f": {}}
    for name, value in request.POST.items():
        kind, dash, key = name.partition("-")
        if dash and kind in said and str(value).strip():
            said[kind][key] = str(value).strip()
    return Filled(said["c"], said["e"], said["f"])
