"""A model suggests, honest or lying: nothing it says gets past the text or past a person, and nothing is sent unasked.

The numbers it points at are such as the rules rightly pass over (grants to firms), so that they stay open here.
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jiqun import flows
from jiqun.flows import endpoint, suggesting
from jiqun.flows.suggesting import leaving, model_of
from jiqun.ledger import chain, store
from jiqun.ledger.models import Claim, Document, Event, Run
from jiqun.model.errors import EnvironmentFailed, NotFound, UsageError
from jiqun.reports import review
from jiqun.workspace import Workspace
from tests.flows.model_server import Answer, Model, completion, drip, hold, in_turn, raw, say, words
from tests.ledger import rows

TEXT = """云川市未来产业培育方案

一、支持政策
（一）强化金融支撑。设立总规模100亿元的母基金。对入选名录的企业，给予不低于8000万元奖励。
（二）做强载体。对新认定的示范园区，给予50万元奖励。对通过复核的示范园区，给予50万元奖励。
"""
POINTER = {"quote": "给予不低于8000万元奖励", "number": "8000万元", "indicator": "奖励"}
KEY = "sk-a-key-of-the-test"

Configure = Callable[..., None]


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(endpoint.KEY_VARIABLE, raising=False)


@pytest.fixture
def digest(ws: Workspace) -> str:
    """A document of whose numbers the rules left some open."""
    return flows.ingest(ws, TEXT.encode(), name="a.txt", actor="zhang").digest


@pytest.fixture
def configure(ws: Workspace) -> Configure:
    def write(address: str, **more: str) -> None:
        lines = ["model:", f"  endpoint: {address}", "  name: stand-in", *(f"  {k}: {v}" for k, v in more.items())]
        with (ws.path / "workspace.yaml").open("a", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")

    return write


@pytest.fixture
def ask(ws: Workspace, digest: str, configure: Configure) -> Iterator[Callable[..., Any]]:
    """Runs the verb once against a model that answers so."""

    def run(answer: Answer, **how: Any) -> tuple[Any, Model]:
        with Model(answer) as model:
            configure(model.address)
            return flows.suggest(ws, digest, actor="zhang", **how), model

    return run


def reasons(done: Any) -> list[str]:
    return [finding.code.removeprefix("suggest.") for finding in done.findings]


def test_an_office_that_named_no_model_asks_none(ws: Workspace, digest: str) -> None:
    assert model_of(ws) is None
    with pytest.raises(NotFound, match="没有配置模型"):
        flows.suggest(ws, digest, actor="zhang")
    assert not Run.objects.exists()


def test_what_a_model_rightly_points_at_waits_in_review_under_its_name(ws, digest, ask) -> None:
    before = Claim.objects.count()
    done, _ = ask(say(POINTER), reason="补漏")
    (key,) = done.added
    claim = Claim.objects.get(key=key)
    assert (claim.state, claim.suggested_by, claim.value_text, claim.unit, claim.comparator) == (
        "proposed", "stand-in", "8000", "万元", "ge",
    )  # fmt: skip
    assert TEXT[claim.number_start : claim.number_end] == "8000万元"
    assert key == f"{digest}:{claim.number_start}-{claim.number_end}"
    assert Claim.objects.count() == before + 1
    event = Event.objects.get(sequence=done.event)
    assert (event.action, event.subject_key, event.reason, event.actor) == ("claims.suggested", digest, "补漏", "zhang")
    assert json.loads(event.payload)["suggested_by"] == "stand-in"
    run = Run.objects.get()
    assert (run.kind, run.state, run.result["added"], run.parameters["host"]) == (
        "suggest", "done", [key], "127.0.0.1",
    )  # fmt: skip
    assert chain.verify().is_whole


def test_claims_of_the_rules_bear_no_model_s_name(ws, digest) -> None:
    assert set(Claim.objects.values_list("suggested_by", flat=True)) <= {""}


def test_the_same_run_again_adds_nothing(ws, digest, configure) -> None:
    with Model(say(POINTER)) as model:
        configure(model.address)
        first = flows.suggest(ws, digest, actor="zhang")
        head = chain.head()
        again = flows.suggest(ws, digest, actor="zhang")
    assert (len(first.added), again.added, again.event) == (1, (), None)
    assert chain.head() == head
    assert Run.objects.count() == 2


@pytest.mark.parametrize("decision", ["accept", "reject"])
def test_a_decided_claim_is_never_touched(ws, digest, configure, decision) -> None:
    with Model(say(POINTER | {"indicator": "母基金"})) as model:
        configure(model.address)
        (key,) = flows.suggest(ws, digest, actor="zhang").added
        changes = {"indicator_id": "output"}
        if decision == "accept":
            flows.decide_claim(ws, key, "correct", actor="li", changes=changes)
        else:
            flows.decide_claim(ws, key, "reject", actor="li", reason="不算")
        decided = Claim.objects.get(key=key, superseded_at=None)
        assert flows.suggest(ws, digest, actor="zhang").added == ()
    assert Claim.objects.get(key=key, superseded_at=None) == decided


def test_the_event_of_a_decision_says_that_a_model_suggested_it(ws, digest, ask) -> None:
    done, _ = ask(say(POINTER))
    flows.decide_claim(ws, done.added[0], "reject", actor="li", reason="不算")
    payload = json.loads(Event.objects.order_by("-sequence")[0].payload)
    assert payload["suggested_by"] == "stand-in"


def test_no_bulk_acceptance_takes_a_suggestion_however_good_it_looks(ws, configure) -> None:
    text = "云川市扶持办法\n\n申报县级市（区）应满足高新技术企业不少于900家的条件。\n"
    digest = flows.ingest(ws, text.encode(), name="b.txt", actor="li").digest
    with Model(say({"quote": "高新技术企业不少于900家", "number": "900家", "indicator": "高新技术企业"})) as model:
        configure(model.address)
        (key,) = flows.suggest(ws, digest, actor="zhang").added
    assert Claim.objects.get(key=key).indicator_id == "firms", "nothing else would keep it from being accepted"
    assert flows.decide_claims_above(ws, 0.0, actor="li", reason="批量").accepted == 0
    assert review.waiting_above(0.0) == 0
    flows.decide_claim(ws, key, "accept", actor="li")
    assert Claim.objects.get(key=key, superseded_at=None).state == "accepted", "one by one a person may"


def test_what_somebody_wrote_meanwhile_goes_before(ws, digest, configure) -> None:
    def meanwhile(*_: int) -> None:
        row = Document.objects.get(digest=digest)
        at = TEXT.index("8000万元")
        with store.recording("test.written", actor="li", clock=ws.clock) as entry:
            entry.put([rows.claim(row, at + 1, quote_start=at, quote_end=at + 6, quote="8000万元")])

    with Model(say(POINTER)) as model:
        configure(model.address)
        done = flows.suggest(ws, digest, actor="zhang", tell=meanwhile)
    assert (done.added, done.event) == ((), None)


def test_reading_again_by_the_rules_does_not_miss_a_suggestion(ws, digest, ask) -> None:
    done, _ = ask(say(POINTER))
    result = flows.reextract(ws, digest, actor="zhang")
    assert (result.gone, result.added, result.renewed) == ((), (), ())
    assert Claim.objects.get(key=done.added[0], superseded_at=None).suggested_by == "stand-in"


def test_what_the_rules_read_later_becomes_theirs(ws, digest) -> None:
    """The claim of the rules is put down here as a model's, as it is before a rule learns to read it."""
    found = Claim.objects.filter(superseded_at=None).first()
    assert found is not None
    with store.recording("test.changed", actor="zhang", clock=ws.clock) as entry:
        entry.change(found, {"suggested_by": "stand-in", "indicator": "别名", "confidence": 0.3})
    assert flows.reextract(ws, digest, actor="zhang").renewed == (found.key,)
    assert Claim.objects.get(key=found.key, superseded_at=None).suggested_by == ""


