"""Pairs of firms that may be one, for a person to decide, with both sides' figures beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from jiqun.enterprises import twins as pairs
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.twins import EVIDENCE, Decision, Verdict
from jiqun.reports.firm_workbooks import notes, title, written
from jiqun.reports.firmbook import AREA, Firmbook
from jiqun.reports.firms import industry_name, money
from jiqun.reports.paging import Paging, cut
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

PAGE = 20


@dataclass(frozen=True, slots=True)
class Side:
    """A firm of a pair; texts "" where nothing is known."""

    code: str
    name: str
    area: Ref | None
    industry: str
    founded: str
    revenue: str
    status: str


@dataclass(frozen=True, slots=True)
class Pair:
    """`decided` None while nobody decided, or a decision was taken back."""

    one: Side
    other: Side
    evidence: str
    score: float
    decided: Decision | None

    @property
    def key(self) -> str:
        return f"{self.one.code}-{self.other.code}"

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.one, self.other


@dataclass(frozen=True)
class TwinsPage:
    book: Firmbook
    only: str
    pairs: tuple[Pair, ...]
    paging: Paging
    counts: Mapping[str, int]


def twins(book: Firmbook, only: str = "open", page: int = 1) -> TwinsPage:
    """A page of the pairs: `only` open, same or different. A pair is seen by who may read both firms."""
    only = only if only in [each.value for each in Verdict] else Verdict.OPEN.value
    every = _every(book)
    states = {key: _state(decided) for key, (_, _, decided) in every.items()}
    fitting = [key for key, state in states.items() if state == only]
    shown, paging = cut(fitting, page, PAGE)
    counts = {each.value: sum(state == each for state in states.values()) for each in Verdict}
    return TwinsPage(book, only, _pairs(book, every, shown), paging, counts)


def twins_workbook(book: Firmbook, only: str, *, created: datetime) -> bytes:
    """The pairs of one state as an xlsx file, for who keeps the register."""
    every = _every(book)
    chosen = [key for key, (_, _, decided) in every.items() if _state(decided) == only]
    columns = (
        Column("代码甲"), Column("名称甲", width=36), Column("代码乙"), Column("名称乙", width=36),
        Column("依据", width=28), Column("把握", Kind.NUMBER), Column("决定"), Column("以哪个代码为准"),
        Column("理由", width=36), Column("决定人"),
    )  # fmt: skip
    rows: list[list[Value]] = []
    for pair in _pairs(book, every, chosen):
        said = pair.decided
        rows.append([
            pair.one.code, pair.one.name, pair.other.code, pair.other.name, pair.evidence or None,
            Decimal(f"{pair.score:.2f}") if pair.score else None,
            said.verdict.label if said else "待定", (said.kept or None) if said else None,
            said.reason if said else None, said.actor if said else None,
        ])  # fmt: skip
    sheet = Page("疑似重复", columns, rows, title=title(book, "疑似同一家的企业"))
    return written([sheet], notes(book, len(rows), len(rows)), created)


def same_as(book: Firmbook, code: str) -> tuple[Decision, ...]:
    """What people decided of the firm: that it is another one too; nothing of firms out of the reader's scope."""
    held = pairs.decisions(book.register)
    found = {key: each for key, each in held.items() if code in key and each.verdict is Verdict.SAME}
    if book.areas is None or not found:
        return tuple(found.values())
    codes = sorted({each for key in found for each in key})
    here = set(book.firms.rows.filter(pl.col(KEY).is_in(codes)).select(KEY).collect()[KEY])
    return tuple(each for key, each in found.items() if set(key) <= here)


def _state(decided: Decision | None) -> str:
    return Verdict.OPEN.value if decided is None else decided.verdict.value


def _every(book: Firmbook) -> dict[tuple[str, str], tuple[str, float, Decision | None]]:
    """Every pair proposed or decided, of firms in the reader's scope."""
    found = book.kept("twins", lambda: pairs.proposals(book.firms))
    held = pairs.decisions(book.register)
    every = {
        (one, other): (EVIDENCE[evidence], score, held.get((one, other)))
        for one, other, evidence, score in found.iter_rows()
    }
    here = set(book.rows.select(KEY).collect()[KEY]) if held else set()
    for key, decision in held.items():
        if key not in every and set(key) <= here:
            every[key] = ("", 0.0, decision)
    return every


def _pairs(
    book: Firmbook, every: Mapping[tuple[str, str], tuple[str, float, Decision | None]], chosen: list[tuple[str, str]]
) -> tuple[Pair, ...]:
    codes = {code for key in chosen for code in key}
    columns = (KEY, "name", AREA, "industry_code", "founded_on", "revenue_yuan", "status")
    rows = book.firms.rows.filter(pl.col(KEY).is_in(sorted(codes))).select(columns).collect()
    sides = {row[KEY]: _side(book, row) for row in rows.iter_rows(named=True)}
    return tuple(
        Pair(sides[one], sides[other], *every[one, other]) for one, other in chosen if {one, other} <= set(sides)
    )


def _side(book: Firmbook, row: Mapping[str, Any]) -> Side:
    status = book.firms.columns["status"].attribute.values if "status" in book.firms.columns else {}
    return Side(
        row[KEY], row["name"] or row[KEY], book.view.names.area(row[AREA]),
        industry_name(book.view.city, row["industry_code"]), f"{row['founded_on']}" if row["founded_on"] else "",
        money(row["revenue_yuan"]), status.get(row["status"], row["status"] or ""),
    )  # fmt: skip
