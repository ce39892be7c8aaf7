"""How many firms hold a title: stock, yearly flow and cumulative count, reconciled; who lapses when; who climbs.

    stock(t) = stock(t-1) + new + returned + settled + moved in - lapsed - revoked - gone - opened - moved out

Stock is counted by itself, not carried forward, so that a balance that does not add up shows. The three kinds of count
are three things (law 2): each has an indicator of its own in the tier's data, and what the lists cannot say is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.spells import OPEN, End, Stage, Start

RECOGNISED = "recognised"
_GAINS = tuple(start.value for start in Start)
_LOSSES = tuple(end.value for end in End)


class Kind(StrEnum):
    """`STOCK`: valid at the end of the year. `GRANTED`: recognised in the year, recognised again included.

    `ENTERED`: of these who did not hold it just before. `NET`: the change of the stock. `CUMULATIVE`: all ever, once.
    """

    STOCK = "stock"
    GRANTED = "granted"
    ENTERED = "entered"
    NET = "net"
    CUMULATIVE = "cumulative"

    @property
    def label(self) -> str:
        words = {"stock": "年末有效数", "granted": "当年认定数", "entered": "当年新进数", "net": "净增数"}
        return (words | {"cumulative": "历年累计数"})[self.value]


@dataclass(frozen=True)
class Balance:
    """One year of one list in one place (None: all places together). Firms, each once.

    `granted` counts firms too, where they were first granted that year.

    `gains` by `Start`, `losses` by `End`. `renewed`: granted again while the earlier grant ran. `ever`: all firms that
    ever held it by the end of the year, counted where they first did. `missing`: years whose lists are not there and
    without which stock and `ever` cannot be told; `since`: the first year that has a list.
    """

    list_id: str
    year: int
    area_id: str | None
    industry: str | None
    opening: int
    gains: Mapping[str, int]
    losses: Mapping[str, int]
    closing: int
    granted: int
    renewed: int
    ever: int
    since: int
    missing: tuple[int, ...] = ()

    @property
    def unexplained(self) -> int:
        """What the closing stock differs by from the opening one with all gains and losses; never smoothed away."""
        return self.closing - (self.opening + sum(self.gains.values()) - sum(self.losses.values()))


@dataclass(frozen=True)
class Count:
    """A figure ready for the ledger; `value` None where it is not known to be one number.

    It lies between `least` and `most`, None where nothing bounds it: lists of the years `missing` are not there, or
    rows wait for a person. `since`: the first year that has a list, before which nothing is counted.
    """

    list_id: str
    kind: Kind
    year: int
    area_id: str | None
    value: int | None
    since: int
    missing: tuple[int, ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows of lists, of which nobody knows whose they are, could touch the counts of one year.

    Of those that grant: valid at the `opening` or `closing` of the year, `granted` in it, `touching` it at all, begun
    by its end (`ever`). `struck_before`, `struck`: rows of firms struck off before the year, by its end.
    """

    opening: int = 0
    closing: int = 0
    granted: int = 0
    touching: int = 0
    ever: int = 0
    struck_before: int = 0
    struck: int = 0


@dataclass(frozen=True)
class Stated:
    """What somebody else says of the same thing: a published figure; `value_kind` as figures have it."""

    list_id: str
    kind: Kind
    year: int
    area_id: str | None
    value: Decimal
    value_kind: Literal["exact", "about", "at_least", "preliminary", "final"]
    source: str


@dataclass(frozen=True)
class Difference:
    """`by`: ours less theirs. `contradicts`: both cannot be true; None where 约 leaves it open."""

    ours: Count
    stated: Stated
    by: Decimal
    contradicts: bool | None


