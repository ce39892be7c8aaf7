"""What an attacker, or a mishap, would try through the browser; each test names what must not happen."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse

from jiqun import flows
from jiqun.ledger.models import Claim, Document, Event, Observation, Target
from tests.web.conftest import PASSWORD
from tests.web.test_access_matrix import FILLED, NEEDS, Things, path_of, things

__all__ = ["things"]
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
NUMBERS = ["-1", "0", "1000000000", "9" * 30, "²", "٣", "9" * 5000, "x", ""]


def login(client: Client, name: str, password: str, **more: Any) -> Any:
    return client.post("/login/", {"username": name, "password": password}, **more)


@pytest.fixture
def demo_user(city: Any) -> str:
    flows.add_user(city, "wang", "city_admin", actor="setup", password=PASSWORD)
    return "wang"


# ── requests from elsewhere ─────────────────────────────────────────────────────────────────────────────────


def test_no_post_is_taken_without_the_form_s_token(city: Any, things: Things, demo_user: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(get_user_model().objects.get(), "django.contrib.auth.backends.ModelBackend")
    before = Event.objects.count()
    for name in NEEDS:
        if name.startswith("api:"):
            assert client.post(path_of(name, things), FILLED).status_code in (403, 404, 405), name
            continue
        answer = client.post(path_of(name, things), FILLED)
        assert answer.status_code == 403, name
        assert "页面已过期" in answer.content.decode(), name
    assert Event.objects.count() == before


def test_the_api_asks_for_the_token_as_soon_as_it_writes() -> None:
    from jiqun.web.api import api

    assert all(auth.csrf for auth in api.auth)


ELSEWHERE = [
    "//evil.example/", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
    "///evil.example", "/\t/evil.example", "http:///evil.example", "/%0d%0aSet-Cookie:x=1", " //evil.example",
]  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_sent_elsewhere(admin: Client, demo_user: str, wanted: str) -> None:
    answers = [
        admin.get("/as-of/", {"as_of": "today", "next": wanted}),
        admin.post("/language/", {"language": "en", "next": wanted}),
        login(Client(), demo_user, PASSWORD, QUERY_STRING="next=" + wanted),
        Client().post("/login/", {"username": demo_user, "password": PASSWORD, "next": wanted}),
        admin.post("/logout/", {"next": wanted}),
    ]
    for answer in answers:
        assert answer.status_code == 302
        assert re.fullmatch(r"/[\w%.:=-]*/?(?:[\w%.:=-]+)?", answer.url), answer.url
        assert "Set-Cookie:x" not in answer.headers.get("Set-Cookie", "")


def test_a_log_in_that_leads_to_itself_turns_in_no_circle(admin: Client) -> None:
    assert admin.get("/login/?next=/login/").url == "/"


def test_leaving_takes_a_button_not_a_link(admin: Client) -> None:
    assert admin.get("/logout/").status_code == 405
    assert admin.get("/").status_code == 200
    assert admin.post("/logout/").url == "/login/"
    assert admin.get("/").url.startswith("/login/")


# ── what people write is shown, never run ───────────────────────────────────────────────────────────────────


def test_text_of_documents_names_and_comments_is_never_markup(admin: Client, city: Any) -> None:
    text = f"云川市{SCRIPT}行动计划\n\n一、目标{SCRIPT}\n\n到2027年，{SCRIPT}高新技术企业达到321家。\n"
    file = SimpleUploadedFile(f"<img src=x onerror=alert(1)>{SCRIPT}.txt".replace("/", ""), text.encode())
    admin.post("/documents/upload/", {"file": file})
    kept = Document.objects.latest("id")
    claim = Claim.objects.get(value_text="321", superseded_at=None)
    fields = {"title": SCRIPT, "indicator_id": "firms", "area_id": "dong", "value_text": "9", "unit": "家<b>",
              "measure": "level", "comparator": "ge", "period": "2027"}  # fmt: skip
    target = flows.add_target(city, fields, actor=SCRIPT, reason=SCRIPT)
    flows.add_comment(city, target, SCRIPT, actor="zhang")
    figure = {"indicator_id": "firms", "area_id": "dong", "period": "2025", "value_text": "7", "source_title": SCRIPT,
              "note": SCRIPT}  # fmt: skip
    flows.add_observation(city, figure, actor="zhang")
    paths = [
        "/documents/", reverse("document", args=[kept.digest]),
        reverse("document", args=[kept.digest]) + "?text=original",
        "/review/", f"/review/?claim={claim.key}", "/targets/", reverse("target", args=[target.key]), "/events/",
        reverse("event", args=[Event.objects.latest("sequence").sequence - 2]), "/search/?q=" + SCRIPT,
        "/indicators/firms/", "/indicators/firms/?area=dong", "/areas/dong/", "/", "/documents/?q=" + SCRIPT,
        "/targets/?title=" + SCRIPT, "/targets/?q=" + SCRIPT, "/api/docs",
    ]  # fmt: skip
    for path in paths:
        assert Markup.of(admin.get(path).content.decode()).foreign == [], path


class Markup(HTMLParser):
    """What a page would run or load that is none of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    @classmethod
    def of(cls, html: str) -> Markup:
        found = cls()
        found.feed(html)
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_ours = (given.get("src") or "").startswith("/static/") or given.get("type") == "application/json"
        if (tag in ("script", "img") and not is_ours) or any(name[:2] == "on" for name in given):
            self.foreign.append(self.get_starttag_text() or tag)


