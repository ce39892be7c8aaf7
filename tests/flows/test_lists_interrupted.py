"""Lists whose writer is killed: no list without its event, no half of one, and the next writer tells what happened."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jiqun.enterprises.membership import Batch
from jiqun.enterprises.snapshots import About, Origin
from jiqun.enterprises.spells import Stage
from jiqun.flows.lists import _Sent
from jiqun.model.purposes import Purpose
from tests.enterprises.conftest import code
from tests.flows.killing import DIES, python, said

pytestmark = pytest.mark.skipif(
    os.environ.get("JIQUN_TEST_ENGINE") == "postgresql", reason="makes SQLite workspaces of its own"
)
NAMES = {1: "昆山甲精密机械有限公司", 2: "吴江乙软件有限公司"}
# Each moment has a list of its own, whose child ends itself; then another writes, or the workspace is settled.
KILLED = (
    DIES
    + """
import json, sys
from datetime import date
from pathlib import Path
from jiqun import flows, workspace
ws = workspace.open(Path(sys.argv[1]))
from django.db import connection
from jiqun.enterprises import membership, register
from jiqun.enterprises.membership import Batch
from jiqun.enterprises.spells import Stage
from jiqun.ledger import chain
from jiqun.ledger.models import Event
DAY = date(2024, 11, 30)
names = json.loads(sys.argv[4])
table = Path(sys.argv[2])

def work(how, batch, actor):
    if how in ("imported", "corrected"):  # corrected by the very same file, read anew
        reason = "名册更正后重新比对" if how == "corrected" else ""
        return flows.import_list(ws, table, batch, actor=actor, published_on=DAY, name="city", reason=reason)
    if how == "decided":
        return flows.decide_list_rows(ws, batch, {3: ""}, actor=actor, reason="查过", name="city")
    return flows.withdraw_list(ws, batch, actor=actor, reason="收错了", name="city")

def child(how, batch, moment=None):
    connection.close()
    reads, writes = os.pipe()
    pid = os.fork()
    if not pid:
        if moment:
            dies(*moment)
        done = work(how, batch, "li" if moment else "zhang")
        said = [f.message for f in done.listed.findings] if how == "imported" else []
        os.write(writes, json.dumps(said).encode())
        os._exit(0)
    os.close(writes)
    told = os.read(reads, 4096)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), json.loads(told) if told else None

def standing(batch):
    book = register.open(ws.path / "registers", "city")
    events = Event.objects.filter(subject_type="list", subject_key=batch.name).order_by("sequence")
    payloads = [json.loads(e.payload) for e in events]
    return {
        "editions": [m.digest for m in membership.editions(book, batch)],
        "events": [[e.action, p["list_digest"], p.get("is_recovered", False)] for e, p in zip(events, payloads)],
        "left": [p.name for p in (ws.path / "registers" / "city.lists").glob("*/.half-*")],
    }

for number, (how, *moment) in enumerate(json.loads(sys.argv[3]), start=1):
    batch = Batch("hnte", Stage.RECOGNISED, 2024, number)
    if how != "imported":
        child("imported", batch)  # in a child too: threads of Polars do not survive a fork
    killed, _ = child(how, batch, moment)
    between = standing(batch)
    if how == "imported":
        again = child(how, batch)
    else:
        again = [recovered.register for recovered in flows.settle(ws, actor="wang")]
    print(json.dumps([killed, between, again, standing(batch), chain.verify().fault]), flush=True)
"""
)
WRITES = [  # what is never reached, the how manieth call of it; whether the list stands by then
    (("jiqun.enterprises.namelists:read", 1), False),
    (("jiqun.enterprises.snapshots:_write_parts", 1), False),
    (("jiqun.enterprises.snapshots:_write_text", 1), False),
    (("jiqun.enterprises.snapshots:_sync", 1), True),  # in place, the ledger silent
    (("jiqun.ledger.store:_take_turn", 1), True),
    (("jiqun.ledger.store:_write_bodies", 1), True),  # inserted, not committed
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two firms."""
    path = tmp_path_factory.mktemp("lists") / "ws"
    firms = path.with_name("firms.csv")
    rows = [f"{code(number)},{name},昆山市" for number, name in NAMES.items()]
    firms.write_text("\n".join(["统一社会信用代码,企业名称,所属区划", *rows]), "utf-8")
    for words in (("init", str(path), "--city", "suzhou"),
                  ("import-firms", str(path), str(firms), "--day", "2024-12-31", "--register", "city")):  # fmt: skip
        made = python("-m", "jiqun", *words)
        _, wrong = made.communicate(timeout=240)
        assert made.returncode == 0, wrong
    return path


