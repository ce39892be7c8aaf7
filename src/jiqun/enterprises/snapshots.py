"""One snapshot of a register on disk: Parquet parts and a manifest, written whole or not at all.

    <register>/<day>[.<edition>]/
        part-00000.parquet …   one row for each firm, all columns, and `origin__<group>` for each group
        exceptions.parquet     values whose origin is not that of their group: firm, column, origin
        damaged.parquet        rows of imported tables with something wrong: as they were, and what it is
        manifest.json          what it is, what it was collected for, where it comes from, the digest of every file

No other module reads Parquet of firms: whoever wants firms says what for, in `register.read` or `register.read_file`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from jiqun.model import files
from jiqun.model.errors import Conflict, EnvironmentFailed, Forbidden, NotFound, UsageError
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.purposes import Purpose

MANIFEST = "manifest.json"
ORIGIN = "origin__"  # + group: number of the origin in the manifest's list
ORIGIN_TYPE = pl.UInt16()
STORED: Mapping[str, Any] = {  # read thousands of times for each time it is written: docs/decisions.md has the figures
    "compression": "uncompressed", "row_group_size": 32_768,  # a firm's page reads one group, counts read all of them
}  # fmt: skip
_ANSWERS: Mapping[str, Any] = {  # of a file of answers, which only lists and counts read
    **STORED, "compression": "lz4", "row_group_size": 16_384,
}  # fmt: skip
HALF = ".half-"


@dataclass(frozen=True)
class Origin:
    """Where values come from: a source, the day from which it could be known, the digest of the file it came in."""

    source: str
    known_on: date
    purpose: Purpose
    digest: str = ""


@dataclass(frozen=True)
class About:
    """What a snapshot is: the state of the firms on `day`; `figures_year` is the year of its unsuffixed yearly columns.

    `known_on`: the day from which it could be known. `reason`: why it replaces the snapshot of the same day.
    `is_invented`: its firms do not exist. `is_withdrawn`: what stood here was taken in by mistake and holds no more.
    `action`: of a list, the event that its writer is about to write.
    """

    day: date
    figures_year: int
    known_on: date
    origins: tuple[Origin, ...]
    is_invented: bool = False
    reason: str = ""
    city_id: str = ""
    folder_digest: str = ""
    is_withdrawn: bool = False
    action: str = ""


@dataclass(frozen=True)
class Manifest:
    """A snapshot as written. `files` maps each file to the SHA-256 of its content."""

    register: str
    purpose: Purpose
    edition: int
    about: About
    recorded_at: datetime
    rows: int
    damaged_rows: int
    files: Mapping[str, str]

    @property
    def directory(self) -> str:
        return f"{self.about.day}" if self.edition == 1 else f"{self.about.day}.{self.edition}"

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over the whole manifest and so over every file; a run keeps it to say what it read."""
        return hashlib.sha256(_dumped(self).encode()).hexdigest()

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(sorted(name for name in self.files if name.startswith("part-")))


@dataclass(frozen=True)
class Contents:
    """What goes into a snapshot: `firms` frame by frame, each a part; the rest as the module says."""

    firms: Iterable[pl.LazyFrame]
    exceptions: pl.DataFrame | None = None
    damaged: pl.DataFrame | None = None


def write(folder: Path, manifest: Manifest, contents: Contents) -> Manifest:
    """The snapshot, on disk in `folder` and whole; the manifest comes back with rows and digests.

    It is built under another name and moved: a reader sees all of it or nothing. Raises Conflict where a snapshot of
    that day and edition stands, Forbidden for origins that may not serve the register's purpose, EnvironmentFailed
    when the disk refuses.
    """
    _refuse_foreign(manifest)
    half: Path | None = None
    try:
        half = Path(tempfile.mkdtemp(prefix=HALF, dir=folder))
        rows = _write_parts(half, manifest, contents.firms)
        _refuse_twins(half)
        for name, frame in (("exceptions", contents.exceptions), ("damaged", contents.damaged)):
            if frame is not None and frame.height:
                side = half / f"{name}.parquet"
                frame.lazy().sink_parquet(side, **STORED, metadata=_marks(manifest), sync_on_close="all")
        damaged = 0 if contents.damaged is None else contents.damaged.height
        digests = {path.name: _digest(path) for path in sorted(half.iterdir())}
        whole = Manifest(**{**_fields(manifest), "rows": rows, "damaged_rows": damaged, "files": digests})
        _write_text(half / MANIFEST, _dumped(whole))
        target = folder / whole.directory
        if target.exists():
            raise Conflict(f"名册“{manifest.register}”已有 {whole.directory} 的快照")
        half.rename(target)
        _sync(folder)
    except OSError as wrong:
        raise EnvironmentFailed(f"名册快照写不了：{files.why(wrong)}") from wrong
    finally:
        if half is not None:
            shutil.rmtree(half, ignore_errors=True)
    return whole


