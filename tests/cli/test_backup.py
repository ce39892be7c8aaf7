"""A workspace goes into one file and comes out the same; a damaged file is refused."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_commands import PLAN, jiqun
from tests.flows.conftest import FOLDER


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("office") / "ws"
    for words in (("init", path, "--city", FOLDER), ("ingest", path, PLAN)):
        assert jiqun(*words).returncode == 0
    return path


@pytest.fixture(scope="module")
def archive(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("archive") / "ws.tar.gz"
    (office / "files" / ".half-x").write_bytes(b"half")
    done = jiqun("backup", office, file)
    assert done.returncode == 0, done.stderr
    return file


def test_what_comes_back_is_what_went_in(office: Path, archive: Path, tmp_path: Path) -> None:
    back = tmp_path / "back"
    assert jiqun("restore", back, archive).returncode == 0
    assert not (back / "files" / ".half-x").exists()
    for kept in ("secret_key", "workspace.yaml", *(f"files/{p.name}" for p in (back / "files").iterdir())):
        assert (back / kept).read_bytes() == (office / kept).read_bytes()
    assert (back / "secret_key").stat().st_mode & 0o777 == 0o600
    before, after = jiqun("verify", office), jiqun("verify", back)
    assert after.returncode == 0
    assert after.stdout == before.stdout, "the same chain, to its last hash"
    assert jiqun("ingest", back, PLAN).stdout.endswith("已收录过，未作改动\n")


def test_an_archive_is_not_overwritten_nor_laid_over_something(office: Path, archive: Path, tmp_path: Path) -> None:
    assert jiqun("backup", office, archive).stderr == f"错误：{archive} 已存在，不覆盖\n"
    (tmp_path / "mine").write_text("x")
    refused = jiqun("restore", tmp_path, archive)
    assert (refused.returncode, [p.name for p in tmp_path.iterdir()]) == (1, ["mine"])


def _repacked(archive: Path, target: Path, change: dict[str, bytes | None], extra: str = "") -> Path:
    """The archive with members replaced (left out for None) and one added."""
    with tarfile.open(archive) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            opened = old.extractfile(member)
            content: bytes | None = opened.read() if opened else b""
            content = change.get(member.name, content)
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
        if extra:
            new.addfile(tarfile.TarInfo(extra), io.BytesIO(b""))
    return target


def test_a_damaged_archive_is_refused_and_leaves_nothing(archive: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    other = tmp_path / "other.tar.gz"
    with tarfile.open(other, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("x"), io.BytesIO(b""))
    text = tmp_path / "text.tar.gz"
    text.write_text("not an archive")
    damaged = [
        (cut, "已损坏"),
        (text, "已损坏"),
        (other, "不是 Jiqun 的备份"),
        (_repacked(archive, tmp_path / "a.tar.gz", {"secret_key": b"x"}), "secret_key 与清单不符"),
        (_repacked(archive, tmp_path / "b.tar.gz", {"secret_key": None}), "secret_key 与清单不符"),
        (_repacked(archive, tmp_path / "c.tar.gz", {}, "../escaped"), "来历不明的内容 ../escaped"),
        (_repacked(archive, tmp_path / "d.tar.gz", {"manifest.json": json.dumps({}).encode()}), "已损坏"),
    ]
    before = sorted(p.name for p in tmp_path.iterdir())
    for file, said in damaged:
        refused = jiqun("restore", tmp_path / "back", file)
        assert (refused.returncode, said in refused.stderr) == (1, True), (file, refused.stderr)
        assert "Traceback" not in refused.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_a_damaged_ledger_is_told_and_neither_served_nor_backed_up(office: Path, tmp_path: Path) -> None:
    for start, said in ((0, "账本文件已损坏"), (4096 * 9, "已损坏")):
        copy = Path(shutil.copytree(office, tmp_path / f"ws{start}"))
        with (copy / "ledger.sqlite").open("r+b") as ledger:
            ledger.seek(start)
            ledger.write(b"\xa5" * 4096 * 60)
        commands = [("backup", copy, tmp_path / "b.tar.gz")] + (
            [("serve", copy), ("verify", copy)] if not start else []
        )
        for words in commands:
            told = jiqun(*words)
            assert (told.returncode, "已损坏" in told.stderr) == (3, True), (words, told.stderr)
            assert said in told.stderr or words[0] == "backup"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ws0", "ws36864"]


def test_a_backup_does_not_go_into_what_it_backs_up(office: Path) -> None:
    assert jiqun("backup", office, office / "b.tar.gz").returncode == 2
    assert not (office / "b.tar.gz").exists()


def test_upgrade_leaves_a_whole_ledger_with_its_guards(office: Path, tmp_path: Path) -> None:
    import sqlite3

    copy = Path(shutil.copytree(office, tmp_path / "ws"))
    with sqlite3.connect(copy / "ledger.sqlite") as ledger:
        ledger.execute("DROP TRIGGER ledger_claim_no_update")
    ledger.close()
    assert jiqun("verify", copy).returncode == 1
    done = jiqun("upgrade", copy)
    assert (done.returncode, "账本完整，共 1 个事件" in done.stdout) == (0, True), done.stderr
    assert jiqun("verify", copy).returncode == 0


@pytest.fixture
def databases() -> Iterator[tuple[str, str]]:
    """Two empty PostgreSQL databases of this test alone."""
    server = os.environ.get("JIQUN_TEST_DATABASE_URL")
    if server is None:
        pytest.skip("JIQUN_TEST_DATABASE_URL names no PostgreSQL server")
    import psycopg

    names = [f"test_jiqun_backup_{os.getpid()}_{n}" for n in range(2)]
    with psycopg.connect(server, autocommit=True) as admin:
        for name in names:
            admin.execute(f"CREATE DATABASE {name}")
        yield tuple(server.rpartition("/")[0] + "/" + name for name in names)
        for name in names:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.skipif(shutil.which("pg_dump") is None, reason="no pg_dump on this machine")
def test_a_workspace_on_postgresql_goes_the_same_way(databases: tuple[str, str], tmp_path: Path) -> None:
    path, archive, back = tmp_path / "ws", tmp_path / "ws.tar.gz", tmp_path / "back"
    steps: list[tuple[object, ...]] = [
        ("init", path, "--city", FOLDER, "--database", databases[0]),
        ("ingest", path, PLAN),
        ("backup", path, archive),
        ("restore", back, archive, "--database", databases[1]),
    ]
    for step in steps:
        done: subprocess.CompletedProcess[str] = jiqun(*step)
        assert done.returncode == 0, (step, done.stderr)
    assert not (path / "ledger.sqlite").exists()
    second = jiqun("init", tmp_path / "second", "--city", FOLDER, "--database", databases[0])
    assert (second.returncode, "已有一个账本" in second.stderr) == (1, True)
    assert not (tmp_path / "second").exists()
    before, after = jiqun("verify", path), jiqun("verify", back)
    assert (after.returncode, after.stdout) == (0, before.stdout), after.stderr
    assert jiqun("restore", tmp_path / "more", archive).stderr.endswith("请用 --database 指明一个空库\n")
