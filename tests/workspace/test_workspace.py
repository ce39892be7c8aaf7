"""One workspace, one process; made whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from jiqun import packs, workspace
from jiqun.model.errors import Conflict, EnvironmentFailed, NotFound, UsageError
from jiqun.workspace import Workspace
from tests.flows.conftest import FOLDER


def _python(code: str, *words: str) -> str:
    """What a process of its own prints: a workspace is opened once in a process."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *words], check=False, capture_output=True, text=True,
        env={k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "JIQUN_WORKSPACE")},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_what_lies_in_a_new_workspace(tmp_path: Path) -> None:
    path = tmp_path / "ws"
    city = packs.load(FOLDER)
    workspace.lay_out(path, city, FOLDER)
    assert sorted(p.name for p in path.iterdir()) == ["files", "folders", "registers", "secret_key", "workspace.yaml"]
    assert workspace.describe(path) == {
        "name": "云川市", "city": "yunchuan", "folder": city.digest, "city_folder": str(FOLDER.resolve()),
    }  # fmt: skip
    assert (path / "folders" / city.digest / "yunchuan" / "areas.csv").read_bytes() == (
        FOLDER / "areas.csv"
    ).read_bytes()
    assert stat.S_IMODE((path / "secret_key").stat().st_mode) == 0o600
    assert len((path / "secret_key").read_text()) >= 50
    assert [p.name for p in tmp_path.iterdir()] == ["ws"], "nothing half-made is left beside it"


def test_two_workspaces_have_two_secrets(tmp_path: Path) -> None:
    for name in "ab":
        workspace.lay_out(tmp_path / name, packs.load(FOLDER), FOLDER)
    assert (tmp_path / "a" / "secret_key").read_text() != (tmp_path / "b" / "secret_key").read_text()


def test_nothing_is_laid_over_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(Conflict, match="不是空目录"):
        workspace.lay_out(tmp_path, packs.load(FOLDER), FOLDER)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_where_nothing_can_be_written_one_line_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(EnvironmentFailed, match="建不了工作区"):
        workspace.lay_out(tmp_path / "file" / "ws", packs.load(FOLDER), FOLDER)


@pytest.mark.parametrize(
    "url", ["mysql://u@h/db", "postgresql://u@h", "postgresql://", "postgresql://h:abc/x", "x.sqlite"]
)
def test_only_postgresql_is_a_database_address(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="postgresql://"):
        workspace.lay_out(tmp_path / "ws", packs.load(FOLDER), FOLDER, url)
    assert not (tmp_path / "ws").exists()


def test_a_database_address_is_taken_apart() -> None:
    described = workspace.database(Path("/x"), "postgresql://jq:p%40ss@db.local:5433/jiqun?sslmode=require")
    assert {k: described[k] for k in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")} == {
        "NAME": "jiqun", "USER": "jq", "PASSWORD": "p@ss", "HOST": "db.local", "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }  # fmt: skip


def test_a_folder_that_is_no_workspace_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="不是工作区"):
        workspace.describe(tmp_path)
    (tmp_path / "workspace.yaml").write_text("name: [")
    with pytest.raises(EnvironmentFailed, match="已损坏"):
        workspace.describe(tmp_path)


def _damaged(path: Path, file: str, content: bytes | None) -> None:
    workspace.lay_out(path, packs.load(FOLDER), FOLDER)
    (path / "ledger.sqlite").write_bytes(b"x")
    if content is None:
        (path / file).unlink()
    else:
        (path / file).write_bytes(content)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("workspace.yaml", b"name: [", "workspace.yaml 已损坏"),
        ("workspace.yaml", b"\xff\xfe\x97", "workspace.yaml 已损坏"),
        ("workspace.yaml", "name: 云川市\ncity: yunchuan\nfolder: 5\n".encode(), "workspace.yaml 已损坏"),
        ("workspace.yaml", "name: 云川市\ncity: y\nfolder: x\ndatabase: 5\n".encode(), "workspace.yaml 已损坏"),
        ("workspace.yaml", "name: 云川市\ncity: y\nfolder: x\nopens_on: soon\n".encode(), "workspace.yaml 已损坏"),
        ("secret_key", None, "缺少 .*secret_key"),
        ("ledger.sqlite", None, "缺少 .*ledger.sqlite"),
        ("ledger.sqlite", b"", "缺少 .*ledger.sqlite"),
    ],
)
def test_a_robbed_workspace_is_not_opened_nor_filled_up(
    tmp_path: Path, file: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / "ws"
    _damaged(path, file, content)
    before = sorted(p.name for p in path.iterdir())
    with pytest.raises(EnvironmentFailed, match=said):
        workspace.open(path)
    assert sorted(p.name for p in path.iterdir()) == before


def test_today_is_the_day_in_the_city() -> None:
    from datetime import UTC, date, datetime

    late = Workspace(Path(), "x", packs.load(FOLDER), lambda: datetime(2026, 1, 4, 16, 30, tzinfo=UTC))
    assert late.today == date(2026, 1, 5)


OPEN_TWO = """
import sys
from jiqun import workspace
from jiqun.model.errors import Conflict
first = workspace.create(sys.argv[1] + "/a", sys.argv[2])
assert workspace.open(sys.argv[1] + "/a") is first and workspace.current() is first
for second in (lambda: workspace.open(sys.argv[1] + "/b"), lambda: workspace.create(sys.argv[1] + "/b", sys.argv[2])):
    try:
        second()
    except Conflict as error:
        print(error)
from django.conf import settings
from django.db import connection
with connection.cursor() as cursor:
    for pragma in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers"):
        cursor.execute(f"PRAGMA {pragma}")
        print(pragma, cursor.fetchone()[0])
print(settings.SECRET_KEY == open(sys.argv[1] + "/a/secret_key").read(), connection.transaction_mode)
"""


def test_a_process_opens_one_workspace(tmp_path: Path) -> None:
    told = _python(OPEN_TWO, str(tmp_path), str(FOLDER)).splitlines()
    assert all("本进程已打开工作区" in line for line in told[:2])
    assert told[2:] == [
        "journal_mode wal", "synchronous 2", "foreign_keys 1", "recursive_triggers 1", "True IMMEDIATE",
    ]  # fmt: skip
    assert not (tmp_path / "b").exists()


REOPEN = "import sys; from jiqun import workspace; ws = workspace.open(sys.argv[1]); print(ws.city.id, ws.city.digest)"


def test_a_workspace_outlives_its_city_folder(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "yunchuan"
    shutil.copytree(FOLDER, folder)
    path = tmp_path / "ws"
    workspace.lay_out(path, packs.load(folder), folder)
    (path / "ledger.sqlite").write_bytes(b"opened only when asked")
    digest = yaml.safe_load((path / "workspace.yaml").read_text("utf-8"))["folder"]
    shutil.rmtree(folder)
    assert _python(REOPEN, str(path)) == f"yunchuan {digest}"
