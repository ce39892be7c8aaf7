"""What to strengthen, fill and extend, and the bottlenecks, as pages and workbooks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from jiqun.industry.chains.dependence import Dependence
from jiqun.industry.chains.lists import Gap, Way, bottlenecks
from jiqun.industry.chains.states import Freshness, State
from jiqun.packs.schema.chains import ChainNode
from jiqun.reports.chain_candidates import asked, told
from jiqun.reports.chainbook import SEGMENT_LABELS, STATE_LABELS, Chainbook, Charted
from jiqun.reports.chains import LIGHTS, ref_of
from jiqun.reports.dockets import ItemRow
from jiqun.reports.firm_workbooks import written
from jiqun.reports.view import Ref
from jiqun.tables import Value
from jiqun.tables.xlsx import Column, Kind, Page

WAY_LABELS = {Way.STRENGTHEN: "强链", Way.FILL: "补链", Way.EXTEND: "延链"}
_GAPS = (
    Column("产业链"), Column("环节", width=24), Column("位置"), Column("状态"), Column("做法"), Column("企业数"),
    Column("理由", width=60), Column("可从何处延伸", width=24), Column("可培育、可引进的企业（本地在前）", width=60),
    Column("缓急", Kind.NUMBER), Column("证据日期", Kind.DAY), Column("应复核", Kind.DAY), Column("证据是否过期"),
)  # fmt: skip
_BOTTLENECKS = (
    Column("短板", width=28), Column("产业链"), Column("环节", width=24), Column("位置"), Column("本地状态"),
    Column("企业数"), Column("可替代的环节", width=24), Column("下游环节数", Kind.INTEGER),
    Column("外部来源集中度", Kind.NUMBER), Column("外购占采购", Kind.PERCENT), Column("外购÷本地产出", Kind.NUMBER),
    Column("对外依赖"), Column("来源", width=36), Column("把握"), Column("证据日期", Kind.DAY), Column("证据是否过期"),
    Column("清单编号"), Column("办理状态"), Column("主责单位"), Column("本步期限", Kind.DAY),
)  # fmt: skip
_IN_CELL = 10  # candidates told in a cell of the workbook
_CONFIDENCE = {"high": "高", "medium": "中", "low": "低"}
_ANSWERS = {True: "是", False: "否", None: "未知"}


@dataclass(frozen=True)
class GapFilter:
    chain: str = ""
    way: str = ""
    state: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class ListedLink:
    """A link that a list speaks of: where it is in which chain, and how it stands here."""

    chain: Ref
    node: Ref
    segment: str
    state: State
    label: str
    light: str
    firms: str
    freshness: Freshness


@dataclass(frozen=True, slots=True)
class GapRow(ListedLink):
    way: str
    reasons: tuple[str, ...]
    extends: tuple[Ref, ...]
    urgency: float


@dataclass(frozen=True, slots=True)
class BottleneckRow(ListedLink):
    """An item that a text names as weak, and how its link stands here."""

    key: str
    item: str
    dependence: Dependence
    stand_ins: tuple[Ref, ...]
    serves: int
    source: str
    confidence: str


Listed = TypeVar("Listed", bound=ListedLink)
Orders = Mapping[str, Callable[[Listed], Any]]  # name of an order → its key; "" is the order unless asked


@dataclass(frozen=True)
class ListPage(Generic[Listed]):
    """Rows that fit the filter, in order; `total` without it."""

    book: Chainbook
    rows: tuple[Listed, ...]
    filter: GapFilter
    chains: tuple[Ref, ...]
    total: int


def gap_list(book: Chainbook, wanted: GapFilter) -> ListPage[GapRow]:
    """Weak and missing links of all chains or one, the most urgent first unless another order is asked for."""
    rows = [_gap(book, charted, gap) for charted in book.charted.values() for gap in charted.gaps]
    orders: Orders[GapRow] = {
        "chain": lambda row: (row.chain.name, -row.urgency),
        "state": lambda row: (row.state is not State.MISSING, -row.urgency),
        "way": lambda row: (row.way, -row.urgency),
        "": lambda row: (-row.urgency, row.node.id),
    }
    return _page(book, [row for row in rows if wanted.way in ("", row.way)], wanted, orders, len(rows))


def bottleneck_list(book: Chainbook, wanted: GapFilter) -> ListPage[BottleneckRow]:
    """What texts name as weak in the city's chains, with how it stands here."""
    rows = [row for charted in book.charted.values() for row in _bottlenecks(book, charted)]
    orders: Orders[BottleneckRow] = {
        "item": lambda row: row.item,
        "state": lambda row: (list(State).index(row.state), -row.serves),
        "": lambda row: (row.chain.name, -row.serves, row.key),
    }
    return _page(book, rows, wanted, orders, len(rows))


