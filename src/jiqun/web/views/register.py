"""The register's snapshots: a table comes in, is judged, what was wrong with it, what changed between two days."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.enterprises import register, verdicts
from jiqun.enterprises.twins import Verdict
from jiqun.flows.settling import IMPORTING
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.ledger.models import Run
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding
from jiqun.model.purposes import Purpose
from jiqun.reports.firmbook import firm as firm_row
from jiqun.reports.moves import ChangesFilter, changes, changes_workbook
from jiqun.reports.snapshot import damaged_workbook, held_day, registered, snapshot
from jiqun.reports.twins import twins, twins_workbook
from jiqun.web import forms, jobs
from jiqun.web.forms import read_filter, whole
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.firms import book_of, workbook

SMALL_BYTES = 256 * 1024  # tables up to it come in while the request waits
SMALL_ROWS = 5_000
# the register on pages serves administration and help; what was returned for statistics has registers of its own
PURPOSES = (Purpose.ADMINISTRATIVE, Purpose.SERVICE)


@door(Action.IMPORT)
def firms_import(request: HttpRequest) -> HttpResponse:
    """A table of firms becomes the snapshot of a day; large ones are read beside the request, and followed there."""
    ws, view = workspace.current(), view_of(request)
    root = ws.path / "registers"
    book = register.open(root, register.MAIN) if register.MAIN in register.names(root) else None
    purposes = [each for each in PURPOSES if book is None or each is book.purpose]
    findings: tuple[Finding, ...] = ()
    if request.method == "POST":
        try:
            return redirect("work", key=_begin(request).pk)
        except InputRefused as refused:
            findings = refused.findings
    return answer(
        request, "web/firms_import.html", registered(book, view), findings=findings, typed=request.POST,
        purposes=purposes, status=422 if findings else 200,
    )  # fmt: skip


def _begin(request: HttpRequest) -> Run:
    ws, actor = workspace.current(), request.user.get_username()
    file = request.FILES.get("table")
    faults: list[Finding] = []
    if file is None or not file.name:
        faults.append(forms.fault("没有选择文件", "请选择 xlsx、xls、csv 或 Parquet 文件"))
    day = None
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        faults.append(forms.fault("没有写明名册反映哪一天", "请按 2023-06-30 填写"))
    if request.POST.get("purpose") not in [each.value for each in PURPOSES]:
        faults.append(forms.fault("没有选定收集用途", "请从列表中选择"))
    if day is not None and day > ws.today:
        faults.append(forms.fault(f"{day} 还没有到", "请写名册所反映的那一天"))
    if faults or file is None or day is None:
        raise InputRefused(faults)
    on, purpose, reason = day, Purpose(request.POST["purpose"]), request.POST.get("reason", "").strip()
    path = _kept(file, ws.path / "registers")

    def work(progress: jobs.Progress, run: Run) -> object:
        try:
            done = flows.import_firms(
                ws, path, actor=actor, day=on, purpose=purpose, reason=reason, progress=progress
            )  # fmt: skip
            run.result |= {"snapshot": done.manifest.directory}
            return done
        finally:
            shutil.rmtree(path.parent, ignore_errors=True)

    return jobs.begin(ws, actor, IMPORTING, path.name, work, at_once=(file.size or 0) <= SMALL_BYTES)


def _kept(file: UploadedFile[Any], root: Path) -> Path:
    """The upload on disk under its own name, for as long as the work takes."""
    root.mkdir(exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=".half-", dir=root)) / Path(file.name or "table").name
    with path.open("wb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return path


@require_POST
@door(Action.IMPORT)
def classify(request: HttpRequest) -> HttpResponse:
    """Every tier in force on the page's day judged on the snapshot of that day."""
    ws, actor, on = workspace.current(), request.user.get_username(), view_of(request).on
    book = register.open(ws.path / "registers", register.MAIN)
    rows = register.manifest_on(book, on).rows

    reason = request.POST.get("reason", "").strip()

    def work(progress: jobs.Progress, run: Run) -> object:
        progress("逐条判定", 0.1)
        return flows.classify_firms(ws, on, actor=actor, reason=reason)

    run = jobs.begin(ws, actor, verdicts.RUN, f"{on}", work, at_once=rows <= SMALL_ROWS)
    return redirect("work", key=run.pk)


