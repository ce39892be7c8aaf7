"""The same tests on PostgreSQL: a process of their own, because a process has one database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.skipif(os.environ.get("JIQUN_TEST_ENGINE") == "postgresql", reason="already on PostgreSQL")
@pytest.mark.parametrize(
    "room",
    ["tests/ledger", "tests/records", "tests/flows", "tests/web/test_access_matrix.py", "tests/web/test_hostile.py"],
)
def test_the_ledger_keeps_its_word_on_postgresql(room: str) -> None:
    if "JIQUN_TEST_DATABASE_URL" not in os.environ:
        pytest.skip("JIQUN_TEST_DATABASE_URL names no PostgreSQL server")
    asked = [sys.executable, "-m", "pytest", room, "-q", "-p", "no:cacheprovider"]
    there = {**os.environ, "JIQUN_TEST_ENGINE": "postgresql"}
    ran = subprocess.run(asked, check=False, cwd=ROOT, env=there, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
