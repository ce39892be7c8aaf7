"""A register of firms: dated snapshots kept side by side, and the one door through which firms are read.

    registers/<name>/register.json      title and purpose
    registers/<name>/<day>[.<edition>]/ a snapshot; see `snapshots`

The door asks what the firms are wanted for. What was returned for statistics never comes out of it for anything else.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

import polars as pl

from jiqun.enterprises import columns, snapshots
from jiqun.enterprises.columns import KEY, Column
from jiqun.enterprises.snapshots import ORIGIN, ORIGIN_TYPE, About, Contents, Manifest, Origin
from jiqun.model import files
from jiqun.model.errors import Conflict, EnvironmentFailed, Forbidden, InputRefused, NotFound, UsageError
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.purposes import Purpose
from jiqun.packs import City

MAIN = "firms"  # the register that pages show; others may stand beside it, for other purposes
Row = Mapping[str, object]
NOTHING: Mapping[str, Row] = MappingProxyType({})
_ABOUT = "register.json"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Firms:
    """Firms handed out for one use. Raises Forbidden, however it is made, where their purpose does not allow the use.

    `rows`: one row a firm, the columns of the city's register and `origin__<group>`; null is unknown.
    `digest` is that of the snapshot's manifest, "" for a bare file.
    """

    rows: pl.LazyFrame
    columns: Mapping[str, Column]
    day: date
    figures_year: int
    collected_for: Purpose
    use: Purpose
    is_invented: bool = False
    digest: str = ""

    def __post_init__(self) -> None:
        if not self.collected_for.may_serve(self.use):
            raise Forbidden(f"这些企业数据是为{self.collected_for.label}收集的，不得用于{self.use.label}")


@dataclass(frozen=True)
class Register:
    """A register in its folder; `purpose` is what every one of its snapshots was collected for."""

    folder: Path
    name: str
    title: str
    purpose: Purpose

    def editions(self) -> tuple[Manifest, ...]:
        """All that was ever written, withdrawn ones and their withdrawals too, by day and edition."""
        return snapshots.found(self.folder)

    def snapshots(self) -> tuple[Manifest, ...]:
        """Every snapshot, replaced ones too, by day and edition; none that was withdrawn, whatever day asks."""
        every = self.editions()
        taken_back = {m.about.day: m.edition for m in every if m.about.is_withdrawn}
        return tuple(m for m in every if m.edition > taken_back.get(m.about.day, 0))


def refuse_unfit(name: str) -> None:
    """Raises UsageError for a name that no register may have: it is a part of paths."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"名册的代号“{name}”只能用小写字母、数字、下划线和短横")


def create(root: Path, name: str, title: str, purpose: Purpose) -> Register:
    """A new register below `root`. Raises Conflict where one of that name stands, UsageError for an unfit name."""
    refuse_unfit(name)
    folder, half = root / name, root / f".half-{name}-{uuid4().hex}"
    try:
        folder.mkdir(parents=True, exist_ok=True)  # one that was never described is none yet
        described = {"title": title, "purpose": purpose.value}
        half.write_text(json.dumps(described, ensure_ascii=False), "utf-8")
        try:
            os.link(half, folder / _ABOUT)  # of two who describe it at once, one: a purpose is never written over
        finally:
            half.unlink()
    except FileExistsError as wrong:
        raise Conflict(f"已有名册“{name}”") from wrong
    except OSError as wrong:
        raise EnvironmentFailed(f"名册“{name}”建不了：{files.why(wrong)}") from wrong
    return Register(folder, name, title, purpose)


def open(root: Path, name: str) -> Register:
    """The register below `root`. Raises NotFound with the names there are, EnvironmentFailed for a damaged one."""
    file = root / name / _ABOUT
    try:
        described = json.loads(file.read_text("utf-8"))
        return Register(root / name, name, described["title"], Purpose(described["purpose"]))
    except (FileNotFoundError, NotADirectoryError):
        there = f"已有：{'、'.join(names(root)) or '无'}"
        raise NotFound(f"没有名册“{name}”（{there}）；企业名册由 jiqun import-firms 或网页“企业”导入") from None
    except OSError as wrong:
        raise EnvironmentFailed(f"名册“{name}”读不了：{files.why(wrong)}") from wrong
    except (ValueError, KeyError, TypeError):
        raise EnvironmentFailed(f"{file} 已损坏；请从备份恢复") from None


def names(root: Path) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{_ABOUT}")))


