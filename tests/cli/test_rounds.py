"""`jiqun rounds`: what the calendar asks for, and plain refusals."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_commands import jiqun

FOLDER = Path(__file__).resolve().parents[1] / "records" / "folder" / "pingchuan"


def test_rounds_say_what_is_due_and_refuse_in_one_line(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    assert jiqun("init", ws, "--city", FOLDER).returncode == 0
    due = jiqun("rounds", "due", ws)
    assert (due.returncode, due.stderr) == (0, "")
    lapsed = jiqun("rounds", "open", ws, "quarterly", "2026Q1")
    assert (lapsed.returncode, lapsed.stdout) == (1, "")
    assert lapsed.stderr.startswith("错误：各区季报（平工03表）的有效期到 2026-06-30 为止")
    assert jiqun("rounds", "lock", ws, "monthly|2026M1").stderr == (
        "错误：没有“monthly|2026M1”这一期报表（最近的：还没有布置过）\n"
    )
