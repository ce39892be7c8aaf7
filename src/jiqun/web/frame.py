"""What surrounds every page: who is asking, as of which day, for which city; and the way a page is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from jiqun import workspace
from jiqun.ledger import access, chain
from jiqun.ledger.access import Action
from jiqun.ledger.models import Account, Role
from jiqun.model.errors import Forbidden, InputRefused, JiqunError, NothingYet
from jiqun.reports import review, rounds
from jiqun.reports.dockets import readable
from jiqun.reports.view import View

SESSION_KEY = "as_of"
_PLACES = {"dockets": ("/dockets/", "/items/"), "rounds": ("/rounds/", "/returns/")}  # entries of several addresses
Page = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class NavItem:
    url: str
    label: str
    is_here: bool
    count: int = 0


@dataclass(frozen=True)
class Frame:
    """The head and foot of a page."""

    is_signed_in: bool
    user_name: str = ""
    role_label: str = ""
    scope_name: str = ""
    scope_url: str = ""
    city_name: str = ""
    edition: str = ""
    digest: str = ""
    head: int = 0
    as_of: date | None = None
    today: date | None = None
    is_today: bool = True
    today_url: str = ""
    opens_on: date | None = None
    opens_url: str = ""
    here: str = ""
    query: str = ""
    nav: tuple[NavItem, ...] = ()
    may_review: bool = False
    may_import: bool = False
    may_audit: bool = False


def door(action: Action = Action.READ) -> Callable[[Page], Page]:
    """A view that only people who may do `action` reach; faults on the way become a page for a person.

    Whether this person may do it to this thing is asked again by the view or the verb. Strangers and generated
    passwords do not come this far: `web.gate`.
    """

    def guard(view: Page) -> Page:
        @wraps(view)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                access.require(request.user, action)
                return view(request, *args, **kwargs)
            except JiqunError as error:
                return fault(request, error)

        entered.action = action  # type: ignore[attr-defined]  # read by the test that no view stands open
        return entered

    return guard


def view_of(request: HttpRequest, *, keeps_day: bool = True) -> View:
    """From where this request looks: `?as_of=` first, then the session, then the day the folder opens on.

    A day asked for is kept in the session unless `keeps_day` is False.
    """
    ws = workspace.current()
    today = ws.today
    asked = request.GET.get("as_of", "")
    if asked:
        day = read_day(asked, today)
        if day is not None and not keeps_day:
            return View(ws.city, day, today, request.user)
        if day is not None:
            request.session[SESSION_KEY] = asked if asked == "today" else day.isoformat()
    kept = request.session.get(SESSION_KEY, "")
    on = read_day(kept, today) or ws.opens_on or today
    return View(ws.city, on, today, request.user)


def account_of(request: HttpRequest) -> Account:
    """The role and scope of who is asking. Raises Forbidden for an account that has none."""
    found = access.account_of(request.user)
    if found is None:
        raise Forbidden(_("账号还没有角色，请联系市级管理员"))
    return found


def read_day(text: str, today: date) -> date | None:
    if text == "today":
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def answer(request: HttpRequest, template: str, page: object, *, status: int = 200, **extra: Any) -> HttpResponse:
    """The page as HTML. Templates receive the context `page`, the `frame`, and what a form needs."""
    return render(request, template, {"page": page, "frame": frame(request), **extra}, status=status)


def fault(request: HttpRequest, error: JiqunError) -> HttpResponse:
    """A page that says what went wrong and what can be done; for htmx only the words. Nothing there yet is no fault."""
    is_page = request.method == "GET" and not request.headers.get("HX-Request") and request.path.endswith("/")
    if isinstance(error, NothingYet) and is_page:
        return answer(request, "web/no_firms.html", str(error))
    findings = error.findings if isinstance(error, InputRefused) else ()
    fields = {"status": error.http_status, "message": str(error), "findings": findings}
    template = "web/parts/problem.html" if request.headers.get("HX-Request") else "web/fault.html"
    return render(request, template, {"fault": fields, "frame": frame(request)}, status=error.http_status)


def frame(request: HttpRequest) -> Frame:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Frame(is_signed_in=False)
    with access.looking_up_once():
        return _frame(request, user)


def _frame(request: HttpRequest, user: Any) -> Frame:
    view = view_of(request)
    account = access.account_of(user)
    may_review = bool(access.may(user, Action.REVIEW))
    opens = workspace.current().opens_on
    return Frame(
        is_signed_in=True,
        user_name=user.get_full_name() or user.get_username(),
        role_label=str(Role(account.role).label) if account else _("没有角色"),
        scope_name=_scope(view, account),
        scope_url=_scope_page(account),
        city_name=view.city.name,
        edition=view.city.edition,
        digest=view.city.digest[:12],
        head=chain.head()[0],
        as_of=view.on,
        today=view.today,
        is_today=view.is_today,
        today_url=_with_day(request, "today"),
        opens_on=opens,
        opens_url=_with_day(request, opens.isoformat()) if opens and opens != view.on else "",
        here=_without_day(request),
        query=request.GET.get("q", "") if request.path == reverse("search") else "",
        nav=_nav(request, may_review),
        may_review=may_review,
        may_import=bool(access.may(user, Action.IMPORT)),
        may_audit=bool(access.may(user, Action.READ_EVENTS)),
    )


def _scope(view: View, account: Account | None) -> str:
    if account is None:
        return ""
    if account.body_id:
        return view.names.body(account.body_id).name
    area = view.names.area(account.area_id)
    return area.name if area else ""


def _scope_page(account: Account | None) -> str:
    """The page of the body or area that the account answers for."""
    if account is not None and account.body_id:
        return reverse("body", args=[account.body_id])
    return reverse("area", args=[account.area_id]) if account is not None and account.area_id else ""


def _nav(request: HttpRequest, may_review: bool) -> tuple[NavItem, ...]:
    labels = [
        ("overview", _("总览")), ("documents", _("文件")), ("review", _("审核")), ("targets", _("目标")),
        ("tasks", _("任务")), ("indicators", _("指标")), ("clusters", _("集群")), ("chains", _("产业链")),
        ("dockets", _("清单")),
        ("layouts", _("布局")), ("areas", _("区域")), ("bodies", _("机构")), ("firms", _("企业")), ("tiers", _("梯度")),
        ("rounds", _("报表")),
    ]  # fmt: skip
    found = []
    may_read_firms = bool(access.may(request.user, Action.READ_FIRMS))
    for name, label in labels:
        if (name == "review" and not may_review) or (name == "firms" and not may_read_firms):
            continue
        if name == "dockets" and not readable(view_of(request, keeps_day=False)):
            continue
        if name == "layouts" and not workspace.current().city.layouts:
            continue
        if name == "rounds" and not (workspace.current().city.forms and access.may(request.user, Action.READ_RETURNS)):
            continue
        path = reverse(name)
        is_here = request.path == path if name == "overview" else request.path.startswith(_PLACES.get(name, (path,)))
        found.append(NavItem(name, label, is_here, _waiting(name, request)))
    return tuple(found)


def _waiting(name: str, request: HttpRequest) -> int:
    """How much waits for this reader behind an entry."""
    if name == "rounds":
        return rounds.waiting(view_of(request, keeps_day=False))
    return review.waiting() if name == "review" else 0


def _with_day(request: HttpRequest, day: str) -> str:
    return reverse("as-of") + "?" + urlencode({"as_of": day, "next": _without_day(request)})


def _without_day(request: HttpRequest) -> str:
    values = request.GET.copy()
    values.pop("as_of", None)
    if request.method != "GET":
        return request.path
    return request.path + (f"?{values.urlencode()}" if values else "")
