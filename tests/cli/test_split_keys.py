"""Split keys on the command line: listed, stated, refused in one line each, withdrawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = "import sys; from jiqun.cli import main; main()"


def jiqun(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CODE, *map(str, words)], check=False, capture_output=True, text=True)


def test_a_key_is_listed_stated_refused_and_withdrawn(tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    assert jiqun("init", ws, "--city", "shenzhen").returncode == 0
    way = (ws, "shenzhen-2022:shenzhen-2024:sh22-software")
    line = next(one for one in jiqun("split-keys", ws).stdout.splitlines() if "sh22-software" in one)
    assert line.split("\t")[2:] == ["sh24-ai=?（人工智能），sh24-software=?（软件与信息服务）", "没有依据"]
    signed = ("--reason", "口径调整", "--source", "公报", "--actor", "zhang")
    bad = jiqun("split-key", *way, "--part", "sh24-ai=39", "--part", "sh24-software=60", *signed)
    assert (bad.returncode, bad.stderr.strip()) == (1, "错误：各份额合计 99%，不是 100%　请核对各项")
    done = jiqun(
        "split-key", *way, "--part", "sh24-ai=39", "--part", "sh24-software=61", *signed, "--since", "2026-01-01"
    )
    assert done.stdout.strip() == "sh22-software：人工智能 39%，软件与信息服务 61%，自 2026-01-01 起"
    assert "2026-01-01 起，公报" in jiqun("split-keys", ws).stdout
    assert "2026-01-01 起，公报" not in jiqun("split-keys", ws, "--as-of", "2025-12-31").stdout
    gone = jiqun("split-key", *way, "--withdraw", "--reason", "作废", "--actor", "zhang")
    assert "没有分劈依据" in gone.stdout
    for words, told in (((*way, "--part", "39"), "--part 写成"), ((ws, "sh22-software"), "写成 原版:新版:集群")):
        usage = jiqun("split-key", *words, *signed)
        assert (usage.returncode, usage.stderr.startswith(f"错误：{told}")) == (2, True)
    assert jiqun("verify", ws).returncode == 0