def found(folder: Path) -> tuple[Manifest, ...]:
    """The snapshots of a register, by day and then edition. What was never finished is not among them."""
    manifests = []
    try:
        for path in folder.iterdir():
            if path.is_dir() and not path.name.startswith("."):
                manifests.append(read_manifest(path))
    except OSError as wrong:
        raise EnvironmentFailed(f"名册 {folder.name} 读不了：{files.why(wrong)}") from wrong
    return tuple(sorted(manifests, key=lambda m: (m.about.day, m.edition)))


def read_manifest(directory: Path) -> Manifest:
    """Raises EnvironmentFailed where it is missing or damaged: no snapshot is read without knowing what it is for."""
    try:
        read = json.loads((directory / MANIFEST).read_text("utf-8"))
        about = read.pop("about")
        origins = tuple(
            Origin(o["source"], date.fromisoformat(o["known_on"]), Purpose(o["purpose"]), o["digest"])
            for o in about.pop("origins")
        )
        about |= {name: date.fromisoformat(about[name]) for name in ("day", "known_on")}
        read["purpose"] = Purpose(read["purpose"])
        read["recorded_at"] = datetime.fromisoformat(read["recorded_at"])
        return Manifest(about=About(origins=origins, **about), **read)
    except OSError as wrong:
        raise EnvironmentFailed(f"快照 {directory.name} 的说明读不了：{files.why(wrong)}") from wrong
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise EnvironmentFailed(f"快照 {directory.name} 的说明已损坏；请从备份恢复") from wrong


