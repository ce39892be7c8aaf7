"""A workspace: one city's folder, ledger and files on disk; one per process.

    workspace.yaml     name, city, folder digest, database (when it is not the file beside it)
    secret_key         0600, signs sessions
    ledger.sqlite      unless `database` names PostgreSQL
    files/<sha256>     every ingested original
    folders/<digest>/  the city folder, and what it extends, as it was
    registers/         Parquet

`open` configures Django for the workspace; what is done with it are the verbs of `flows`.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

import yaml

from jiqun import packs
from jiqun.model import files
from jiqun.model.errors import Conflict, EnvironmentFailed, NotFound, UsageError

if TYPE_CHECKING:
    from jiqun.packs import City

VARIABLE = "JIQUN_WORKSPACE"
LEDGER = "ledger.sqlite"
FOLDERS = ("files", "folders", "registers")
ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Workspace:
    """Where a city's ledger lives, the city as its folder says now, and the clock its events are stamped by."""

    path: Path
    name: str
    city: City
    clock: Callable[[], datetime] = now
    opens_on: date | None = None  # the day a demo is first seen as of; None: today

    @property
    def files(self) -> Path:
        return self.path / "files"

    @property
    def today(self) -> date:
        """The day it is in the city."""
        return self.clock().astimezone(ZONE).date()


_opened: Workspace | None = None


def create(
    path: Path | str, city_folder: Path | str, database_url: str | None = None, *, opens_on: date | None = None
) -> Workspace:
    """A new workspace at `path` for the city of the folder, or of the bundled folder of that name, open.

    Raises Conflict where something stands already, InputRefused for a folder with faults.
    """
    target = Path(path).resolve()
    _refuse_second(target)
    lay_out(target, packs.load(city_folder), city_folder, database_url, opens_on)
    global _opened  # noqa: PLW0603 - see `open`
    try:
        opened = _open(target)
        migrate()
        _refuse_used_database(target)
    except BaseException:
        _opened = None
        shutil.rmtree(target, ignore_errors=True)
        raise
    return opened


def open(path: Path | str) -> Workspace:
    """The workspace at `path`, Django set up for it: one workspace, one process, one set-up.

    Raises Conflict when this process has another one open, NotFound for no workspace, EnvironmentFailed for one that
    is damaged or was never finished.
    """
    target = Path(path).resolve()
    _refuse_second(target)
    if _opened is not None:
        return _opened
    _refuse_robbed(target, describe(target))
    return _open(target)


def _open(target: Path) -> Workspace:
    global _opened  # noqa: PLW0603 - see `open`
    described = describe(target)
    city = _city_of(target, described)
    os.environ[VARIABLE] = str(target)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiqun.settings")
    import django  # noqa: PLC0415 - a command that needs no workspace must not wait for Django

    django.setup()
    _opened = Workspace(target, described["name"], city, opens_on=described.get("opens_on"))
    from jiqun.ledger import adopted_chains, editions  # noqa: PLC0415 - the ledger's tables need Django set up

    files = _opened.files
    renew(adopted_chains.with_adopted(editions.with_adopted(_opened.city, files), files))
    return _opened


def renew(city: City, ws: Workspace | None = None) -> Workspace:
    """The workspace with its city as it is from now on; it takes the place of the one this process has open."""
    global _opened  # noqa: PLW0603 - see `open`
    before = ws or current()
    after = replace(before, city=city)
    if _opened is not None and _opened.path == after.path:
        _opened = after
    return after


def current() -> Workspace:
    """The workspace this process has open; opens the one that JIQUN_WORKSPACE names. Raises NotFound for neither."""
    if _opened is not None:
        return _opened
    named = os.environ.get(VARIABLE)
    if not named:
        raise NotFound("没有打开的工作区")
    return open(named)


def describe(path: Path) -> dict[str, Any]:
    """What `workspace.yaml` says. Raises NotFound where there is none."""
    file = path / "workspace.yaml"
    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"{path} 不是工作区（没有 workspace.yaml）；用 jiqun init 建立") from None
    except OSError as error:
        raise EnvironmentFailed(f"读不了 {file}：{files.why(error)}") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        read = None
    if not isinstance(read, dict) or not _is_sound(read):
        raise EnvironmentFailed(f"{file} 已损坏；请从备份恢复")
    return read


