"""Pages that show one context: each asks for it and answers."""

from __future__ import annotations

from contextlib import suppress

from django.http import HttpRequest, HttpResponse

from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import Forbidden, NotFound
from jiqun.reports.areas import area, areas
from jiqun.reports.bodies import bodies, body
from jiqun.reports.cluster_measures import of_area, of_cluster
from jiqun.reports.clusters import cluster, clusters
from jiqun.reports.firmbook import Firmbook
from jiqun.reports.overview import overview
from jiqun.reports.search import search
from jiqun.reports.tasks import TaskFilter, task, tasks
from jiqun.web.forms import read_filter, whole
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.firms import book_of


@door()
def overview_page(request: HttpRequest) -> HttpResponse:
    return answer(request, "web/overview.html", overview(view_of(request)))


@door()
def tasks_page(request: HttpRequest) -> HttpResponse:
    wanted = read_filter(TaskFilter, request.GET)
    return answer(request, "web/tasks.html", tasks(view_of(request), wanted, whole(request.GET.get("page")) or 1))


@door()
def task_page(request: HttpRequest, key: str) -> HttpResponse:
    may_comment = bool(access.may(request.user, Action.COMMENT))
    return answer(request, "web/task.html", task(view_of(request), key), may_comment=may_comment)


@door()
def clusters_page(request: HttpRequest) -> HttpResponse:
    return answer(request, "web/clusters.html", clusters(view_of(request)))


@door()
def cluster_page(request: HttpRequest, key: str) -> HttpResponse:
    book = _book(request)
    split_by, every_period = request.GET.get("key", ""), "all" in request.GET
    page = cluster(view_of(request), key, book, split_by, every_period=every_period)
    return answer(request, "web/cluster.html", page, measured=of_cluster(book, key) if book else None)


def _book(request: HttpRequest) -> Firmbook | None:
    """Without a register, or the right to read it, a page says nothing of firms."""
    if access.may(request.user, Action.READ_FIRMS):
        with suppress(NotFound, Forbidden):
            return book_of(request)
    return None


@door()
def areas_page(request: HttpRequest) -> HttpResponse:
    return answer(request, "web/areas.html", areas(view_of(request), request.GET.get("indicator", "")))


@door()
def area_page(request: HttpRequest, key: str) -> HttpResponse:
    page, book = area(view_of(request), key), _book(request)
    return answer(request, "web/area.html", page, measured=of_area(book, key) if book else None)


@door()
def bodies_page(request: HttpRequest) -> HttpResponse:
    return answer(request, "web/bodies.html", bodies(view_of(request)))


@door()
def body_page(request: HttpRequest, key: str) -> HttpResponse:
    return answer(request, "web/body.html", body(view_of(request), key))


@door()
def search_page(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "")[:100]
    book = _book(request) if query.strip() else None
    return answer(request, "web/search.html", search(view_of(request), query, book))
