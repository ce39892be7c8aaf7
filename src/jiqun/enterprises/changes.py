"""What happened to the firms between two snapshots: entered, left, renamed, moved, merged, and so on."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.names import core, normal_form
from jiqun.enterprises.register import Firms

_WATCHED = ("name", "area_id", "industry_code", "status", "merged_into_uscc")


class Change(StrEnum):
    """`MERGED`: names the firm it went into, whether or not its own row is still there. `LEFT`: its row is gone."""

    ENTERED = "entered"
    LEFT = "left"
    MERGED = "merged"
    RENAMED = "renamed"
    MOVED = "moved"
    RECLASSIFIED = "reclassified"
    STATUS = "status"

    @property
    def label(self) -> str:
        words = {"entered": "新增", "left": "退出", "merged": "并入他企业", "renamed": "更名", "moved": "迁移"}
        return (words | {"reclassified": "行业变更", "status": "登记状态变更"})[self.value]


def changes(earlier: Firms, later: Firms) -> pl.DataFrame:
    """Every change, one a row: uscc, change, before, after; by change and then code. A firm may have several.

    A name that differs only in width, brackets or spaces is not renamed. A value that was or has become unknown is no
    change. `before` and `after` are the values of the column concerned: names for those who entered or left, the code
    of the firm that took it over for those merged.
    """
    one, two = (firms.rows.select(KEY, *_WATCHED, here=pl.lit(True)) for firms in (earlier, later))
    both = one.join(two, on=KEY, how="full", suffix="_after", coalesce=True)
    here, still = pl.col("here").is_not_null(), pl.col("here_after").is_not_null()
    into = pl.coalesce("merged_into_uscc_after", "merged_into_uscc")
    merged = here & into.is_not_null() & (~still | pl.col("merged_into_uscc").is_null())
    before_name, after_name = normal_form(pl.col("name")), normal_form(pl.col("name_after"))
    found = [
        _rows(both, Change.ENTERED, ~here, pl.lit(None), pl.col("name_after")),
        _rows(both, Change.LEFT, ~still & ~merged, pl.col("name"), pl.lit(None)),
        _rows(both, Change.MERGED, merged, pl.col("name"), into),
        _rows(both, Change.RENAMED, here & still & (before_name != after_name), pl.col("name"), pl.col("name_after")),
    ]
    for change, column in (
        (Change.MOVED, "area_id"),
        (Change.RECLASSIFIED, "industry_code"),
        (Change.STATUS, "status"),
    ):
        before, after = pl.col(column), pl.col(f"{column}_after")
        found.append(_rows(both, change, here & still & (before != after), before, after))
    return pl.concat(found).sort("change", KEY).collect(engine="streaming")


def likely_successors(changed: pl.DataFrame) -> pl.DataFrame:
    """Firms that left beside firms that entered under the same name, as proposals for a person: left, entered, name.

    A sole trader turned company gets a new code and keeps its name; so does a firm entered under a wrong code before.
    """
    left = changed.filter(pl.col("change") == Change.LEFT.value).select(left=KEY, name="before")
    entered = changed.filter(pl.col("change") == Change.ENTERED.value).select(entered=KEY, name="after")
    keyed = (frame.with_columns(core=core(normal_form(pl.col("name")))) for frame in (left, entered))
    return (
        next(keyed).join(next(keyed).drop("name"), on="core").select("left", "entered", "name").sort("left", "entered")
    )


def _rows(both: pl.LazyFrame, change: Change, where: pl.Expr, before: pl.Expr, after: pl.Expr) -> pl.LazyFrame:
    said = (before.cast(pl.String).alias("before"), after.cast(pl.String).alias("after"))
    return both.filter(where).select(KEY, pl.lit(change.value).alias("change"), *said)
