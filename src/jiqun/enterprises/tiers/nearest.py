"""Firms one clause away from a tier: which clause, how far, what would move them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl

from jiqun.enterprises.tiers.definition import judge, read
from jiqun.enterprises.tiers.explaining import line
from jiqun.enterprises.tiers.in_polars import classified, float_of, reached_tables, verdict
from jiqun.enterprises.tiers.rule import Clause, Meets, Reaches, TierRule, leaves
from jiqun.packs import City

FAILS, UNKNOWN = "fails", "unknown"


@dataclass(frozen=True)
class Listed:
    """Which rows are listed and explained: `most` of them after `skip`; of one `clause`, one `answer`, where given."""

    most: int = 1000
    skip: int = 0
    clause: str = ""
    answer: str = ""
    by: str = ""  # a column of the rows, by which they are ordered first; else the nearest first
    is_descending: bool = False

    def fits(self) -> pl.Expr:
        pairs = [(name, value) for name, value in (("clause", self.clause), ("answer", self.answer)) if value]
        return pl.all_horizontal(pl.lit(True), *(pl.col(name) == value for name, value in pairs))


@dataclass(frozen=True)
class NearMisses:
    """`firms`: a row for each firm and each clause (or points table) that alone would bring it in.

    Columns: those kept, `clause`, `answer` (`fails`: the figure is known and misses; `unknown`: something is missing),
    `shortfall` (share of the threshold that is missing, null where the clause is no figure), `text` (what is short, for
    the first rows). Nearest first. `counts`: how many firms by the columns of `by`, clause and answer. `totals`: firms
    by answer, each counted once. `fitting`: how many rows `firms` was taken from.
    """

    tier_id: str
    firms: pl.DataFrame
    counts: pl.DataFrame
    totals: pl.DataFrame
    fitting: int


def near_misses(
    frame: pl.LazyFrame, rule: TierRule, city: City, keep: Sequence[str], by: Sequence[str], which: Listed
) -> NearMisses:
    """The firms that any one clause keeps out; some rows are listed, `counts` and `totals` have all of them."""
    near = _near(frame, rule, keep)
    counts = (
        near.group_by([*by, "clause", "answer"])
        .agg(pl.len().alias("firms"))
        .sort([*by, "clause", "answer"], nulls_last=True)
    )
    order = pl.col("shortfall").fill_null(float("inf"))
    wanted = near.filter(which.fits())
    first = [pl.col(which.by)] if which.by else []
    falling = [which.is_descending] * len(first) + [False] * (2 + len(keep))
    ordered = wanted.sort(*first, order, "clause", *keep, descending=falling, nulls_last=True, maintain_order=True)
    listed = ordered.slice(which.skip, which.most)
    totals = near.group_by("answer").agg(pl.struct(keep).n_unique().alias("firms")).sort("answer")
    asked = [counts, listed, totals, wanted.select(pl.len())]
    counted, firms, told, fitting = pl.collect_all(asked, engine="streaming")
    return NearMisses(rule.id, _told(firms, rule, city, keep), counted, told, int(fitting.item()))


def _near(frame: pl.LazyFrame, rule: TierRule, keep: Sequence[str]) -> pl.LazyFrame:
    """One row for each firm and decisive leaf; the register's own columns stay beside it for the explanation."""
    names = _leaf_names(rule)
    if rule.node is None or not names:
        empty = {"clause": pl.String, "answer": pl.String, "shortfall": pl.Float64}
        return frame.head(0).with_columns(pl.lit(None, dtype=kind).alias(name) for name, kind in empty.items())
    needed = [name for name in frame.collect_schema() if name in rule.columns or name in keep]
    inner = {name: f"own:{name}" for name in needed}
    answers = classified(frame.select(pl.col(name).alias(kept) for name, kept in inner.items()).with_columns(
        pl.col(kept).alias(name) for name, kept in inner.items()
    ), [rule], list(inner.values()))  # fmt: skip
    found = []
    for name in names:
        met = verdict(rule.node, rule.id, {name: True})
        own = pl.col(f"{rule.id}__{name}")
        found.append(
            pl.when(pl.col(rule.id).fill_null(False) | own.fill_null(False) | ~met.fill_null(False))
            .then(None)
            .otherwise(own.fill_null(True).replace_strict({False: FAILS, True: UNKNOWN}, return_dtype=pl.String))
            .alias(name)
        )
    own_columns = list(inner.values())
    shorts = {node.table: _points_short(rule, node) for node in reached_tables(rule.node)}
    made = [*found, *(short.alias(f"short:{table}") for table, short in shorts.items())]
    own_columns += [f"short:{table}" for table in shorts]
    wide = answers.select([*inner.values(), *made]).filter(
        reduce(pl.Expr.or_, (pl.col(name).is_not_null() for name in names))
    )
    long = wide.unpivot(on=names, index=own_columns, variable_name="clause", value_name="answer").filter(
        pl.col("answer").is_not_null()
    )
    named = long.rename({kept: name for name, kept in inner.items()})
    return named.with_columns(_shortfall(rule, named).alias("shortfall"))


def _points_short(rule: TierRule, node: Reaches) -> pl.Expr:
    """Share of the minimum that is missing, of the points that are sure."""
    least = float(node.least) or 1.0
    return ((pl.lit(least) - pl.col(f"{rule.id}__{node.table}__low").cast(pl.Float64)) / least).clip(0, None)


def _leaf_names(rule: TierRule) -> list[str]:
    return list(dict.fromkeys(leaf.clause if isinstance(leaf, Meets) else leaf.table for leaf in leaves(rule.node)))


def _shortfall(rule: TierRule, frame: pl.LazyFrame) -> pl.Expr:
    schema = frame.collect_schema()
    cases = pl.lit(None, dtype=pl.Float64)
    for clause in rule.clauses.values():
        share = _share(clause, rule, schema)
        if share is not None:
            is_it = (pl.col("clause") == clause.id) & (pl.col("answer") == FAILS)
            cases = pl.when(is_it).then(share).otherwise(cases)
    for node in reached_tables(rule.node):
        cases = pl.when(pl.col("clause") == node.table).then(pl.col(f"short:{node.table}")).otherwise(cases)
    return cases


def _share(clause: Clause, rule: TierRule, schema: pl.Schema) -> pl.Expr | None:
    """|threshold - figure| / threshold, of the first comparison that is missed by a number."""
    shares = []
    for each in clause.thresholds:
        if each.is_age:
            continue
        value, limit = (float_of(side, rule.types, schema) for side in (each.measure, each.limit))
        if value is not None and limit is not None:
            shares.append((value - limit).abs() / limit.abs())
    return pl.min_horizontal(shares) if shares else None


def _told(firms: pl.DataFrame, rule: TierRule, city: City, keep: Sequence[str]) -> pl.DataFrame:
    minimums = {node.table: node for node in reached_tables(rule.node)}
    texts = []
    for firm in firms.iter_rows(named=True):
        leaf = firm["clause"]
        if leaf in minimums:
            points, node = judge(rule, firm).points[leaf], minimums[leaf]
            word = "超过" if node.is_strict else "达到"
            texts.append(f"得分 {float(points.low):g}—{float(points.high):g}，须{word} {float(node.least):g}")
            continue
        said = line(rule.clauses[leaf], rule, read(rule, firm), city)
        missing = "缺：" + "、".join(said.missing) if said.missing else ""
        texts.append(said.gap.text if said.gap else missing or f"须{said.threshold}")
    columns = [*dict.fromkeys([*keep, "clause", "answer", "shortfall"])]
    return firms.select(columns).with_columns(pl.Series("text", texts, dtype=pl.String))
