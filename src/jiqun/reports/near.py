"""Firms one clause away from a tier: which clause, by how much, in which district, and what would move them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import polars as pl

from jiqun.enterprises import tiers as ladder
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.tiers.explaining import explained
from jiqun.enterprises.tiers.nearest import FAILS, UNKNOWN
from jiqun.enterprises.tiers.resolving import resolve, version_on
from jiqun.model.errors import NotFound
from jiqun.reports.firm_workbooks import notes, title, written
from jiqun.reports.firmbook import AREA, Firmbook
from jiqun.reports.firms import LONGEST_QUERY, named, ref_of
from jiqun.reports.paging import Paging
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

PAGE = 50
PAGES = 10  # each row is explained: further ones by filters, or in the workbook
MOST = 2_000  # rows of a workbook
INDUSTRY = "industry_code"
NEAREST = "shortfall"
_SORTS = {NEAREST: "", "name": "name", "area": AREA, "clause": "clause"}
ANSWERS = {FAILS: "数已知，还差一点", UNKNOWN: "缺一项资料"}


@dataclass(frozen=True)
class NearFilter:
    """`answer` FAILS: the figure is known and misses; UNKNOWN: one thing is not known. `area` may be `none`.

    `cluster`: firms whose industry a chain of that cluster names; a firm may be of several, or of none. `sort` is a key
    of the heads, with `-` from the largest down; `q` a part of a name or code.
    """

    area: str = ""
    cluster: str = ""
    clause: str = ""
    answer: str = FAILS
    q: str = ""
    sort: str = NEAREST


@dataclass(frozen=True, slots=True)
class NearRow:
    """`text` says what is short; `shortfall_pct` of the threshold, None where the clause is no figure."""

    code: str
    name: str
    area: Ref | None
    clause: str
    text: str
    shortfall_pct: float | None


@dataclass(frozen=True, slots=True)
class Group:
    value: str
    label: str
    rows: int


@dataclass(frozen=True)
class NearPage:
    """`failing`, `unknown`: firms, each counted once; the groups count pairs of firm and clause."""

    book: Firmbook
    ref: Ref
    filter: NearFilter
    rows: tuple[NearRow, ...]
    paging: Paging
    fitting: int
    failing: int
    unknown: int
    by_clause: tuple[Group, ...]
    by_area: tuple[Group, ...]
    by_cluster: tuple[Group, ...]
    clause_label: str


def near(book: Firmbook, tier_id: str, wanted: NearFilter, page: int = 1) -> NearPage:
    """A page of the firms one clause away, the nearest first. Raises NotFound for a tier without rule on the day."""
    names = clause_names(book, tier_id)
    wanted = _sound(wanted, names)
    found_by_name = NearFilter(q=wanted.q)
    every = book.kept(
        f"near {tier_id} {wanted.q!r}", lambda: _near(book, tier_id, found_by_name, ladder.Listed(most=0))
    )
    number = min(max(1, page), PAGES)
    listed = _listed(wanted, PAGE, (number - 1) * PAGE)
    key = f"near {tier_id} {wanted.q!r} {wanted.area!r} {wanted.cluster!r} {listed}"
    found = book.kept(key, lambda: _near(book, tier_id, wanted, listed))
    pages = min(PAGES, max(1, -(-found.fitting // PAGE)))
    if number > pages:
        return near(book, tier_id, wanted, pages)
    rows = _rows(book, found.firms, names)
    first = (number - 1) * PAGE
    totals = dict(every.totals.iter_rows())
    tier, codes = book.view.city.tiers[tier_id], _codes(book).get(wanted.cluster)
    return NearPage(
        book=book,
        ref=ref_of(tier),
        filter=wanted,
        rows=rows,
        paging=Paging(number, pages, min(found.fitting, PAGE * PAGES), first + 1 if rows else 0, first + len(rows)),
        fitting=found.fitting,
        failing=totals.get(FAILS, 0),
        unknown=totals.get(UNKNOWN, 0),
        by_clause=_groups(every.counts, "clause", wanted, names, codes),
        by_area=_groups(every.counts, AREA, wanted, _areas(book), codes),
        by_cluster=_by_cluster(book, every.counts, wanted),
        clause_label=names.get(wanted.clause, ""),
    )


def near_workbook(book: Firmbook, tier_id: str, wanted: NearFilter, *, created: datetime) -> bytes:
    """The nearest of the firms that fit, as an xlsx file; what was left out is said in it."""
    names = clause_names(book, tier_id)
    wanted = _sound(wanted, names)
    found = _near(book, tier_id, wanted, _listed(wanted, MOST, 0))
    rows = [_cells(row, ANSWERS[wanted.answer]) for row in _rows(book, found.firms, names)]
    columns = (
        Column("统一社会信用代码"), Column("企业名称", width=36), Column("区域"), Column("差哪一条", width=40),
        Column("情形"), Column("差多少、缺什么", width=48), Column("差距占门槛", Kind.PERCENT),
    )  # fmt: skip
    tier = book.view.city.tiers[tier_id]
    sheet = Page("差一步", columns, rows, title=title(book, f"“{tier.name}”差一步的企业"))
    told = [*notes(book, len(rows), found.fitting), ("层级", f"{tier.name}，{book.on} 有效的版本")]
    told += [("查找", wanted.q)] if wanted.q else []
    return written([sheet], told, created)


def clause_names(book: Firmbook, tier_id: str, *, must: bool = True) -> dict[str, str]:
    """Clause or points table → its wording. A tier without rule on the day has none: NotFound, or nothing unless
    it `must`.
    """
    tier = book.view.city.tiers.get(tier_id)
    rule = resolve(book.view.city, tier_id, book.on) if must or (tier and version_on(tier, book.on)) else None
    if rule is None or rule.node is None:
        if must:
            raise NotFound("这一层级没有可以逐条判定的标准")
        return {}
    read = explained(rule, {}, book.view.city)
    return {line.id: line.label for line in read.lines} | {table.id: "评分" for table in read.tables}


def _sound(wanted: NearFilter, names: Mapping[str, str]) -> NearFilter:
    answer = wanted.answer if wanted.answer in ANSWERS else FAILS
    sort = wanted.sort if wanted.sort.removeprefix("-") in _SORTS else NEAREST
    clause = wanted.clause if wanted.clause in names else ""
    return replace(wanted, clause=clause, answer=answer, sort=sort, q=wanted.q[:LONGEST_QUERY])


def _listed(wanted: NearFilter, most: int, skip: int) -> ladder.Listed:
    is_falling = wanted.sort.startswith("-")
    by = _SORTS[wanted.sort.removeprefix("-")] or ("shortfall" if is_falling else "")
    return ladder.Listed(most, skip, wanted.clause, wanted.answer, by, is_falling)


def _near(book: Firmbook, tier_id: str, wanted: NearFilter, listed: ladder.Listed) -> ladder.NearMisses:
    rows = book.firms.rows.filter(_here(wanted), _of_cluster(book, wanted))
    if wanted.q:
        rows = rows.join(book.rows.filter(named(wanted.q)).select(KEY), on=KEY, how="semi")
    firms = replace(book.firms, rows=rows)
    return ladder.near_misses(firms, book.view.city, tier_id, book.on, (AREA, INDUSTRY), listed)


def _here(wanted: NearFilter) -> pl.Expr:
    if not wanted.area:
        return pl.lit(True)
    return pl.col(AREA).is_null() if wanted.area == "none" else pl.col(AREA) == wanted.area


def _of_cluster(book: Firmbook, wanted: NearFilter) -> pl.Expr:
    codes = _codes(book).get(wanted.cluster)
    return pl.lit(True) if codes is None else _coded(codes)


def _coded(codes: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(pl.col(INDUSTRY).str.starts_with(code).fill_null(False) for code in codes)


def _codes(book: Firmbook) -> dict[str, tuple[str, ...]]:
    """Cluster of an edition in force on the day → industry codes by which its chains find firms."""
    city, on = book.view.city, book.view.on
    found: dict[str, set[str]] = {}
    for catalogue in city.catalogues:
        if (catalogue.effective_from or date.min) <= on <= (catalogue.effective_to or date.max):
            found |= {cluster.id: set(cluster.gb_codes) for cluster in catalogue.clusters}
    for chain in city.chains.values():
        codes = {code for node in chain.nodes for code in node.gb_codes}
        for id_ in chain.cluster_ids:
            if id_ in found:
                found[id_] |= codes
    return {id_: tuple(sorted(codes)) for id_, codes in found.items() if codes}


def _by_cluster(book: Firmbook, counts: pl.DataFrame, wanted: NearFilter) -> tuple[Group, ...]:
    """Pairs of firm and clause by cluster, under the filter but for the cluster itself; most first."""
    fitting = _counted(counts, replace(wanted, cluster=""), "cluster")
    clusters, found = book.view.city.clusters, []
    for id_, codes in _codes(book).items():
        rows = int(fitting.filter(_coded(codes))["firms"].sum())
        if rows or id_ == wanted.cluster:
            found.append(Group(id_, clusters[id_].name, rows))
    return tuple(sorted(found, key=lambda group: -group.rows))


def _rows(book: Firmbook, firms: pl.DataFrame, names: Mapping[str, str]) -> tuple[NearRow, ...]:
    return tuple(
        NearRow(
            row[KEY],
            row["name"] or row[KEY],
            book.view.names.area(row[AREA]),
            names.get(row["clause"], row["clause"]),
            row["text"],
            None if row["shortfall"] is None else 100 * row["shortfall"],
        )
        for row in firms.iter_rows(named=True)
    )


def _counted(counts: pl.DataFrame, wanted: NearFilter, by: str, codes: tuple[str, ...] | None = None) -> pl.DataFrame:
    """The counts under the filter but for `by`."""
    tests = [pl.col("answer") == wanted.answer]
    if by != "clause" and wanted.clause:
        tests.append(pl.col("clause") == wanted.clause)
    if by != AREA:
        tests.append(_here(wanted))
    if codes is not None:
        tests.append(_coded(codes))
    return counts.filter(pl.all_horizontal(tests))


def _groups(
    counts: pl.DataFrame, by: str, wanted: NearFilter, names: Mapping[str, str], codes: tuple[str, ...] | None = None
) -> tuple[Group, ...]:
    """Counts under the filter but for `by` itself, so that another value can be chosen."""
    found = _counted(counts, wanted, by, codes).group_by(by).agg(pl.col("firms").sum())
    ordered = found.sort(["firms", by], descending=[True, False]).iter_rows()
    return tuple(Group(value or "none", names.get(value, value or "未知"), rows) for value, rows in ordered)


def _areas(book: Firmbook) -> dict[str, str]:
    return {id_: area.short_name or area.name for id_, area in book.view.city.areas.items()}


def _cells(row: NearRow, answer: str) -> list[Value]:
    share = None if row.shortfall_pct is None else Decimal(f"{row.shortfall_pct / 100:.6f}")
    return [row.code, row.name, row.area.name if row.area else None, row.clause, answer, row.text, share]
