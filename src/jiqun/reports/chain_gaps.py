"""What to strengthen, fill and extend, and the bottlenecks, as pages and workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from jiqun.industry.chains.dependence import Dependence
from jiqun.industry.chains.lists import Way, bottlenecks
from jiqun.industry.chains.states import Freshness, State
from jiqun.reports.chainbook import SEGMENT_LABELS, STATE_LABELS, Chainbook, Charted
from jiqun.reports.chains import LIGHTS, FirmOnLink, firm_on, ref_of
from jiqun.reports.firm_workbooks import written
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

WAY_LABELS = {Way.STRENGTHEN: "强链", Way.FILL: "补链", Way.EXTEND: "延链"}
_GAPS = (
    Column("产业链"), Column("环节", width=24), Column("位置"), Column("状态"), Column("做法"), Column("企业数"),
    Column("理由", width=60), Column("可从何处延伸", width=24), Column("近似企业（待核对）", width=40),
    Column("缓急", Kind.NUMBER), Column("证据日期", Kind.DAY), Column("应复核", Kind.DAY), Column("证据是否过期"),
)  # fmt: skip
_BOTTLENECKS = (
    Column("短板", width=28), Column("产业链"), Column("环节", width=24), Column("位置"), Column("本地状态"),
    Column("企业数"), Column("可替代的环节", width=24), Column("下游环节数", Kind.INTEGER),
    Column("外部来源集中度", Kind.NUMBER), Column("外购占采购", Kind.PERCENT), Column("外购÷本地产出", Kind.NUMBER),
    Column("对外依赖"), Column("来源", width=36), Column("把握"), Column("证据日期", Kind.DAY), Column("证据是否过期"),
)  # fmt: skip
_CONFIDENCE = {"high": "高", "medium": "中", "low": "低"}
_ANSWERS = {True: "是", False: "否", None: "未知"}


@dataclass(frozen=True)
class GapFilter:
    chain: str = ""
    way: str = ""
    state: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class GapRow:
    chain: Ref
    node: Ref
    segment: str
    state: State
    label: str
    light: str
    way: str
    reasons: tuple[str, ...]
    firms: str
    extends: tuple[Ref, ...]
    candidates: tuple[FirmOnLink, ...]
    more: int
    urgency: float
    freshness: Freshness


@dataclass(frozen=True)
class GapsPage:
    book: Chainbook
    rows: tuple[GapRow, ...]
    filter: GapFilter
    chains: tuple[Ref, ...]
    total: int


@dataclass(frozen=True, slots=True)
class BottleneckRow:
    """An item that a text names as weak, and how its link stands here."""

    key: str
    item: str
    chain: Ref
    node: Ref
    segment: str
    state: State
    label: str
    light: str
    firms: str
    dependence: Dependence
    stand_ins: tuple[Ref, ...]
    serves: int
    source: str
    confidence: str
    freshness: Freshness


@dataclass(frozen=True)
class BottlenecksPage:
    book: Chainbook
    rows: tuple[BottleneckRow, ...]
    filter: GapFilter
    chains: tuple[Ref, ...]
    total: int


def gap_list(book: Chainbook, wanted: GapFilter) -> GapsPage:
    """Weak and missing links of all chains or one, the most urgent first unless another order is asked for."""
    rows = [_gap(book, charted, at) for charted in book.charted.values() for at in range(len(charted.gaps))]
    fitting = [
        row
        for row in rows
        if wanted.chain in ("", row.chain.id) and wanted.way in ("", row.way) and wanted.state in ("", row.state.value)
    ]
    orders = {
        "chain": lambda row: (row.chain.name, -row.urgency),
        "state": lambda row: (row.state is not State.MISSING, -row.urgency),
        "way": lambda row: (row.way, -row.urgency),
    }
    fitting.sort(key=orders.get(wanted.sort, lambda row: (-row.urgency, row.node.id)))
    return GapsPage(book, tuple(fitting), wanted, _chain_refs(book), len(rows))


def bottleneck_list(book: Chainbook, wanted: GapFilter) -> BottlenecksPage:
    """What texts name as weak in the city's chains, with how it stands here."""
    rows = [row for charted in book.charted.values() for row in _bottlenecks(book, charted)]
    fitting = [row for row in rows if wanted.chain in ("", row.chain.id) and wanted.state in ("", row.state.value)]
    orders = {"item": lambda row: row.item, "state": lambda row: (list(State).index(row.state), -row.serves)}
    fitting.sort(key=orders.get(wanted.sort, lambda row: (row.chain.name, -row.serves, row.key)))
    return BottlenecksPage(book, tuple(fitting), wanted, _chain_refs(book), len(rows))