# ── a lying one ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (say({"quote": "高新技术企业达到900家", "number": "900家"}), "quote_absent"),
        (say({"quote": "给予不低于8000万元奖励", "number": "9000万元"}), "number_absent"),
        (say({"quote": "给予50万元奖励", "number": "50万元"}), "quote_repeated"),
        (words("我认为没有。"), "no_json"),
        (words(None, tool_calls=[{"type": "function", "function": {"name": "open", "arguments": "{}"}}]), "tool_call"),
        (words(None), "not_openai"),
        (words("a" * 300_000), "answer_too_long"),
        (raw(b"x" * 1_500_000), "response_too_long"),
        (raw(b'{"choices": [{"message": {"content": "\xff\xfe"}}]}'), "not_utf8"),
        (raw(b"<html>gateway</html>"), "not_openai"),
        (raw(b"[" * 200_000), "not_openai"),
        (raw(b'{"choices": []}'), "not_openai"),
        (raw(b'{"choices": {"0": 1}}'), "not_openai"),
        (raw(b"data: {}\n\n", Content_Type="text/event-stream"), "not_openai"),
        (raw(b"\x1f\x8b", Content_Encoding="gzip"), "encoded"),
    ],
)
def test_a_lie_is_refused_with_its_reason_and_leaves_no_claim(ws, digest, ask, answer, reason) -> None:
    head = chain.head()
    done, _ = ask(answer)
    assert (done.added, set(reasons(done))) == ((), {reason})
    assert chain.head() == head
    run = Run.objects.get()
    assert (run.state, list(run.result["refused"])) == ("done", [f"suggest.{reason}"])


