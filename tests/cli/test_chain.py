"""jiqun chain: every link of a chain on a line, strange names told."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from jiqun import packs


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


def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jiqun", *map(str, words)], capture_output=True, text=True, check=False
    )


def test_a_chain_goes_out_and_into_a_copy_of_its_folder(tmp_path: Path) -> None:
    copy = tmp_path / "suzhou"
    shutil.copytree(packs.folder("suzhou"), copy)
    (copy / "chains/robot.yaml").unlink()
    for target in ("robot.xlsx", "robot.graphml", "tables"):
        done = command("chain-export", "suzhou", "robot", tmp_path / target)
        assert done.returncode == 0, done.stderr
        assert command("chain-import", tmp_path / target, copy).returncode == 0
        assert not (copy / "chains/robot.yaml").exists(), "without --write nothing is written"
        done = command("chain-import", tmp_path / target, copy, "--write")
        assert done.returncode == 0, done.stderr
        assert packs.load(copy).chains["robot"] == packs.load("suzhou").chains["robot"]
        refused = command("chain-import", tmp_path / target, copy, "--write")
        assert refused.returncode != 0 and "--replace" in refused.stderr
        (copy / "chains/robot.yaml").unlink()


def test_a_bundled_folder_is_never_written(tmp_path: Path) -> None:
    bundled = packs.folder("suzhou")
    before = (bundled / "chains/robot.yaml").read_bytes()
    command("chain-export", "suzhou", "robot", tmp_path / "robot.xlsx")
    for name in ("suzhou", bundled):
        done = command("chain-import", tmp_path / "robot.xlsx", name, "--write", "--replace")
        assert done.returncode != 0 and "不能改" in done.stderr
    assert (bundled / "chains/robot.yaml").read_bytes() == before
