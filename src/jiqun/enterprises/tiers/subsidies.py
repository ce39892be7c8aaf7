"""What a subsidy attached to a tier would cost: caps, the highest only (就高不重复), a budget shared pro rata."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.tiers.in_polars import classified
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.model.errors import UsageError
from jiqun.packs import City

_FEN = 100
_LARGEST = 10**15  # 分 a firm; beyond it a figure is no figure


@dataclass(frozen=True)
class Subsidy:
    """Paid to each firm that meets the tier: `amount_yuan`, or `share` of the column `of`, at most `cap_yuan`.

    Of the subsidies with one `group` a firm gets the highest only.
    """

    id: str
    tier_id: str
    amount_yuan: int | None = None
    share: Fraction | None = None
    of: str | None = None
    cap_yuan: int | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        if (self.amount_yuan is None) == (self.share is None or self.of is None):
            raise UsageError(f"补贴“{self.id}”要么写定额 amount_yuan，要么写比例 share 和基数列 of")


@dataclass(frozen=True)
class Cost:
    """All money in 分, whole. `low`: firms that meet; `high`: also those whose answer is unknown.

    `by_subsidy` and `by_area` have `firms_low`, `firms_high`, `low_fen`, `high_fen`; `high_fen` null where an unknown
    base without a cap leaves no upper bound. `low_fen`, `high_fen` are the totals before the budget; `paid_fen`, also
    in `by_area`, what the budget allows of `low_fen`: each firm cut by the same ratio and rounded down to the 分.
    """

    by_subsidy: pl.DataFrame
    by_area: pl.DataFrame
    low_fen: int
    high_fen: int | None
    paid_fen: int


def subsidy_cost(
    frame: pl.LazyFrame,
    city: City,
    subsidies: Sequence[Subsidy],
    on: date,
    by: Sequence[str],
    budget_yuan: int | None = None,
    holders: Mapping[str, Collection[str]] | None = None,
) -> Cost:
    """`holders`: subsidy → codes of the firms it is paid to, where a list says so and not the tier's rule.

    Raises NotFound for an unknown tier, UsageError for a base column that the register has not."""
    schema = frame.collect_schema()
    absent = [subsidy.of for subsidy in subsidies if subsidy.of is not None and subsidy.of not in schema]
    if absent:
        raise UsageError(f"名册里没有作为补贴基数的列：{'、'.join(absent)}")
    listed = holders or {}
    asked = dict.fromkeys(subsidy.tier_id for subsidy in subsidies if subsidy.id not in listed)
    rules = [resolve(city, tier_id, on) for tier_id in asked]
    bases = {subsidy.of: f"base:{subsidy.of}" for subsidy in subsidies if subsidy.of is not None}
    made = [pl.col(name).alias(inner) for name, inner in bases.items()]
    made += [pl.col(KEY).is_in(list(codes)).alias(f"listed:{id_}") for id_, codes in listed.items()]
    kept = [*by, *bases.values(), *(f"listed:{id_}" for id_ in listed)]
    source = frame.with_columns(made)
    answers = classified(source, rules, kept) if rules else source.select(kept)
    owed = answers.select(
        [*by, *(amount for subsidy in subsidies for amount in _amounts(subsidy, subsidy.id in listed))]
    )
    owed = owed.with_columns(amount for end in ("low", "high") for amount in _highest_only(subsidies, end))
    taken = owed.collect(engine="streaming")
    return _cost(taken, subsidies, by, budget_yuan)


def _amounts(subsidy: Subsidy, is_listed: bool) -> list[pl.Expr]:
    """The firm's amount in 分 if it meets, and at most if it may; `:open` where that has no upper bound."""
    meets = pl.col(f"listed:{subsidy.id}" if is_listed else subsidy.tier_id)
    cap = _LARGEST if subsidy.cap_yuan is None else subsidy.cap_yuan * _FEN
    if subsidy.amount_yuan is not None:
        known = pl.lit(min(subsidy.amount_yuan * _FEN, cap), dtype=pl.Int64)
    else:
        assert subsidy.share is not None
        base = (pl.col(f"base:{subsidy.of}").cast(pl.Float64) * _FEN).round(0, mode="half_away_from_zero")
        fen = pl.when(base.abs() < _LARGEST).then(base).cast(pl.Int128).clip(0, None)
        share = fen.mul(pl.lit(subsidy.share.numerator, dtype=pl.Int128)).floordiv(
            pl.lit(subsidy.share.denominator, dtype=pl.Int128)
        )
        known = pl.min_horizontal(share, pl.lit(cap, dtype=pl.Int128)).cast(pl.Int64)
        known = pl.when(fen.is_not_null()).then(known)
    may = meets.fill_null(True)
    unbounded = may & known.is_null() & pl.lit(subsidy.cap_yuan is None)
    return [
        pl.when(meets).then(known.fill_null(0)).otherwise(0).alias(f"{subsidy.id}:low"),
        pl.when(may)
        .then(known.fill_null(0 if subsidy.cap_yuan is None else cap))
        .otherwise(0)
        .alias(f"{subsidy.id}:high"),
        unbounded.alias(f"{subsidy.id}:open"),
        meets.fill_null(False).alias(f"{subsidy.id}:firms_low"),
        may.alias(f"{subsidy.id}:firms_high"),
    ]


