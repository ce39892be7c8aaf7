"""jiqun chain: every link of a chain on a line, strange names told."""

from __future__ import annotations

import json
import subprocess
import sys


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "jiqun", "chain", *words], capture_output=True, text=True, check=False)


def test_every_link_is_told_once() -> None:
    done = run("suzhou", "robot", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["node_id"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert len(rows) == 25
    # rb_rv feeds rb_ind alone, which feeds rb_integr, which feeds three downstream
    assert rows["rb_rv"]["downstream"] == 5 and rows["rb_rv"]["upstream"] == 0 and rows["rb_rv"]["layer"] == 0


def test_a_chain_that_is_not_there_is_one_line() -> None:
    done = run("suzhou", "none")
    assert done.returncode == 1 and "没有产业链“none”" in done.stderr and "Traceback" not in done.stderr
