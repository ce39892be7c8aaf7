"""The same contexts as the pages, as JSON; reading only, for signed-in sessions."""

from __future__ import annotations

import logging
from dataclasses import fields
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import SessionAuth

from jiqun import __version__, flows, workspace
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.model.errors import InputRefused, JiqunError, UsageError
from jiqun.reports import (
    areas,
    bodies,
    clusters,
    dockets,
    documents,
    events,
    indicators,
    item,
    layouts,
    overview,
    search,
    target,
    targets,
    tasks,
)
from jiqun.reports.review import Review, ReviewFilter, review
from jiqun.reports.view import View
from jiqun.web.forms import read_filter
from jiqun.web.frame import read_day, view_of

_log = logging.getLogger(__name__)

api = NinjaAPI(
    title="集群 · Jiqun",
    version=__version__,
    description="与页面同一内容的只读接口。`as_of=YYYY-MM-DD` 按该日所知回答。错误一律为 "
    '`{"ok": false, "error": {"code", "message"}, "status"}`。',
    auth=SessionAuth(),  # checks the token of whatever is not GET
    urls_namespace="api",
    docs_decorator=login_required,
)


def _filter(kind: type[Any]) -> dict[str, Any]:
    """The fields of a page's filter, described as parameters of an address."""
    return {
        "parameters": [
            {"in": "query", "name": field.name, "required": False,
             "schema": {"type": "integer" if "int" in str(field.type) else "string"}}
            for field in fields(kind)
        ]
    }  # fmt: skip


def _allow(request: HttpRequest, action: Action = Action.READ) -> None:
    access.require(request.user, action)


def _view(request: HttpRequest) -> View:
    """An `as_of` of the API is for this answer only; the person's pages keep their day."""
    if request.GET.get("as_of") and read_day(request.GET["as_of"], date.min) is None:
        raise UsageError("as_of 应写成 2023-08-08")
    return view_of(request, keeps_day=False)


@api.get("/overview", response=overview.Overview, tags=["总览"])
def get_overview(request: HttpRequest, as_of: str = "") -> Any:
    _allow(request)
    return overview.overview(_view(request))


@api.get("/documents", response=documents.Documents, tags=["文件"])
def get_documents(request: HttpRequest, q: str = "", page: int = 1, as_of: str = "") -> Any:
    _allow(request)
    return documents.documents(_view(request), q, page)


@api.get("/documents/{digest}", response=documents.DocumentPage, tags=["文件"])
def get_document(request: HttpRequest, digest: str, original: bool = False, as_of: str = "") -> Any:
    _allow(request)
    return documents.document(_view(request), digest, is_original=original)


@api.get("/review", response=Review, tags=["审核"], openapi_extra=_filter(ReviewFilter))
def get_review(request: HttpRequest, page: int = 1, claim: str = "") -> Any:
    _allow(request, Action.REVIEW)
    return review(_view(request), read_filter(ReviewFilter, request.GET), page, claim)


@api.get("/targets", response=targets.Targets, tags=["目标"], openapi_extra=_filter(targets.TargetFilter))
def get_targets(request: HttpRequest, page: int = 1, as_of: str = "") -> Any:
    _allow(request)
    return targets.targets(_view(request), read_filter(targets.TargetFilter, request.GET), page)


@api.get("/targets/{key}", response=target.TargetPage, tags=["目标"])
def get_target(request: HttpRequest, key: str, as_of: str = "") -> Any:
    _allow(request)
    return target.target(_view(request), key)


@api.get("/tasks", response=tasks.Tasks, tags=["任务"], openapi_extra=_filter(tasks.TaskFilter))
def get_tasks(request: HttpRequest, page: int = 1, as_of: str = "") -> Any:
    _allow(request)
    return tasks.tasks(_view(request), read_filter(tasks.TaskFilter, request.GET), page)


@api.get("/tasks/{path:key}", response=tasks.TaskPage, tags=["任务"])
def get_task(request: HttpRequest, key: str, as_of: str = "") -> Any:
    _allow(request)
    return tasks.task(_view(request), key)


@api.get("/indicators", response=indicators.Indicators, tags=["指标"])
def get_indicators(request: HttpRequest, q: str = "", only: str = "used", as_of: str = "") -> Any:
    _allow(request)
    return indicators.indicators(_view(request), q, only)


@api.get("/indicators/{key}", response=indicators.IndicatorPage, tags=["指标"])
def get_indicator(request: HttpRequest, key: str, area: str = "", as_of: str = "") -> Any:
    _allow(request)
    return indicators.indicator(_view(request), key, area)


@api.get("/clusters", response=clusters.Clusters, tags=["集群"])
def get_clusters(request: HttpRequest, as_of: str = "") -> Any:
    _allow(request)
    return clusters.clusters(_view(request))


