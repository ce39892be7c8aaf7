"""The register of firms: the list, one firm, the workbook. They are read for 企业服务, within the reader's scope."""

from __future__ import annotations

import io
from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from jiqun import workspace
from jiqun.ledger.access import Action
from jiqun.reports import firm_workbooks
from jiqun.reports.firm import firm
from jiqun.reports.firmbook import Firmbook, opened
from jiqun.reports.firms import ANSWERS, FirmFilter, all_fitting, firms
from jiqun.reports.lists import STATES
from jiqun.tables import xlsx
from jiqun.tables.xlsx import Page
from jiqun.web.forms import read_filter, whole
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.targets import XLSX


def book_of(request: HttpRequest) -> Firmbook:
    return opened(view_of(request), workspace.current().path / "registers")


def workbook(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def sheets_of(made: tuple[Sequence[Page], Sequence[tuple[str, str]]], name: str) -> HttpResponse:
    """Sheets and their notes, as a report makes them, as a workbook made now."""
    sheets, notes = made
    out = io.BytesIO()
    xlsx.write(out, sheets, created=workspace.current().clock(), notes=notes)
    return workbook(out.getvalue(), f"{name.replace('|', '-')}.xlsx")


@door(Action.READ_FIRMS)
def firms_page(request: HttpRequest) -> HttpResponse:
    book = book_of(request)
    wanted = read_filter(FirmFilter, request.GET)
    page = firms(book, wanted, whole(request.GET.get("page")) or 1)
    labels = {"area": _("区域"), "industry": _("行业")}
    selects = [(name, label, getattr(wanted, name), page.options[name]) for name, label in labels.items()]
    return answer(request, "web/firms.html", page, selects=selects, answers=ANSWERS, sizes=_sizes())


@door(Action.READ_FIRMS)
def firms_xlsx(request: HttpRequest) -> HttpResponse:
    book = book_of(request)
    rows, total = all_fitting(book, read_filter(FirmFilter, request.GET), firm_workbooks.MOST)
    content = firm_workbooks.firms_workbook(book, rows, total, created=workspace.current().clock())
    return workbook(content, f"firms-{book.snapshot_day:%Y%m%d}.xlsx")


@door(Action.READ_FIRMS)
def firm_page(request: HttpRequest, code: str) -> HttpResponse:
    return answer(request, "web/firm.html", firm(book_of(request), code), states=STATES)


def _sizes() -> list[tuple[str, str]]:
    return [("4", _("大型")), ("3", _("中型")), ("2", _("小型")), ("1", _("微型"))]