def scan(directory: Path, manifest: Manifest, types: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """All firms of the snapshot with the columns of `types`; those it was written without are unknown everywhere."""
    paths = [directory / name for name in manifest.parts]
    return pl.scan_parquet(paths, schema=dict(types), missing_columns="insert", extra_columns="ignore")


def side_table(directory: Path, manifest: Manifest, name: str) -> pl.DataFrame | None:
    """`exceptions` or `damaged`; None where the snapshot has none."""
    file = f"{name}.parquet"
    return pl.read_parquet(directory / file) if file in manifest.files else None


def scan_file(path: Path) -> tuple[pl.LazyFrame, Mapping[str, str]]:
    """A bare Parquet file of firms and the marks that travel in it: `purpose`, `day`, `figures_year`, `is_invented`."""
    if not path.exists():
        raise NotFound(f"没有文件 {path}")
    try:
        marks = pl.read_parquet_metadata(path)
        rows = pl.scan_parquet(path)
        rows.collect_schema()
    except (OSError, pl.exceptions.PolarsError) as wrong:
        part = next(iter(sorted(path.glob("part-*.parquet"))), None) if path.is_dir() else None
        hint = f"；快照是一个文件夹，请指明其中的文件，如 {part}" if part else ""
        raise EnvironmentFailed(f"{path} 不是可读的 Parquet 文件{hint}") from wrong
    return rows, {key.removeprefix("jiqun."): value for key, value in marks.items() if key.startswith("jiqun.")}


def scan_for(path: Path, use: Purpose) -> pl.LazyFrame:
    """The rows of a Parquet file or of all below a directory. Raises Forbidden where one says that it was collected for
    a purpose that does not allow `use`; files that do not say are the caller's to answer for.
    """
    paths = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not paths:
        raise NotFound(f"目录 {path} 里没有 Parquet 文件")
    for each in paths:
        said = scan_file(each)[1].get("purpose")
        if said is not None and not Purpose(said).may_serve(use):
            raise Forbidden(f"{each.name} 是为{Purpose(said).label}收集的，不得用于{use.label}")
    return pl.scan_parquet(paths)


def height(path: Path) -> int:
    """How many rows a Parquet file has."""
    return int(pl.scan_parquet(path).select(pl.len()).collect().item())


def spill(rows: pl.LazyFrame, path: Path) -> pl.LazyFrame:
    """The same rows, worked out once and laid down at `path`: what is larger than memory is read from there."""
    rows.sink_parquet(path, compression="lz4")
    return pl.scan_parquet(path)


def write_file(rows: pl.LazyFrame, path: Path, marks: Mapping[str, str]) -> str:
    """SHA-256, in hex, of the Parquet file that now stands at `path`: whole, with the marks, or not there at all.

    Raises EnvironmentFailed when the disk refuses.
    """
    half = path.with_name(f"{HALF}{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {f"jiqun.{name}": value for name, value in marks.items()}
        rows.sink_parquet(half, **_ANSWERS, metadata=told, sync_on_close="all")
        half.replace(path)
        _sync(path.parent)
        return _digest(path)
    except OSError as wrong:
        raise EnvironmentFailed(f"{path.name} 写不了：{files.why(wrong)}") from wrong
    finally:
        half.unlink(missing_ok=True)


def verify(directory: Path) -> list[Finding]:
    """What of a snapshot is no longer as it was written: files missing, changed or added."""
    manifest = read_manifest(directory)
    there = {path.name for path in directory.iterdir()} - {MANIFEST}
    findings = []
    for name in sorted(there | set(manifest.files)):
        if name not in there:
            why = "缺失"
        elif name not in manifest.files:
            why = "不属于这份快照"
        elif _digest(directory / name) != manifest.files[name]:
            why = "内容与写入时不同"
        else:
            continue
        findings.append(
            Finding("snapshot.damaged", Severity.ERROR, why, Place(f"{directory.name}/{name}"), "请从备份恢复")
        )
    return findings


# --- writing


def _refuse_foreign(manifest: Manifest) -> None:
    for origin in manifest.about.origins:
        if not origin.purpose.may_serve(manifest.purpose):
            raise Forbidden(
                f"“{origin.source}”是为{origin.purpose.label}收集的，不能进入用于{manifest.purpose.label}的名册"
                f"“{manifest.register}”"
            )


def _write_parts(half: Path, manifest: Manifest, frames: Iterable[pl.LazyFrame]) -> int:
    rows = 0
    for number, frame in enumerate(frames):
        path = half / f"part-{number:05}.parquet"
        frame.sink_parquet(path, **STORED, metadata=_marks(manifest), sync_on_close="all")
        rows += height(path)
    if not any(half.iterdir()):
        raise UsageError("快照至少要有一个分块（可以没有企业）")
    return rows


def _refuse_twins(half: Path) -> None:
    """A firm stands once in a snapshot. Codes are compared by a 64-bit hash first, so that 60 million take little."""
    codes = pl.scan_parquet(half / "part-*.parquet").select("uscc")
    known = pl.col("uscc").is_not_null()
    rows, kinds, nameless = codes.select(
        pl.len(), pl.col("uscc").hash().n_unique().alias("kinds"), (~known).sum().alias("nameless")
    ).collect(engine="streaming").row(0)  # fmt: skip
    if nameless:
        raise UsageError(f"有 {nameless} 行没有统一社会信用代码，不能写入快照")
    if kinds == rows:
        return
    twins = codes.group_by("uscc").len().filter(pl.col("len") > 1).sort("uscc").head(3).collect(engine="streaming")
    if twins.height:
        raise UsageError(f"同一企业在快照里不止一行：{'、'.join(twins['uscc'])}")


def _marks(manifest: Manifest) -> dict[str, str]:
    return {
        "jiqun.purpose": manifest.purpose.value,
        "jiqun.register": manifest.register,
        "jiqun.day": f"{manifest.about.day}",
        "jiqun.figures_year": f"{manifest.about.figures_year}",
        "jiqun.is_invented": f"{manifest.about.is_invented}".lower(),
    }


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in manifest.__dataclass_fields__}


def _dumped(manifest: Manifest) -> str:
    fields = asdict(manifest)
    for name in ("is_withdrawn", "action"):  # said only where it is so: manifests of before keep their digest
        if not fields["about"][name]:
            del fields["about"][name]
    return json.dumps(fields, ensure_ascii=False, indent=1, sort_keys=True, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, date):  # a datetime too
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