def test_json_with_prose_round_it_is_read(ask) -> None:
    done, _ = ask(words(f"好的：\n```json\n{json.dumps([POINTER], ensure_ascii=False)}\n```\n以上。"))
    assert len(done.added) == 1


def test_text_in_parts_is_read(ask) -> None:
    done, _ = ask(words([{"type": "text", "text": json.dumps(POINTER)}, {"type": "image_url", "image_url": "x"}]))
    assert len(done.added) == 1


def test_what_the_rules_found_is_not_said_again(ws, ask) -> None:
    ours = flows.ingest(
        ws, "方案\n到2025年，全市高新技术企业达到900家，另设基金3亿元。\n".encode(), name="b.txt", actor="li"
    )
    (claim, *_) = Claim.objects.filter(document__digest=ours.digest)
    assert claim.value_text == "900"
    with Model(say({"quote": "高新技术企业达到900家", "number": "900"})) as model:
        _configured(ws, model)
        done = flows.suggest(ws, ours.digest, actor="li")
    assert done.added == ()
    assert set(reasons(done)) <= {"known"}


def _configured(ws: Workspace, model: Model) -> None:
    with (ws.path / "workspace.yaml").open("a", encoding="utf-8") as out:
        out.write(f"model:\n  endpoint: {model.address}\n  name: stand-in\n")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (raw(b"{}", 500), "拒绝了请求（500）"),
        (raw(b"{}", 401), "拒绝了请求（401）"),
        (raw(b"", 204), "拒绝了请求（204）"),
        (lambda handler: handler.wfile.write(b"\0\xff\n" * 1000), "回答不合 HTTP 规范"),
        (lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000), "回答不合 HTTP 规范"),
        (lambda handler: None, "问不通"),
    ],
)
def test_a_model_that_fails_ends_the_run_and_says_how(ws, digest, ask, answer, said) -> None:
    head = chain.head()
    with pytest.raises(EnvironmentFailed, match=said):
        ask(answer)
    run = Run.objects.get()
    assert (run.state, said in run.result["error"]) == ("failed", True)
    assert chain.head() == head