def append(register: Register, about: About, contents: Contents, *, city: City, recorded_at: datetime) -> Manifest:
    """The snapshot as kept. Frames are brought to the register's columns; those a frame lacks are unknown.

    A day that has a snapshot takes another edition only with `about.reason`; the earlier one stays and can be asked
    for. Raises Conflict without a reason, InputRefused for columns nobody declared, UsageError for a firm that
    stands twice.
    """
    editions = [m.edition for m in register.editions() if m.about.day == about.day]
    if editions and not about.reason:
        raise Conflict(f"名册“{register.name}”已有 {about.day} 的快照；要更正它，请写明理由")
    types = stored_types(city)
    shaped = (_shaped(frame, types, about) for frame in contents.firms)
    draft = Manifest(register.name, register.purpose, max(editions, default=0) + 1, about, recorded_at, 0, 0, {})
    return snapshots.write(register.folder, draft, Contents(shaped, contents.exceptions, contents.damaged))


def withdraw(register: Register, day: date, reason: str, *, city: City, recorded_at: datetime) -> Manifest:
    """The snapshot of `day` was taken in by mistake: it, and what it replaced, holds as of no day. Its files stay.

    Told by another edition without firms. Raises NotFound where the day has no snapshot, UsageError without a reason.
    """
    held = [m for m in register.snapshots() if m.about.day == day]
    if not held:
        raise NotFound(f"名册“{register.name}”没有 {day} 的快照，或它已撤回")
    if not reason.strip():
        raise UsageError(f"撤回 {day} 的快照要写明理由")
    about = replace(held[-1].about, reason=reason, is_withdrawn=True)
    nobody = pl.LazyFrame(schema=stored_types(city))
    return append(register, about, Contents([nobody]), city=city, recorded_at=recorded_at)


def read(
    register: Register, city: City, *, purpose: Purpose, day: date | None = None, known_on: date | None = None
) -> Firms:
    """The firms as they were on `day` (None: the latest), by what could be known on `known_on`, for `purpose`.

    Raises Forbidden where the register's purpose does not allow it, NotFound where no snapshot is that old.
    """
    return read_snapshot(register, manifest_on(register, day, known_on), city, purpose=purpose)


def read_snapshot(register: Register, manifest: Manifest, city: City, *, purpose: Purpose) -> Firms:
    """The firms of that very snapshot, for `purpose`. Raises Forbidden as `read` does."""
    about = manifest.about
    directory = register.folder / manifest.directory
    rows = snapshots.scan(directory, manifest, _read_types(city))
    known = columns.columns(city)
    return Firms(
        rows, known, about.day, about.figures_year, manifest.purpose, purpose, about.is_invented, manifest.digest
    )


def manifest_on(register: Register, day: date | None = None, known_on: date | None = None) -> Manifest:
    """The snapshot that holds on `day`: the latest day up to it, of that day the latest edition then known."""
    kept = register.snapshots()
    held = [
        m for m in kept if (day is None or m.about.day <= day) and (known_on is None or m.about.known_on <= known_on)
    ]
    if not held:
        days = "、".join(dict.fromkeys(str(m.about.day) for m in kept)) or "无"
        raise NotFound(f"名册“{register.name}”在 {known_on or day or '任何一天'} 没有可用的快照（已有：{days}）")
    return held[-1]


def history(
    register: Register, city: City, code: str, *, purpose: Purpose, known: Mapping[str, Row] = NOTHING
) -> list[tuple[Manifest, Row]]:
    """The firm in each snapshot that holds, earliest first, where it stands in it: the manifest and the row by column.

    Of a day with several editions the last. `known`: its rows in some of them, by the manifest's digest, which are not
    read again. Raises Forbidden as `read` does.
    """
    last = {manifest.about.day: manifest for manifest in register.snapshots()}
    found: list[tuple[Manifest, Row]] = []
    for manifest in last.values():
        row = known.get(manifest.digest) or find(read_snapshot(register, manifest, city, purpose=purpose), code)
        found += [(manifest, row)] if row is not None else []
    return found


def find(firms: Firms, code: str) -> Row | None:
    """The firm's row by column, with the origins of its groups; None where it is not among them."""
    found = firms.rows.filter(pl.col(KEY) == code).collect().to_dicts()
    return found[0] if found else None