def _highest_only(subsidies: Sequence[Subsidy], end: str) -> list[pl.Expr]:
    """Within a group the highest counts, the first named of equals."""
    made: list[pl.Expr] = []
    for at, subsidy in enumerate(subsidies):
        own = pl.col(f"{subsidy.id}:{end}")
        for other_at, other in enumerate(subsidies):
            if other_at != at and subsidy.group is not None and other.group == subsidy.group:
                theirs = pl.col(f"{other.id}:{end}")
                is_beaten = (theirs > pl.col(f"{subsidy.id}:{end}")) | (
                    (theirs == pl.col(f"{subsidy.id}:{end}")) & pl.lit(other_at < at)
                )
                own = pl.when(is_beaten).then(0).otherwise(own)
        made.append(own.cast(pl.Int64).alias(f"{subsidy.id}:{end}"))
    return made


def _cost(owed: pl.DataFrame, subsidies: Sequence[Subsidy], by: Sequence[str], budget_yuan: int | None) -> Cost:
    def total(frame: pl.DataFrame, subsidy: Subsidy) -> dict[str, object]:
        is_open = bool(frame[f"{subsidy.id}:open"].any())
        return {
            "subsidy_id": subsidy.id,
            "firms_low": int(frame[f"{subsidy.id}:firms_low"].sum()),
            "firms_high": int(frame[f"{subsidy.id}:firms_high"].sum()),
            "low_fen": int(frame[f"{subsidy.id}:low"].sum()),
            "high_fen": None if is_open else int(frame[f"{subsidy.id}:high"].sum()),
        }

    kinds = {"firms_low": pl.Int64, "firms_high": pl.Int64, "low_fen": pl.Int64, "high_fen": pl.Int64}
    rows = [total(owed, subsidy) for subsidy in subsidies]
    by_subsidy = pl.DataFrame(rows, schema={"subsidy_id": pl.String, **kinds})
    low = sum(int(value) for value in by_subsidy["low_fen"])
    highs = by_subsidy["high_fen"].to_list()
    paid = owed.with_columns(_paid(subsidies, low, budget_yuan).alias("paid"))
    by_area = paid.group_by(list(by)).agg(_area(subsidies)).sort(list(by), nulls_last=True)
    return Cost(by_subsidy, by_area, low, None if None in highs else sum(highs), int(paid["paid"].sum()))


def _area(subsidies: Sequence[Subsidy]) -> list[pl.Expr]:
    def joined(end: str) -> list[str]:
        return [f"{subsidy.id}:{end}" for subsidy in subsidies]

    high = pl.sum_horizontal(joined("high")).sum()
    return [
        pl.any_horizontal(joined("firms_low")).sum().cast(pl.Int64).alias("firms_low"),
        pl.any_horizontal(joined("firms_high")).sum().cast(pl.Int64).alias("firms_high"),
        pl.sum_horizontal(joined("low")).sum().alias("low_fen"),
        pl.when(~pl.any_horizontal(joined("open")).any()).then(high).alias("high_fen"),
        pl.col("paid").sum().alias("paid_fen"),
    ]


def _paid(subsidies: Sequence[Subsidy], low: int, budget_yuan: int | None) -> pl.Expr:
    """What a firm gets, in 分."""
    of_firm = pl.sum_horizontal(f"{subsidy.id}:low" for subsidy in subsidies)
    if budget_yuan is None or low <= budget_yuan * _FEN:
        return of_firm
    share = pl.lit(budget_yuan * _FEN, dtype=pl.Int128)
    return of_firm.cast(pl.Int128).mul(share).floordiv(pl.lit(low, dtype=pl.Int128)).cast(pl.Int64)
