"""Where industries gather: measures of the register, as a page and a workbook."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from jiqun import workspace
from jiqun.ledger.access import Action
from jiqun.model.errors import NotFound
from jiqun.reports.measures import MeasureFilter, measures, measures_workbook
from jiqun.web.forms import read_filter
from jiqun.web.frame import answer, door
from jiqun.web.views.firms import book_of, workbook


@door(Action.READ_FIRMS)
def measures_page(request: HttpRequest) -> HttpResponse:
    try:
        page = measures(book_of(request), read_filter(MeasureFilter, request.GET))
    except NotFound as error:
        return answer(request, "web/no_firms.html", str(error), title=_("集聚测度"))
    labels = {"by": _("分组"), "size": _("规模"), "area": _("区域")}
    selects = [(name, label, getattr(page.filter, name), page.options[name]) for name, label in labels.items()]
    by_cluster = next((one.value for one in page.options["by"] if not one.value.isdecimal()), None)
    is_level = page.filter.by.isdecimal()
    switch = [(_("行业"), is_level, page.filter.by if is_level else MeasureFilter.by)]
    if by_cluster:
        switch.append((_("集群"), not is_level, by_cluster if is_level else page.filter.by))
    return answer(request, "web/measures.html", page, selects=selects, switch=switch)


@door(Action.READ_FIRMS)
def measures_xlsx(request: HttpRequest) -> HttpResponse:
    book = book_of(request)
    content = measures_workbook(book, read_filter(MeasureFilter, request.GET), created=workspace.current().clock())
    return workbook(content, f"measures-{book.snapshot_day:%Y%m%d}.xlsx")
