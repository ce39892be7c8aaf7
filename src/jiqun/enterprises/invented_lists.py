"""Published lists of invented firms: who was recognised when, in agreement with the titles of the invented register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from jiqun.enterprises import chance, invented
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.invented import Drawing
from jiqun.enterprises.membership import TYPES, Batch, expires_on
from jiqun.enterprises.spells import Stage
from jiqun.packs import City
from jiqun.packs.schema.invention import DrawnLists
from jiqun.packs.schema.tiers import Tier

YEARS = 6  # of lists, the drawing's own year the last
_LONG = 99  # years of a title without end
_POOL_YEARS = {Stage.POOLED: 2, Stage.CULTIVATED: 1}  # before recognition; a place lasts as long again


@dataclass(frozen=True)
class DrawnBatch:
    """One list: its `entries` have the columns of `membership.TYPES`; `damaged_pct` of its names are to be damaged."""

    batch: Batch
    published_on: date
    entries: pl.DataFrame
    damaged_pct: float = 0.0


def batches(city: City, drawing: Drawing) -> Iterator[DrawnBatch]:
    """Every list of every title that `invented.yaml` draws lists of, by title, stage and year."""
    invention = city.invention
    if invention is None or not invention.lists:
        return
    last = drawing.on.year
    firms = _firms(city, drawing, sorted({plan.until for plan in invention.lists.values()} - {""}))
    held = _first_years(city, drawing, list(invention.lists))
    for tier_id, plan in invention.lists.items():
        rows = _Lists(city.tiers[tier_id], plan, drawing, last).rows(firms, held.filter(pl.col("tier") == tier_id))
        for (stage, year), part in rows.group_by("stage", "year", maintain_order=True):
            batch = Batch(tier_id, Stage(str(stage)), int(str(year)))
            shown = _entries(part)
            published = _day(batch.year, plan.published)
            is_latest = batch.stage is Stage.RECOGNISED and batch.year == int(str(rows["year"].max()))
            yield DrawnBatch(batch, published, shown, plan.damaged_pct if is_latest else 0.0)


def damaged(names: pl.Series, city: City, pct: float, seed: int) -> pl.Series:
    """The names as a list might print them: some without the city, some with another form or without a character."""
    place = city.areas[city.area_id or ""]
    word = place.short_name or place.name
    frame = names.alias("name").to_frame().with_row_index("serial")
    name, serial = pl.col("name"), pl.col("serial")
    kinds = [
        name.str.strip_prefix(word),
        name.str.replace("有限公司", "有限责任公司", literal=True),
        name.str.replace_all("（", "(", literal=True).str.replace_all("）", ")", literal=True),
        pl.concat_str(name.str.slice(0, 3), name.str.slice(4)),
    ]
    pick = (chance.uniform(serial, "kind", seed) * len(kinds)).cast(pl.Int32)
    made = pl.coalesce(pl.when(pick == at).then(kind) for at, kind in enumerate(kinds))
    is_hit = chance.uniform(serial, "damage", seed) * 100 < pct
    return frame.select(pl.when(is_hit).then(made).otherwise(name)).to_series().alias("name")


def _day(year: int, month_and_day: str) -> date:
    return date.fromisoformat(f"{year}-{month_and_day}")


def _firms(city: City, drawing: Drawing, columns: list[str]) -> pl.DataFrame:
    """uscc, name, area_id, the columns; `serial` numbers them for chance."""
    drawn = pl.concat(invented.frames(city, drawing)).select(KEY, "name", "area_id", *columns)
    return drawn.collect(engine="streaming").with_row_index("serial")


def _first_years(city: City, drawing: Drawing, tier_ids: list[str]) -> pl.DataFrame:
    """tier, uscc, first: the first of the years in which the register says that the firm holds the title."""
    parts = []
    for back in range(YEARS):
        frames = pl.concat(invented.frames(city, replace(drawing, years_back=drawing.years_back + back)))
        year = pl.lit(drawing.on.year - back, dtype=pl.Int32).alias("first")
        parts.append(frames.select(KEY, "titles", year).explode("titles").drop_nulls())
    held = pl.concat(parts).filter(pl.col("titles").is_in(tier_ids)).rename({"titles": "tier"})
    now = pl.col("first").max() == drawing.on.year  # who holds it today; whoever lost it is drawn apart
    both = held.group_by("tier", KEY).agg(now.alias("holds"), pl.col("first").min())
    return both.filter("holds").drop("holds").collect(engine="streaming")


@dataclass(frozen=True)
class _Lists:
    """The lists of one title; a year's list is there if it was published by the day of the drawing."""

    tier: Tier
    plan: DrawnLists
    drawing: Drawing
    last: int

    @property
    def lasts(self) -> int:
        return self.tier.validity_years or _LONG

    @property
    def latest(self) -> int:
        return self.last if _day(self.last, self.plan.published) <= self.drawing.on else self.last - 1

    @property
    def earliest(self) -> int:
        return self.last - YEARS + 1

    def uniform(self, what: str) -> pl.Expr:
        return chance.uniform(pl.col("serial"), f"{self.tier.id}/{what}", self.drawing.seed)

    def rows(self, firms: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
        """serial, uscc, name, area_id, stage, year, valid_from, valid_to; by stage and year."""
        holders = firms.join(held.select(KEY, "first"), on=KEY)
        others = firms.join(held, on=KEY, how="anti")
        granted = self.granted(holders)
        share = holders.height / max(others.height, 1)
        once = self.once(others, share)
        before = [self.before(granted, others, share, stage) for stage in _POOL_YEARS]
        every = pl.concat([granted, *once, *before], how="diagonal").filter(
            pl.col("year").is_between(self.earliest, self.latest)
        )
        return every.sort("stage", "year", "serial")

    def granted(self, holders: pl.DataFrame) -> pl.DataFrame:
        """Grants from the first year on, one when the one before ends; long-time holders began in different years."""
        spread = (self.uniform("start") * (self.lasts if self.lasts < YEARS else 1)).cast(pl.Int32)
        start = pl.when(pl.col("first") > self.earliest).then("first").otherwise(pl.lit(self.earliest) - spread)
        if self.plan.until:
            ends = pl.col(self.plan.until).dt.year().cast(pl.Int32)
            rounds = ((ends - pl.max_horizontal("first", self.earliest)) // self.lasts).clip(lower_bound=1)
            start = ends - self.lasts * rounds
        years = pl.int_ranges(start, self.latest + 1, self.lasts).alias("year")
        chained = holders.with_columns(years).explode("year").drop_nulls("year")
        is_first = pl.col("year") == pl.col("year").min().over(KEY)
        stage = pl.when(is_first).then(pl.lit("recognised")).otherwise(pl.lit(self.plan.renewal))
        dated = self.dated(chained.with_columns(stage=stage, year=pl.col("year").cast(pl.Int32)))
        if not self.plan.until:
            return dated
        printed = pl.col(self.plan.until).dt.offset_by("1d")
        is_last = pl.col("year") == pl.col("year").max().over(KEY)
        return dated.with_columns(valid_to=pl.when(is_last).then(printed).otherwise("valid_to"))

    def once(self, others: pl.DataFrame, share: float) -> list[pl.DataFrame]:
        """Firms that held it once: those that lapsed, and those struck off a year later, with the list that says so."""
        lapses = self.uniform("lapsed") < self.plan.lapsed_pct / 100 * share
        room = max(self.last - self.lasts - self.earliest + 1, 1)
        year = (pl.lit(self.earliest) + (self.uniform("lapsed when") * room).cast(pl.Int32)).cast(pl.Int32)
        lapsed = others.filter(lapses).with_columns(year=year, stage=pl.lit("recognised"))
        struck = self.uniform("revoked") < self.plan.revoked_pct / 100 * share
        revoked = others.filter(struck & ~lapses).with_columns(
            year=pl.lit(self.latest - 2, dtype=pl.Int32), stage=pl.lit("recognised")
        )
        off = revoked.with_columns(year=pl.lit(self.latest - 1, dtype=pl.Int32), stage=pl.lit("revoked"))
        return [
            self.dated(lapsed),
            self.dated(revoked),
            self.dated(off).with_columns(valid_to=pl.lit(None, dtype=pl.Date)),
        ]

    def before(self, granted: pl.DataFrame, others: pl.DataFrame, share: float, stage: Stage) -> pl.DataFrame:
        """Who stood in the pool or in cultivation before being recognised, and who stands there still."""
        ahead = _POOL_YEARS[stage]
        pct = (self.plan.pooled_pct if stage is Stage.POOLED else self.plan.cultivated_pct) / 100
        word = stage.value
        first = granted.filter((pl.col("year") == pl.col("year").min().over(KEY)) & (self.uniform(word) < pct))
        first = first.with_columns(year=(pl.col("year") - ahead).cast(pl.Int32))
        waiting = others.filter(self.uniform(f"{word} still") < pct * share).with_columns(
            year=pl.lit(self.latest - ahead + 1, dtype=pl.Int32)
        )
        both = pl.concat([first, waiting], how="diagonal").with_columns(stage=pl.lit(word))
        return self.dated(both, 2 * ahead)

    def dated(self, rows: pl.DataFrame, lasts: int | None = None) -> pl.DataFrame:
        """With the first day, and the first day on which it no longer holds."""
        years = list(range(self.earliest - _LONG, self.last + 1))
        starts = {year: _day(year, self.plan.published) for year in years}
        ends = {
            year: expires_on(self.tier, day) if lasts is None else _day(year + lasts, self.plan.published)
            for year, day in starts.items()
        }
        year = pl.col("year")
        return rows.with_columns(
            valid_from=year.replace_strict(years, list(starts.values()), return_dtype=pl.Date),
            valid_to=year.replace_strict(years, list(ends.values()), return_dtype=pl.Date),
        )


def _entries(rows: pl.DataFrame) -> pl.DataFrame:
    numbered = rows.with_columns(line=pl.int_range(2, pl.len() + 2, dtype=pl.Int32))
    return numbered.select(
        pl.col(name).cast(type_) if name in numbered.columns else pl.lit(None, dtype=type_).alias(name)
        for name, type_ in TYPES.items()
    )
