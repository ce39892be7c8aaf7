"""The cultivation ladder as code: who meets which tier, by which clause, what is missing, and what a change would do.

`resolving` reads a tier of the city folder for a day; `definition` says slowly what its rule means; `in_polars` and
`in_spark` say the same of whole registers. Here are the doors.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import polars as pl

from jiqun.enterprises import snapshots
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.register import Firms
from jiqun.enterprises.tiers import changing, filing, in_polars, nearest, subsidies
from jiqun.enterprises.tiers.changing import Change, WhatIf
from jiqun.enterprises.tiers.explaining import Explained, explain
from jiqun.enterprises.tiers.nearest import Listed, NearMisses
from jiqun.enterprises.tiers.resolving import resolve, version_on
from jiqun.enterprises.tiers.rule import TierRule
from jiqun.enterprises.tiers.subsidies import Cost, Subsidy
from jiqun.model.errors import EnvironmentFailed, Forbidden, NotFound, UsageError
from jiqun.model.purposes import Purpose
from jiqun.packs import City

__all__ = [
    "Change",
    "Cost",
    "Explained",
    "Listed",
    "NearMisses",
    "Subsidy",
    "WhatIf",
    "classify",
    "explain",
    "filed",
    "near_misses",
    "read_classified",
    "subsidy_cost",
    "tiers_on",
    "what_if",
    "write_classified",
]

AREA = "area_id"
ROWS_AT_ONCE = 30_000  # half the memory of Polars' own choice, and no slower: some hundred columns stay in the cache
_NEAREST = Listed()
Engine = Literal["local", "spark"]
Source = Firms | pl.LazyFrame | pl.DataFrame | str | Path


def tiers_on(city: City, on: date, subject: str = "firm") -> tuple[str, ...]:
    """The tiers that have an edition in force on the day, in the folder's order."""
    return tuple(
        tier.id for tier in city.tiers.values() if tier.subject == subject and version_on(tier, on) is not None
    )


def classify(
    source: Source, city: City, tiers: Sequence[str], on: date, keep: Sequence[str] = (KEY, AREA)
) -> pl.LazyFrame:
    """The answers of every clause and tier for every row of a register, in its order; see `in_polars.classified`.

    Nothing of the answers is computed before the frame is collected or written; but whether a figure of a Parquet file
    is beyond its limit is asked now, so that the file must not be replaced in between. `keep` are columns of the
    register to carry over, those it has not left out. Raises NotFound for an unknown tier or one without an
    edition on the day.
    """
    frame = _frame(source)
    return in_polars.classified(frame, _rules(city, tiers, on), _kept(frame, keep))


def filed(
    source: Source, city: City, tiers: Sequence[str], on: date, keep: Sequence[str] = (KEY, AREA)
) -> pl.LazyFrame:
    """What `classify` answers as it is written to a file; see `filing`. Raises as `classify` does."""
    return filing.filed(classify(source, city, tiers, on, keep), keep)