@api.get("/clusters/{key}", response=clusters.ClusterPage, tags=["集群"])
def get_cluster(request: HttpRequest, key: str, as_of: str = "") -> Any:
    _allow(request)
    return clusters.cluster(_view(request), key)


@api.get("/layouts", response=layouts.LayoutsPage, tags=["布局"])
def get_layouts(request: HttpRequest, as_of: str = "") -> Any:
    _allow(request)
    return layouts.layouts(_view(request))


@api.get("/layouts/{key}", response=dict[str, Any], tags=["布局"])
def get_layout(request: HttpRequest, key: str, as_of: str = "") -> Any:
    """As `jiqun layout --json`; what the page's address tries is tried here too."""
    _allow(request)
    view = _view(request)
    page = layouts.board(view, key, dict(request.GET.lists()), workspace.current().path / "registers")
    return flows.layout_record(page.layout, page.found, view.on)


@api.get("/dockets", response=dockets.DocketsPage, tags=["清单"])
def get_dockets(request: HttpRequest, as_of: str = "") -> Any:
    _allow(request)
    return dockets.dockets(_view(request))


@api.get("/dockets/{key}", response=dockets.DocketPage, tags=["清单"], openapi_extra=_filter(dockets.ItemFilter))
def get_docket(request: HttpRequest, key: str, page: int = 1, as_of: str = "") -> Any:
    _allow(request)
    return dockets.docket(_view(request), key, read_filter(dockets.ItemFilter, request.GET), page)


@api.get("/items/{key}", response=item.ItemPage, tags=["清单"])
def get_item(request: HttpRequest, key: str, as_of: str = "") -> Any:
    """One item with its way so far; a field for its parties alone is empty for others, and `is_hidden`."""
    _allow(request)
    return item.item(_view(request), key)


@api.get("/areas", response=areas.Areas, tags=["区域"])
def get_areas(request: HttpRequest, indicator: str = "", as_of: str = "") -> Any:
    _allow(request)
    return areas.areas(_view(request), indicator)


@api.get("/areas/{key}", response=areas.AreaPage, tags=["区域"])
def get_area(request: HttpRequest, key: str, as_of: str = "") -> Any:
    _allow(request)
    return areas.area(_view(request), key)


@api.get("/bodies", response=bodies.Bodies, tags=["机构"])
def get_bodies(request: HttpRequest, as_of: str = "") -> Any:
    _allow(request)
    return bodies.bodies(_view(request))


@api.get("/bodies/{key}", response=bodies.BodyPage, tags=["机构"])
def get_body(request: HttpRequest, key: str, as_of: str = "") -> Any:
    _allow(request)
    return bodies.body(_view(request), key)


@api.get("/search", response=search.Search, tags=["检索"])
def get_search(request: HttpRequest, q: str, as_of: str = "") -> Any:
    _allow(request)
    return search.search(_view(request), q[:100])


@api.get("/events", response=events.Events, tags=["日志"], openapi_extra=_filter(events.EventFilter))
def get_events(request: HttpRequest, page: int = 1, verify: bool = False) -> Any:
    _allow(request, Action.READ_EVENTS)
    if verify:
        _allow(request, Action.VERIFY_CHAIN)
    return events.events(_view(request), read_filter(events.EventFilter, request.GET), page, verified=verify)


@api.get("/runs", response=events.Runs, tags=["日志"])
def get_runs(request: HttpRequest, page: int = 1) -> Any:
    _allow(request, Action.READ_EVENTS)
    return events.runs(_view(request), page)


# ── one shape for everything that goes wrong ────────────────────────────────────────────────────────────────


def _refused(request: HttpRequest, status: int, code: str, message: str, **more: Any) -> HttpResponse:
    body = {"ok": False, "error": {"code": code, "message": message, **more}, "status": status}
    return api.create_response(request, body, status=status)


@api.exception_handler(JiqunError)
def on_jiqun_error(request: HttpRequest, error: JiqunError) -> HttpResponse:
    more = {"findings": [str(finding) for finding in error.findings]} if isinstance(error, InputRefused) else {}
    return _refused(request, error.http_status, error.code, str(error), **more)


@api.exception_handler(AuthenticationError)
def on_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _refused(request, 401, "not_signed_in", "请先登录")


@api.exception_handler(ValidationError)
def on_bad_request(request: HttpRequest, error: ValidationError) -> HttpResponse:
    names = "、".join(str(fault["loc"][-1]) for fault in error.errors)
    return _refused(request, 422, "usage", f"参数有误：{names}")


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return _refused(request, 404, "not_found", "没有这个地址")


@api.exception_handler(Exception)
def on_broken(request: HttpRequest, error: Exception) -> HttpResponse:
    _log.error("API: %s %s", request.method, request.path, exc_info=error)
    return _refused(request, 500, "broken", "程序出了问题，已记入服务器日志")


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _refused(request, error.status_code, "http", str(error))
