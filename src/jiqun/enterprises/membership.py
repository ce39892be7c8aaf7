"""Lists of firms (名单): who was let in, recognised, checked again or struck off, from when to when, and by what.

    registers/<register>.lists/<list>.<stage>.<year>.<number>/<day>[.<edition>]/   one list as published

A list is never changed; a corrected one stands beside it as another edition with its reason. Lists have the purpose of
their register and leave by the same wall. Rows that could not be told whose they are lie beside the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from jiqun.enterprises import snapshots
from jiqun.enterprises.cohorts import Coverage
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.register import Register, manifest_on
from jiqun.enterprises.snapshots import About, Contents, Manifest
from jiqun.enterprises.spells import HOLDING, Stage, granted, spells
from jiqun.model import files
from jiqun.model.errors import Conflict, EnvironmentFailed, Forbidden, UsageError
from jiqun.model.purposes import Purpose
from jiqun.packs.schema.tiers import Tier

_SUFFIX = ".lists"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
TYPES: Mapping[str, pl.DataType] = {
    KEY: pl.String(),
    "name": pl.String(),  # as the list prints it
    "valid_from": pl.Date(),
    "valid_to": pl.Date(),  # the first day on which it no longer holds; null: no end
    "area_id": pl.String(),
    "rule_version": pl.String(),  # edition of the tier that admitted it; null for what others decided
    "snapshot": pl.String(),  # digest of the register's snapshot that was judged
    "clauses": pl.List(pl.String()),  # what the decision rests on
    "reason": pl.String(),
    "line": pl.Int32(),  # of the printed list
}
UNDECIDED: Mapping[str, pl.DataType] = {
    "line": pl.UInt32(), "name": pl.String(), "code": pl.String(), "valid_from": pl.Date(), "valid_to": pl.Date(),
    "area_id": pl.String(), "why": pl.String(),
}  # fmt: skip
_VALID = {name: TYPES[name] for name in ("valid_from", "valid_to")}


@dataclass(frozen=True)
class Batch:
    """One list: of which tier, at which stage, of which year (认定年度), the how manieth of that year."""

    list_id: str
    stage: Stage
    year: int
    number: int = 1

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.list_id) or not 1900 <= self.year <= 2200 or self.number < 1:
            raise UsageError(f"不是名单：{self.list_id} {self.year} 第{self.number}批")

    @property
    def name(self) -> str:
        return f"{self.list_id}.{self.stage.value}.{self.year}.{self.number}"

    @classmethod
    def parse(cls, name: str) -> Batch:
        list_id, stage, year, number = name.rsplit(".", 3)
        return cls(list_id, Stage(stage), int(year), int(number))


@dataclass(frozen=True)
class Kept:
    """A list as it lies on disk."""

    batch: Batch
    manifest: Manifest

    @property
    def undecided(self) -> int:
        """Rows of which it could not be told whose they are; they count nowhere."""
        return self.manifest.damaged_rows


@dataclass(frozen=True)
class Lists:
    """Lists handed out for one use. Raises Forbidden, however it is made, where their purpose does not allow it.

    `entries`: list_id, stage, year, number and the columns of `TYPES`.
    """

    entries: pl.DataFrame
    kept: tuple[Kept, ...]
    collected_for: Purpose
    use: Purpose

    def __post_init__(self) -> None:
        if not self.collected_for.may_serve(self.use):
            raise Forbidden(f"这些名单是为{self.collected_for.label}收集的，不得用于{self.use.label}")

    @property
    def is_invented(self) -> bool:
        return any(each.manifest.about.is_invented for each in self.kept)

    def coverage(self, tiers: Mapping[str, Tier]) -> dict[str, Coverage]:
        """For each tier with lists of recognition, the years there are and how long a grant lasts."""
        years: dict[str, set[int]] = {}
        for each in self.kept:
            if HOLDING.get(each.batch.stage) == "recognised":
                years.setdefault(each.batch.list_id, set()).add(each.batch.year)
        lasts = {id_: tiers[id_].validity_years if id_ in tiers else None for id_ in years}
        return {id_: Coverage(frozenset(found), lasts[id_]) for id_, found in years.items()}


def write(
    register: Register,
    batch: Batch,
    about: About,
    rows: pl.DataFrame,
    *,
    recorded_at: datetime,
    undecided: pl.DataFrame | None = None,
) -> Manifest:
    """The list as kept. `rows` has the columns of `TYPES`, those it lacks are unknown; `undecided` is kept beside it.

    A list without rows is one too: nobody was recognised that year. Raises Conflict where that list stands and
    `about.reason` does not say why it is replaced; UsageError for a firm that stands twice, for one without a first
    day, and for one whose grant ends before it begins; Forbidden for origins that may not serve the register.
    """
    folder = root(register) / batch.name
    editions = [manifest.edition for manifest in snapshots.found(folder)] if folder.is_dir() else []
    if editions and not about.reason:
        raise Conflict(f"名单 {batch.name} 已经收录；要更正它，请写明理由")
    shaped = rows.select(
        pl.col(name).cast(type_) if name in rows.columns else pl.lit(None, dtype=type_).alias(name)
        for name, type_ in TYPES.items()
    )
    _refuse_endless(shaped, batch)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise EnvironmentFailed(f"名单 {batch.name} 写不了：{files.why(wrong)}") from wrong
    edition = max(editions, default=0) + 1
    draft = Manifest(batch.name, register.purpose, edition, about, recorded_at, 0, 0, {})
    return snapshots.write(folder, draft, Contents([shaped.lazy()], damaged=undecided))


def read(register: Register, *, purpose: Purpose, known_on: date | None = None) -> Lists:
    """Every list of the register in the edition that was known on the day (None: the latest), for `purpose`.

    A list that was withdrawn by then is not among them. Raises Forbidden where the register's purpose does not allow
    it, EnvironmentFailed for a damaged list.
    """
    if not register.purpose.may_serve(purpose):
        raise Forbidden(f"名册“{register.name}”的名单是为{register.purpose.label}收集的，不得用于{purpose.label}")
    kept, frames = [], []
    for batch, folder in _folders(register):
        known = [m for m in snapshots.found(folder) if known_on is None or m.about.known_on <= known_on]
        if not known:
            continue
        last = max(known, key=lambda manifest: manifest.edition)
        if last.about.is_withdrawn:
            continue
        kept.append(Kept(batch, last))
        rows = snapshots.scan(folder / last.directory, last, TYPES).collect()
        frames.append(
            rows.select(
                pl.lit(batch.list_id).alias("list_id"),
                pl.lit(batch.stage.value).alias("stage"),
                pl.lit(batch.year, dtype=pl.Int32).alias("year"),
                pl.lit(batch.number, dtype=pl.Int32).alias("number"),
                pl.all(),
            )
        )
    heads = {"list_id": pl.String(), "stage": pl.String(), "year": pl.Int32(), "number": pl.Int32()}
    entries = pl.concat(frames) if frames else pl.DataFrame(schema={**heads, **TYPES})
    return Lists(entries, tuple(kept), register.purpose, purpose)


def editions(register: Register, batch: Batch) -> tuple[Manifest, ...]:
    """Every edition of the list, withdrawn ones too, the first one first; none where there is no such list."""
    folder = root(register) / batch.name
    return tuple(sorted(snapshots.found(folder), key=lambda m: m.edition)) if folder.is_dir() else ()


def every_edition(register: Register) -> tuple[Manifest, ...]:
    """Every edition of every list of the register, withdrawn ones too, by list and edition."""
    return tuple(manifest for batch, _ in _folders(register) for manifest in editions(register, batch))


def batch_of(manifest: Manifest) -> Batch | None:
    """Which list it is an edition of; None for a snapshot of a register, whose name has no dots."""
    return Batch.parse(manifest.register) if "." in manifest.register else None


def undecided(register: Register, each: Kept) -> pl.DataFrame:
    """The rows of the list of which it could not be told whose they are: the columns of `UNDECIDED`."""
    rows = snapshots.side_table(root(register) / each.batch.name / each.manifest.directory, each.manifest, "damaged")
    return pl.DataFrame(schema=UNDECIDED) if rows is None else rows


def waiting(register: Register, lists: Lists) -> pl.DataFrame:
    """Undecided rows of all these lists: list_id, stage, area_id (as printed), valid_from, valid_to (null: none)."""
    frames = [pl.DataFrame(schema={"list_id": pl.String, "stage": pl.String, "area_id": pl.String, **_VALID})]
    for each in lists.kept:
        if each.undecided:
            batch = pl.lit(each.batch.list_id).alias("list_id"), pl.lit(each.batch.stage.value).alias("stage")
            frames.append(undecided(register, each).select(*batch, "area_id", *_VALID))
    return pl.concat(frames)


def days_known(register: Register, known_on: date) -> tuple[date, ...]:
    """The days of the register's snapshots that were past and known on the day, in order."""
    kept = register.snapshots()
    return tuple(dict.fromkeys(m.about.day for m in kept if max(m.about.day, m.about.known_on) <= known_on))