@pytest.mark.parametrize(
    "answer",
    [
        hold(),
        hold(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
        drip(b" "),
        drip(b"1"),
        lambda handler: [handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n") for _ in iter(
            lambda: handler.server.over.wait(0.01), True)],
    ],
)  # fmt: skip
def test_an_answer_that_does_not_end_is_cut_off(ask, answer) -> None:
    with pytest.raises(EnvironmentFailed, match=r"在 0\.\d+ 秒内没有答完"):
        ask(answer, seconds=0.6)


def test_a_cut_off_answer_is_not_used(ask) -> None:
    """All but its last space came: it would read as whole."""
    body = completion(json.dumps([POINTER]))

    def cut(handler: Any) -> None:
        handler.close_connection = True
        handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) + 1}\r\n\r\n".encode() + body)

    done, _ = ask(cut)
    assert (done.added, reasons(done)) == ((), ["cut_off"])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(ask, status) -> None:
    with Model(say(POINTER)) as elsewhere, pytest.raises(EnvironmentFailed, match="要转到别处"):
        ask(raw(b"", status, Location=elsewhere.address + "/chat/completions"))
    assert elsewhere.requests == []


def test_nobody_there_is_said(ws, digest, configure) -> None:
    with Model(say()) as model:
        configure(model.address)
    with pytest.raises(EnvironmentFailed, match="连不上"):
        flows.suggest(ws, digest, actor="zhang")


def test_no_proxy_of_the_environment_is_asked(monkeypatch, ask) -> None:
    with Model(say()) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address)
        done, model = ask(say(POINTER))
    assert (len(done.added), proxy.requests, len(model.requests)) == (1, [], 1)


# ── many portions ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def long(ws: Workspace) -> str:
    """A document that is asked about in three portions."""
    fill = "为落实有关要求，结合实际，" * 60
    lines = [f"{fill}对入选名录的主体，给予不低于{n}000万元奖励。" for n in (6, 7, 8, 9)]
    return flows.ingest(ws, ("方案\n\n" + "\n\n".join(lines) + "\n").encode(), name="long.txt", actor="li").digest


def test_a_long_document_is_asked_about_in_portions(ws, long) -> None:
    pointers = [{"quote": f"不低于{n}000万元", "number": f"{n}000万元", "indicator": "奖励"} for n in (6, 9)]
    told: list[tuple[int, int]] = []
    with Model(say(*pointers)) as model:
        _configured(ws, model)
        done = flows.suggest(ws, long, actor="li", tell=lambda *both: told.append(both))
    assert len(model.requests) == done.portions == done.asked == len(told) > 1
    assert told[-1] == (done.asked, done.portions)
    assert sorted(Claim.objects.filter(suggested_by="stand-in").values_list("value_text", flat=True)) == [
        "6000",
        "9000",
    ]
    assert Event.objects.filter(action="claims.suggested").count() == 1
    assert all(len(text) <= 2_010 for text in model.shown())


def test_what_was_answered_before_a_failure_is_kept(ws, long) -> None:
    first = {"quote": "不低于6000万元", "number": "6000万元", "indicator": "奖励"}
    with Model(in_turn(say(first), raw(b"", 503))) as model:
        _configured(ws, model)
        done = flows.suggest(ws, long, actor="li")
    assert (len(done.added), done.asked, len(model.requests)) == (1, 1, 2)
    assert reasons(done)[-1] == "stopped"
    assert "段没有问到" in done.findings[-1].message


def test_the_next_run_begins_with_what_was_not_asked_about(ws, long) -> None:
    with Model(in_turn(say(), raw(b"", 503), say())) as model:
        _configured(ws, model)
        first = flows.suggest(ws, long, actor="li")
        again = flows.suggest(ws, long, actor="li")
    shown = model.shown()
    assert (first.asked, again.asked) == (1, again.portions)
    assert shown[1] == shown[2], "the portion that failed comes first"
    assert shown[0].split("\n")[0] in shown[-1], "the one that was answered last"