@pytest.mark.parametrize(
    "name", ["a\r\nSet-Cookie: x=1.txt", 'a";filename="b.html.txt', "../../etc/passwd.txt", "云<b>.txt"]
)
def test_a_file_goes_back_as_a_download_under_its_bare_name(admin: Client, city: Any, name: str) -> None:
    done = flows.ingest(city, "到2027年，高新技术企业达到321家。".encode(), name=name, actor="zhang")
    answer = admin.get(reverse("document-file", args=[done.digest]))
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "\n" not in answer.headers["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers
    assert b"".join(answer.streaming_content).decode() == "到2027年，高新技术企业达到321家。"


@pytest.mark.parametrize("digest", ["..%2f..%2fworkspace.yaml", "../secret_key", "%2e%2e", "a" * 5000, "%00", "."])
def test_no_address_leads_out_of_the_files(admin: Client, city: Any, digest: str) -> None:
    assert admin.get(f"/documents/{digest}/file/").status_code in (301, 404)


def test_html_taken_in_is_text_and_comes_back_as_bytes(admin: Client, city: Any) -> None:
    page = "<html><body><h1>计划</h1><script>alert(1)</script><p>到2027年，高新技术企业达到321家。</p></body></html>"
    admin.post("/documents/upload/", {"file": SimpleUploadedFile("x.html", page.encode(), "text/html")})
    digest = Document.objects.latest("id").digest
    assert "<script>alert" not in admin.get(reverse("document", args=[digest])).content.decode()
    answer = admin.get(reverse("document-file", args=[digest]))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    b"".join(answer.streaming_content)


def test_a_workbook_holds_no_formula(admin: Client, city: Any) -> None:
    for start in ("=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(1)", '=HYPERLINK("http://x")'):
        flows.add_target(
            city, {"title": start, "indicator_id": "firms", "area_id": "dong", "value_text": "9", "unit": "家",
                   "measure": "level", "comparator": "ge", "period": "2027"}, actor="zhang", reason="x",
        )  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(admin.get("/targets.xlsx").content))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]


# ── every answer ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    ["/", "/login/", "/nowhere/", "/targets/none/", "/api/overview", "/api/docs", "/api/openapi.json", "/api/targets/x",
     "/targets.xlsx", "/documents/upload/", "/static/web/jiqun.css", "/static/web/mark.svg", "/static/nothing.js"],
)  # fmt: skip
def test_every_answer_carries_the_policies(admin: Client, path: str) -> None:
    for client in (admin, Client()):
        answer = client.get(path)
        if answer.streaming:
            b"".join(answer.streaming_content)
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Server" not in headers
        if not path.startswith("/static/web"):
            assert "no-store" in headers["Cache-Control"]
            assert "private" in headers["Cache-Control"]


