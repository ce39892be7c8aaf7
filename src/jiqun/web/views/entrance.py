"""In and out: login, password, day, language; and the pages for what went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import workspace
from jiqun.ledger.models import Account
from jiqun.web.frame import SESSION_KEY, answer, door, frame, read_day


class Login(LoginView):
    template_name = "web/login.html"
    redirect_authenticated_user = True

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Where the person wanted to go; not back to the log-in itself, where they would turn in a circle."""
        wanted = super().get_redirect_url()
        return "" if wanted.split("?")[0] == self.request.path else wanted


class NewPassword(PasswordChangeForm):
    """A password that is new: the generated one was seen by whoever made it."""

    def clean_new_password2(self) -> str:
        chosen: str = self.cleaned_data.get("new_password2", "")
        if chosen and self.user.check_password(chosen):
            raise ValidationError(_("新密码与原密码相同，请另设一个。"))
        return chosen


@dataclass(frozen=True)
class PasswordPage:
    is_first: bool


@door()
def password(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated  # the door saw to it
    form = NewPassword(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        Account.objects.filter(user=request.user).update(must_change_password=False)
        messages.success(request, _("密码已修改。"))
        return redirect("overview")
    is_first = Account.objects.filter(user=request.user, must_change_password=True).exists()
    return answer(request, "web/password.html", PasswordPage(is_first), form=form)


@door()
def as_of(request: HttpRequest) -> HttpResponse:
    """Keep the day that pages are shown as of, and go back to where the person was."""
    day = read_day(request.GET.get("as_of", ""), workspace.current().today)
    if day is None:
        messages.error(request, _("没有看懂日期，请按 2023-08-08 填写。"))
    else:
        asked = request.GET["as_of"]
        request.session[SESSION_KEY] = asked if asked == "today" else day.isoformat()
    return redirect(_back(request, request.GET.get("next", "")))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Chinese or English from now on, kept in a cookie."""
    answered = redirect(_back(request, request.POST.get("next", "")))
    chosen = request.POST.get("language", "")
    if check_for_language(chosen) and chosen in dict(settings.LANGUAGES):
        answered.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, httponly=True, samesite="Lax")
    return answered


def _back(request: HttpRequest, wanted: str) -> str:
    """`wanted` where it is a page of ours, else the first page."""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if safe else "/"


def _page_of(status: int, message: str) -> dict[str, object]:
    return {"status": status, "message": message, "findings": ()}


def refused(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """A page for a person; for htmx only the words."""
    template = "web/parts/problem.html" if request.headers.get("HX-Request") else "web/fault.html"
    context = {"fault": _page_of(status, message), "frame": frame(request)}
    return render(request, template, context, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refused(request, 404, _("地址可能有误，或内容已经移走。"))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return refused(request, 403, _("您的账号没有这一权限。"))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF refusal in words: almost always a page left open over a new login."""
    return refused(request, 403, _("页面已过期，请返回上一页刷新后重试。"))


def not_so(request: HttpRequest) -> HttpResponse:
    return refused(request, 405, _("这个地址只接受页面上的按钮提交的内容，请从页面上操作。"))


def too_large(request: HttpRequest, limit: int) -> HttpResponse:
    return refused(request, 413, _("提交的内容超过 %(mb)d MB 的上限，没有收取。") % {"mb": limit >> 20})


def locked(request: HttpRequest, *_args: object, **_kwargs: object) -> HttpResponse:
    """After too many wrong passwords, whatever the password is now."""
    minutes = round(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
    said = _("密码连续错了 %(n)d 次，账号已锁定。请 %(m)d 分钟后再试，或请管理员重置密码（jiqun user reset）。")
    return refused(request, 429, said % {"n": settings.AXES_FAILURE_LIMIT, "m": minutes})


def malformed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What Django itself will not read. Asks the database nothing: the host or the session may be what is wrong."""
    fault = _page_of(400, _("请求无法识别，或一次提交的内容过多。"))
    return render(request, "web/broken.html", {"fault": fault}, status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """Asks the database nothing: it may be what is broken."""
    fault = _page_of(500, _("已记入服务器日志。请稍后再试；如果一直这样，请告诉管理员。"))
    return render(request, "web/broken.html", {"fault": fault}, status=500)
