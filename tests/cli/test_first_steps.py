"""Where a newcomer stumbles: a plain line says what is missing and the way to it."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.cli.test_commands import jiqun
from tests.flows.conftest import FOLDER


def test_a_taken_port_is_told_before_a_demo_is_built(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = jiqun("demo", "--workspace", tmp_path / "demo", "--port", taken.getsockname()[1])
    assert (done.returncode, done.stdout) == (3, "")
    assert "用 --port 换一个" in done.stderr and not (tmp_path / "demo").exists()


def test_what_is_not_there_yet_is_told_with_the_way_to_it(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    assert jiqun("init", ws, "--city", FOLDER).returncode == 0
    assert "采纳" in jiqun("assess", ws).stderr
    assert "jiqun import-firms" in jiqun("count-lists", ws).stderr
    day = tmp_path / "2023-07-01"
    day.mkdir()
    (day / "part-00000.parquet").touch()
    told = jiqun("measure", day, "-o", tmp_path / "out.csv").stderr
    assert "part-00000.parquet" in told and told.count("\n") == 1
