"""Subsidies of the city folder: what each pays by which list or rule, and what it costs by district and budget."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

from jiqun.enterprises import schemes
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.schemes import SchemeCost
from jiqun.model.errors import NotFound, UsageError
from jiqun.packs.schema.subsidies import Payment, SubsidyScheme
from jiqun.reports.firm_workbooks import MOST, notes, title, written
from jiqun.reports.firmbook import AREA
from jiqun.reports.firms import ref_of
from jiqun.reports.listbook import Listbook
from jiqun.reports.tiers import LEVELS
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

BASES = {"granted": "当年认定的", "holds": "称号有效的", "meets": "符合标准的（免申即享）"}
_FEN, _TEN_THOUSAND = 100, 10_000
_FIRM = (Column("统一社会信用代码"), Column("企业名称", width=36), Column("区域"))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in 分 as people read it; "" where no upper bound is known."""

    fen: int | None

    def __str__(self) -> str:
        if self.fen is None:
            return ""
        wan = Decimal(self.fen) / (_FEN * _TEN_THOUSAND)
        if abs(wan) >= _TEN_THOUSAND:
            return f"{_short(wan / _TEN_THOUSAND)} 亿元"
        return f"{_short(wan)} 万元"


@dataclass(frozen=True, slots=True)
class SchemeRow:
    id: str
    name: str
    level_label: str
    issuer: str
    since: date
    until: date | None
    is_invented: bool
    is_in_force: bool
    payments: int


@dataclass(frozen=True)
class Schemes:
    listbook: Listbook
    rows: tuple[SchemeRow, ...]


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """`firms_low`, `low`: sure; `firms_high`, `high`: with the firms of which something is not known."""

    id: str
    name: str
    tier: Ref
    basis: str
    basis_label: str
    terms: str
    group: str
    article: str
    firms_low: int
    firms_high: int
    low: Money
    high: Money
    outside: int


@dataclass(frozen=True, slots=True)
class AreaCost:
    area: Ref | None
    firms_low: int
    firms_high: int
    low: Money
    high: Money
    paid: Money | None


@dataclass(frozen=True)
class SchemePage:
    """`cost` None: it cannot be costed, `why` says why. `share_pct`: what each firm gets where the budget is short.

    A reader of some areas sees no budget: it is shared over the city.
    """

    listbook: Listbook
    row: SchemeRow
    scheme: SubsidyScheme
    source: str
    lines: tuple[PaymentLine, ...]
    by_area: tuple[AreaCost, ...]
    total: AreaCost | None
    budget: Money | None
    excess: Money | None
    share_pct: float | None
    why: str


def subsidies(listbook: Listbook) -> Schemes:
    """Every scheme of the folder, those in force on the day first."""
    rows = [_row(listbook, scheme) for scheme in listbook.book.view.city.subsidies.values()]
    return Schemes(listbook, tuple(sorted(rows, key=lambda row: not row.is_in_force)))


def subsidy(listbook: Listbook, id_: str) -> SchemePage:
    """The scheme, costed on the page's day within the reader's areas. Raises NotFound."""
    city = listbook.book.view.city
    scheme = city.subsidies.get(id_)
    if scheme is None:
        raise NotFound("资料夹中没有这项奖补政策")
    why, found = "", None
    try:
        found = _cost(listbook, id_)
    except UsageError as wrong:  # lists are missing, or it is not in force
        why = str(wrong)
    sees_all = listbook.book.areas is None
    by_area = _by_area(listbook, found, sees_all) if found else ()
    source = city.sources.get(scheme.source or "")
    has_budget = found is not None and sees_all and found.budget_yuan is not None
    return SchemePage(
        listbook=listbook,
        row=_row(listbook, scheme),
        scheme=scheme,
        source=source.title if source else "",
        lines=tuple(_line(listbook, payment, found) for payment in scheme.payments),
        by_area=by_area,
        total=_total(by_area, found, sees_all) if found else None,
        budget=Money(found.budget_yuan * _FEN) if found and has_budget and found.budget_yuan is not None else None,
        excess=Money(found.excess_fen) if found and has_budget and found.excess_fen else None,
        share_pct=_share(found, scheme) if found and has_budget else None,
        why=why,
    )


def subsidy_workbook(listbook: Listbook, id_: str, *, created: datetime) -> bytes:
    """The scheme's cost by payment, district and firm, in 万元, as xlsx. Raises NotFound, also if not costed."""
    page = subsidy(listbook, id_)
    if page.total is None:
        raise NotFound(page.why)
    money = [Column(label, Kind.NUMBER) for label in ("至少（万元）", "至多（万元）")]
    firms = [Column(label, Kind.INTEGER) for label in ("确定的企业（家）", "至多的企业（家）")]
    heads = (Column("项目", width=28), Column("层级", width=24), Column("发给"), Column("标准", width=32),
             Column("就高不重复组"), *firms, *money, Column("名册外企业（家）", Kind.INTEGER),
             Column("条款"))  # fmt: skip
    by_payment: list[list[Value]] = [
        [line.name, line.tier.name, line.basis_label, line.terms, line.group or None, Decimal(line.firms_low),
         Decimal(line.firms_high), _wan(line.low), _wan(line.high), Decimal(line.outside), line.article or None]
        for line in page.lines
    ]  # fmt: skip
    by_area: list[list[Value]] = [
        [each.area.name if each.area else "未知", Decimal(each.firms_low), Decimal(each.firms_high), _wan(each.low),
         _wan(each.high), _wan(each.paid) if each.paid else None]
        for each in (*page.by_area, page.total)
    ]  # fmt: skip
    by_area[-1][0] = "合计"
    by_firm, due = _by_firm(listbook, id_)
    name = title(listbook.book, page.row.name + ("【演示政策】" if page.row.is_invented else ""))
    money.append(Column("按预算兑付（万元）", Kind.NUMBER))
    pages = [
        Page("按项目", heads, by_payment, title=name),
        Page("按区域", (Column("区域"), *firms, *money), by_area, title=name),
        Page("按企业", (*_FIRM, *money), by_firm, title=name),
    ]
    told = [
        *notes(listbook.book, len(by_firm), due),
        ("口径", "至少：确定符合或在名单上的；至多：资料不全的也计入；空格为没有上限"),
    ]
    if page.budget is not None:
        told.append(("当年预算", f"{page.budget}" + (f"，超出 {page.excess}" if page.excess else "，没有超出")))
    return written(pages, told, created)


