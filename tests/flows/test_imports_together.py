"""Imports of firms that are killed, and imports at once: nothing is lost or doubled, each hears one clear line."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.enterprises.conftest import code
from tests.flows.killing import DIES, python, said

DAY = "2025-12-31"
HEAD = "统一社会信用代码,企业名称,所属区划,营业收入（万元）,从业人员"
# Opens the workspace once; each import is a child of its own, and each moment has a register of its own.
KILLED = (
    DIES
    + """
import json, os, sys
from datetime import date
from pathlib import Path
from jiqun import flows, workspace
ws = workspace.open(Path(sys.argv[1]))
from django.db import connection
from jiqun.enterprises import register
from jiqun.ledger import chain
from jiqun.ledger.models import Event, Run
ROOT = ws.path / "registers"

def child(name, moment=None):
    connection.close()
    reads, writes = os.pipe()
    pid = os.fork()
    if not pid:
        if moment:
            dies(*moment)
        done = flows.import_firms(ws, sys.argv[2], actor="li" if moment else "zhang", day=date(2025, 12, 31), name=name)
        os.write(writes, json.dumps([done.is_new, [finding.message for finding in done.findings]]).encode())
        os._exit(0)
    os.close(writes)
    said = os.read(reads, 4096)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), json.loads(said) if said else None

def standing(name):
    kept = register.open(ROOT, name).editions() if name in register.names(ROOT) else ()
    events = [(json.loads(e.payload), e.actor) for e in Event.objects.filter(subject_key=name).order_by("sequence")]
    return {
        "snapshots": [m.digest for m in kept],
        "events": [[p["snapshot_digest"], actor, p.get("is_recovered", False)] for p, actor in events],
        "runs": list(Run.objects.filter(parameters__register=name).order_by("id").values_list("state", flat=True)),
        "left": [p.name for p in (ROOT / name).glob(".half-*")],
    }

for number, moment in enumerate(json.loads(sys.argv[3])):
    name = f"{sys.argv[4]}{number}"
    killed, _ = child(name, moment)
    between = standing(name)
    if sys.argv[4] == "opened":
        flows.settle(ws, actor="wang")
        again = None
    else:
        again = child(name)
    print(json.dumps([killed, between, again, standing(name), chain.verify().fault]), flush=True)
"""
)
# what is never reached, the how manieth call of it; snapshots and events that stand when it was killed
MOMENTS = [
    (("jiqun.enterprises.importing:read", 1), 0, 0),  # the run stands, nothing is read
    (("jiqun.flows.firms:keep_folder", 1), 0, 0),
    (("jiqun.enterprises.register:create", 1), 0, 0),
    (("jiqun.enterprises.register:Register", 1), 0, 0),  # the register made, no snapshot in it
    (("jiqun.enterprises.snapshots:_write_parts", 1), 0, 0),
    (("jiqun.enterprises.snapshots:_write_text", 1), 0, 0),  # all but the manifest
    (("pathlib:Path.rename", 1), 0, 0),  # whole, under a passing name
    (("jiqun.enterprises.snapshots:_sync", 1), 1, 0),  # in place, the ledger silent
    (("jiqun.flows.firms:_record", 1), 1, 0),
    (("jiqun.ledger.store:_take_turn", 1), 1, 0),
    (("jiqun.ledger.models:Event.objects.bulk_create", 1), 1, 0),
    (("jiqun.ledger.store:_write_bodies", 1), 1, 0),  # inserted, not committed
    (("jiqun.flows.runs:end", 1), 1, 1),  # told, the run still open
    (("jiqun.flows.firms:FirmsImported", 1), 1, 1),  # all is told, nobody hears it
]


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """A database of this module alone; the empty text is the SQLite file in the workspace."""
    if os.environ.get("JIQUN_TEST_ENGINE") != "postgresql":
        yield ""
        return
    import psycopg

    server, name = os.environ["JIQUN_TEST_DATABASE_URL"], f"test_jiqun_imports_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield server.rpartition("/")[0] + "/" + name
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Path:
    """One workspace for all; each test has registers of its own."""
    path = tmp_path_factory.mktemp("imports") / "ws"
    at = ("--database", database_url) if database_url else ()
    made = python("-m", "jiqun", "init", str(path), "--city", "suzhou", *at)
    _, wrong = made.communicate(timeout=240)
    assert made.returncode == 0, wrong
    return path


def table(path: Path, revenue: int = 1000) -> Path:
    rows = [f"{code(number)},昆山{number}精密机械有限公司,昆山市,{revenue},20" for number in range(1, 400)]
    path.write_text("\n".join([HEAD, *rows]), "utf-8")
    return path


@pytest.mark.parametrize("how", ["imported", "opened"])
def test_killed_at_any_step_the_next_one_finds_or_tells_the_snapshot(path: Path, tmp_path: Path, how: str) -> None:
    moments = [moment for moment, _, _ in MOMENTS if how == "imported" or moment[0].endswith((":_sync", ":_record"))]
    standing = {moment: (snapshots, events) for moment, snapshots, events in MOMENTS}
    told = said(python("-c", KILLED, str(path), str(table(tmp_path / "t.csv")), json.dumps(moments), how))
    assert len(told) == len(moments)
    for moment, (killed, between, again, after, fault) in zip(moments, told, strict=True):
        was_silent = standing[moment] == (1, 0)
        assert killed == 77, moment
        assert (len(between["snapshots"]), len(between["events"])) == standing[moment], moment
        assert fault == "", moment
        assert after["left"] == [], moment
        was_open = not moment[0].endswith(":FirmsImported")
        assert between["runs"] == ["running" if was_open else "done"], moment
        again_done = ["done"] if standing[moment] == (0, 0) else []
        assert after["runs"] == ["interrupted" if was_open else "done", *again_done], moment
        [digest] = after["snapshots"]
        assert after["events"] == [[digest, "li" if standing[moment][0] else "zhang", was_silent]], moment
        if how == "imported":
            status, (is_new, findings) = again
            assert (status, is_new) == (0, standing[moment] == (0, 0)), moment
            assert [("已补记" in words) for words in findings] == ([True] if was_silent else []), moment


TOGETHER = """
import json, os, sys, time
from datetime import date
from pathlib import Path
from jiqun import flows, workspace
ws = workspace.open(Path(sys.argv[1]))
from jiqun.model.errors import JiqunError
name, table, day, gate = sys.argv[2:6]
Path(f"{gate}.{os.getpid()}").touch()
while not Path(gate).exists():
    time.sleep(0.005)