def _is_sound(described: dict[str, Any]) -> bool:
    texts = [described.get(name) for name in ("name", "city", "folder")]
    texts += [described[name] for name in ("city_folder", "database") if name in described]
    opens_on = described.get("opens_on")
    is_dated = opens_on is None or isinstance(opens_on, date)
    return is_dated and isinstance(described.get("calendar", True), bool) and all(
        isinstance(text, str) and text for text in texts
    )  # fmt: skip


def _refuse_robbed(path: Path, described: dict[str, Any]) -> None:
    """SQLite would make an empty ledger in place of one that is missing, and nobody would know."""
    ledger = path / LEDGER
    is_missing = "database" not in described and not (ledger.is_file() and ledger.stat().st_size)
    for file, is_gone in ((ledger, is_missing), (path / "secret_key", not (path / "secret_key").is_file())):
        if is_gone:
            raise EnvironmentFailed(f"工作区缺少 {file}：请从备份恢复；刚建而未建成的，请删去后重建")


def lay_out(
    path: Path,
    city: City,
    city_folder: Path | str,
    database_url: str | None = None,
    opens_on: date | None = None,
) -> None:
    """Write the files of a new workspace: all of them, or none."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Conflict(f"{path} 已经存在且不是空目录")
    if database_url is not None:
        database(path, database_url)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            for name in FOLDERS:
                (half / name).mkdir()
            keep_folder(half, city)
            _write_secret(half / "secret_key", secrets.token_urlsafe(48))
            described: dict[str, Any] = {"name": city.name, "city": city.id, "folder": city.digest}
            if opens_on:
                described["opens_on"] = opens_on
            local = Path(city_folder)
            if local.is_dir():
                described["city_folder"] = str(local.resolve())
            if database_url:
                described["database"] = database_url
            _write_secret(half / "workspace.yaml", yaml.safe_dump(described, allow_unicode=True, sort_keys=False))
            if path.exists():
                path.rmdir()
            half.replace(path)
        except BaseException:
            shutil.rmtree(half, ignore_errors=True)
            raise
    except OSError as error:
        raise EnvironmentFailed(f"建不了工作区 {path}：{files.why(error)}") from None


def keep_folder(path: Path, city: City) -> Path:
    """Where the workspace keeps the city's folder as it is now, under its digest."""
    kept = path / "folders" / city.digest
    if kept.is_dir():
        return kept
    half = None
    try:
        kept.parent.mkdir(exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=".half-", dir=kept.parent))
        for name, content in packs.snapshot_files(city).items():
            file = half / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        half.replace(kept)
    except OSError as error:
        if not kept.is_dir():  # else another process was quicker
            raise EnvironmentFailed(f"城市文件夹存不进 {kept.parent}：{files.why(error)}") from None
    finally:
        if half is not None:
            shutil.rmtree(half, ignore_errors=True)
    return kept


def migrate() -> None:
    """Bring the open workspace's tables up to this version of the program."""
    from django.core.management import call_command  # noqa: PLC0415 - see `open`

    call_command("migrate", verbosity=0, interactive=False)


def database(path: Path, url: str | None) -> dict[str, Any]:
    """Django's description of the ledger's database. Raises UsageError for a URL that is not PostgreSQL's."""
    if url is None:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(path / LEDGER),
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
            },
        }
    wrong = UsageError("数据库地址应形如 postgresql://用户@主机:端口/库名")  # not repeated: it may hold a password
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise wrong
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _city_of(path: Path, described: dict[str, Any]) -> City:
    """The city's own folder while it is there, else the bundled one of that name, else the copy kept here."""
    local = described.get("city_folder")
    if local and Path(local).is_dir():
        return packs.load(Path(local))
    if not local and described["city"] in packs.bundled_names():
        return packs.load(str(described["city"]))
    return packs.load_snapshot(path / "folders" / str(described["folder"]))


def _refuse_second(path: Path) -> None:
    if _opened is not None and _opened.path != path:
        raise Conflict(f"本进程已打开工作区 {_opened.path}，不能再打开 {path}")


def _refuse_used_database(path: Path) -> None:
    from jiqun.ledger import chain  # noqa: PLC0415 - the ledger's tables need the open workspace

    if chain.head()[0]:
        raise Conflict(f"这个数据库里已有一个账本，不能再给 {path} 使用")


def _write_secret(file: Path, text: str) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
