"""Several processes writing at once leave a chain without a gap, on the engine under test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

WRITER = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from django.conf import settings
from jiqun import workspace
settings.DATABASES = {"default": workspace.database(Path(sys.argv[1]), sys.argv[2] or None)}
import django
django.setup()
from jiqun.ledger import chain, store
from jiqun.ledger.models import Target
if sys.argv[3] == "migrate":
    workspace.migrate()
elif sys.argv[3] == "verify":
    print(chain.verify())
else:
    for n in range(int(sys.argv[4])):
        with store.recording("target.added", actor=sys.argv[3], clock=lambda: datetime.now(UTC)) as entry:
            entry.put([Target(key=f"{sys.argv[3]}{n}", known_on=date(2026, 1, 5), indicator_id="x", value_text="1")])
"""


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """A database of this test alone; the empty text is the SQLite file in its folder."""
    if connection.vendor == "sqlite":
        yield ""
        return
    import psycopg

    server = os.environ["JIQUN_TEST_DATABASE_URL"]
    name = f"test_jiqun_writers_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield server.rpartition("/")[0] + "/" + name
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_two_processes_writing_at_once_leave_no_gap(tmp_path: Path, database_url: str) -> None:
    def writer(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, str(tmp_path), database_url, *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def finish(process: subprocess.Popen[str]) -> str:
        told, _ = process.communicate(timeout=60)
        assert process.returncode == 0, told
        return told

    finish(writer("migrate"))
    for process in [writer("zhang", "60"), writer("li", "60")]:
        finish(process)
    assert "is_whole=True, events=120" in finish(writer("verify"))