try:
    done = flows.import_firms(ws, table, actor="zhang", day=date.fromisoformat(day), name=name)
    print(json.dumps({"is_new": done.is_new, "rows": done.manifest.rows}))
except JiqunError as error:
    print(json.dumps({"refused": str(error)}))
"""
STANDING = """
import json, sys
from pathlib import Path
from jiqun import flows, workspace
ws = workspace.open(Path(sys.argv[1]))
from jiqun.enterprises import register
from jiqun.ledger import chain
from jiqun.ledger.models import Event, Run
kept = register.open(ws.path / "registers", sys.argv[2]).editions()
events = [json.loads(p) for p in Event.objects.filter(subject_key=sys.argv[2]).values_list("payload", flat=True)]
runs = list(Run.objects.filter(parameters__register=sys.argv[2]).values_list("state", flat=True))
print(json.dumps({
    "days": [m.directory for m in kept], "digests": sorted(m.digest for m in kept), "runs": sorted(runs),
    "events": sorted(e["snapshot_digest"] for e in events), "fault": chain.verify().fault,
}))
"""


def together(path: Path, tmp_path: Path, name: str, imports: list[tuple[Path, str]]) -> tuple[list[Any], Any]:
    """What each of the imports, begun in one moment, said; and what then stands."""
    gate = tmp_path / "gate"
    begun = [python("-c", TOGETHER, str(path), name, str(file), day, str(gate)) for file, day in imports]
    until = time.monotonic() + 120
    while len(list(tmp_path.glob("gate.*"))) < len(begun):
        assert time.monotonic() < until
        time.sleep(0.02)
    gate.touch()
    answers = [answer for process in begun for answer in said(process)]
    [standing] = said(python("-c", STANDING, str(path), name))
    assert standing["fault"] == ""
    assert standing["events"] == standing["digests"]
    return answers, standing


def test_the_same_file_twice_at_once_comes_in_once(path: Path, tmp_path: Path) -> None:
    file = table(tmp_path / "t.csv")
    answers, standing = together(path, tmp_path, "same", [(file, DAY)] * 2)
    assert sorted(answer["is_new"] for answer in answers) == [False, True]
    assert {answer["rows"] for answer in answers} == {399}
    assert standing["days"] == [DAY]


def test_two_files_of_one_day_at_once_the_second_is_asked_for_a_reason(path: Path, tmp_path: Path) -> None:
    files = [table(tmp_path / f"{revenue}.csv", revenue) for revenue in (1000, 1200)]
    answers, standing = together(path, tmp_path, "other", [(file, DAY) for file in files])
    refused = [answer["refused"] for answer in answers if "refused" in answer]
    assert refused == [f"名册“other”已有 {DAY} 的快照；要再导入，请写明理由"]
    assert standing["days"] == [DAY]
    assert "running" not in standing["runs"]


def test_two_files_of_two_days_at_once_both_come_in(path: Path, tmp_path: Path) -> None:
    files = [table(tmp_path / f"{revenue}.csv", revenue) for revenue in (1000, 1200)]
    answers, standing = together(path, tmp_path, "days", [(files[0], DAY), (files[1], "2024-12-31")])
    assert [answer["is_new"] for answer in answers] == [True, True]
    assert standing["days"] == ["2024-12-31", DAY]