def test_a_bad_answer_to_one_portion_does_not_end_the_run(ws, long) -> None:
    last = {"quote": "不低于9000万元", "number": "9000万元", "indicator": "奖励"}
    with Model(in_turn(raw(b"\xff"), say(last))) as model:
        _configured(ws, model)
        done = flows.suggest(ws, long, actor="li")
    assert (len(done.added), done.asked) == (1, done.portions)
    assert "not_utf8" in reasons(done)


# ── what leaves the machine ─────────────────────────────────────────────────────────────────────────────────


def test_only_paragraphs_with_an_open_number_are_sent(ws, digest, ask) -> None:
    _, model = ask(say())
    (path, headers, asked) = model.requests[0]
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers
    assert (asked["model"], asked["stream"], "tools" in asked) == ("stand-in", False, False)
    (text,) = model.shown()
    assert "母基金" in text
    assert "支持政策" not in text, "a heading without a number"


def test_a_document_whose_numbers_all_have_claims_is_not_sent(ws, configure) -> None:
    done = flows.ingest(ws, "方案\n到2025年，全市高新技术企业达到900家。\n".encode(), name="b.txt", actor="li")
    with Model(say()) as model:
        configure(model.address)
        result = flows.suggest(ws, done.digest, actor="li")
    assert (model.requests, result.portions) == ([], 0)


def test_text_leaves_the_machine_only_when_a_person_agreed(ws, digest, configure) -> None:
    configure("https://model.example.com/v1")
    model = model_of(ws)
    assert model is not None
    assert leaving(model) == "文件中的文字将离开本机，发送到 model.example.com（模型 stand-in）"
    with pytest.raises(UsageError, match="将离开本机"):
        flows.suggest(ws, digest, actor="zhang")
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("address", "stays"),
    [
        ("http://127.0.0.1:8000/v1", True), ("http://127.8.8.8/v1", True), ("http://[::1]:8000/v1", True),
        ("http://localhost:11434/v1", True), ("http://localhost.example.com/v1", False),
        ("http://127.0.0.1.example.com/v1", False), ("https://10.0.0.5/v1", False), ("http://0.0.0.0:1/v1", False),
    ],
)  # fmt: skip
def test_only_a_loopback_address_is_this_machine(ws, configure, address, stays) -> None:
    configure(address)
    model = model_of(ws)
    assert model is not None
    assert model.is_here is stays
    assert bool(leaving(model)) is not stays


@pytest.mark.parametrize(
    "address",
    ["ftp://127.0.0.1/v1", "127.0.0.1:8000", "http://", "http://user:secret@127.0.0.1/v1", "http://127.0.0.1/v1?key=s",
     "http://127.0.0.1:99999/v1", "'http://127.0.0.1/ v1'", "'http://127.0.0.1/v1#x'", "[1]", "5"],
)  # fmt: skip
def test_an_address_that_cannot_be_meant_is_refused(ws, digest, configure, address) -> None:
    configure(address)
    with pytest.raises(EnvironmentFailed, match="endpoint") as raised:
        flows.suggest(ws, digest, actor="zhang")
    assert "secret" not in str(raised.value)


def test_a_setting_nobody_knows_is_refused(ws, configure) -> None:
    configure("http://127.0.0.1/v1", api_key=KEY)
    with pytest.raises(EnvironmentFailed, match="应只写") as raised:
        model_of(ws)
    assert KEY not in str(raised.value)


def test_the_certificate_of_another_machine_is_checked(ws, digest, configure, tmp_path: Path, monkeypatch) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "k.pem", "-out", "c.pem"]  # fmt: skip
    subprocess.run(made, check=True, cwd=tmp_path, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    with Model(say(POINTER), tls) as model:
        configure(model.address)
        with pytest.raises(EnvironmentFailed, match="证书核对不通过"):
            flows.suggest(ws, digest, actor="zhang")
        assert model.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "c.pem"))
        assert len(flows.suggest(ws, digest, actor="zhang").added) == 1


