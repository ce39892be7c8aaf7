"""What befell invented firms between two years: some moved, took another name, merged, or came in twice."""

from __future__ import annotations

import polars as pl

from jiqun.enterprises import chance
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.identity import ALPHABET
from jiqun.enterprises.invented import Drawing
from jiqun.packs import City

_SERIAL = slice(10, 16)  # of a code: the firm's number to the base of the alphabet


def lived(frame: pl.LazyFrame, city: City, drawing: Drawing) -> pl.LazyFrame:
    """The drawn firms with what befell them: an earlier year has the former place and name, the latest says who merged.

    A firm's fate depends on its number and the seed alone, so that years agree with each other.
    """
    plan = city.invention.life if city.invention else None
    if plan is None:
        return frame
    areas = [area.id for area in city.reporting_areas(city.area_id or "")]
    other = dict(zip(areas, areas[1:] + areas[:1], strict=True))

    def befalls(what: str, pct: float) -> pl.Expr:
        return chance.uniform(serial(), f"life/{what}", drawing.seed) * 100 < pct

    mark = city.invention.name_mark if city.invention else ""
    former = pl.col("name").str.replace(mark, f"{plan.former_word}{mark}", literal=True)
    renamed = befalls("renamed", plan.renamed_pct)
    if drawing.years_back:
        moved = befalls("moved", plan.moved_pct)
        before = pl.col("area_id").replace_strict(other, default=pl.col("area_id"), return_dtype=pl.String)
        return frame.with_columns(
            area_id=pl.when(moved).then(before).otherwise("area_id"),
            name=pl.when(renamed).then(former).otherwise("name"),
        )
    merged = befalls("merged", plan.merged_pct)
    doubled = befalls("doubled", plan.doubled_pct) & pl.col(KEY).shift(1).is_not_null()
    theirs = {name: pl.col(name).shift(1) for name in ("name", "area_id", "industry_code", "founded_on")}
    theirs["name"] = theirs["name"].str.replace_many(["（", "）"], ["(", ")"])
    return frame.with_columns(
        **{name: pl.when(doubled).then(value).otherwise(name) for name, value in theirs.items()},
        former_names=pl.when(renamed).then(pl.concat_list(former)).otherwise("former_names"),
        merged_into_uscc=pl.when(merged).then(pl.col(KEY).shift(1)).otherwise("merged_into_uscc"),
        status=pl.when(merged & pl.col(KEY).shift(1).is_not_null()).then(pl.lit("cancelled")).otherwise("status"),
    )


def serial() -> pl.Expr:
    """The firm's number, read from its code."""
    digits = [pl.col(KEY).str.slice(at, 1) for at in range(_SERIAL.start, _SERIAL.stop)]
    number = pl.lit(0, dtype=pl.UInt64)
    for digit in digits:
        value = digit.replace_strict(list(ALPHABET), list(range(len(ALPHABET))), return_dtype=pl.UInt64)
        number = number * len(ALPHABET) + value
    return number
