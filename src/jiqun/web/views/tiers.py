"""The cultivation ladder: rules for every reader, how many firms reach them for those who may read firms."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from jiqun import workspace
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import Forbidden, NotFound
from jiqun.reports.cluster_case import cluster_case
from jiqun.reports.firmbook import Firmbook
from jiqun.reports.near import ANSWERS, NearFilter, near, near_workbook
from jiqun.reports.tiers import MAPPED, tier, tiers
from jiqun.reports.whatif import SIGNS, what_if
from jiqun.web.forms import read_filter, whole
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.firms import book_of, workbook


@door()
def tiers_page(request: HttpRequest) -> HttpResponse:
    book, why = _book(request)
    return answer(request, "web/tiers.html", tiers(view_of(request), book), why=why)


@door()
def tier_page(request: HttpRequest, key: str) -> HttpResponse:
    book, why = _book(request)
    page = tier(view_of(request), key, book, request.GET.get("map", ""))
    return answer(request, "web/tier.html", page, why=why, mappings=MAPPED)


def _book(request: HttpRequest) -> tuple[Firmbook | None, str]:
    """The register where there is one for this reader; else why not, "" for readers who are shown none anyway."""
    if not access.may(request.user, Action.READ_FIRMS):
        return None, ""
    try:
        return book_of(request), ""
    except (NotFound, Forbidden) as error:
        return None, str(error)


@door(Action.READ_FIRMS)
def near_page(request: HttpRequest, key: str) -> HttpResponse:
    wanted = read_filter(NearFilter, request.GET)
    page = near(book_of(request), key, wanted, whole(request.GET.get("page")) or 1)
    kept = {name: getattr(page.filter, name) for name in ("area", "cluster", "clause", "answer", "sort")}
    return answer(request, "web/near.html", page, answers=ANSWERS, kept=kept)


@door(Action.READ_FIRMS)
def near_xlsx(request: HttpRequest, key: str) -> HttpResponse:
    book = book_of(request)
    content = near_workbook(book, key, read_filter(NearFilter, request.GET), created=workspace.current().clock())
    return workbook(content, f"near-{key}-{book.snapshot_day:%Y%m%d}.xlsx")


@door()
def cluster_page(request: HttpRequest, key: str) -> HttpResponse:
    """A cluster's figures as typed, held against the rule; rules are public, and nothing is kept."""
    page = cluster_case(view_of(request), key, request.GET)
    return answer(request, "web/cluster_case.html", page, status=422 if page.faults else 200)


@door(Action.READ_FIRMS)
def what_if_page(request: HttpRequest, key: str) -> HttpResponse:
    page = what_if(book_of(request), key, request.GET)
    # a slider that passes an unfit number is told beside it; the address of a page says that it was not understood
    status = 422 if page.faults and not request.headers.get("HX-Request") else 200
    return answer(request, "web/what_if.html", page, status=status, signs=SIGNS)