def inputs(register: Register, lists: Lists, known_on: date) -> dict[str, dict[str, str]]:
    """What a count of the lists rests on, by digest: `lists` by name, and by day the `snapshots` known on the day."""
    days = days_known(register, known_on)
    return {
        "lists": {each.batch.name: each.manifest.digest for each in lists.kept},
        "snapshots": {f"{day}": manifest_on(register, day, known_on).digest for day in days},
    }


def open_on(lists: Lists, day: date, list_ids: Iterable[str] = (), ended: pl.DataFrame | None = None) -> pl.DataFrame:
    """Who held what on the day: list_id, held, uscc, from, to, and of the grant that held last: name, year, number,
    rule_version, snapshot, clauses, reason, line. One row for each list and firm, by list and firm.

    `ended`: firms that ended, as `departures` says. No `list_ids`: all lists.
    """
    wanted = list(list_ids)
    entries = lists.entries.filter(pl.col("list_id").is_in(wanted)) if wanted else lists.entries
    whole = spells(granted(entries, ended)).filter((pl.col("from") <= day) & (pl.col("to") > day))
    held = pl.col("stage").replace_strict({stage.value: how for stage, how in HOLDING.items()}, default=None)
    said = ("name", "year", "number", "rule_version", "snapshot", "clauses", "reason", "line")
    last = (
        entries.with_columns(held.alias("held"))
        .filter(pl.col("held").is_not_null() & (pl.col("valid_from") <= day))
        .sort("valid_from", "year", "number")
        .unique(["list_id", "held", KEY], keep="last", maintain_order=True)
        .select("list_id", "held", KEY, *said)
    )
    joined = whole.drop("starts", "ends").join(last, on=["list_id", "held", KEY], how="left")
    return joined.sort("list_id", "held", KEY)


