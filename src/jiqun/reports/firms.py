"""The list of firms: found by name, code, area, industry and tier; sorted, in pages, as a workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.names import normal_form
from jiqun.enterprises.tiers.definition import SIZES
from jiqun.enterprises.verdicts import SEARCHED
from jiqun.packs import City
from jiqun.packs.schema.tiers import Tier
from jiqun.reports.firmbook import AREA, Firmbook
from jiqun.reports.paging import Paging
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref

PAGE = 50
PAGES = 2000  # of a list of a million firms nobody turns to the end, and its sorting would take seconds
LONGEST_QUERY = 60
ANSWERS = {"meets": "符合", "fails": "不符合", "unknown": "未知", "holds": "已有称号"}
_TEN_THOUSAND, _HUNDRED_MILLION = 10**4, 10**8
_DIVISION = 2  # digits of a division of GB/T 4754
_SORTS = {
    "name": "name", "area": AREA, "industry": "industry_code", "revenue": "revenue_yuan", "employees": "employees",
    "founded": "founded_on",
}  # fmt: skip


@dataclass(frozen=True)
class FirmFilter:
    """Which firms the list shows; "" leaves a field open. `answer`, of `ANSWERS`, is about `tier`; `size` is 1 … 4.

    `area` and `industry` may be `none`: not known. `sort` is a key of the heads, with `-` from the largest down.
    """

    q: str = ""
    area: str = ""
    industry: str = ""
    tier: str = ""
    answer: str = ""
    size: str = ""
    sort: str = "-revenue"


@dataclass(frozen=True, slots=True)
class FirmRow:
    """Texts are "" where nothing is known."""

    code: str
    name: str
    area: Ref | None
    industry: str
    size: str
    revenue: str
    employees: int | None
    met: tuple[Ref, ...]
    titles: tuple[Ref, ...]
    revenue_yuan: float | None
    unsure: tuple[Ref, ...] = ()


@dataclass(frozen=True)
class FirmsPage:
    book: Firmbook
    rows: tuple[FirmRow, ...]
    paging: Paging
    filter: FirmFilter
    options: Mapping[str, tuple[Option, ...]]
    tier: Ref | None


def firms(book: Firmbook, wanted: FirmFilter, page: int = 1) -> FirmsPage:
    """A page of the firms that fit; of a number beyond the last, the last. A filter nobody knows is passed over."""
    fitting = book.rows.filter(fits(book, wanted))
    total = int(fitting.select(pl.len()).collect().item())
    pages = min(PAGES, max(1, -(-total // PAGE)))
    number = min(max(1, page), pages)
    start = (number - 1) * PAGE
    shown = rows_of(book, _ordered(fitting, wanted.sort).head(start + PAGE).collect()[start:])
    paging = Paging(number, pages, total, start + 1 if shown else 0, start + len(shown))
    tier = book.view.city.tiers.get(wanted.tier)
    return FirmsPage(
        book, shown, paging, wanted, options(book), Ref(tier.id, tier.name, tier.name_en) if tier else None
    )


def all_fitting(book: Firmbook, wanted: FirmFilter, most: int) -> tuple[tuple[FirmRow, ...], int]:
    """The first `most` firms that fit, and how many there are in all: for a workbook."""
    fitting = book.rows.filter(fits(book, wanted))
    total = int(fitting.select(pl.len()).collect().item())
    return rows_of(book, _ordered(fitting, wanted.sort).head(most).collect()), total


def fits(book: Firmbook, wanted: FirmFilter) -> pl.Expr:
    """Whether the filter leaves the firm. Words typed are looked for as they stand: none is a pattern."""
    tests = [pl.lit(True)]
    if wanted.q:
        tests.append(named(wanted.q))
    if wanted.area:
        tests.append(pl.col(AREA).is_null() if wanted.area == "none" else pl.col(AREA) == wanted.area)
    if wanted.industry:
        code = pl.col("industry_code")
        tests.append(code.is_null() if wanted.industry == "none" else code.str.starts_with(wanted.industry))
    if wanted.size in ("1", "2", "3", "4") and book.size_tier and book.is_judged(book.size_tier.id):
        tests.append(pl.col(book.size_tier.id) == int(wanted.size))
    if wanted.tier in book.view.city.tiers:
        tests.append(_answers(book, wanted.tier, wanted.answer or "meets"))
    return pl.all_horizontal(tests)


def named(typed: str, searched: pl.Expr | None = None) -> pl.Expr:
    """In the name or a former one, whatever its width and brackets; or in the code. Mere marks stand as typed.

    `searched`: names in their normal form, where the rows have no column of them.
    """
    typed = typed[:LONGEST_QUERY]
    word = pl.select(normal_form(pl.lit(typed))).item()
    if not word:
        return pl.col("name").str.contains(typed, literal=True).fill_null(False)
    in_name = (pl.col(SEARCHED) if searched is None else searched).str.contains(word, literal=True).fill_null(False)
    return in_name | pl.col(KEY).str.contains(word, literal=True)


def _answers(book: Firmbook, tier_id: str, answer: str) -> pl.Expr:
    if answer == "holds":
        return pl.col("titles").list.contains(tier_id).fill_null(False)
    if not book.is_judged(tier_id) or (book.size_tier and tier_id == book.size_tier.id):
        return pl.lit(True)
    verdict = pl.col(tier_id)
    return {"fails": verdict.eq_missing(False), "unknown": verdict.is_null()}.get(answer, verdict.eq_missing(True))


def _ordered(rows: pl.LazyFrame, sort: str) -> pl.LazyFrame:
    column = _SORTS.get(sort.removeprefix("-"))
    if column is None:
        column, sort = "revenue_yuan", "-revenue"
    return rows.sort(column, KEY, descending=[sort.startswith("-"), False], nulls_last=True)


def options(book: Firmbook) -> Mapping[str, tuple[Option, ...]]:
    """What each filter offers, counted over all firms in scope."""
    return book.kept("options", lambda: _options(book))


def _options(book: Firmbook) -> Mapping[str, tuple[Option, ...]]:
    division = pl.col("industry_code").str.slice(0, _DIVISION).alias("division")
    areas, industries = pl.collect_all(
        [book.rows.group_by(AREA).len().sort("len", AREA, descending=[True, False]),
         book.rows.group_by(division).len().sort("len", "division", descending=[True, False])]
    )  # fmt: skip
    view, known = book.view, book.view.city.industries
    unknown = "未知"

    def area(id_: str | None) -> str:
        found = view.names.area(id_)
        return found.name if found else unknown

    def industry(code: str | None) -> str:
        return known[code].name if code is not None and code in known else code or unknown

    tiers = [tier for tier in book.tiers if tier is not book.size_tier]
    return {
        "area": tuple(Option(id_ or "none", area(id_), count) for id_, count in areas.iter_rows()),
        "industry": tuple(Option(code or "none", industry(code), count) for code, count in industries.iter_rows()),
        "tier": tuple(Option(tier.id, tier.name, 0) for tier in tiers),
    }


def rows_of(book: Firmbook, frame: pl.DataFrame) -> tuple[FirmRow, ...]:
    tiers = [(tier.id, ref_of(tier)) for tier in book.tiers if tier is not book.size_tier and book.is_judged(tier.id)]
    return tuple(_row(book, found, tiers) for found in frame.iter_rows(named=True))


def _row(book: Firmbook, found: Mapping[str, Any], tiers: list[tuple[str, Ref]]) -> FirmRow:
    size = found.get(book.size_tier.id) if book.size_tier and book.is_judged(book.size_tier.id) else None
    return FirmRow(
        code=found[KEY],
        name=found["name"] or "",
        area=book.view.names.area(found[AREA]),
        industry=industry_name(book.view.city, found["industry_code"]),
        size=SIZES[size - 1] if size else "",
        revenue=money(found["revenue_yuan"]),
        employees=found["employees"],
        met=tuple(ref for id_, ref in tiers if found[id_] is True),
        titles=tuple(title(book.view.city, id_) for id_ in found["titles"] or ()),
        revenue_yuan=found["revenue_yuan"],
        unsure=tuple(ref for id_, ref in tiers if found[id_] is None),
    )


def ref_of(tier: Tier) -> Ref:
    return Ref(tier.id, tier.name, tier.name_en)


def title(city: City, id_: str) -> Ref:
    """A title that a firm holds; one that is no tier of the folder is shown as it is written."""
    return ref_of(city.tiers[id_]) if id_ in city.tiers else Ref("", id_)


def industry_name(city: City, code: str | None) -> str:
    """The class, or the nearest one above it that is known."""
    for length in range(len(code or ""), 0, -1):
        if code and code[:length] in city.industries:
            return city.industries[code[:length]].name
    return code or ""


def money(amount: float | None, currency: str = "元") -> str:
    """An amount for a list: 3.21 亿元, 540 万元; "" for an unknown one."""
    if amount is None:
        return ""
    size = abs(amount)
    for unit, name in ((_HUNDRED_MILLION, "亿"), (_TEN_THOUSAND, "万")):
        if size >= unit:
            return f"{_short(amount / unit)} {name}{currency}"
    return f"{_short(amount)} {currency}"


def _short(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