def test_a_document_is_named_by_its_file_or_the_head_of_its_digest(ws, digest) -> None:
    assert flows.document_named("a.txt") == flows.document_named(digest[:6]) == flows.document_named(digest) == digest
    flows.ingest(ws, (TEXT + "又及。\n").encode(), name="a.txt", actor="li")
    with pytest.raises(UsageError, match="有 2 份"):
        flows.document_named("a.txt")
    with pytest.raises(NotFound):
        flows.document_named(digest[:3])


# ── the key ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    file = tmp_path / "model.key"
    file.write_text(KEY + "\n", "utf-8")
    file.chmod(0o600)
    return file


def test_the_key_goes_to_the_model_and_nowhere_else(ws, digest, configure, key_file, caplog) -> None:
    def echo(handler: Any) -> None:
        given = handler.headers["Authorization"]
        handler.send(completion(json.dumps([POINTER, {"quote": given, "number": given, "indicator": given}])))

    with Model(echo) as model:
        configure(model.address, key_file=str(key_file))
        done = flows.suggest(ws, digest, actor="zhang")
    assert model.requests[0][1]["Authorization"] == f"Bearer {KEY}"
    assert reasons(done) == ["quote_absent"]
    kept = [json.dumps([run.parameters, run.result]) for run in Run.objects.all()]
    kept += [event.payload + event.reason for event in Event.objects.all()]
    kept += [repr(vars(claim)) for claim in Claim.objects.all()]
    kept += [repr(done), caplog.text]
    kept += [file.read_bytes().decode("utf-8", "replace") for file in ws.path.rglob("*") if file.is_file()]
    assert KEY not in "\n".join(kept)


def test_the_environment_s_key_goes_first(ws, digest, configure, key_file, monkeypatch) -> None:
    monkeypatch.setenv(endpoint.KEY_VARIABLE, "sk-other")
    with Model(say()) as model:
        configure(model.address, key_file=str(key_file))
        flows.suggest(ws, digest, actor="zhang")
    assert model.requests[0][1]["Authorization"] == "Bearer sk-other"


def test_a_key_that_others_may_read_is_not_used(ws, digest, configure, key_file) -> None:
    key_file.chmod(0o640)
    with Model(say()) as model:
        configure(model.address, key_file=str(key_file))
        with pytest.raises(EnvironmentFailed, match="chmod 600"):
            flows.suggest(ws, digest, actor="zhang")
    assert model.requests == []


def test_a_key_is_not_sent_in_the_clear(ws, digest, configure, key_file) -> None:
    configure("http://model.example.com/v1", key_file=str(key_file))
    with pytest.raises(EnvironmentFailed, match="明文"):
        flows.suggest(ws, digest, actor="zhang", may_leave=True)


@pytest.mark.parametrize("content", ["two words", "line\r\nX-Header: 1", "密语"])
def test_what_is_no_key_is_not_sent(ws, digest, configure, key_file, content) -> None:
    key_file.write_text(content, "utf-8")
    configure("http://127.0.0.1:1/v1", key_file=str(key_file))
    with pytest.raises(EnvironmentFailed, match="不是一个口令") as raised:
        flows.suggest(ws, digest, actor="zhang")
    assert content not in str(raised.value)


def test_a_key_inside_the_workspace_is_refused(ws, configure) -> None:
    configure("http://127.0.0.1:1/v1", key_file=str(ws.path / "model.key"))
    with pytest.raises(EnvironmentFailed, match="备份会把它带走"):
        model_of(ws)


def test_a_missing_key_file_is_said(ws, digest, configure, tmp_path) -> None:
    configure("http://127.0.0.1:1/v1", key_file=str(tmp_path / "none"))
    with pytest.raises(EnvironmentFailed, match="没有这个文件"):
        flows.suggest(ws, digest, actor="zhang")


def test_the_time_for_one_answer_is_bounded() -> None:
    assert 0 < endpoint.SECONDS <= 120
    assert suggesting.line is endpoint