def test_a_fault_of_the_program_tells_nothing_of_itself(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from jiqun.web.views import plain

    def fail(*_: object) -> None:
        raise RuntimeError("secret-detail /srv/path")

    admin.raise_request_exception = False
    monkeypatch.setattr(plain, "overview", fail)
    monkeypatch.setattr("jiqun.reports.overview.overview", fail)
    page, told = admin.get("/"), admin.get("/api/overview")
    assert (page.status_code, told.status_code) == (500, 500)
    assert "程序出了问题" in page.content.decode()
    assert told.json() == {
        "ok": False, "error": {"code": "broken", "message": "程序出了问题，已记入服务器日志"}, "status": 500,
    }  # fmt: skip
    for answer in (page, told):
        assert b"secret-detail" not in answer.content
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert settings.DEBUG is False


@pytest.mark.parametrize("code", ["GET", "POST"])
def test_every_refusal_is_a_page_in_chinese(admin: Client, code: str) -> None:
    answers = {
        405: admin.get("/documents/upload/"),
        404: admin.generic(code, "/nowhere/"),
        413: admin.generic(code, "/", CONTENT_LENGTH=str(settings.UPLOAD_LIMIT_BYTES + 1)),
        400: admin.get("/search/", {"q": "x" * 100_000}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert re.search(r"[一-鿿]{4}", answer.content.decode()), status


def test_a_form_with_too_much_in_it_is_refused_in_words(admin: Client, accepted: Any) -> None:
    before = Event.objects.count()
    path = reverse("comment", args=["target", Target.objects.first().key])
    assert admin.post(path, {"text": "字" * 10_001}).status_code == 422
    many = admin.post(path, {"text": "x" * 2_000_000})
    assert many.status_code == 400
    assert "请求无法识别" in many.content.decode()
    assert admin.post(path, {f"part-{n}": "1" for n in range(1100)}).status_code == 400
    assert Event.objects.count() == before


# ── log-in ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_five_wrong_passwords_lock_say_so_and_a_reset_unlocks(city: Any, demo_user: str) -> None:
    client = Client()
    said = [login(client, demo_user, "wrong") for _ in range(5)]
    assert [answer.status_code for answer in said] == [200, 200, 200, 200, 429]
    html = said[-1].content.decode()
    assert "账号已锁定" in html
    assert "15 分钟" in html
    assert "jiqun user reset" in html
    assert login(client, demo_user, PASSWORD).status_code == 429, "the right password does not unlock"
    assert Client().get("/login/").status_code == 200
    chosen = flows.reset_password(city, demo_user, actor="admin")
    assert login(client, demo_user, chosen).url == "/"


def test_a_lock_of_one_account_is_no_lock_of_another(city: Any, demo_user: str) -> None:
    for _ in range(6):
        login(Client(), "nobody", "wrong")
    assert login(Client(), "nobody", "x").status_code == 429, "unknown names look like known ones"
    assert login(Client(), demo_user, PASSWORD).url == "/"


def test_a_wrong_name_and_a_wrong_password_read_alike(city: Any, demo_user: str) -> None:
    user = get_user_model().objects.create_user("left", password=PASSWORD)
    user.is_active = False
    user.save()

    def told(name: str, password: str) -> str:
        html = login(Client(), name, password).content.decode()
        return re.sub(r'value="[^"]*"|X-CSRFToken[^>]*', "", html)

    assert told(demo_user, "wrong") == told("nobody", "wrong") == told("left", PASSWORD)


def test_no_password_is_kept_by_the_lock(city: Any, demo_user: str) -> None:
    from axes.models import AccessAttempt, AccessLog

    client = Client()
    login(client, demo_user, "my-secret-guess")
    rows = [*AccessAttempt.objects.values(), *AccessLog.objects.values()]
    assert rows
    assert "my-secret-guess" not in str(rows)
    login(client, demo_user, PASSWORD)
    assert PASSWORD not in str([*AccessAttempt.objects.values(), *AccessLog.objects.values()])


def test_a_session_begun_before_the_log_in_is_not_the_one_after(city: Any, demo_user: str) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "chosenbytheattacker0000000000000"
    login(client, demo_user, PASSWORD)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != "chosenbytheattacker0000000000000"


def test_cookies_stay_with_the_browser_and_this_site(city: Any, demo_user: str) -> None:
    client = Client()
    client.get("/login/")
    login(client, demo_user, PASSWORD)
    client.post("/language/", {"language": "en"})
    names = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME}
    assert names <= set(client.cookies)
    for name in names:
        assert client.cookies[name]["httponly"], name
        assert client.cookies[name]["samesite"] == "Lax", name


def test_a_new_password_is_new_and_ends_the_sessions_of_the_old(city: Any, demo_user: str) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        login(client, demo_user, PASSWORD)
    change = {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert "新密码与原密码相同" in here.post("/password/", change).content.decode()
    change |= {"new_password1": "Another-horse-11", "new_password2": "Another-horse-11"}
    assert here.post("/password/", change).url == "/"
    assert here.get("/").status_code == 200
    assert there.get("/").url.startswith("/login/")


def test_htmx_is_sent_to_the_log_in_as_a_page(client: Client, city: Any) -> None:
    answer = client.get("/review/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/login/")
    assert answer.content == b""


# ── figures of respondents ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["department", "district"])
def test_a_respondent_replaces_nobody_s_figure_whatever_source_it_names(sign_in: Any, accepted: Any, who: str) -> None:
    about = {"indicator_id": "firms", "area_id": "dong", "period": "2025"}
    flows.add_observation(accepted, {**about, "value_text": "100", "source_title": "统计公报"}, actor="zhang")
    district = {**about, "value_text": "101", "source_title": "月报"}
    flows.add_observation(accepted, district, actor="li", respondent="dong-office")
    before = list(Observation.objects.filter(superseded_at=None).order_by("id").values("key", "version"))
    client = sign_in(who, **({"body_id": "kjj"} if who == "department" else {"area_id": "dong"}))
    sources = ["统计公报", "月报", "填报:dong-office|月报", "填报:dong"]
    sources += [f"{row.source_id}|{row.value_kind}" for row in Observation.objects.exclude(source_id="")]
    sources += list(Claim.objects.values_list("key", flat=True))
    for source in sources:
        posted = {"area_id": "dong", "period": "2025", "value_text": "1", "source_title": source, "reason": "改"}
        answer = client.post(reverse("figure-enter", args=["firms"]), posted)
        assert answer.status_code == (422 if source.startswith("填报:") else 302)
    after = list(Observation.objects.filter(superseded_at=None).order_by("id").values("key", "version"))
    assert after[: len(before)] == before
    own = Observation.objects.filter(superseded_at=None, value_text="1")
    assert own.exists()
    assert not own.filter(is_preferred=True).exists(), "a published figure is preferred"


# ── nonsense in addresses and forms ─────────────────────────────────────────────────────────────────────────


def pages() -> list[str]:
    """Every address that takes no argument and shows something."""
    open_ones = [pattern for pattern in get_resolver().url_patterns if getattr(pattern, "name", None)]
    return [reverse(p.name) for p in open_ones if not p.pattern.converters and NEEDS[p.name].get in ("read", "review")]


@pytest.mark.parametrize("name", ["page", "as_of", "q", "sort", "confidence", "due", "document", "claim"])
def test_nonsense_in_an_address_is_answered(admin: Client, accepted: Any, name: str) -> None:
    values = [*NUMBERS, "9999-12-31", "0001-01-01", "today", "%", "\\", "a\0b", "\0", "x" * 100_000, "😀" * 5000]
    api = ["/api/overview", "/api/documents", "/api/targets", "/api/tasks", "/api/review", "/api/events", "/api/runs"]
    queries = [urlencode({name: value}) for value in values]  # once: the long ones take longer than their answers
    for path in [*pages(), *api]:
        for query in queries:
            assert admin.get(f"{path}?{query}").status_code < 500, (path, query[:60])
        admin.get("/as-of/", {"as_of": "today"})


@pytest.mark.parametrize(
    "value", ["\0", "x" * 300, "9" * 300, "1E9999999", "NaN", "-0", "²", "万亿" * 50, "1" + "0" * 70]
)
def test_nonsense_in_a_form_is_answered(admin: Client, things: Things, value: str) -> None:
    posts = ["target-new", "target-amend", "target-split", "claim-decide", "figure-enter", "comment", "review-bulk"]
    for post in posts:
        for field in [*FILLED, "version", "known_on", "value_max_text", "base_value", "note", "candidate"]:
            answer = admin.post(
                path_of(post, things), {**FILLED, "decision": "correct", "kind": "target", field: value}
            )
            assert answer.status_code < 500, (post, field)
    assert admin.get("/targets/").status_code == 200, "what was taken can be shown"
