"""Candidate lists for benefits without application (免申即享): who is in by which clauses, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from jiqun.enterprises import candidates as deciding
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.tiers.resolving import version_on
from jiqun.model.errors import NotFound
from jiqun.reports.firm_workbooks import notes, title, written
from jiqun.reports.firmbook import AREA
from jiqun.reports.firms import ref_of
from jiqun.reports.listbook import Listbook
from jiqun.reports.near import clause_names
from jiqun.reports.paging import Paging
from jiqun.reports.reasons import Reason, reasons
from jiqun.reports.targets import Option
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Page

PAGE = 50
MOST = 20_000
ANSWERS = {"eligible": "可列入", "open": "待补资料", "holding": "已有称号", "failing": "不符合"}
SAYS = {
    "eligible": "符合标准，还没有这个称号",
    "open": "还没有这个称号，资料不全，判断不了",
    "holding": "称号在有效期内，不重复列入",
    "failing": "还没有这个称号，也不符合标准",
}
STANDS = {True: "符合", None: "未知", False: "不符合"}


@dataclass(frozen=True)
class CandidateFilter:
    """`answer` of `ANSWERS`, into which every firm of the register falls once."""

    answer: str = "eligible"
    area: str = ""


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """`reasons`: the clauses the decision rests on; of an open one those that are not known. `stands`: of one that
    holds the title, how it stands on the rule.
    """

    code: str
    name: str
    area: Ref | None
    reasons: tuple[Reason, ...]
    stands: str = ""


@dataclass(frozen=True)
class CandidatesPage:
    listbook: Listbook
    ref: Ref
    version: str
    filter: CandidateFilter
    rows: tuple[CandidateRow, ...]
    paging: Paging
    counts: Mapping[str, int]
    firms: int  # all of them, the sum of `counts`
    holding: Mapping[str, int]  # how those that hold the title stand on the rule, in words
    areas: tuple[Option, ...]


def candidates(listbook: Listbook, tier_id: str, wanted: CandidateFilter, page: int = 1) -> CandidatesPage:
    """A page of the candidates by the rule of the register's day. Raises NotFound for a tier without a rule."""
    found = _found(listbook, tier_id)
    names = clause_names(listbook.book, tier_id)
    frame = _chosen(found, wanted)
    pages = max(1, -(-frame.height // PAGE))
    number = min(max(1, page), pages)
    start = (number - 1) * PAGE
    counts = {name: getattr(found, name).height for name in ANSWERS}
    rows = _rows(listbook, tier_id, frame[start : start + PAGE], names)
    return CandidatesPage(
        listbook=listbook,
        ref=ref_of(listbook.book.view.city.tiers[tier_id]),
        version=found.version,
        filter=wanted,
        rows=rows,
        paging=Paging(number, pages, frame.height, start + 1 if rows else 0, start + len(rows)),
        counts=counts,
        firms=sum(counts.values()),
        holding={
            said: found.holding.filter(pl.col("verdict").eq_missing(pl.lit(truth))).height
            for truth, said in STANDS.items()
        },
        areas=_areas(listbook, getattr(found, _sound(wanted))),
    )


def candidates_workbook(listbook: Listbook, tier_id: str, wanted: CandidateFilter, *, created: datetime) -> bytes:
    """The candidates with the clauses of each decision, as an xlsx file."""
    found = _found(listbook, tier_id)
    names = clause_names(listbook.book, tier_id)
    frame = _chosen(found, wanted)
    columns = (
        Column("统一社会信用代码"), Column("企业名称", width=36), Column("区域"), Column("情形"),
        Column("按现行标准"), Column("依据的条款、数值和门槛", width=80),
    )  # fmt: skip
    by_clause = (
        Column("统一社会信用代码"), Column("企业名称", width=36), Column("条款", width=40), Column("数值", width=24),
        Column("门槛", width=24), Column("缺什么", width=36),
    )  # fmt: skip
    shown = _rows(listbook, tier_id, frame.head(MOST), names)
    answer = ANSWERS[_sound(wanted)]
    rows: list[list[Value]] = [
        [
            row.code,
            row.name,
            row.area.name if row.area else None,
            answer,
            _stands(row, wanted),
            "；".join(reason.words for reason in row.reasons) or None,
        ]
        for row in shown
    ]
    each: list[list[Value]] = [
        [row.code, row.name, reason.label, reason.value, reason.threshold, "、".join(reason.missing) or None]
        for row in shown
        for reason in row.reasons
    ]
    tier = listbook.book.view.city.tiers[tier_id]
    sheet = Page(answer, columns, rows, title=title(listbook.book, f"“{tier.name}”免申即享名单（{answer}）"))
    told = [
        *notes(listbook.book, len(rows), frame.height),
        ("标准", f"{tier.name} {found.version}版，{found.on} 有效"),
        ("在册企业", "；".join(f"{label} {getattr(found, name).height} 家" for name, label in ANSWERS.items())),
        ("说明", "四类互不重叠，合起来是全部在册企业；资料不全的单列，不列入也不排除。列入与否由人决定"),
    ]
    pages = [sheet, Page("逐条依据", by_clause, each, title=sheet.title)] if each else [sheet]
    return written(pages, told, created)


def _sound(wanted: CandidateFilter) -> str:
    return wanted.answer if wanted.answer in ANSWERS else "eligible"


def _stands(row: CandidateRow, wanted: CandidateFilter) -> str:
    return row.stands or {"eligible": "符合", "open": "未知"}.get(_sound(wanted), "不符合")


def _found(listbook: Listbook, tier_id: str) -> deciding.Candidates:
    book = listbook.book
    tier = book.view.city.tiers.get(tier_id)
    version = version_on(tier, book.on) if tier else None
    if tier is None or tier.subject != "firm" or version is None or version.rule is None:
        raise NotFound("这一层级没有可以逐条判定的标准，列不出名单")
    held = book.rows.filter(pl.col("titles").list.contains(tier_id)).select(KEY).collect()
    key = f"candidates {tier_id}"
    return book.kept(
        key, lambda: deciding.candidates(book.firms, book.view.city, tier_id, book.on, held[KEY].to_list())
    )


def _chosen(found: deciding.Candidates, wanted: CandidateFilter) -> pl.DataFrame:
    frame: pl.DataFrame = getattr(found, _sound(wanted))
    if wanted.area:
        frame = frame.filter(pl.col(AREA).is_null() if wanted.area == "none" else pl.col(AREA) == wanted.area)
    return frame.sort(AREA, "name", KEY, nulls_last=True)


def _rows(listbook: Listbook, tier_id: str, frame: pl.DataFrame, names: Mapping[str, str]) -> tuple[CandidateRow, ...]:
    told = reasons(listbook.book, tier_id, dict(frame.select(KEY, "clauses").iter_rows()), names)
    return tuple(
        CandidateRow(
            row[KEY], row["name"] or row[KEY], listbook.book.view.names.area(row[AREA]),
            told[row[KEY]], STANDS[row["verdict"]] if "verdict" in row else "",
        )
        for row in frame.iter_rows(named=True)
    )  # fmt: skip


def _areas(listbook: Listbook, frame: pl.DataFrame) -> tuple[Option, ...]:
    counted = frame.group_by(AREA).len().sort("len", AREA, descending=[True, False]).iter_rows()
    names = listbook.book.view.names
    found = [(id_, names.area(id_), n) for id_, n in counted]
    return tuple(Option(id_ or "none", ref.name if ref else "未知", n) for id_, ref, n in found)
