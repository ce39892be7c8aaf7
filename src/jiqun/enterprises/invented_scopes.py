"""Business scopes (经营范围) of firms that do not exist: clauses of their line of business, marked as invented."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from jiqun.packs.schema.invention import Invention


def scope(plan: Invention, uniform: Callable[[str], pl.Expr]) -> pl.Expr:
    """One clause of the firm's line, for three in ten a second, with the mark at the end; null for lines without.

    `uniform` gives a number in [0, 1) for each firm and name of what is drawn; column `industry_code` is the line.
    """

    def clause(what: str) -> pl.Expr:
        drawn = [pl.lit(None, dtype=pl.String)]
        for line in plan.lines:
            if line.scopes:
                numbers = list(range(len(line.scopes)))
                at = (uniform(what) * len(line.scopes)).cast(pl.Int64)
                said = at.replace_strict(numbers, list(line.scopes), return_dtype=pl.String)
                drawn.append(pl.when(pl.col("industry_code") == line.industry_code).then(said))
        return pl.coalesce(drawn)

    first, second = clause("scope"), clause("scope/second")
    has_two = (uniform("scope/two") < 0.3) & (first != second)
    return pl.when(has_two).then(first + "；" + second).otherwise(first) + plan.scope_mark