@dataclass(frozen=True)
class Coverage:
    """The years of which a list is there, and how many years a grant lasts (None: without end)."""

    years: frozenset[int]
    lasts: int | None = None

    def missing_for_stock(self, year: int) -> tuple[int, ...]:
        first = min(self.years, default=year) if self.lasts is None else year - self.lasts + 1
        return tuple(each for each in range(first, year + 1) if each not in self.years)

    def missing_since_first(self, year: int) -> tuple[int, ...]:
        return tuple(each for each in range(min(self.years, default=year), year + 1) if each not in self.years)


def balances(
    pieces: pl.DataFrame,
    grants: pl.DataFrame | None,
    years: Sequence[int],
    by: Sequence[str] = ("area_id",),
    coverage: Mapping[str, Coverage] | None = None,
) -> tuple[Balance, ...]:
    """One balance for each list, place and year; by list, place and year.

    `pieces` and `grants` as `spells.pieces` and `spells.placed` make them for one `held`, with the columns of `by`
    (`area_id`, `industry`); `grants` None where nothing is granted (verdicts). A list without `coverage` is
    taken to be whole.
    """
    cells = _cells(pieces, grants, years, by, () if by else tuple(coverage or ()))
    found = []
    for row in cells.iter_rows(named=True):
        cover = (coverage or {}).get(row["list_id"])
        year = row["year"]
        found.append(
            Balance(
                row["list_id"],
                year,
                row.get("area_id"),
                row.get("industry"),
                row["opening"],
                {name: row[f"gain:{name}"] for name in _GAINS},
                {name: row[f"loss:{name}"] for name in _LOSSES},
                row["closing"],
                row["granted"],
                row["renewed"],
                row["ever"],
                min(cover.years, default=year) if cover else row["since"],
                cover.missing_for_stock(year) if cover else (),
            )
        )
    return tuple(found)


def counts(
    made: Iterable[Balance],
    coverage: Mapping[str, Coverage],
    waiting: Mapping[tuple[str, int, str | None], Waiting] | None = None,
) -> tuple[Count, ...]:
    """The five kinds of count of each balance (industries left aside), as bounds where lists are missing or rows wait.

    `waiting` by list, year and area.
    """
    found = []
    for each in made:
        cover = coverage.get(each.list_id, Coverage(frozenset(range(each.since, each.year + 1))))
        before = cover.missing_for_stock(each.year - 1)
        waits = (waiting or {}).get((each.list_id, each.year, each.area_id), Waiting())
        both = _union(before, each.missing)
        said: dict[Kind, tuple[int, tuple[int, ...]]] = {
            Kind.STOCK: (each.closing, each.missing),
            Kind.GRANTED: (each.granted, () if each.year in cover.years else (each.year,)),
            Kind.ENTERED: (each.gains[Start.NEW] + each.gains[Start.RETURNED], both),
            Kind.NET: (each.closing - each.opening, both),
            Kind.CUMULATIVE: (each.ever, cover.missing_since_first(each.year)),
        }
        for kind, (value, missing) in said.items():
            least, most = _bounds(kind, value, missing, waits, in_district=each.area_id is not None)
            known = value if least == most and not missing else None
            found.append(Count(each.list_id, kind, each.year, each.area_id, known, each.since, missing, least, most))
    return tuple(found)


def _bounds(
    kind: Kind, value: int, missing: tuple[int, ...], waits: Waiting, in_district: bool
) -> tuple[int | None, int | None]:
    """How low and how high the count may be, whoever the waiting rows turn out to be.

    A row can show that a firm was granted, or first held, the title elsewhere, so a district may also lose one by it.
    """
    less, more = {
        Kind.STOCK: (waits.struck, waits.closing),
        Kind.GRANTED: (waits.granted if in_district else 0, waits.granted),
        Kind.ENTERED: (waits.touching, waits.granted + waits.struck),
        Kind.NET: (waits.opening + waits.struck, waits.closing + waits.struck_before),
        Kind.CUMULATIVE: (waits.ever if in_district else 0, waits.ever),
    }[kind]
    if missing and kind in (Kind.ENTERED, Kind.NET):
        return None, None
    least = value - less if kind is Kind.NET else max(0, value - less)
    return least, None if missing else value + more


