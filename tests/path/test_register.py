"""An office's table of firms goes the whole path: command line, ledger, pages, backup; no firm is in the ledger."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import jiqun
from tests.enterprises.conftest import code

pytestmark = pytest.mark.skipif(
    os.environ.get("JIQUN_TEST_ENGINE") == "postgresql", reason="makes SQLite workspaces of its own"
)

HEAD = "统一社会信用代码,企业名称,所属区划,国民经济行业代码,从业人员,营业收入（万元）,主营业务收入（万元）\n"
LOOK = """
import json, sys
from jiqun import flows, workspace
ws = workspace.open(sys.argv[1])
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from jiqun.ledger import chain
settings.ALLOWED_HOSTS = ["*"]
flows.add_user(ws, "wang", "city_admin", actor="setup", password="correct-horse-9")
client = Client()
client.force_login(get_user_model().objects.get(), "django.contrib.auth.backends.ModelBackend")
pages = {name: client.get(name).content.decode() for name in sys.argv[2:]}
print(json.dumps({"pages": pages, "whole": chain.verify().is_whole}))
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [
        f"{code(1)},昆山规上机械有限公司,昆山市,3525,120,9000,8000",
        f"{code(2)},吴江门槛机械有限公司,吴江区,3525,30,2100,2000",  # 2000万元 is in
        f"{code(3)},吴江小微机械有限公司,吴江区,3525,9,1990,1900",
    ]
    path = tmp_path / "firms.csv"
    path.write_text(HEAD + "\n".join(rows), "utf-8")
    return path


def test_a_table_of_firms_is_imported_judged_shown_and_kept(table: Path, tmp_path: Path) -> None:
    ws = tmp_path / "ws"
    assert jiqun("init", ws, "--city", "suzhou").returncode == 0
    done = jiqun("import-firms", ws, table, "--day", "2025-12-31", "--actor", "zhang")
    assert (done.returncode, done.stdout) == (0, f"{table}：3 家企业，0 行未收入（原样留存）（2025-12-31 的快照）\n")
    judged = jiqun("classify-firms", ws, "--tiers", "gyse,size_class", "--actor", "zhang")
    assert judged.returncode == 0, judged.stderr
    assert judged.stdout.startswith("3 家企业，2 个层级")
    again = jiqun("classify-firms", ws, "--tiers", "gyse,size_class", "--actor", "zhang")
    assert "此前已判定" in again.stdout

    names = [
        "/firms/?tier=gyse&answer=meets",
        f"/firms/{code(2)}/",
        "/tiers/gyse/",
        "/tiers/gyse/what-if/?v-industry=2001",
    ]
    seen = subprocess.run([sys.executable, "-c", LOOK, str(ws), *names], capture_output=True, text=True, check=False)
    assert seen.returncode == 0, seen.stderr
    told = json.loads(seen.stdout)
    assert told["whole"]
    met, firm, tier, what_if = (told["pages"][name] for name in names)
    assert ("昆山规上机械" in met, "吴江门槛机械" in met, "吴江小微机械" in met) == (True, True, False)
    assert "2,000 万元" in firm
    assert "66.7%" in tier  # 2 of 3
    assert "2 → 1" in what_if  # 2000万元 is short of 2001万元

    with sqlite3.connect(ws / "ledger.sqlite") as ledger:
        whole = "\n".join(ledger.iterdump())
    assert not any(word in whole for word in (code(1), "门槛机械"))
    assert jiqun("backup", ws, tmp_path / "all.tar.gz").returncode == 0
    assert jiqun("restore", tmp_path / "other", tmp_path / "all.tar.gz").returncode == 0
    kept = {path.relative_to(ws / "registers") for path in (ws / "registers").rglob("*.parquet")}
    assert kept == {
        path.relative_to(tmp_path / "other" / "registers") for path in tmp_path.glob("other/registers/**/*.parquet")
    }


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        ([], 2, "--day"),
        (["--day", "2025-13-01"], 2, "不是日期"),
        (["--day", "2025-12-31", "--purpose", "fun"], 2, "没有用途“fun”"),
        (["--day", "2999-12-31"], 1, "还没有到"),
        (["--day", "2025-12-31", "--register", "../x"], 2, "代号"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_words(
    table: Path, tmp_path: Path, words: list[str], exit_code: int, said: str
) -> None:
    ws = tmp_path / "ws"
    assert jiqun("init", ws, "--city", "suzhou").returncode == 0
    told = jiqun("import-firms", ws, table, *words)
    assert (told.returncode, said in told.stderr) == (exit_code, True), told.stderr
    assert not list((ws / "registers").iterdir())