def bottlenecks_named(book: Chainbook) -> Iterator[tuple[str, str, str]]:
    """(key, item, "chain/node") of each row of `bottleneck_list`, without what is costly to know of it."""
    for charted in book.charted.values():
        for node, item in bottlenecks(charted.chain, charted.states):
            where = f"{charted.chain.id}/{node.id}"
            yield f"{where}/{item}", item or node.name, where


def _page(
    book: Chainbook, rows: Iterable[Listed], wanted: GapFilter, orders: Orders[Listed], total: int
) -> ListPage[Listed]:
    fitting = [row for row in rows if wanted.chain in ("", row.chain.id) and wanted.state in ("", row.state.value)]
    fitting.sort(key=orders.get(wanted.sort, orders[""]))
    return ListPage(book, tuple(fitting), wanted, tuple(ref_of(charted) for charted in book.charted.values()), total)


def _gap(book: Chainbook, charted: Charted, gap: Gap) -> GapRow:
    return GapRow(
        **_stands(book, charted, gap.node), way=WAY_LABELS[gap.way], reasons=book.reasons(gap.state),
        extends=tuple(charted.ref(id_) for id_ in gap.from_ids), urgency=gap.urgency,
    )  # fmt: skip


def _bottlenecks(book: Chainbook, charted: Charted) -> Iterator[BottleneckRow]:
    for node, item in bottlenecks(charted.chain, charted.states):
        said = node.chokepoint or node
        source = book.view.city.sources.get(said.source or "")
        yield BottleneckRow(
            **_stands(book, charted, node), key=f"{charted.chain.id}/{node.id}/{item}", item=item or node.name,
            dependence=charted.states[node.id].dependence,
            stand_ins=tuple(charted.ref(id_) for id_ in charted.graph.standing_in(node.id)),
            serves=len(charted.graph.downstream(node.id)), source=source.title if source else "",
            confidence=said.confidence.value,
        )  # fmt: skip


UNKNOWN = "—"  # how many firms stand on a link where no register was looked through


def _stands(book: Chainbook, charted: Charted, node: ChainNode) -> dict[str, Any]:
    """The fields of a `ListedLink`."""
    found = charted.states[node.id]
    return {
        "chain": ref_of(charted), "node": charted.ref(node.id), "segment": SEGMENT_LABELS[node.segment],
        "state": found.state, "label": STATE_LABELS[found.state], "light": LIGHTS[found.state],
        "firms": book.said(found.placed.firms) if found.placed.looked_at else UNKNOWN,
        "freshness": found.freshness,
    }  # fmt: skip


def gaps_workbook(page: ListPage[GapRow], *, created: datetime) -> bytes:
    """The links listed, with their reasons, as an xlsx file."""
    rows: list[list[Value]] = [
        [
            row.chain.name, row.node.name, row.segment, row.label, row.way, row.firms, "；".join(row.reasons),
            "、".join(ref.name for ref in row.extends) or None,
            "；".join(map(told, asked(page.book, row.chain.id, row.node.id, _IN_CELL).firms)) or None,
            Decimal(f"{row.urgency:.2f}"), row.freshness.as_of, row.freshness.due,
            "是" if row.freshness.is_stale else "否",
        ]
        for row in page.rows
    ]  # fmt: skip
    return _written(page, Page("强补延", _GAPS, rows, title="强链、补链、延链清单"), created)


def bottlenecks_workbook(page: ListPage[BottleneckRow], items: Mapping[str, ItemRow], *, created: datetime) -> bytes:
    """The bottlenecks listed, each with the item that it has in a docket, as an xlsx file."""
    rows: list[list[Value]] = [
        [
            row.item, row.chain.name, row.node.name, row.segment, row.label, row.firms,
            "、".join(ref.name for ref in row.stand_ins) or None, Decimal(row.serves),
            _decimal(row.dependence.concentration), _decimal(row.dependence.outside_share),
            _decimal(row.dependence.outside_to_sold), _ANSWERS[row.dependence.is_dependent], row.source or None,
            _CONFIDENCE[row.confidence], row.freshness.as_of, "是" if row.freshness.is_stale else "否",
            *_kept(items.get(row.key)),
        ]
        for row in page.rows
    ]  # fmt: skip
    return _written(page, Page("卡脖子", _BOTTLENECKS, rows, title="卡脖子清单"), created)


def _kept(item: ItemRow | None) -> list[Value]:
    if item is None:
        return [None, None, None, None]
    return [item.number, item.state.name, item.owner.name if item.owner else None, item.due_on]


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.4f}")


def _written(page: ListPage[Any], sheet: Page, created: datetime) -> bytes:
    """The list as a workbook, under the city's name, with what it rests on."""
    book = page.book
    marked = "【演示数据：企业均为凭空生成】" if book.placings and book.placings.is_invented else ""
    titled = replace(sheet, title=f"{marked}{book.view.city.name}{sheet.title}")
    return written([titled], _notes(book, len(page.rows), page.total), created)


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
