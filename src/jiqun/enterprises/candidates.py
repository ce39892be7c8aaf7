"""Candidate lists for benefits given without application (免申即享): who is in by which clauses, and what is not known.

A list goes to a person, who decides; firms about which something is missing are never dropped in silence and never in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.membership import TYPES, expires_on
from jiqun.enterprises.register import Firms
from jiqun.enterprises.tiers.in_polars import classified
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.enterprises.tiers.rule import Joined, Meets, Node, TierRule
from jiqun.model.errors import Forbidden, UsageError
from jiqun.model.purposes import Purpose
from jiqun.packs import City

_KEPT = (KEY, "name", "area_id")


@dataclass(frozen=True)
class Candidates:
    """Who would be let into a list on a day, each decision with the clauses it rests on.

    Every firm stands in one of the four: `holding` those that hold the title already and get nothing twice, whatever
    the rule now says of them (`verdict`); of the others `eligible` meet the rule, `open` are not known, `failing` fail
    it. All have uscc, name, area_id, clauses: those that carry the verdict; of an unknown one those it hangs on.
    """

    tier_id: str
    version: str
    on: date
    snapshot: str
    eligible: pl.DataFrame
    open: pl.DataFrame
    holding: pl.DataFrame
    failing: pl.DataFrame


def candidates(firms: Firms, city: City, tier_id: str, on: date, holders: Sequence[str] = ()) -> Candidates:
    """The firms judged by the edition of the tier in force on the day; `holders` are codes of those that have it.

    Raises NotFound for an unknown tier or one without an edition, UsageError for one whose thresholds are not known,
    Forbidden for firms read for statistics.
    """
    if firms.use is Purpose.STATISTICAL:
        raise Forbidden("为统计读取的企业数据不得用于惠企政策匹配；请以行政管理或企业服务的用途读取")
    rule = resolve(city, tier_id, on)
    if rule.node is None:
        raise UsageError(f"“{rule.tier.name}”在 {on} 的门槛未知，不能列出名单")
    schema = firms.rows.collect_schema()
    keep = [name for name in _KEPT if name in schema]
    answers = classified(firms.rows, [rule], keep).with_columns(
        verdict=pl.col(tier_id), clauses=deciding(rule), holds=pl.col(KEY).is_in(list(holders))
    )
    rows = answers.select(*keep, "verdict", "clauses", "holds").collect(engine="streaming").sort(KEY)
    shown = [*keep, "clauses"]
    meets = pl.col("verdict").fill_null(False)
    return Candidates(
        tier_id,
        rule.version.version,
        on,
        firms.digest,
        rows.filter(meets & ~pl.col("holds")).select(shown),
        rows.filter(pl.col("verdict").is_null() & ~pl.col("holds")).select(shown),
        rows.filter(pl.col("holds")).select(*shown, "verdict"),
        rows.filter(~pl.col("verdict").fill_null(True) & ~pl.col("holds")).select(shown),
    )


def deciding(rule: TierRule) -> pl.Expr:
    """For each row the clauses (and points tables) that carry the verdict, over the columns `classified` answers with.

    Of a verdict that holds those that hold: of alternatives only the ones met. Of one that is unknown the unknown ones
    that could still change it. Of one that fails the failing ones.
    """
    assert rule.node is not None
    verdict = _truth(rule, rule.node)
    found: dict[str, list[pl.Expr]] = {}
    for name, path in _leaves(rule, rule.node, ()):
        answers_alike = [truth.eq_missing(verdict) for truth in path]
        found.setdefault(name, []).append(reduce(pl.Expr.and_, answers_alike))
    named = [pl.when(reduce(pl.Expr.or_, ways)).then(pl.lit(name)) for name, ways in found.items()]
    return pl.concat_list(named).list.drop_nulls()


def entries(chosen: Candidates, city: City, reason: str = "免申即享") -> pl.DataFrame:
    """The eligible firms as rows of a list, with the edition, snapshot and clauses that admitted each."""
    tier = city.tiers[chosen.tier_id]
    rows = chosen.eligible.with_columns(
        valid_from=pl.lit(chosen.on),
        valid_to=pl.lit(expires_on(tier, chosen.on), dtype=pl.Date),
        rule_version=pl.lit(chosen.version),
        snapshot=pl.lit(chosen.snapshot),
        reason=pl.lit(reason),
    )
    return rows.select(
        pl.col(name).cast(type_) if name in rows.columns else pl.lit(None, dtype=type_).alias(name)
        for name, type_ in TYPES.items()
    )


def _truth(rule: TierRule, node: Node) -> pl.Expr:
    if isinstance(node, Joined):
        parts = [_truth(rule, part) for part in node.parts]
        return reduce(pl.Expr.and_ if node.how == "all" else pl.Expr.or_, parts)
    return pl.col(f"{rule.id}__{_name(node)}")


def _leaves(rule: TierRule, node: Node, above: tuple[pl.Expr, ...]) -> Iterator[tuple[str, tuple[pl.Expr, ...]]]:
    """Each leaf with the truths on its way down: all of them must answer as the whole for it to carry the verdict."""
    path = (*above, _truth(rule, node))
    if isinstance(node, Joined):
        for part in node.parts:
            yield from _leaves(rule, part, path)
    else:
        yield _name(node), path


def _name(node: Node) -> str:
    assert not isinstance(node, Joined)
    return node.clause if isinstance(node, Meets) else node.table
