"""Published lists of titles: which there are, one of them and its doubtful rows, who lapses, counts, the way up."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.enterprises.membership import Batch
from jiqun.enterprises.spells import Stage
from jiqun.flows.lists import ListImported
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import InputRefused, NotFound, UsageError
from jiqun.model.findings import Finding
from jiqun.reports import candidates as candidate_pages
from jiqun.reports import counts as count_pages
from jiqun.reports.candidates import CandidateFilter, candidates, candidates_workbook
from jiqun.reports.due import ANSWERS, DueFilter, due, due_workbook
from jiqun.reports.listbook import Listbook, listed
from jiqun.reports.lists import STATES, ListFilter, list_workbook, lists, one_list
from jiqun.reports.pipeline import pipeline, pipeline_workbook
from jiqun.reports.subsidies import subsidies, subsidy, subsidy_workbook
from jiqun.web import forms
from jiqun.web.forms import read_filter, whole
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.firms import book_of, workbook

_GRANTING = (Stage.POOLED, Stage.CULTIVATED, Stage.RECOGNISED)


def lists_of(request: HttpRequest) -> Listbook:
    return listed(book_of(request))


@door(Action.READ_FIRMS)
def lists_page(request: HttpRequest) -> HttpResponse:
    page = lists(lists_of(request), read_filter(ListFilter, request.GET), whole(request.GET.get("page")) or 1)
    return answer(request, "web/lists.html", page, may_import=bool(access.may(request.user, Action.IMPORT)))


@door(Action.READ_FIRMS)
def list_page(request: HttpRequest, name: str) -> HttpResponse:
    page = one_list(lists_of(request), name, whole(request.GET.get("page")) or 1)
    may_import = bool(access.may(request.user, Action.IMPORT))
    return answer(request, "web/list.html", page, may_import=may_import, states=STATES)


@door(Action.READ_FIRMS)
def list_xlsx(request: HttpRequest, name: str) -> HttpResponse:
    return workbook(list_workbook(lists_of(request), name, created=workspace.current().clock()), f"list-{name}.xlsx")


@door(Action.IMPORT)
def list_import(request: HttpRequest) -> HttpResponse:
    """A published list: sure rows come in, doubtful ones wait for a person; faults come back on the same page."""
    ws = workspace.current()
    firm_tiers = [tier for tier in ws.city.tiers.values() if tier.subject == "firm"]
    shown: dict[str, Any] = {"tiers": firm_tiers, "stages": list(Stage), "today": view_of(request).on}
    if request.method != "POST":
        return answer(request, "web/list_import.html", request.GET, **shown)
    try:
        batch, published_on = _batch_typed(request.POST)
        done = _import(request, batch, published_on)
    except InputRefused as refused:
        findings = refused.findings
        return answer(
            request, "web/list_import.html", request.POST, **shown, findings=findings,
            status=422,
        )  # fmt: skip
    return answer(request, "web/list_import.html", {}, **shown, done=done, findings=done.listed.findings)


def _batch_typed(posted: Mapping[str, str]) -> tuple[Batch, date]:
    """The list as the form describes it. Raises InputRefused with everything that is wrong."""
    faults: list[Finding] = []
    year, number = whole(posted.get("year")), whole(posted.get("number") or "1")
    if year is None or not 1990 <= year <= 2200:
        faults.append(forms.fault("没有写明认定年度", "请按 2023 填写"))
    if number is None or number < 1:
        faults.append(forms.fault("批次不是正整数", "请按 1 填写"))
    if posted.get("tier", "") not in workspace.current().city.tiers:
        faults.append(forms.fault("没有选定称号", "请从列表中选择"))
    if posted.get("stage", "") not in list(Stage):
        faults.append(forms.fault("没有选定阶段", "请从列表中选择"))
    day = None
    try:
        day = date.fromisoformat(posted.get("published_on", ""))
    except ValueError:
        faults.append(forms.fault("没有写明公布日期", "请按 2023-08-08 填写"))
    if faults or year is None or number is None or day is None:
        raise InputRefused(faults)
    return Batch(posted["tier"], Stage(posted["stage"]), year, number), day


def _import(request: HttpRequest, batch: Batch, published_on: date) -> ListImported:
    file = request.FILES.get("table")
    if file is None or file.name is None:
        raise InputRefused([forms.fault("没有选择文件", "请选择 xlsx、xls 或 csv 文件")])
    ws = workspace.current()
    with tempfile.TemporaryDirectory(prefix=".half-", dir=ws.path / "registers") as scratch:
        path = Path(scratch) / Path(file.name).name
        path.write_bytes(file.read())
        return flows.import_list(
            ws, path, batch, actor=request.user.get_username(), published_on=published_on,
            reason=request.POST.get("reason", "").strip(),
        )  # fmt: skip


@require_POST
@door(Action.IMPORT)
def list_decide(request: HttpRequest, name: str) -> HttpResponse:
    """`row-<line>`: the code of the firm whose the line is, `none` for nobody's; the rest stays open."""
    chosen = {}
    for field, value in request.POST.items():
        line = whole(field.removeprefix("row-")) if field.startswith("row-") else None
        typed = str(value).strip().upper()
        if line is not None and typed == "OTHER":
            typed = request.POST.get(f"code-{line}", "").strip().upper()
        if line is not None and typed:
            chosen[line] = "" if typed == "NONE" else typed
    reason = request.POST.get("reason", "").strip()
    done = flows.decide_list_rows(
        workspace.current(), _batch(name), chosen, actor=request.user.get_username(), reason=reason
    )
    messages.success(request, _("已决定 %(n)d 行，还有 %(m)d 行待定。") % {"n": len(chosen), "m": done.damaged_rows})
    return redirect("list", name=name)