def _union(one: Iterable[int], other: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({*one, *other}))


def compare(ours: Iterable[Count], stated: Iterable[Stated], about_pct: Decimal) -> tuple[Difference, ...]:
    """Every count known within bounds beside what others state of it. `about_pct`: how far 约 may be off, in percent.

    A stated lower bound (超过, 以上) contradicts only what is below it; a figure within our bounds differs by nothing.
    """
    known = {(each.list_id, each.kind, each.year, each.area_id): each for each in ours if not each.missing}
    found = []
    for said in stated:
        own = known.get((said.list_id, said.kind, said.year, said.area_id))
        if own is None:
            continue
        least, most = (own.least, own.most) if own.value is None else (own.value, own.value)
        if least is None or most is None:
            continue
        by = max(Decimal(least) - said.value, Decimal(0)) or min(Decimal(most) - said.value, Decimal(0))
        if said.value_kind == "at_least":
            contradicts: bool | None = by < 0
        elif said.value_kind == "about":
            contradicts = None if abs(by) * 100 > about_pct * said.value else False
        else:
            contradicts = by != 0
        found.append(Difference(own, said, by, contradicts))
    return tuple(found)


def due(held: pl.DataFrame, since: date, until: date) -> pl.DataFrame:
    """Who loses what by lapse on a day of [since, until): list_id, held, uscc, lapses_on, month (2025M3); by day.

    `lapses_on` is the first day on which it no longer holds.
    """
    ending = held.filter((pl.col("to") >= since) & (pl.col("to") < until) & (pl.col("ends") == End.LAPSED.value))
    month = pl.format("{}M{}", pl.col("to").dt.year(), pl.col("to").dt.month())
    return ending.select("list_id", "held", KEY, lapses_on="to", month=month).sort("lapses_on", "list_id", KEY)


@dataclass(frozen=True)
class Pipeline:
    """`standing`: day, stage, firms. `moves`: from_day, to_day, before, after (null: at no stage), firms.

    Stages are pooled, cultivated, recognised, rechecked; of several at once a firm stands at the furthest.
    """

    standing: pl.DataFrame
    moves: pl.DataFrame


def pipeline(grants: pl.DataFrame, held: pl.DataFrame, days: Sequence[date]) -> Pipeline:
    """Where the firms of one list stood on each day (one at least), and how they went on to the next."""
    ranks = [stage.value for stage in (Stage.POOLED, Stage.CULTIVATED, Stage.RECOGNISED, Stage.RECHECKED)]
    again = grants.filter((pl.col("held") == RECOGNISED) & pl.col("is_renewal"))
    ends = held.select("list_id", "held", KEY, first="from", last="to")
    rechecked = (
        again.join(ends, on=["list_id", "held", KEY])
        .filter(pl.col("from").is_between("first", "last", closed="left"))
        .select(KEY, pl.lit(Stage.RECHECKED.value).alias("stage"), "from", pl.col("last").alias("to"))
    )
    states = pl.concat([held.select(KEY, pl.col("held").alias("stage"), "from", "to"), rechecked])
    states = states.with_columns(pl.col("stage").cast(pl.Enum(ranks)))
    at = [
        states.filter((pl.col("from") <= day) & (pl.col("to") > day)).group_by(KEY).agg(pl.col("stage").max())
        for day in days
    ]
    standing = pl.concat(
        each.group_by("stage").agg(firms=pl.len()).select(pl.lit(day).alias("day"), "stage", "firms")
        for day, each in zip(days, at, strict=True)
    ).sort("day", "stage")
    moves = [
        one.join(two, on=KEY, how="full", suffix="_after", coalesce=True)
        .group_by(pl.col("stage").alias("before"), pl.col("stage_after").alias("after"))
        .agg(firms=pl.len())
        .select(pl.lit(start).alias("from_day"), pl.lit(stop).alias("to_day"), "before", "after", "firms")
        for start, stop, one, two in zip(days, days[1:], at, at[1:], strict=False)
    ]
    stages = pl.Enum(ranks)
    empty: dict[str, Any] = {
        "from_day": pl.Date,
        "to_day": pl.Date,
        "before": stages,
        "after": stages,
        "firms": pl.UInt32,
    }
    every = pl.concat(moves) if moves else pl.DataFrame(schema=empty)
    return Pipeline(standing, every.sort("from_day", "before", "after", nulls_last=True))


