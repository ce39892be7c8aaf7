"""What a subsidy on a tier would cost before and after its rule is changed: by the folder's schemes, or as typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import polars as pl

from jiqun.enterprises import schemes
from jiqun.enterprises.tiers import Change, Cost, Subsidy, subsidy_cost
from jiqun.enterprises.tiers.changing import changed
from jiqun.enterprises.tiers.resolving import version_on
from jiqun.packs import City
from jiqun.reports.firmbook import AREA, Firmbook
from jiqun.reports.subsidies import Money
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref

_FEN, _WAN = 100, 10_000
_MOST_WAN = Decimal(10) ** 8
FIELDS = ("s-amount", "s-rate", "s-of", "s-cap", "s-budget")


@dataclass(frozen=True)
class Typed:
    """The subsidy as typed: 万元 a firm, or a share in percent of a column; `faults` says what cannot be read."""

    values: Mapping[str, str]
    subsidy: Subsidy | None
    budget_yuan: int | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AreaCost:
    area: Ref | None
    before: Money
    after: Money
    more: Money


@dataclass(frozen=True)
class CostLine:
    """One subsidy: what the firms that meet the rule would get in all. `paid_*`: within the budget, where there is one.

    `high_*`: with the firms of which something is not known; no bound where a base without a cap is unknown.
    """

    label: str
    terms: str
    scheme_id: str
    firms_before: int
    firms_after: int
    before: Money
    after: Money
    more: Money
    high_before: Money
    high_after: Money
    budget: Money | None
    paid_before: Money
    paid_after: Money
    by_area: tuple[AreaCost, ...]


def read(book: Firmbook, tier_id: str, asked: Mapping[str, str]) -> Typed:
    """What was typed; nothing typed is no subsidy and no fault."""
    values = {name: str(asked.get(name, "")).strip()[:40] for name in FIELDS}
    faults: list[str] = []

    def number(name: str, label: str, most: Decimal = _MOST_WAN) -> Decimal | None:
        text = values[name]
        if not text:
            return None
        found = Decimal(text) if text.isascii() and text.replace(".", "", 1).isdigit() else None
        if found is None or not 0 < found <= most or -int(found.as_tuple().exponent) > 4:
            faults.append(f"“{label}”须是大于 0、不超过 {most:,f} 的数")
            return None
        return found

    amount, rate = number("s-amount", "每家补贴"), number("s-rate", "补贴比例", Decimal(100))
    cap, budget = number("s-cap", "每家上限"), number("s-budget", "预算")
    if amount is not None and rate is not None:
        faults.append("“每家补贴”和“补贴比例”只能填一个")
    bases = {option.value for option in base_options(book)}
    if rate is not None and values["s-of"] not in bases:
        faults.append("按比例补贴须选定基数")
    if faults or (amount is None and rate is None):
        return Typed(values, None, None, tuple(faults))
    made = Subsidy(
        "typed", tier_id, None if amount is None else int(amount * _WAN),
        None if rate is None else Fraction(rate) / 100, values["s-of"] if rate is not None else None,
        None if cap is None else int(cap * _WAN),
    )  # fmt: skip
    return Typed(values, made, None if budget is None else int(budget * _WAN), ())


def base_options(book: Firmbook) -> tuple[Option, ...]:
    """The columns of money of the last year that a rate may be taken of."""
    return tuple(
        Option(column.id, column.attribute.name, 0)
        for column in book.firms.columns.values()
        if column.attribute.unit == "元" and not column.years_back
    )


def costs(book: Firmbook, tier_id: str, change: Change, typed: Typed) -> tuple[CostLine, ...]:
    """What was typed, and each scheme in force that pays for this tier; firms that meet the rule are taken as paid.

    That is more than a scheme that goes by lists pays, and says what a change of the rule would come to.
    """
    city = book.view.city
    after = _changed(city, tier_id, book, change)
    found = []
    if typed.subsidy is not None:
        found.append(_line(book, (city, after), "试算的补贴", _terms(book, typed), [typed.subsidy], typed.budget_yuan))
    for scheme in schemes.in_force(city, book.view.on):
        if any(payment.tier_id == tier_id for payment in scheme.payments):
            paid = [schemes.subsidy_of(payment) for payment in scheme.payments]
            budget = schemes.budget_yuan(scheme, book.view.on.year) if scheme.is_pro_rata else None
            line = _line(book, (city, after), scheme.name, f"{len(paid)} 个项目", paid, budget)
            found.append(replace(line, scheme_id=scheme.id))
    return tuple(found)


def _changed(city: City, tier_id: str, book: Firmbook, change: Change) -> City:
    tier = city.tiers[tier_id]
    version = version_on(tier, book.on)
    if version is None or change == Change():
        return city
    versions = tuple(changed(each, change) if each is version else each for each in tier.versions)
    return replace(city, tiers={**city.tiers, tier_id: tier.model_copy(update={"versions": versions})})


def _line(
    book: Firmbook, cities: tuple[City, City], label: str, terms: str, paid: list[Subsidy], budget: int | None
) -> CostLine:
    one, two = (
        _cost(book, city, paid, budget) if at == 0 or city is not cities[0] else None for at, city in enumerate(cities)
    )
    assert one is not None
    two = two or one
    # a scheme's budget is the city's; a reader of some areas is shown what is due, and no share of it
    shown = Money(budget * _FEN) if budget is not None and book.areas is None else None
    return CostLine(
        label=label,
        terms=terms,
        scheme_id="",
        firms_before=_firms(one),
        firms_after=_firms(two),
        before=Money(one.low_fen),
        after=Money(two.low_fen),
        more=Money(two.low_fen - one.low_fen),
        high_before=Money(one.high_fen),
        high_after=Money(two.high_fen),
        budget=shown,
        paid_before=Money(one.paid_fen),
        paid_after=Money(two.paid_fen),
        by_area=_areas(book, one, two),
    )


def _cost(book: Firmbook, city: City, paid: list[Subsidy], budget: int | None) -> Cost:
    return subsidy_cost(book.firms, city, paid, book.on, (AREA,), budget if book.areas is None else None)


def _firms(cost: Cost) -> int:
    return int(cost.by_area["firms_low"].sum())


def _areas(book: Firmbook, one: Cost, two: Cost) -> tuple[AreaCost, ...]:
    both = one.by_area.select(AREA, before="low_fen").join(
        two.by_area.select(AREA, after="low_fen"), on=AREA, how="full", coalesce=True, nulls_equal=True
    )
    order = {area_id: at for at, area_id in enumerate(book.view.city.areas)}
    rows = both.with_columns(pl.col("before", "after").fill_null(0)).iter_rows(named=True)
    ordered = sorted(rows, key=lambda row: order.get(row[AREA] or "", len(order)))
    return tuple(
        AreaCost(
            book.view.names.area(row[AREA]), Money(row["before"]), Money(row["after"]),
            Money(row["after"] - row["before"]),
        )
        for row in ordered
    )  # fmt: skip


def _terms(book: Firmbook, typed: Typed) -> str:
    values = typed.values
    column = book.firms.columns.get(values["s-of"])
    base = column.attribute.name if column else ""
    text = f"每家 {values['s-amount']} 万元" if values["s-amount"] else f"{base}的 {values['s-rate']}%"
    return text + (f"，不超过 {values['s-cap']} 万元" if values["s-cap"] else "")