def _cost(listbook: Listbook, id_: str) -> SchemeCost:
    book, on = listbook.book, listbook.on
    return book.kept(
        f"subsidy {id_}",
        lambda: schemes.cost(book.firms, book.view.city, id_, on, listbook.lists, (AREA,), listbook.ended),
    )


def _by_firm(listbook: Listbook, id_: str) -> tuple[list[list[Value]], int]:
    """Every firm that is or may be paid, the largest sure sum first, at most `MOST`; and how many there are."""
    book, by = listbook.book, (KEY, "name", AREA)
    made = schemes.cost(book.firms, book.view.city, id_, listbook.on, listbook.lists, by, listbook.ended)
    own = made.cost.by_area.filter(pl.col("firms_high") > 0).sort("low_fen", KEY, descending=[True, False])
    rows: list[list[Value]] = []
    for row in own.head(MOST).iter_rows(named=True):
        area = book.view.names.area(row[AREA])
        paid = _wan(Money(row["paid_fen"])) if book.areas is None else None
        sums = [_wan(Money(row[name])) for name in ("low_fen", "high_fen")]
        rows.append([row[KEY], row["name"], area.name if area else None, *sums, paid])
    return rows, own.height


def _row(listbook: Listbook, scheme: SubsidyScheme) -> SchemeRow:
    return SchemeRow(
        scheme.id, scheme.name, {"district": "区县级"}.get(scheme.level) or LEVELS[scheme.level], scheme.issuer,
        scheme.effective_from, scheme.effective_to, scheme.is_invented,
        scheme in schemes.in_force(listbook.book.view.city, listbook.on), len(scheme.payments),
    )  # fmt: skip


def _line(listbook: Listbook, payment: Payment, found: SchemeCost | None) -> PaymentLine:
    city = listbook.book.view.city
    said: dict[str, Any] = {"firms_low": 0, "firms_high": 0, "low_fen": None, "high_fen": None}
    if found is not None:
        said = found.cost.by_subsidy.filter(pl.col("subsidy_id") == payment.id).row(0, named=True)
    return PaymentLine(
        id=payment.id,
        name=payment.name,
        tier=ref_of(city.tiers[payment.tier_id]),
        basis=payment.basis,
        basis_label=BASES[payment.basis],
        terms=terms(payment, listbook),
        group=payment.group,
        article=payment.article,
        firms_low=said["firms_low"],
        firms_high=said["firms_high"],
        low=Money(said["low_fen"]),
        high=Money(said["high_fen"]),
        # firms out of a reader's areas are out of the rows too: only who sees all can tell who is not registered
        outside=found.outside.get(payment.id, 0) if found and listbook.book.areas is None else 0,
    )


def terms(payment: Payment, listbook: Listbook) -> str:
    """What one firm gets: 每家 20 万元; 研发费用的 2%，不超过 10 万元."""
    if payment.amount is not None:
        text = f"每家 {_short(payment.amount)} {payment.unit}"
    else:
        column = listbook.book.firms.columns.get(payment.of)
        text = f"{column.attribute.name if column else payment.of}的 {_short(payment.rate_pct or Decimal(0))}%"
    return text + (f"，不超过 {_short(payment.cap)} {payment.unit}" if payment.cap is not None else "")


def _by_area(listbook: Listbook, found: SchemeCost, sees_all: bool) -> tuple[AreaCost, ...]:
    order = {id_: at for at, id_ in enumerate(listbook.book.view.city.areas)}
    rows = sorted(found.cost.by_area.iter_rows(named=True), key=lambda row: order.get(row[AREA] or "", len(order)))
    return tuple(
        AreaCost(
            listbook.book.view.names.area(row[AREA]), row["firms_low"], row["firms_high"], Money(row["low_fen"]),
            Money(row["high_fen"]), Money(row["paid_fen"]) if sees_all else None,
        )
        for row in rows
    )  # fmt: skip


def _total(by_area: tuple[AreaCost, ...], found: SchemeCost, sees_all: bool) -> AreaCost:
    firms = [sum(getattr(each, name) for each in by_area) for name in ("firms_low", "firms_high")]
    cost = found.cost
    paid = Money(cost.paid_fen) if sees_all else None
    return AreaCost(None, firms[0], firms[1], Money(cost.low_fen), Money(cost.high_fen), paid)


def _share(found: SchemeCost, scheme: SubsidyScheme) -> float | None:
    """What part of its due each firm gets; None where all of it."""
    if not scheme.is_pro_rata or not found.excess_fen or not found.cost.low_fen:
        return None
    return 100 * found.cost.paid_fen / found.cost.low_fen


def _wan(money: Money) -> Decimal | None:
    return None if money.fen is None else Decimal(money.fen) / (_FEN * _TEN_THOUSAND)


def _short(value: Decimal) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
