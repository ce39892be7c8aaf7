"""The subsidies of the city folder, costed: who is paid by which list or rule, by district, within the budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.membership import Lists, open_on
from jiqun.enterprises.register import Firms
from jiqun.enterprises.spells import Stage
from jiqun.enterprises.tiers.subsidies import Cost, Subsidy, subsidy_cost
from jiqun.model.errors import Forbidden, NotFound, UsageError
from jiqun.model.purposes import Purpose
from jiqun.model.units import Unit
from jiqun.packs import City
from jiqun.packs.schema.subsidies import Payment, SubsidyScheme

_YUAN = Unit.parse("元")
_FEN = 100


@dataclass(frozen=True)
class SchemeCost:
    """`cost` as the payments come to; `budget_yuan` of the year, None where none is said.

    `excess_fen`: what the sure payments exceed the budget by; where the scheme is pro rata the firms are cut by it in
    `cost.paid_fen`. `outside`: payments → firms on the lists that are not in the register, to which nothing is paid
    here. `is_invented`: made up for a demo.
    """

    scheme_id: str
    on: date
    cost: Cost
    budget_yuan: int | None
    excess_fen: int
    outside: dict[str, int]
    is_invented: bool


def in_force(city: City, on: date) -> tuple[SubsidyScheme, ...]:
    """The schemes in force on the day, in the folder's order; `effective_to` is the last day."""
    return tuple(
        scheme for scheme in city.subsidies.values() if scheme.effective_from <= on <= (scheme.effective_to or date.max)
    )


def budget_yuan(scheme: SubsidyScheme, year: int) -> int | None:
    """What the scheme may pay in the year; None where none is said."""
    return next((_yuan(each.amount, each.unit) for each in scheme.budgets if each.year == year), None)


def cost(
    firms: Firms,
    city: City,
    scheme_id: str,
    on: date,
    lists: Lists | None = None,
    by: Sequence[str] = ("area_id",),
    ended: pl.DataFrame | None = None,
) -> SchemeCost:
    """What the scheme costs in the year of the day, by the columns of `by`.

    `lists` are asked for what is paid to firms recognised in the year (by the day) or holding a title on it; `ended`
    as in `membership.departures`. Raises NotFound for an unknown scheme, UsageError for one not in force on the day,
    for lists that are wanted and missing and for a base that the register has not, Forbidden for firms read for
    statistics.
    """
    if firms.use is Purpose.STATISTICAL:
        raise Forbidden("为统计读取的企业数据不得用于核算补贴；请以行政管理或企业服务的用途读取")
    scheme = city.subsidies.get(scheme_id)
    if scheme is None:
        raise NotFound(f"没有补贴政策“{scheme_id}”（已有：{'、'.join(city.subsidies) or '无'}）")
    if scheme not in in_force(city, on):
        raise UsageError(f"“{scheme.name}”在 {on} 不在有效期内")
    holders = {
        payment.id: _paid_to(payment, lists, on, ended) for payment in scheme.payments if payment.basis != "meets"
    }
    known = set(firms.rows.select(KEY).collect(engine="streaming")[KEY])
    budget = budget_yuan(scheme, on.year)
    subsidies = [subsidy_of(payment) for payment in scheme.payments]
    shared = budget if scheme.is_pro_rata else None
    made = subsidy_cost(firms.rows, city, subsidies, on, by, shared, holders)
    excess = 0 if budget is None else max(0, made.low_fen - budget * _FEN)
    outside = {id_: len(codes - known) for id_, codes in holders.items() if codes - known}
    return SchemeCost(scheme_id, on, made, budget, excess, outside, scheme.is_invented)


def _paid_to(payment: Payment, lists: Lists | None, on: date, ended: pl.DataFrame | None) -> set[str]:
    if lists is None:
        raise UsageError(f"“{payment.name}”按名单发放，需要先收录名单")
    if all(each.batch.list_id != payment.tier_id for each in lists.kept):
        raise UsageError(f"“{payment.name}”按名单发放，还没有收录“{payment.tier_id}”的名单")
    held = open_on(lists, on, [payment.tier_id], ended).filter(pl.col("held") == Stage.RECOGNISED.value)
    if payment.basis == "holds":
        return set(held[KEY])
    granting = lists.entries.filter(
        (pl.col("list_id") == payment.tier_id)
        & pl.col("stage").is_in([Stage.RECOGNISED.value, Stage.RECHECKED.value])
        & pl.col("valid_from").is_between(date(on.year, 1, 1), on)
    )
    return set(granting[KEY]) & set(held[KEY])


def subsidy_of(payment: Payment) -> Subsidy:
    """The payment as one to be costed; whom it goes to is said apart."""
    return Subsidy(
        payment.id,
        payment.tier_id,
        None if payment.amount is None else _yuan(payment.amount, payment.unit),
        None if payment.rate_pct is None else Fraction(payment.rate_pct) / 100,
        payment.of or None,
        None if payment.cap is None else _yuan(payment.cap, payment.unit),
        payment.group or None,
    )


def _yuan(value: Decimal, unit: str) -> int:
    return int(Unit.parse(unit).convert(value, _YUAN))
