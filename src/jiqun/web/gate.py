"""What holds for every address, whoever wrote its view: nobody gets in unasked, and nothing is left lying about.

A view that is new is closed until it is named in `OPEN`; who may do what inside is asked by its door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import ResolverMatch
from django.utils.translation import gettext as _

from jiqun.ledger import access
from jiqun.web.views import entrance

OPEN = frozenset({"login", "logout", "language"})
WITH_GENERATED_PASSWORD = OPEN | {"password"}
LONGEST_ASKED = 4000  # characters of one parameter of an address; SQLite's LIKE gives up at 50,000 bytes
LONGEST_TYPED = 10_000  # of one field of a form: the ledger keeps it for ever


class Gate:
    """Stands behind the session and before everything that reads a body: a stranger's upload is never parsed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with access.looking_up_once() if request.method in ("GET", "HEAD") else nullcontext():
            response = self._too_large(request) or self.get_response(request)
        if response.status_code == 405 and not _is_api(request.resolver_match):
            response = _with_headers_of(response, entrance.not_so(request))
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if "\0" in request.path_info:
            return _refused(request, 404, _("地址可能有误，或内容已经移走。"))
        if not _is_readable(request.GET.lists(), LONGEST_ASKED):
            return _refused(request, 400, _("地址里的内容过长，或含有无法识别的字符。"))
        if name in OPEN:
            return None
        if not request.user.is_authenticated:
            return _sent_to_log_in(request)
        if name not in WITH_GENERATED_PASSWORD and _has_generated_password(request):
            if _is_api(match):
                return _refused(request, 403, "请先在网页上修改初始密码")
            return _sent(request, redirect("password"))
        return None

    def _too_large(self, request: HttpRequest) -> HttpResponse | None:
        """Refused by what the client says before anything of it is read."""
        said = request.META.get("CONTENT_LENGTH") or "0"
        if said.isdecimal() and len(said) < 16 and int(said) <= settings.UPLOAD_LIMIT_BYTES:
            return None
        return entrance.too_large(request, settings.UPLOAD_LIMIT_BYTES)


class TypedText:
    """Stands behind the check of the form's token: refuses text that no database takes, and endless text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.method == "POST" and not _is_readable(request.POST.lists(), LONGEST_TYPED):
            said = _("填写的内容含有无法识别的字符，或有一栏超过 %(n)d 个字。") % {"n": LONGEST_TYPED}
            return _refused(request, 422, said)
        return None


def _is_readable(fields: Iterable[tuple[str, list[Any]]], longest: int) -> bool:
    return all(
        len(name) <= longest and "\0" not in name and all(len(text) <= longest and "\0" not in text for text in texts)
        for name, texts in fields
    )


def _has_generated_password(request: HttpRequest) -> bool:
    account = access.account_of(request.user)
    return account is not None and account.must_change_password


def _sent_to_log_in(request: HttpRequest) -> HttpResponseBase:
    """A page asked for comes up after log-in; of anything else only the log-in."""
    if _is_api(request.resolver_match):
        return _refused(request, 401, "请先登录")
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    return _sent(request, redirect(settings.LOGIN_URL))


def _sent(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """htmx would put the other page inside this one; it is told to go there."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": answer.headers["Location"]})
    return answer


def _is_api(match: ResolverMatch | None) -> bool:
    """Answers are JSON there, but for the page that documents it."""
    return match is not None and match.namespace == "api" and match.url_name != "openapi-view"


def _refused(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """In words for a person, or in the shape of the API's faults."""
    if not _is_api(request.resolver_match):
        return entrance.refused(request, status, message)
    codes = {400: "usage", 401: "not_signed_in", 403: "forbidden", 404: "not_found", 422: "input_refused"}
    body = {"ok": False, "error": {"code": codes[status], "message": message}, "status": status}
    return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})


def _with_headers_of(old: HttpResponseBase, new: HttpResponse) -> HttpResponse:
    if "Allow" in old.headers:
        new.headers["Allow"] = old.headers["Allow"]
    return new