def titles_told(lists: Lists, day: date, ended: pl.DataFrame | None = None) -> pl.DataFrame:
    """Of every firm whose title lists gave or took by the day: uscc, said (which titles), now (those that hold).

    `ended` as `departures` has it. A list that strikes a firm off speaks of it also where none ever let it in.
    """
    whole = spells(granted(lists.entries, ended)).filter((pl.col("held") == "recognised") & (pl.col("from") <= day))
    struck = lists.entries.filter((pl.col("stage") == Stage.REVOKED.value) & (pl.col("valid_from") <= day))
    spoken = pl.concat(
        [whole.select(KEY, "list_id", holds=pl.col("to") > day), struck.select(KEY, "list_id", holds=pl.lit(False))]
    )
    return spoken.group_by(KEY).agg(
        said=pl.col("list_id").unique(), now=pl.col("list_id").filter("holds").unique().sort()
    )


def holding(rows: pl.LazyFrame, told: pl.DataFrame) -> pl.LazyFrame:
    """The rows of a register with `titles` as they are held on the day of `told`: one answer for every page.

    Where a list speaks of a firm, its validity decides; of titles that no list ever gave the firm or took from it the
    register's own word stands.
    """
    own, speaks = pl.col("titles").fill_null([]), pl.col("said").is_not_null()
    decided = own.list.set_difference("said").list.concat("now")
    joined = rows.join(told.lazy(), on=KEY, how="left", maintain_order="left")
    return joined.with_columns(titles=pl.when(speaks).then(decided).otherwise("titles")).drop("said", "now")


def expires_on(tier: Tier, valid_from: date) -> date | None:
    """The first day on which what the tier granted from that day no longer holds; None where it has no end.

    Three years from 29 February 2020 end on 1 March 2023; a grant of one calendar year ends on 1 January.
    """
    if tier.validity_years is None:
        return None
    year = valid_from.year + tier.validity_years
    if tier.validity_ends == "year_end":
        return date(year, 1, 1)
    try:
        return valid_from.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def departures(snapshots_: Sequence[tuple[date, pl.DataFrame]]) -> pl.DataFrame:
    """uscc, ended_on of firms that ended, moved out of the city, or went into another firm.

    `snapshots_`: day and rows (uscc, ended_on, merged_into_uscc) of dated registers, as far as known. A merger without
    a day is of the first snapshot that tells of it; a day later taken back does not count.
    """
    schema = {KEY: pl.String, "ended_on": pl.Date}
    if not snapshots_:
        return pl.DataFrame(schema=schema)
    rows = pl.concat(rows.select(KEY, "ended_on", "merged_into_uscc", day=pl.lit(day)) for day, rows in snapshots_)
    merged = rows.filter(pl.col("merged_into_uscc").is_not_null()).group_by(KEY).agg(merged_on=pl.col("day").min())
    last = rows.sort("day").unique(KEY, keep="last").join(merged, on=KEY, how="left")
    ended = pl.coalesce("ended_on", pl.when(pl.col("merged_into_uscc").is_not_null()).then("merged_on"))
    return last.select(KEY, ended.alias("ended_on")).drop_nulls().sort(KEY)


def _refuse_endless(rows: pl.DataFrame, batch: Batch) -> None:
    if rows["valid_from"].null_count():
        raise UsageError(f"名单 {batch.name} 有 {rows['valid_from'].null_count()} 行没有起始日期")
    backward = rows.filter(pl.col("valid_to") <= pl.col("valid_from"))
    if backward.height:
        raise UsageError(f"名单 {batch.name} 有 {backward.height} 行的有效期止于起始日期之前：{backward[KEY][0]}")


def root(register: Register) -> Path:
    """Where the lists of the register are kept, each in a folder of its own."""
    return register.folder.with_name(register.name + _SUFFIX)


def _folders(register: Register) -> list[tuple[Batch, Path]]:
    at = root(register)
    if not at.is_dir():
        return []
    return [(Batch.parse(path.name), path) for path in sorted(at.iterdir()) if path.is_dir() and path.name[0] != "."]