def read_classified(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The answers of a file, each true, false or null again."""
    return filing.told(rows)


def write_classified(
    source: str | Path, city: City, tiers: Sequence[str], on: date, out: str | Path, engine: Engine = "local"
) -> int:
    """Classify from Parquet to Parquet, streamed; the number of firms. A truth is two columns, see `filing`.

    `local` writes the file `out`, whole or not at all; `spark` writes a directory of parts, as Spark does, and reads
    partitioned registers.
    Raises UsageError for an unknown engine and for `out` in `source` or around it, EnvironmentFailed where Spark cannot
    run or the file is no Parquet.
    """
    if not Path(out).absolute().parent.is_dir():
        raise NotFound(f"没有目录 {Path(out).parent}")
    if engine not in ("local", "spark"):
        raise UsageError(f"没有引擎“{engine}”（可用：local、spark）")
    if _holds(out, source):
        raise UsageError(f"{out} 在要判定的名册里；请换一个地方，以免盖掉它")
    if engine == "local":
        return _written(filed(source, city, tiers, on), Path(out))
    from jiqun.enterprises.tiers import in_spark  # noqa: PLC0415 - optional

    snapshots.scan_for(Path(source), Purpose.ADMINISTRATIVE)  # refuses statistical returns
    session = in_spark.session()
    frame = session.read.parquet(str(source))
    keep = [name for name in (KEY, AREA) if name in frame.columns]
    answers = in_spark.classified(frame, _rules(city, tiers, on), keep)
    filing.filed_by_spark(answers, keep).write.mode("overwrite").parquet(str(out))
    return int(session.read.parquet(str(out)).count())


def _holds(out: str | Path, source: str | Path) -> bool:
    """Whether what is read lies where would be written: it would be lost, or answers be read as firms next time."""
    place, read = Path(out).resolve(), Path(source).resolve()
    return place == read or place in read.parents or (read.is_dir() and read in place.parents)


def _written(answers: pl.LazyFrame, out: Path) -> int:
    """Beside its place and moved there, unless that is a device or pipe, which takes the bytes itself."""
    if out.is_dir():
        raise EnvironmentFailed(f"写不进 {out}：这是目录，不是文件")
    is_file = out.is_file() or not out.exists()
    half = out.with_name(f".half-{out.name}") if is_file else out
    try:
        with pl.Config():
            pl.Config.set_streaming_chunk_size(ROWS_AT_ONCE)
            answers.sink_parquet(half, compression="lz4", engine="streaming")
        firms = int(answers.select(pl.len()).collect(engine="streaming").item())
        if is_file:
            half.replace(out)
    finally:
        if is_file:
            half.unlink(missing_ok=True)
    return firms


def near_misses(
    source: Source, city: City, tier_id: str, on: date, by: Sequence[str] = (AREA,), listed: Listed = _NEAREST
) -> NearMisses:
    """The firms that a single clause keeps out of a tier, counted by the columns of `by`, the nearest listed."""
    frame = _frame(source)
    keep = _kept(frame, (KEY, "name", *by))
    return nearest.near_misses(frame, resolve(city, tier_id, on), city, keep, by, listed)


def what_if(source: Source, city: City, tier_id: str, on: date, change: Change, by: Sequence[str] = (AREA,)) -> WhatIf:
    """Who would enter and leave the tier if its rule were changed, by the columns of `by`."""
    frame = _frame(source)
    return changing.what_if(frame, city, tier_id, on, change, _kept(frame, (KEY,)), by)


def subsidy_cost(
    source: Source,
    city: City,
    paid: Sequence[Subsidy],
    on: date,
    by: Sequence[str] = (AREA,),
    budget_yuan: int | None = None,
) -> Cost:
    """What subsidies attached to tiers would cost on the day."""
    return subsidies.subsidy_cost(_frame(source), city, paid, on, by, budget_yuan)


def _rules(city: City, tiers: Sequence[str], on: date) -> list[TierRule]:
    if not tiers:
        raise UsageError("没有指定梯度层级")
    return [resolve(city, tier_id, on) for tier_id in dict.fromkeys(tiers)]


def _frame(source: Source) -> pl.LazyFrame:
    if isinstance(source, Firms):
        if source.use is Purpose.STATISTICAL:
            raise Forbidden("为统计读取的企业数据不得用于评定；请以行政管理或企业服务的用途读取")
        return source.rows
    if isinstance(source, pl.LazyFrame):
        return source
    if isinstance(source, pl.DataFrame):
        return source.lazy()
    if not Path(source).exists():
        raise NotFound(f"没有文件 {source}")
    return snapshots.scan_for(Path(source), Purpose.ADMINISTRATIVE)


def _kept(frame: pl.LazyFrame, keep: Sequence[str]) -> list[str]:
    schema = frame.collect_schema()
    return [name for name in dict.fromkeys(keep) if name in schema]
