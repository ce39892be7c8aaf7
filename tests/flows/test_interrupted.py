"""Killed at any moment, or with the disk full, an ingest leaves the ledger as it was; the next one goes through."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.flows.conftest import FOLDER

pytestmark = pytest.mark.skipif(
    os.environ.get("JIQUN_TEST_ENGINE") == "postgresql", reason="makes SQLite workspaces of its own"
)

# Opens the workspace once; for each moment a child ingests, and ends itself without warning when the named step is
# reached for the n-th time. Prints how each child ended and what the ledger then held.
DIE_AT = """
import importlib, json, os, signal, sys
from jiqun import workspace
ws = workspace.open(sys.argv[1])
from django.db import connection
from jiqun import flows
from jiqun.flows import intake
from jiqun.ledger import chain
from jiqun.ledger.models import Claim, Document, Event

def ingest_and_die(place, name, times):
    owner = importlib.import_module(place.partition(":")[0])
    for part in filter(None, place.partition(":")[2].split(".")):
        owner = getattr(owner, part)
    real, count = getattr(owner, name), 0
    def deadly(*args, **kwargs):
        nonlocal count
        count += 1
        if count == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    setattr(owner, name, deadly)
    flows.ingest(ws, sys.argv[2], actor="zhang")

for moment in json.loads(sys.argv[3]):
    connection.close()
    child = os.fork()
    if child == 0:
        ingest_and_die(*moment)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    verdict = chain.verify()
    rows = [model.objects.count() for model in (Event, Document, Claim)]
    print(json.dumps([ended, verdict.fault, rows]), flush=True)
"""
MOMENTS = [
    ("os", "fsync", 1),  # the copy is written, not yet on disk
    ("jiqun.flows.intake:Path", "replace", 1),  # on disk under a passing name
    ("jiqun.flows.intake", "_settle", 1),  # in place, the ledger silent
    ("jiqun.ledger.store", "_take_turn", 1),  # the transaction begun
    ("jiqun.ledger.models:Event.objects", "bulk_create", 1),  # the document inserted
    ("jiqun.ledger.inserting", "insert", 1),  # the event inserted
    ("jiqun.ledger.store", "_write_bodies", 2),  # everything inserted, nothing committed
    ("django.db:connection", "_commit", 1),
]


def _clean_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "JIQUN_WORKSPACE")}


def _jiqun(*words: str, **how: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jiqun", *words]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env=_clean_environment(),
        **how,
    )


def _rows(path: Path) -> list[int]:
    """Events, documents and claims in the workspace's ledger."""
    with closing(sqlite3.connect(path / "ledger.sqlite")) as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = ("ledger_event", "ledger_document", "ledger_claim")
        return [ledger.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blank") / "ws"
    made = _jiqun("init", str(path), "--city", str(FOLDER))
    assert made.returncode == 0, made.stderr
    return path


@pytest.fixture
def copy(blank: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(blank, tmp_path / "ws"))


def test_killed_at_any_moment_the_ledger_is_as_it_was(copy: Path) -> None:
    plan = FOLDER / "documents" / "plan.txt"
    ran = subprocess.run(
        [sys.executable, "-c", DIE_AT, str(copy), str(plan), json.dumps(MOMENTS)],
        check=True, capture_output=True, text=True, env=_clean_environment(),
    )  # fmt: skip
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    assert dict(zip(MOMENTS, told, strict=True)) == {at: [-signal.SIGKILL, "", [0, 0, 0]] for at in MOMENTS}
    for kept in (copy / "files").iterdir():
        is_half = kept.name.startswith(".half-")
        assert is_half or hashlib.sha256(kept.read_bytes()).hexdigest() == kept.name
    done = _jiqun("ingest", str(copy), str(plan))
    assert done.returncode == 0, done.stderr
    assert _rows(copy) == [1, 1, 5]


def _no_file_beyond(limit: int) -> object:
    def apply() -> None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return apply


_FULL = [  # the first 32 kB let SQLite open its ledger at all
    (100, 1, "错误：账本用不了：磁盘已满或读写出错"),
    (40_000, 3000, "错误：文件存不进"),
    (33_000, 1, "错误：账本写不进，未作任何改动：磁盘已满或读写出错"),
]


@pytest.mark.parametrize(("limit", "length", "said"), _FULL)
def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(
    copy: Path, tmp_path: Path, limit: int, length: int, said: str
) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text(
        "云川市计划\n\n到2025年，全市高新技术企业达到900家。\n" + "本计划自印发之日起实行。\n" * length, "utf-8"
    )
    full = _jiqun("ingest", str(copy), str(plan), preexec_fn=_no_file_beyond(limit))
    assert (full.returncode, full.stdout) == (3, ""), full.stderr
    assert len(full.stderr.splitlines()) == 1, full.stderr
    assert full.stderr.startswith(said)
    assert not list((copy / "files").glob(".half-*"))
    assert _rows(copy) == [0, 0, 0]
    assert _jiqun("ingest", str(copy), str(plan)).returncode == 0


def test_two_processes_ingesting_the_same_file_leave_it_once(copy: Path) -> None:
    plan = FOLDER / "documents" / "plan.txt"
    command = [sys.executable, "-m", "jiqun", "ingest", str(copy), str(plan)]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=_clean_environment())
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert _rows(copy) == [1, 1, 5]
