"""How long firms held what they were granted: entries of lists become unbroken spells, spells become pieces in a place.

Every stretch of days here is [from, to): held on `from`, no longer held on `to`; `to` is OPEN where no end is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import reduce

import polars as pl

from jiqun.enterprises.columns import KEY

OPEN = date(9999, 12, 31)
_BEGINNING = date(1, 1, 1)


class Stage(StrEnum):
    """What an entry of a list says of a firm: that it was let in, tended, recognised, recognised again, or struck off.

    `REVOKED` ends a recognition, `LEFT` a place in a pool or in cultivation. Either speaks of what the firm was granted
    before that day.
    """

    POOLED = "pooled"
    CULTIVATED = "cultivated"
    RECOGNISED = "recognised"
    RECHECKED = "rechecked"
    REVOKED = "revoked"
    LEFT = "left"

    @property
    def label(self) -> str:
        words = {"pooled": "入库", "cultivated": "培育", "recognised": "认定", "rechecked": "复核", "revoked": "取消"}
        return (words | {"left": "退库"})[self.value]


class Start(StrEnum):
    """Why a piece begins. `NEW`: never held before in the lists there are; `SETTLED`: what was unknown became known."""

    NEW = "new"
    RETURNED = "returned"
    SETTLED = "settled"
    MOVED_IN = "moved_in"


class End(StrEnum):
    """Why a piece ends. `LAPSED`: not renewed in time, or no longer met; `GONE`: the firm itself; `OPENED`: unknown."""

    LAPSED = "lapsed"
    REVOKED = "revoked"
    GONE = "gone"
    OPENED = "opened"
    MOVED_OUT = "moved_out"


HOLDING = {
    Stage.POOLED: "pooled",
    Stage.CULTIVATED: "cultivated",
    Stage.RECOGNISED: "recognised",
    Stage.RECHECKED: "recognised",
}
_CUTTING = {Stage.REVOKED: ["recognised"], Stage.LEFT: ["pooled", "cultivated"]}
_SUBJECT = ["list_id", "held", KEY]
_ENDINGS = pl.Enum([End.LAPSED.value, End.REVOKED.value, End.GONE.value])  # of two on one day the later counts


def granted(entries: pl.DataFrame, departures: pl.DataFrame | None = None) -> pl.DataFrame:
    """Each entry that grants something, cut where it was revoked or its firm ended.

    `entries`: list_id, stage, uscc, valid_from, valid_to (null: no end). `departures`: uscc, ended_on. Columns:
    list_id, held (pooled, cultivated or recognised), uscc, from, to, ends, is_renewal (whether it carries on a spell
    that was running), spell (number within its firm). What was granted to a firm that had ended is left out.
    """
    given = _cut(_granting(entries), _cuts(entries), End.REVOKED)
    if departures is not None:
        ended = departures.select(KEY, day="ended_on").drop_nulls()
        given = _cut(given, given.select(_SUBJECT).unique().join(ended, on=KEY), End.GONE, keeps_later=False)
    before = pl.col("to").cum_max().shift(1).over(_SUBJECT, order_by=["from", "to"])
    ordered = given.sort(*_SUBJECT, "from", "to").with_columns(before=before)
    is_renewal = (pl.col("from") <= pl.col("before")).fill_null(False)
    return ordered.with_columns(is_renewal=is_renewal).select(
        *_SUBJECT, "from", "to", "ends", "is_renewal", (~pl.col("is_renewal")).cum_sum().over(_SUBJECT).alias("spell")
    )


def spells(grants: pl.DataFrame) -> pl.DataFrame:
    """The stretches in which a firm held something without a break: list_id, held, uscc, from, to, starts, ends.

    A grant that begins on the day on which the one before ends leaves no break. `starts` is `new` for the first spell
    and `returned` for later ones; `ends` is null while the spell is open.
    """
    last = pl.col("ends").cast(_ENDINGS).sort_by("to", pl.col("ends").cast(_ENDINGS)).last()
    whole = grants.group_by(*_SUBJECT, "spell").agg(pl.col("from").min(), pl.col("to").max(), ends=last)
    starts = pl.when(pl.col("spell") == 1).then(pl.lit(Start.NEW.value)).otherwise(pl.lit(Start.RETURNED.value))
    return whole.sort(*_SUBJECT, "from").select(
        *_SUBJECT,
        "from",
        "to",
        starts=starts,
        ends=pl.when(pl.col("to") < OPEN).then(pl.col("ends").cast(pl.String)),
    )


def places(snapshots: Sequence[tuple[date, pl.DataFrame]], by: Sequence[str]) -> pl.DataFrame:
    """Where each firm was over time: uscc, the columns of `by`, from, to, without gaps.

    `snapshots`: day and rows (uscc and `by`) of dated registers. The first place that is known reaches back to the
    beginning, for nothing speaks against it; a value that became unknown is no move.
    """
    columns = [KEY, *by, "from"]
    rows = [rows.select(KEY, *by).with_columns(pl.lit(day).alias("from")) for day, rows in snapshots]
    if not rows:
        return pl.DataFrame(schema={KEY: pl.String, **dict.fromkeys(by, pl.String), "from": pl.Date, "to": pl.Date})
    known = pl.concat(rows).sort(KEY, "from")
    known = known.with_columns(pl.col(name).forward_fill().backward_fill().over(KEY) for name in by)
    is_first = pl.col(KEY) != pl.col(KEY).shift(1)
    has_moved = reduce(pl.Expr.or_, (pl.col(name).ne_missing(pl.col(name).shift(1)) for name in by), pl.lit(False))
    first = is_first.fill_null(True)
    kept = known.filter(first | has_moved).select(columns)
    first = (pl.col(KEY) != pl.col(KEY).shift(1)).fill_null(True)
    return kept.with_columns(
        pl.when(first).then(pl.lit(_BEGINNING)).otherwise(pl.col("from")).alias("from"),
        to=pl.col("from").shift(-1).over(KEY).fill_null(OPEN),
    )


def pieces(held: pl.DataFrame, where: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The spells cut where their firm moved: their columns and those of `by`; null where no place is known."""
    placed = held.join(where, on=KEY, how="left", suffix="_here")
    start = pl.max_horizontal("from", pl.col("from_here").fill_null(_BEGINNING))
    stop = pl.min_horizontal("to", pl.col("to_here").fill_null(OPEN))
    cut = placed.with_columns(start=start, stop=stop).filter(pl.col("start") < pl.col("stop"))
    return cut.select(
        *_SUBJECT,
        *by,
        pl.col("start").alias("from"),
        pl.col("stop").alias("to"),
        starts=pl.when(pl.col("start") == pl.col("from")).then("starts").otherwise(pl.lit(Start.MOVED_IN.value)),
        ends=pl.when(pl.col("stop") == pl.col("to")).then("ends").otherwise(pl.lit(End.MOVED_OUT.value)),
    ).sort(*_SUBJECT, "from")