def _chain_refs(book: Chainbook) -> tuple[Ref, ...]:
    return tuple(ref_of(charted) for charted in book.charted.values())


def _gap(book: Chainbook, charted: Charted, at: int) -> GapRow:
    gap = charted.gaps[at]
    named = {node.id: Ref(node.id, node.name, node.name_en) for node in charted.chain.nodes}
    near = book.firms_on(gap.node.id, is_placed=False)
    candidates = tuple(firm_on(book, row) for row in near.head(3).iter_rows(named=True))
    state = gap.state.state
    return GapRow(
        ref_of(charted), named[gap.node.id], SEGMENT_LABELS[gap.node.segment], state, STATE_LABELS[state],
        LIGHTS[state], WAY_LABELS[gap.way], book.reasons(gap.state), book.said(gap.state.placed.firms),
        tuple(named[id_] for id_ in gap.from_ids), candidates, max(near.height - len(candidates), 0), gap.urgency,
        gap.state.freshness,
    )  # fmt: skip


def _bottlenecks(book: Chainbook, charted: Charted) -> Iterator[BottleneckRow]:
    named = {node.id: Ref(node.id, node.name, node.name_en) for node in charted.chain.nodes}
    for node, item in bottlenecks(charted.chain, charted.states):
        state = charted.states[node.id]
        said = node.chokepoint or node
        source = book.view.city.sources.get(said.source or "")
        yield BottleneckRow(
            f"{charted.chain.id}/{node.id}/{item}", item or node.name, ref_of(charted), named[node.id],
            SEGMENT_LABELS[node.segment], state.state, STATE_LABELS[state.state], LIGHTS[state.state],
            book.said(state.placed.firms), state.dependence,
            tuple(named[id_] for id_ in charted.graph.standing_in(node.id)),
            len(charted.graph.downstream(node.id)), source.title if source else "", said.confidence.value,
            state.freshness,
        )  # fmt: skip


def gaps_workbook(page: GapsPage, *, created: datetime) -> bytes:
    """The links listed, with their reasons, as an xlsx file."""
    rows: list[list[Value]] = [
        [
            row.chain.name, row.node.name, row.segment, row.label, row.way, row.firms, "；".join(row.reasons),
            "、".join(ref.name for ref in row.extends) or None, "、".join(f.name for f in row.candidates) or None,
            Decimal(f"{row.urgency:.2f}"), row.freshness.as_of, row.freshness.due,
            "是" if row.freshness.is_stale else "否",
        ]
        for row in page.rows
    ]  # fmt: skip
    title = f"{_title(page.book)}强链、补链、延链清单"
    return written([Page("强补延", _GAPS, rows, title=title)], _notes(page.book, len(rows), page.total), created)


def bottlenecks_workbook(page: BottlenecksPage, *, created: datetime) -> bytes:
    rows: list[list[Value]] = [
        [
            row.item, row.chain.name, row.node.name, row.segment, row.label, row.firms,
            "、".join(ref.name for ref in row.stand_ins) or None, Decimal(row.serves),
            _decimal(row.dependence.concentration), _decimal(row.dependence.outside_share),
            _decimal(row.dependence.outside_to_sold), _ANSWERS[row.dependence.is_dependent], row.source or None,
            _CONFIDENCE[row.confidence], row.freshness.as_of, "是" if row.freshness.is_stale else "否",
        ]
        for row in page.rows
    ]  # fmt: skip
    title = f"{_title(page.book)}卡脖子清单"
    return written([Page("卡脖子", _BOTTLENECKS, rows, title=title)], _notes(page.book, len(rows), page.total), created)


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.4f}")


def _title(book: Chainbook) -> str:
    marked = "【演示数据：企业均为凭空生成】" if book.placings and book.placings.is_invented else ""
    return f"{marked}{book.view.city.name}"


def _notes(book: Chainbook, shown: int, total: int) -> list[tuple[str, str]]:
    day = f"{book.placings.manifest.about.day} 的名册" if book.placings else book.why
    found = [
        ("企业", day),
        ("城市资料夹", f"{book.view.city.edition}，摘要 {book.view.city.digest}"),
        ("状态", "强、弱、缺、未知由名册里的企业、称号、集中度和公开材料推得，各行写明理由"),
        ("行数", f"{shown} 行，共 {total} 行"),
        ("空格", "未知，不是零"),
    ]
    if not book.sees_counts:
        found.append(("企业数", f"不足 {book.rules.few} 家的不显示确数"))
    return found
