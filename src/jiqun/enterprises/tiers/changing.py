"""What if: a threshold changed, a clause added or dropped; who would enter and who would leave, by district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from jiqun.enterprises.tiers.explaining import renamed
from jiqun.enterprises.tiers.in_polars import classified
from jiqun.enterprises.tiers.resolving import resolve, version_on
from jiqun.enterprises.tiers.rule import TierRule
from jiqun.model.errors import NotFound, UsageError
from jiqun.packs import City
from jiqun.packs.schema.tiers import Condition, Node, TierVersion

ENTERS, LEAVES, OPENS, SETTLES = "enters", "leaves", "opens", "settles"
_CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """`values`: clause → new threshold, in the clause's own unit; `minimums`: points table → new minimum; `added`:
    clauses that must hold besides; `dropped`: clauses taken out of the rule."""

    values: Mapping[str, Decimal] = field(default_factory=dict)
    minimums: Mapping[str, Decimal] = field(default_factory=dict)
    added: tuple[Condition, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class WhatIf:
    """`counts`: by the columns of `by`: `before` and `after` (firms that meet), `enters`, `leaves`, and how many become
    unknown (`opens`) or stop being so (`settles`). `firms`: those whose answer changes, columns `before`, `after`.
    """

    tier_id: str
    counts: pl.DataFrame
    firms: pl.DataFrame


def changed(version: TierVersion, change: Change) -> TierVersion:
    """The edition with the change made. Raises NotFound for a clause or table it has not, UsageError for what is left
    without any clause."""
    known = {condition.id for condition in version.conditions}
    tables = {table.id for table in version.score_tables}
    missing = sorted({*change.values, *change.dropped} - known) + sorted(set(change.minimums) - tables)
    if missing:
        raise NotFound(f"本版没有这些条件或评分表：{'、'.join(missing)}（已有：{'、'.join(sorted(known | tables))}）")
    if version.rule is None:
        raise UsageError("本版的门槛未知，无从试算")
    conditions = tuple(
        condition.model_copy(update={"value": change.values[condition.id]})
        if condition.id in change.values
        else condition
        for condition in version.conditions
        if condition.id not in change.dropped
    )
    rule = _without(version.rule, frozenset(change.dropped), change.minimums)
    if change.added:
        added = tuple(Node(cond=condition.id) for condition in change.added)
        rule = Node(all=(*(() if rule is None else (rule,)), *added))
    if rule is None:
        raise UsageError("去掉这些条件后，规则里不剩任何条件")
    return version.model_copy(update={"conditions": (*conditions, *change.added), "rule": rule})


def _without(node: Node, dropped: frozenset[str], minimums: Mapping[str, Decimal]) -> Node | None:
    if node.cond is not None:
        return None if node.cond in dropped else node
    if node.score is not None:
        end = "min" if node.min is not None else "min_exclusive"
        return node.model_copy(update={end: minimums[node.score]}) if node.score in minimums else node
    name = "all" if node.all is not None else "any"
    parts = [left for part in getattr(node, name) if (left := _without(part, dropped, minimums)) is not None]
    return Node(**{name: tuple(parts)}) if parts else None


def what_if(
    frame: pl.LazyFrame, city: City, tier_id: str, on: date, change: Change, keep: Sequence[str], by: Sequence[str]
) -> WhatIf:
    """Both rules asked in one pass over the register."""
    rule = resolve(city, tier_id, on)
    version = version_on(rule.tier, on)
    assert version is not None
    other = resolve(city, tier_id, on, changed(version, change))
    kept = list(dict.fromkeys([*keep, *by]))
    answers = both(frame, rule, other, kept)
    before, after = pl.col("before"), pl.col("after")
    is_in, will_be = before.fill_null(False), after.fill_null(False)
    counts = (
        answers.group_by(list(by))
        .agg(
            is_in.sum().alias("before"),
            will_be.sum().alias("after"),
            (~is_in & will_be).sum().alias(ENTERS),
            (is_in & ~will_be).sum().alias(LEAVES),
            (before.is_not_null() & after.is_null()).sum().alias(OPENS),
            (before.is_null() & after.is_not_null()).sum().alias(SETTLES),
        )
        .sort(list(by), nulls_last=True)
    )
    firms = answers.filter(before.ne_missing(after))
    counted, moved = pl.collect_all([counts, firms], engine="streaming")
    return WhatIf(tier_id, counted, moved)


def both(frame: pl.LazyFrame, rule: TierRule, other: TierRule, keep: Sequence[str]) -> pl.LazyFrame:
    """`keep`, and the verdicts of the two rules as `before` and `after`."""
    pair = [rule, renamed(other, f"{rule.id}:{_CHANGED}")]
    return classified(frame, pair, keep).select(
        *keep, pl.col(rule.id).alias("before"), pl.col(pair[1].id).alias("after")
    )