def _cells(
    pieces: pl.DataFrame, grants: pl.DataFrame | None, years: Sequence[int], by: Sequence[str], list_ids: Sequence[str]
) -> pl.DataFrame:
    """Every count of every list, place and year in one row; of `list_ids` also where nothing was granted."""
    keys, given = ["list_id", *by], grants if grants is not None else pieces.head(0).with_columns(is_renewal=False)
    ended = pieces.filter(pl.col("to") < OPEN)
    first = pieces.sort("from").unique(["list_id", KEY], keep="first", maintain_order=True)
    said = [
        _counted(pieces.with_columns(_year("from"), what=pl.format("gain:{}", "starts")), keys),
        _counted(ended.with_columns(_year("to"), what=pl.format("loss:{}", "ends")), keys),
        _counted(_once_a_year(given).with_columns(what=pl.lit("granted")), keys),
        _counted(_once_a_year(given.filter("is_renewal")).with_columns(what=pl.lit("renewed")), keys),
    ]
    for year in years:
        for what, day in (("opening", date(year - 1, 12, 31)), ("closing", date(year, 12, 31))):
            standing = pieces.filter((pl.col("from") <= day) & (pl.col("to") > day))
            said.append(_counted(standing.with_columns(_of(year), what=pl.lit(what)), keys))
        begun = first.filter(pl.col("from") <= date(year, 12, 31))
        said.append(_counted(begun.with_columns(_of(year), what=pl.lit("ever")), keys))
    names = [*(f"gain:{name}" for name in _GAINS), *(f"loss:{name}" for name in _LOSSES)]
    names += ["closing", "opening", "granted", "renewed", "ever"]
    cells = pl.concat(said).group_by(*keys, "year").agg(
        pl.col("firms").filter(pl.col("what") == name).sum().alias(name) for name in names
    )  # fmt: skip
    grid = pl.concat([pieces.select(keys), given.select(keys)])
    if list_ids:
        grid = pl.concat([grid, pl.DataFrame({"list_id": list(list_ids)})])
    grid = grid.unique()
    since = pl.concat([pieces.select("list_id", "from"), given.select("list_id", "from")])
    return (
        grid.join(pl.DataFrame({"year": list(years)}, schema={"year": pl.Int32}), how="cross")
        .join(cells, on=[*keys, "year"], how="left", nulls_equal=True)
        .with_columns(pl.col(names).fill_null(0))
        .join(since.group_by("list_id").agg(since=pl.col("from").min().dt.year()), on="list_id", how="left")
        .sort(*keys, "year", nulls_last=True)
    )


def _once_a_year(grants: pl.DataFrame) -> pl.DataFrame:
    """Each firm of a list once a year, where it was first granted that year: then districts add up to the city."""
    dated = grants.sort("from", maintain_order=True).with_columns(_year("from"))
    return dated.unique(["list_id", KEY, "year"], keep="first", maintain_order=True)


def _counted(rows: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return rows.group_by(*keys, "year", "what").agg(firms=pl.len().cast(pl.Int64))


def _of(year: int) -> pl.Expr:
    return pl.lit(year, dtype=pl.Int32).alias("year")


def _year(day: str) -> pl.Expr:
    return pl.col(day).dt.year().alias("year")
