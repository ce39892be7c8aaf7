"""A workspace in one file and back: the ledger as of one moment, every file it speaks of, and a digest of each."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from jiqun import __version__, workspace
from jiqun.model import files
from jiqun.model.errors import Conflict, EnvironmentFailed, InputRefused, NotFound, UsageError
from jiqun.model.findings import Finding, Place, Severity
from jiqun.workspace import LEDGER

MANIFEST = "manifest.json"
DUMP = "ledger.pgdump"
_SQLITE_SAID = {
    "file is not a database": "文件已损坏，请从较早的备份恢复",
    "database disk image is malformed": "文件已损坏，请从较早的备份恢复",
    "database or disk is full": "磁盘已满",
    "unable to open database file": f"缺少 {LEDGER} 或没有权限",
}


@dataclass(frozen=True)
class Archived:
    """The archive's file, how many files it holds, and the digest that the whole of it goes by."""

    file: Path
    files: int
    digest: str


def backup(path: Path | str, archive: Path | str) -> Archived:
    """A .tar.gz of the workspace as it was at one moment; others may go on writing meanwhile.

    Raises Conflict where the archive exists, NotFound for no workspace, EnvironmentFailed when disk or pg_dump fail.
    """
    source, target = Path(path).resolve(), Path(archive).resolve()
    described = workspace.describe(source)
    if target.exists():
        raise Conflict(f"{target} 已存在，不覆盖")
    if target.is_relative_to(source):
        raise UsageError(f"备份不能放在工作区 {source} 里面，否则下次会把它也备份进去")
    half = target.with_name(f".{target.name}.half")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=source) as scratch:
            ledger = _copy_ledger(source, described, Path(scratch))
            members = {ledger.name: ledger, **dict(_members(source))}
            digests = {name: _sha256(file) for name, file in members.items()}
            manifest = {"jiqun": __version__, "city": described["city"], "name": described["name"], "files": digests}
            _pack(half, members, manifest)
        half.replace(target)
    except OSError as error:
        raise EnvironmentFailed(f"备份写不进 {target}：{files.why(error)}") from None
    finally:
        half.unlink(missing_ok=True)
    return Archived(target, len(members), _sha256(target))


def restore(archive: Path | str, path: Path | str, *, database_url: str | None = None) -> Path:
    """The workspace of the archive, at `path`, every file checked against its digest; or nothing at all.

    `database_url`: an empty PostgreSQL database, for an archive of one. Raises InputRefused for a damaged archive.
    """
    source, target = Path(archive), Path(path).resolve()
    if not source.is_file():
        raise NotFound(f"没有备份文件 {source}")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(f"{target} 已经存在且不是空目录")
    half = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        _unpack(source, half)
        _point_database(half, database_url)
        if target.exists():
            target.rmdir()
        half.replace(target)
    except OSError as error:
        raise EnvironmentFailed(f"恢复不到 {target}：{files.why(error)}") from None
    finally:
        if half is not None:
            shutil.rmtree(half, ignore_errors=True)
    return target