@require_POST
@door(Action.IMPORT)
def list_withdraw(request: HttpRequest, name: str) -> HttpResponse:
    flows.withdraw_list(
        workspace.current(), _batch(name), actor=request.user.get_username(), reason=forms.reason(request)
    )
    messages.success(request, _("已撤回。收录和撤回都留在操作日志里。"))
    return redirect("lists")


def _batch(name: str) -> Batch:
    try:
        return Batch.parse(name)
    except (ValueError, UsageError):
        raise NotFound(_("没有这份名单")) from None


# --- who lapses, how many, the way up


@door(Action.READ_FIRMS)
def due_page(request: HttpRequest) -> HttpResponse:
    page = due(lists_of(request), read_filter(DueFilter, request.GET), whole(request.GET.get("page")) or 1)
    return answer(request, "web/due.html", page, answers=ANSWERS)


@door(Action.READ_FIRMS)
def due_xlsx(request: HttpRequest) -> HttpResponse:
    listbook = lists_of(request)
    content = due_workbook(listbook, read_filter(DueFilter, request.GET), created=workspace.current().clock())
    return workbook(content, f"due-{listbook.on:%Y%m%d}.xlsx")


@door(Action.READ_FIRMS)
def counts_page(request: HttpRequest) -> HttpResponse:
    page = count_pages.counts(book_of(request), request.GET.get("tier", ""), request.GET.get("area", ""))
    words: dict[str, Any] = {"gains": count_pages.GAINS.values(), "losses": count_pages.LOSSES.values()}
    return answer(
        request, "web/counts.html", page, may_import=bool(access.may(request.user, Action.IMPORT)), **words
    )  # fmt: skip


@door(Action.READ_FIRMS)
def counts_xlsx(request: HttpRequest) -> HttpResponse:
    return workbook(count_pages.counts_workbook(book_of(request), created=workspace.current().clock()), "counts.xlsx")


@require_POST
@door(Action.IMPORT)
def count(request: HttpRequest) -> HttpResponse:
    """The lists known on the page's day counted as a run, every finished year that they speak of."""
    run = flows.count_cohorts(
        workspace.current(), actor=request.user.get_username(), known_on=book_of(request).view.on
    )  # fmt: skip
    messages.success(request, _("已核算（第 %(n)d 号运行）。") % {"n": run.pk})
    return redirect("counts")


@require_POST
@door(Action.IMPORT)
def record(request: HttpRequest) -> HttpResponse:
    run = count_pages.latest_run(book_of(request))
    if run is None:
        raise NotFound(_("还没有核算过名单"))
    done = flows.record_cohorts(
        workspace.current(), run, actor=request.user.get_username(), reason=forms.reason(request)
    )
    told = {"n": done.written, "m": done.unchanged, "k": done.left_out}
    messages.success(request, _("已记入台账 %(n)d 个数，%(m)d 个没有变化，%(k)d 个没有数值或没有对应的指标。") % told)
    return redirect("counts")


@door(Action.READ_FIRMS)
def pipeline_page(request: HttpRequest, key: str) -> HttpResponse:
    return answer(request, "web/pipeline.html", pipeline(lists_of(request), key))


@door(Action.READ_FIRMS)
def pipeline_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    content = pipeline_workbook(lists_of(request), key, created=workspace.current().clock())
    return workbook(content, f"pipeline-{key}.xlsx")


@door(Action.READ_FIRMS)
def candidates_page(request: HttpRequest, key: str) -> HttpResponse:
    wanted = read_filter(CandidateFilter, request.GET)
    page = candidates(lists_of(request), key, wanted, whole(request.GET.get("page")) or 1)
    may_import = bool(access.may(request.user, Action.IMPORT))
    return answer(
        request, "web/candidates.html", page, answers=candidate_pages.ANSWERS, says=candidate_pages.SAYS,
        stages=_GRANTING, may_import=may_import,
    )  # fmt: skip


@door(Action.READ_FIRMS)
def candidates_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    wanted = read_filter(CandidateFilter, request.GET)
    content = candidates_workbook(lists_of(request), key, wanted, created=workspace.current().clock())
    return workbook(content, f"candidates-{key}.xlsx")


@require_POST
@door(Action.IMPORT)
def candidates_admit(request: HttpRequest, key: str) -> HttpResponse:
    """Those eligible become a list of today, each with the clauses that admitted it."""
    stage = request.POST.get("stage", "")
    if stage not in [each.value for each in _GRANTING]:
        raise InputRefused([forms.fault("没有选定阶段", "请从列表中选择")])
    done = flows.admit_candidates(
        workspace.current(), key, Stage(stage), actor=request.user.get_username(), reason=forms.reason(request),
        day=book_of(request).on,
    )  # fmt: skip
    messages.success(request, _("已列入 %(n)d 家，成为一份名单。") % {"n": done.manifest.rows})
    return redirect("list", name=done.batch.name)


# --- subsidies


@door(Action.READ_FIRMS)
def subsidies_page(request: HttpRequest) -> HttpResponse:
    return answer(request, "web/subsidies.html", subsidies(lists_of(request)))


@door(Action.READ_FIRMS)
def subsidy_page(request: HttpRequest, key: str) -> HttpResponse:
    return answer(request, "web/subsidy.html", subsidy(lists_of(request), key))


@door(Action.READ_FIRMS)
def subsidy_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    content = subsidy_workbook(lists_of(request), key, created=workspace.current().clock())
    return workbook(content, f"subsidy-{key}.xlsx")