def placed(grants: pl.DataFrame, where: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The grants with the columns of `by`: where their firm was on the first day of each; null where unknown."""
    here = grants.select(*_SUBJECT, "from").unique().join(where, on=KEY, suffix="_here")
    at = here.filter((pl.col("from_here") <= pl.col("from")) & (pl.col("to") > pl.col("from")))
    return grants.join(at.select(*_SUBJECT, "from", *by), on=[*_SUBJECT, "from"], how="left", maintain_order="left")


def met(list_id: str, snapshots: Sequence[tuple[date, pl.DataFrame]], by: Sequence[str]) -> pl.DataFrame:
    """The same pieces from verdicts on dated registers: uscc, `by` and `meets` (null: unknown) as of each day.

    A verdict holds from its snapshot's day to the next one's. A firm that is not in the next snapshot has gone.
    """
    days = sorted(day for day, _ in snapshots)
    until = dict(zip(days, [*days[1:], OPEN], strict=True))
    rows = pl.concat(
        rows.select(KEY, *by, "meets").with_columns(pl.lit(day).alias("from"), pl.lit(until[day]).alias("to"))
        for day, rows in snapshots
    ).sort(KEY, "from")  # fmt: skip
    same = pl.col(KEY) == pl.col(KEY).shift(1)
    follows, precedes = (
        same & (pl.col("to").shift(1) == pl.col("from")),
        (pl.col(KEY) == pl.col(KEY).shift(-1)) & (pl.col("from").shift(-1) == pl.col("to")),
    )
    there = rows.with_columns(
        was_there=follows.fill_null(False), is_there=precedes.fill_null(False),
        was=pl.col("meets").shift(1), will=pl.col("meets").shift(-1),
        ever=(pl.col("meets").fill_null(False).cast(pl.Int32).cum_sum().over(KEY) - 1) > 0,
    )  # fmt: skip
    starts = (
        pl.when(pl.col("was_there") & pl.col("was").fill_null(False)).then(pl.lit(Start.MOVED_IN.value))
        .when(pl.col("was_there") & pl.col("was").is_null()).then(pl.lit(Start.SETTLED.value))
        .when("ever").then(pl.lit(Start.RETURNED.value)).otherwise(pl.lit(Start.NEW.value))
    )  # fmt: skip
    ends = (
        pl.when(pl.col("to") == OPEN).then(None)
        .when(~pl.col("is_there")).then(pl.lit(End.GONE.value))
        .when(pl.col("will").is_null()).then(pl.lit(End.OPENED.value))
        .when("will").then(pl.lit(End.MOVED_OUT.value)).otherwise(pl.lit(End.LAPSED.value))
    )  # fmt: skip
    every = there.filter(pl.col("meets").fill_null(False)).select(
        pl.lit(list_id).alias("list_id"), pl.lit("met").alias("held"), KEY, *by, "from", "to", starts=starts, ends=ends
    )
    return _without_idle_moves(every, by)


def _without_idle_moves(every: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Neighbours in one place are one piece: a firm that stayed has not moved."""
    stayed = reduce(
        pl.Expr.and_, (pl.col(name).eq_missing(pl.col(name).shift(1)) for name in (KEY, *by)),
        pl.col("starts") == Start.MOVED_IN.value,
    ).fill_null(False)  # fmt: skip
    return (
        every.with_columns(piece=(~stayed).cum_sum())
        .group_by("piece", *_SUBJECT, *by, maintain_order=True)
        .agg(pl.col("from").min(), pl.col("to").max(), pl.col("starts").first(), pl.col("ends").last())
        .drop("piece")
    )


def _granting(entries: pl.DataFrame) -> pl.DataFrame:
    kinds = {stage.value: held for stage, held in HOLDING.items()}
    granting = entries.filter(pl.col("stage").is_in(list(kinds)))
    return granting.select(
        "list_id",
        pl.col("stage").replace_strict(kinds, return_dtype=pl.String).alias("held"),
        KEY,
        pl.col("valid_from").alias("from"),
        pl.col("valid_to").fill_null(OPEN).alias("to"),
        ends=pl.lit(End.LAPSED.value),
    )


def _cuts(entries: pl.DataFrame) -> pl.DataFrame:
    kinds = {stage.value: held for stage, held in _CUTTING.items()}
    cutting = entries.filter(pl.col("stage").is_in(list(kinds)))
    held = pl.col("stage").replace_strict(kinds, return_dtype=pl.List(pl.String)).alias("held")
    return cutting.select("list_id", held, KEY, day="valid_from").explode("held").drop_nulls()


def _cut(given: pl.DataFrame, cuts: pl.DataFrame, why: End, keeps_later: bool = True) -> pl.DataFrame:
    """Each grant ended on the first cut after its first day; without `keeps_later` none outlives a cut before it."""
    numbered = given.with_row_index("nr")
    both = numbered.select("nr", *_SUBJECT, "from").join(cuts, on=_SUBJECT)
    if keeps_later:
        both = both.filter(pl.col("day") > pl.col("from"))
    first = both.group_by("nr").agg(pl.col("day").min())
    is_cut = (pl.col("day") < pl.col("to")).fill_null(False)
    return (
        numbered.join(first, on="nr", how="left", maintain_order="left")
        .with_columns(
            ends=pl.when(is_cut).then(pl.lit(why.value)).otherwise("ends"),
            to=pl.when(is_cut).then("day").otherwise("to"),
        )
        .filter(pl.col("from") < pl.col("to"))
        .drop("nr", "day")
    )