def test_killed_at_any_step_a_list_is_told_or_was_never_there(path: Path, tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_text(f"企业名称\n{NAMES[1]}\n没有这家有限公司\n", "utf-8")
    moments = [("imported", *moment) for moment, _ in WRITES]
    moments += [
        (how, *moment) for how in ("decided", "withdrawn", "corrected") for moment, is_there in WRITES if is_there
    ]
    told = said(python("-c", KILLED, str(path), str(table), json.dumps(moments), json.dumps(NAMES)))
    is_there = dict(WRITES)
    assert len(told) == len(moments)
    for (how, *moment), (killed, between, again, after, fault) in zip(moments, told, strict=True):
        before = [] if how == "imported" else ["list.imported"]
        stands = is_there[tuple(moment)]
        assert (killed, fault) == (77, ""), moment
        assert len(between["editions"]) == len(before) + stands, moment
        assert [action for action, _, _ in between["events"]] == before, moment
        assert after["left"] == [], moment
        assert [digest for _, digest, _ in after["events"]] == after["editions"], moment
        action = "imported" if how == "corrected" else how
        assert after["events"][-1][::2] == [f"list.{action}", stands], moment
        if how == "imported":
            status, findings = again
            assert (status, len(after["editions"])) == (0, 1), moment
            assert any("已补记" in words for words in findings) is stands, moment
        else:
            assert len(again) == 1, moment


def test_a_list_told_in_one_register_is_silent_in_another(path: Path, tmp_path: Path) -> None:
    """The very same files of a list lie beside a second register, of which the ledger has heard nothing."""
    table, firms = tmp_path / "list.csv", tmp_path / "firms.csv"
    table.write_text(f"企业名称\n{NAMES[1]}\n", "utf-8")
    firms.write_text(f"统一社会信用代码,企业名称,所属区划\n{code(1)},{NAMES[1]},昆山市", "utf-8")
    script = """
import json, shutil, sys
from datetime import date
from pathlib import Path
from jiqun import flows, workspace
ws, table, firms = workspace.open(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3])
from jiqun.enterprises.membership import Batch
from jiqun.enterprises.spells import Stage
from jiqun.ledger.models import Event
batch, day = Batch("hnte", Stage.RECOGNISED, 2023), date(2023, 11, 30)
flows.import_firms(ws, firms, day=date(2024, 12, 31), name="other", actor="zhang")
flows.import_list(ws, table, batch, actor="zhang", published_on=day, name="city")
registers = ws.path / "registers"
shutil.copytree(registers / "city.lists" / batch.name, registers / "other.lists" / batch.name)
told = [[m.register for m in flows.settle(ws, actor="wang")] for _ in range(2)]
last = Event.objects.filter(subject_type="list").order_by("sequence").last()
print(json.dumps([told, json.loads(last.payload)["register"], last.action]))
"""
    told = said(python("-c", script, str(path), str(table), str(firms)))
    assert told == [[[["hnte.recognised.2023.1"], []], "other", "list.imported"]]


def test_counts_are_recorded_only_of_what_stands_when_they_are_written(path: Path) -> None:
    """The lists are read in the writer's turn: one that comes in meanwhile waits, and is not overlooked."""
    watched = """
import sys
from pathlib import Path
from jiqun import flows, workspace
ws = workspace.open(Path(sys.argv[1]))
from django.db import connection
from jiqun.enterprises import membership
from jiqun.model import files
run = flows.count_cohorts(ws, actor="zhang", name="city")
real, seen = membership.inputs, []
def watching(*args):
    seen.append([connection.in_atomic_block, files.hold(ws.path / "registers" / ".city.lock") is None])
    return real(*args)
membership.inputs = watching
flows.record_cohorts(ws, run, actor="li")
import json
print(json.dumps(seen))
"""
    assert said(python("-c", watched, str(path))) == [[[True, True]]]


def test_a_recovered_list_answers_only_who_asks_for_the_very_same(tmp_path: Path) -> None:
    """Another day, a reason, a decision or a list withdrawn meanwhile is not done by finding what was left."""
    table = tmp_path / "list.csv"
    table.write_text("企业名称\n昆山甲精密机械有限公司\n", "utf-8")
    batch, day = Batch("hnte", Stage.RECOGNISED, 2024), date(2024, 11, 30)
    sent = _Sent(table, batch, day, "", {})
    origin = Origin(table.name, day, Purpose.SERVICE, sent.digest)
    about = About(day, 2024, day, (origin,), False, "", "city", "folder")
    assert sent.is_what_stands_in(about)
    assert not replace(sent, published_on=date(2024, 12, 30)).is_what_stands_in(about)
    assert not replace(sent, reason="日期写错了").is_what_stands_in(about)
    assert not replace(sent, chosen={3: ""}).is_what_stands_in(about)
    assert not sent.is_what_stands_in(replace(about, is_withdrawn=True))
    table.write_text("企业名称\n", "utf-8")
    assert not replace(sent).is_what_stands_in(about)
