"""A round of firms by derived industry or cluster: the page and its workbook."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from jiqun import workspace
from jiqun.ledger.access import Action
from jiqun.reports.derived import DerivedFilter, derived_page
from jiqun.reports.derived_sheets import derived_sheets
from jiqun.web.forms import read_filter, whole
from jiqun.web.frame import answer, door, read_day, view_of
from jiqun.web.views.firms import sheets_of


@door(Action.READ_RETURNS)
def round_derived(request: HttpRequest, key: str) -> HttpResponse:
    ws, wanted = workspace.current(), read_filter(DerivedFilter, request.GET)
    known, page = read_day(wanted.known, ws.today), whole(request.GET.get("page")) or 1
    found = derived_page(view_of(request), ws.path / "registers", key, wanted, known, page)
    return answer(request, "web/derived.html", found)


@door(Action.READ_RETURNS)
def round_derived_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    ws, wanted = workspace.current(), read_filter(DerivedFilter, request.GET)
    known = read_day(wanted.known, ws.today)
    return sheets_of(derived_sheets(view_of(request), ws.path / "registers", key, wanted, known), f"derived-{key}")
