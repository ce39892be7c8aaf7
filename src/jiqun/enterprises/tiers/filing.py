"""Answers as they stand in a file: a truth of three answers is two columns without a null, `…__meets` and `…__fails`.

Neither is true of what is unknown, so that nobody who asks for either is told of it by mistake. A null here and there
is dear to write and to read in Parquet, where every row is looked at for it: two full columns are written in a quarter
of the time and counted in a seventh.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_MEETS, _FAILS = "__meets", "__fails"


def filed(answers: pl.LazyFrame, kept: Sequence[str]) -> pl.LazyFrame:
    """Of `in_polars.classified`, each truth as its two columns; those of `kept` and all else as they are."""
    made: list[pl.Expr] = []
    for name, type_ in answers.collect_schema().items():
        column = pl.col(name)
        if type_ == pl.Boolean and name not in kept:
            made += [column.fill_null(False).alias(name + _MEETS), (~column).fill_null(False).alias(name + _FAILS)]
        else:
            made.append(column)
    return answers.select(made)


def filed_by_spark(answers: DataFrame, kept: Sequence[str]) -> DataFrame:
    """The same of `in_spark.classified`."""
    from pyspark.sql import functions as f  # noqa: PLC0415 - optional

    made = []
    for name, type_ in answers.dtypes:
        column = f.col(f"`{name}`")
        if type_ == "boolean" and name not in kept:
            made += [f.coalesce(column, f.lit(False)).alias(name + _MEETS),
                     f.coalesce(~column, f.lit(False)).alias(name + _FAILS)]  # fmt: skip
        else:
            made.append(column)
    return answers.select(made)


def told(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The answers as `in_polars.classified` gave them: true, false, null."""
    names = rows.collect_schema().names()
    made = []
    for name in names:
        stem = name.removesuffix(_MEETS)
        if name != stem and stem + _FAILS in names:
            meets = pl.col(name)
            made.append(pl.when(meets | pl.col(stem + _FAILS)).then(meets).alias(stem))
        elif not (name.endswith(_FAILS) and name.removesuffix(_FAILS) + _MEETS in names):
            made.append(pl.col(name))
    return rows.select(made)