def _copy_ledger(source: Path, described: dict[str, Any], scratch: Path) -> Path:
    if described.get("database"):
        dump = scratch / DUMP
        _run_postgresql(["pg_dump", "--format=custom", "--no-owner", "--file", str(dump)], described["database"])
        return dump
    copy = scratch / LEDGER
    try:
        with (
            closing(sqlite3.connect(f"file:{source / LEDGER}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(copy)) as kept,
        ):
            live.backup(kept)
            faults = [said for (said,) in kept.execute("PRAGMA quick_check(1)") if said != "ok"]
    except sqlite3.Error as error:
        raise EnvironmentFailed(f"账本读不出来：{_SQLITE_SAID.get(str(error), error)}") from None
    if faults:  # better told now than on the day the backup is needed
        raise EnvironmentFailed(f"{source / LEDGER} 已损坏，备份没有意义；请从较早的备份恢复")
    return copy


def _run_postgresql(command: list[str], url: str) -> None:
    """The client program done; the password goes by its environment, where other users do not see it."""
    parts = urlsplit(url)
    bare = url.replace(f":{parts.password}@", "@", 1) if parts.password else url
    there = {**os.environ, "PGPASSWORD": unquote(parts.password)} if parts.password else None
    try:
        ran = subprocess.run(  # noqa: S603 - our own arguments
            [*command, "--dbname", bare], check=False, capture_output=True, text=True, env=there
        )
    except FileNotFoundError:
        raise EnvironmentFailed(f"缺少程序 {command[0]}（PostgreSQL 客户端）") from None
    if ran.returncode != 0:
        lines = ran.stderr.strip().splitlines() or ["无说明"]
        if any("already exists" in line for line in lines):
            raise Conflict("要恢复到的数据库不是空的，未作改动；请先用 createdb 建一个空库")
        raise EnvironmentFailed(f"{command[0]} 失败：{next((line for line in lines if 'error' in line), lines[-1])}")


def _members(source: Path) -> Iterator[tuple[str, Path]]:
    """Everything beside the ledger, by its name in the archive; half-written files are left out."""
    for file in sorted(source.rglob("*")):
        inner = file.relative_to(source)
        hidden = any(part.startswith(".") for part in inner.parts)
        if file.is_file() and not hidden and not inner.parts[0].startswith(LEDGER):
            yield inner.as_posix(), file


def _pack(target: Path, members: dict[str, Path], manifest: dict[str, Any]) -> None:
    content = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)  # it holds the secret key
    with os.fdopen(handle, "wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
            first = tarfile.TarInfo(MANIFEST)
            first.size = len(content)
            tar.addfile(first, io.BytesIO(content))
            for name, file in members.items():
                tar.add(file, arcname=name, recursive=False)
        out.flush()
        os.fsync(out.fileno())


def _unpack(source: Path, target: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as tar:
            first = tar.next()
            opened = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
            if opened is None:
                raise _damaged(source, "不是 Jiqun 的备份文件")
            expected: dict[str, str] = json.load(opened)["files"]
            while (member := tar.next()) is not None:
                inner = PurePosixPath(member.name)
                is_inside = not inner.is_absolute() and ".." not in inner.parts
                content = tar.extractfile(member) if member.isfile() and is_inside and member.name in expected else None
                if content is None:
                    raise _damaged(source, f"含有来历不明的内容 {member.name}")
                _write_out(content, target / inner)
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise _damaged(source, f"已损坏（{type(error).__name__}）") from None
    except OSError as error:
        if error.errno is None:  # gzip's own complaints about its content
            raise _damaged(source, "已损坏（压缩数据有误）") from None
        raise
    for name, digest in expected.items():
        file = target / name
        if not file.is_file() or _sha256(file) != digest:
            raise _damaged(source, f"其中的 {name} 与清单不符")


def _write_out(content: IO[bytes], file: Path) -> None:
    """The member's bytes alone, readable by their owner: neither modes nor owners come out of an archive.

    `TarFile.extract(filter=)` would do, but Debian 12's Python 3.11.2 does not have it yet.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        shutil.copyfileobj(content, out)


def _point_database(half: Path, database_url: str | None) -> None:
    """The restored workspace speaks to its own copy of the ledger."""
    import yaml  # noqa: PLC0415 - rarely needed

    described = workspace.describe(half)
    if (half / DUMP).exists():
        if not database_url:
            raise Conflict("这是 PostgreSQL 工作区的备份，请用 --database 指明一个空库")
        workspace.database(half, database_url)
        options = ["--no-owner", "--exit-on-error", "--single-transaction"]
        _run_postgresql(["pg_restore", *options, str(half / DUMP)], database_url)
        (half / DUMP).unlink()
        described["database"] = database_url
        (half / "workspace.yaml").write_text(yaml.safe_dump(described, allow_unicode=True, sort_keys=False), "utf-8")


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _damaged(file: Path, why: str) -> InputRefused:
    remedy = "请换一份备份"
    return InputRefused([Finding("archive.damaged", Severity.ERROR, f"备份{why}", Place(str(file)), remedy)])