@door(Action.IMPORT)
def work_page(request: HttpRequest, key: str) -> HttpResponse:
    """How far a piece of work is and how it ended, also after the server was started anew."""
    page = jobs.page(workspace.current(), key, request.user.get_username())
    return answer(request, "web/work.html", page, may_see_runs=bool(access.may(request.user, Action.READ_EVENTS)))


@door(Action.READ_FIRMS)
def snapshot_page(request: HttpRequest, directory: str) -> HttpResponse:
    asked = request.GET
    page = snapshot(book_of(request), directory, whole(asked.get("page")) or 1, asked.get("only", ""))
    return answer(request, "web/snapshot.html", page, may_import=bool(access.may(request.user, Action.IMPORT)))


@require_POST
@door(Action.IMPORT)
def snapshot_withdraw(request: HttpRequest, directory: str) -> HttpResponse:
    day = held_day(book_of(request), directory)
    flows.withdraw_firms(workspace.current(), day, actor=request.user.get_username(), reason=forms.reason(request))
    messages.success(request, _("已撤回。导入和撤回都留在操作日志里。"))
    return redirect("firms-import")


@door(Action.READ_FIRMS)
def snapshot_xlsx(request: HttpRequest, directory: str) -> HttpResponse:
    content = damaged_workbook(book_of(request), directory, created=workspace.current().clock())
    return workbook(content, f"damaged-{directory}.xlsx")


@door(Action.READ_FIRMS)
def changes_page(request: HttpRequest) -> HttpResponse:
    page = changes(book_of(request), read_filter(ChangesFilter, request.GET), whole(request.GET.get("page")) or 1)
    return answer(request, "web/changes.html", page, may_import=bool(access.may(request.user, Action.IMPORT)))


@door(Action.READ_FIRMS)
def changes_xlsx(request: HttpRequest) -> HttpResponse:
    wanted = read_filter(ChangesFilter, request.GET)
    return workbook(changes_workbook(book_of(request), wanted, created=workspace.current().clock()), "changes.xlsx")


@door(Action.READ_FIRMS)
def twins_page(request: HttpRequest) -> HttpResponse:
    page = twins(book_of(request), request.GET.get("only", ""), whole(request.GET.get("page")) or 1)
    may_import = bool(access.may(request.user, Action.IMPORT))
    verdicts = [(each.value, each.label) for each in (Verdict.OPEN, Verdict.SAME, Verdict.DIFFERENT)]
    return answer(request, "web/twins.html", page, may_import=may_import, verdicts=verdicts)


@door(Action.READ_FIRMS)
def twins_xlsx(request: HttpRequest) -> HttpResponse:
    content = twins_workbook(book_of(request), request.GET.get("only", "open"), created=workspace.current().clock())
    return workbook(content, "twins.xlsx")


@require_POST
@door(Action.IMPORT)
def twins_decide(request: HttpRequest) -> HttpResponse:
    """`verdict`: `same-<code to go by>`, `different`, or `open` to take a decision back."""
    book = book_of(request)
    codes = tuple(request.POST.get(name, "").strip() for name in ("one", "other"))
    said, _dash, kept = request.POST.get("verdict", "").partition("-")
    if said not in [each.value for each in Verdict] or (said == Verdict.SAME) != (kept in codes and bool(kept)):
        raise InputRefused([forms.fault("没有选定决定", "请点按钮决定")])
    for code in codes:
        firm_row(book, code)
    flows.decide_twins(
        workspace.current(), (codes[0], codes[1]), Verdict(said), actor=request.user.get_username(), kept=kept,
        reason=forms.reason(request),
    )  # fmt: skip
    messages.success(request, _("已决定。"))
    return redirect("twins")