def read_file(path: Path, city: City, *, purpose: Purpose, day: date, declared: Purpose | None = None) -> Firms:
    """The firms of a bare Parquet file, for `purpose`. A part of a snapshot says itself what it was collected for.

    A file that does not say needs `declared`; what it says itself cannot be declared away. Where it has no day of its
    own it is taken to be of `day`, with the figures of the year before. Raises UsageError where
    nobody says, Forbidden where it is not allowed, InputRefused for columns of another type than the city's.
    """
    rows, marks = snapshots.scan_file(path)
    if "purpose" not in marks and declared is None:
        raise UsageError(
            f"{path.name} 没有写明收集用途；请用 --collected-for 写明（statistical、administrative、service）"
        )
    collected_for = Purpose(marks["purpose"]) if "purpose" in marks else declared or Purpose.STATISTICAL
    day = date.fromisoformat(marks["day"]) if "day" in marks else day
    year = int(marks.get("figures_year", day.year - 1))
    shaped = _shaped(rows, _read_types(city), None, path.name)
    is_invented = marks.get("is_invented") == "true"
    return Firms(shaped, columns.columns(city), day, year, collected_for, purpose, is_invented)


def origin_of(register: Register, manifest: Manifest, code: str, column: Column) -> Origin | None:
    """Where the firm's value in that column comes from; None where nothing is noted or there is no such firm."""
    directory = register.folder / manifest.directory
    exceptions = snapshots.side_table(directory, manifest, "exceptions")
    if exceptions is not None:
        own = exceptions.filter((pl.col(KEY) == code) & (pl.col("column") == column.id))
        if own.height:
            return manifest.about.origins[int(own["origin"][0])]
    group = ORIGIN + column.attribute.group
    rows = snapshots.scan(directory, manifest, {KEY: pl.String(), group: ORIGIN_TYPE})
    number = rows.filter(pl.col(KEY) == code).select(group).collect().to_series()
    return None if number.is_empty() or number[0] is None else manifest.about.origins[int(number[0])]


def origins_of(
    register: Register, manifest: Manifest, known: Mapping[str, Column], row: Mapping[str, object]
) -> dict[str, Origin]:
    """Column → where the value of a firm's row comes from; columns of which nothing is noted are left out."""
    listed = manifest.about.origins
    found = {
        id_: listed[number]
        for id_, column in known.items()
        if isinstance(number := row.get(ORIGIN + column.attribute.group), int)
    }
    exceptions = snapshots.side_table(register.folder / manifest.directory, manifest, "exceptions")
    if exceptions is not None:
        own = exceptions.filter(pl.col(KEY) == row.get(KEY))
        found |= {id_: listed[int(number)] for id_, number in own.select("column", "origin").iter_rows()}
    return found


def stored_types(city: City) -> dict[str, pl.DataType]:
    """Column → type of a snapshot's file: the firm's columns and the origin of each group."""
    types = columns.schema(columns.columns(city))
    return types | {ORIGIN + group: ORIGIN_TYPE for group in columns.groups(city)}


def _read_types(city: City) -> dict[str, pl.DataType]:
    """What is read: also the columns that the code speaks of and the folder leaves out, unknown for every firm."""
    stored = stored_types(city)
    return stored | {name: type_ for name, type_ in columns.RELIED_ON.items() if name not in stored}


def _shaped(frame: pl.LazyFrame, types: Mapping[str, pl.DataType], about: About | None, file: str = "") -> pl.LazyFrame:
    """The frame with exactly the columns of `types`. With one origin only, that is the origin of every group."""
    there = frame.collect_schema()
    foreign = [name for name in there if name not in types]
    wrong = [
        f"{name}（{there[name]}，应为 {type_}）"
        for name, type_ in types.items()
        if name in there and there[name] != type_ and not _fits(there[name], type_)
    ]
    if KEY not in there:
        wrong.append(f"缺少 {KEY}")
    if about is not None:
        wrong += [f"没有规定过的列 {name}" for name in foreign]
    if wrong:
        where, remedy = Place(file), "请按城市文件夹 registers/ 里的数据项整理各列"
        raise InputRefused([Finding("register.column", Severity.ERROR, words, where, remedy) for words in wrong])
    sole = 0 if about is not None and len(about.origins) == 1 else None
    return frame.select(
        pl.col(name).cast(type_)
        if name in there
        else pl.lit(sole if name.startswith(ORIGIN) else None, dtype=type_).alias(name)
        for name, type_ in types.items()
    )


def _fits(given: pl.DataType, wanted: pl.DataType) -> bool:
    """Whether a column of another type holds the same values: all-null columns, integers, dictionary texts."""
    if given == pl.Null() or (given.is_numeric() and wanted.is_float()) or (given.is_integer() and wanted.is_integer()):
        return True
    return wanted == pl.String() and isinstance(given, pl.Categorical | pl.Enum)
