"""The pages of chains: all of them, one as a map, one link with its firms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from jiqun.industry.chains.analysis import freshness
from jiqun.industry.chains.dependence import Dependence
from jiqun.industry.chains.states import Freshness, LinkState, State
from jiqun.model.errors import NotFound
from jiqun.packs.schema.chains import ChainEdge, ChainNode
from jiqun.reports.chain_drawing import Box
from jiqun.reports.chainbook import (
    EDGE_LABELS,
    NODE_LABELS,
    SEGMENT_LABELS,
    STATE_LABELS,
    Chainbook,
    Charted,
    Coverage,
    coverage,
)
from jiqun.reports.view import Ref

DEEDS = {"make": "制造或研发", "serve": "服务", "trade": "只经营", "": "没有写明"}
FITS = {"class": "小类相同", "group": "中类相同", "division": "大类相同", "other": "不在其中", "": "未知"}
MOST_FIRMS = 40  # shown of one link
DRAWN_WHOLE = 400  # links of a chain up to which all are drawn with their edges; above, an overview and a part
NEAR = 150  # links drawn around the one looked at
LIGHTS = {State.STRONG: "met", State.WEAK: "behind", State.MISSING: "far_behind", State.UNKNOWN: "no_data"}


@dataclass(frozen=True, slots=True)
class ChainRow:
    ref: Ref
    links: int
    counts: tuple[tuple[State, str, int], ...]
    stale: int
    gaps: int
    clusters: tuple[Ref, ...]


@dataclass(frozen=True)
class ChainsPage:
    book: Chainbook
    rows: tuple[ChainRow, ...]
    coverage: Coverage


@dataclass(frozen=True)
class MapFilter:
    """What the map keeps bright: links of a state, a segment, with firms in an area, named so; `focus`: around one."""

    state: str = ""
    segment: str = ""
    area: str = ""
    q: str = ""
    focus: str = ""


@dataclass(frozen=True)
class MapPage:
    """`is_overview`: too many links to draw them all; `boxes` are then small squares and `near` the part in focus."""

    book: Chainbook
    charted: Charted
    ref: Ref
    filter: MapFilter
    boxes: tuple[Box, ...]
    edges: tuple[tuple[str, str, str], ...]
    near: tuple[Box, ...]
    near_edges: tuple[tuple[str, str, str], ...]
    is_overview: bool
    bright: int
    coverage: Coverage
    areas: tuple[Ref, ...]
    clusters: tuple[Ref, ...]
    layout: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FirmOnLink:
    code: str
    name: str
    area: str
    revenue_yuan: float | None
    titles: tuple[Ref, ...]
    score_pct: int
    basis: str
    thing: str
    term: str
    does: str
    code_fit: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A link beside another: what joins them, and how sure and old that is."""

    ref: Ref
    state: LinkState
    label: str
    kind: str
    cost_share_pct: str
    source: str
    confidence: str
    freshness: Freshness


@dataclass(frozen=True)
class LinkPage:
    book: Chainbook
    chain: Ref
    node: ChainNode
    kind: str
    segment: str
    state: LinkState
    label: str
    light: str
    reasons: tuple[str, ...]
    firms: tuple[FirmOnLink, ...]
    near: tuple[FirmOnLink, ...]
    firms_said: str
    titled_said: str
    by_area: tuple[tuple[str, str], ...]
    suppliers: tuple[Neighbour, ...]
    customers: tuple[Neighbour, ...]
    stand_ins: tuple[Ref, ...]
    upstream: int
    downstream: int
    cuts_off: int
    critical: tuple[float, float] | None
    losses: tuple[tuple[Ref, float, float], ...]
    dependence: Dependence
    source: str
    industries: tuple[tuple[str, str], ...]


def chains(book: Chainbook) -> ChainsPage:
    rows = tuple(
        ChainRow(
            ref_of(charted),
            len(charted.chain.nodes),
            tuple((state, STATE_LABELS[state], charted.count(state)) for state in State),
            charted.stale,
            len(charted.gaps),
            _clusters(book, charted),
        )
        for charted in book.charted.values()
    )
    return ChainsPage(book, rows, coverage(book.charted.values()))


def chain_map(book: Chainbook, chain_id: str, wanted: MapFilter) -> MapPage:
    """The map of one chain. Raises NotFound."""
    charted = book.one(chain_id)
    boxes = tuple(_boxes(book, charted, wanted))
    edges = tuple((edge.from_id, edge.to_id, edge.kind) for edge in charted.chain.all_edges())
    is_overview = len(boxes) > DRAWN_WHOLE
    focus = wanted.focus if wanted.focus in charted.states else ""
    near: frozenset[str] = frozenset()
    if is_overview:
        focus = focus or _foremost(charted, boxes)
        near = _around(charted, focus)
    kept = tuple(box for box in boxes if box.id in near)
    return MapPage(
        book, charted, ref_of(charted), wanted, boxes, edges, kept,
        tuple(edge for edge in edges if edge[0] in near and edge[1] in near), is_overview,
        sum(not box.is_dim for box in boxes), coverage([charted]), _areas(book), _clusters(book, charted),
        tuple(
            (area.name, said.focus)
            for said in charted.chain.layout
            if (area := book.view.names.area(said.area_id)) is not None
        ),
    )  # fmt: skip


def link(book: Chainbook, chain_id: str, node_id: str) -> LinkPage:
    """One link with its firms, reasons and neighbours. Raises NotFound."""
    charted = book.one(chain_id)
    node = next((node for node in charted.chain.nodes if node.id == node_id), None)
    if node is None:
        raise NotFound("这条产业链没有这个环节")
    state, graph = charted.states[node.id], charted.graph
    critical = graph.criticality[graph.number_of[node.id]] if graph.criticality else None
    losses = sorted(graph.losses(node.id).items(), key=lambda pair: (-pair[1][1], -pair[1][0], pair[0]))
    source = book.view.city.sources.get(node.source or "")
    return LinkPage(
        book=book, chain=ref_of(charted), node=node, kind=NODE_LABELS[node.kind], segment=SEGMENT_LABELS[node.segment],
        state=state, label=STATE_LABELS[state.state], light=LIGHTS[state.state], reasons=book.reasons(state),
        firms=_firms(book, node.id, MOST_FIRMS), near=_firms(book, node.id, 20, is_placed=False),
        firms_said=book.said(state.placed.firms), titled_said=book.said(state.placed.titled),
        by_area=book.by_area(state.placed.by_area),
        suppliers=tuple(_neighbours(book, charted, node.id, upstream=True)),
        customers=tuple(_neighbours(book, charted, node.id, upstream=False)),
        stand_ins=tuple(charted.ref(id_) for id_ in graph.standing_in(node.id)),
        upstream=len(graph.upstream(node.id)), downstream=len(graph.downstream(node.id)),
        cuts_off=graph.sole_ways[graph.number_of[node.id]], critical=critical,
        losses=tuple((charted.ref(id_), low, high) for id_, (low, high) in losses[:12]), dependence=state.dependence,
        source=source.title if source else "",
        industries=tuple(
            (code, found.name if (found := book.view.city.industries.get(code)) else "") for code in node.gb_codes
        ),
    )  # fmt: skip


def ref_of(charted: Charted) -> Ref:
    return Ref(charted.chain.id, charted.chain.name, charted.chain.name_en)


def _clusters(book: Chainbook, charted: Charted) -> tuple[Ref, ...]:
    """The clusters of editions in force that the chain belongs to."""
    city = book.view.city
    return tuple(
        ref
        for id_ in charted.chain.cluster_ids
        if (held := city.catalogue_of_cluster.get(id_)) is not None
        and (held.effective_from is None or held.effective_from <= book.view.on)
        and (held.effective_to is None or book.view.on <= held.effective_to)
        and (ref := book.view.names.cluster(id_)) is not None
    )


def _areas(book: Chainbook) -> tuple[Ref, ...]:
    """The areas to filter by: none for who may not know where firms are."""
    city = book.view.city
    if not book.sees_firms or city.area_id is None:
        return ()
    every = city.reporting_areas(city.area_id)
    return tuple(
        Ref(area.id, area.short_name or area.name) for area in every if book.areas is None or area.id in book.areas
    )


def _boxes(book: Chainbook, charted: Charted, wanted: MapFilter) -> Iterator[Box]:
    layers = charted.graph.layers
    there = {ref.id for ref in _areas(book)}
    for number, node in enumerate(charted.chain.nodes):
        state = charted.states[node.id]
        in_area = wanted.area not in there or state.placed.by_area.get(wanted.area, 0) > 0
        is_kept = (
            wanted.state in ("", state.state.value)
            and wanted.segment in ("", node.segment)
            and in_area
            and (not wanted.q or wanted.q.lower() in f"{node.name} {node.name_en} {' '.join(node.products)}".lower())
        )
        firms = f"{book.said(state.placed.firms)} 家" if state.placed.looked_at else "没有名册"
        label = STATE_LABELS[state.state]
        told = f"{node.name}：{label}。{'；'.join(book.reasons(state))}"
        yield Box(
            node.id, node.name, node.segment, layers[number], state.state, f"{label} {firms}", told, not is_kept,
            node.id == wanted.focus, node.chokepoint is not None, state.freshness.is_stale,
        )  # fmt: skip


def _foremost(charted: Charted, boxes: Iterable[Box]) -> str:
    """Where to look first in a chain too large to draw: a bright link with the most neighbours."""
    graph = charted.graph.graph
    bright = [box.id for box in boxes if not box.is_dim] or [node.id for node in charted.chain.nodes]
    number = charted.graph.number_of
    return max(bright, key=lambda id_: (graph.fed_by(number[id_]).size + graph.reverse.fed_by(number[id_]).size, id_))


def _around(charted: Charted, focus: str) -> frozenset[str]:
    """The link and those nearest to it both ways, at most `NEAR`."""
    graph, number = charted.graph.graph, charted.graph.number_of[focus]
    found: dict[int, None] = {number: None}
    fronts = [[number], [number]]
    while any(fronts) and len(found) < NEAR:
        for way, walked in enumerate((graph, graph.reverse)):
            ahead = [int(other) for link in fronts[way] for other in walked.fed_by(link)]
            fronts[way] = [other for other in dict.fromkeys(ahead) if other not in found]
            found.update(dict.fromkeys(fronts[way]))
    return frozenset(charted.chain.nodes[link].id for link in list(found)[:NEAR])


def _firms(book: Chainbook, node_id: str, most: int, *, is_placed: bool = True) -> tuple[FirmOnLink, ...]:
    rows = book.firms_on(node_id, is_placed=is_placed)
    return tuple(firm_on(book, row) for row in rows.head(most).iter_rows(named=True))


def firm_on(book: Chainbook, row: Mapping[str, object]) -> FirmOnLink:
    area = book.view.names.area(row["area_id"])  # type: ignore[arg-type]
    tiers = book.view.city.tiers
    titles = tuple(
        Ref(id_, tiers[id_].name, tiers[id_].name_en)
        for id_ in row["titles"] or ()  # type: ignore[attr-defined]
        if id_ in tiers
    )
    score: float = row["score"]  # type: ignore[assignment]
    return FirmOnLink(
        f"{row['uscc']}", f"{row['name']}", area.name if area else "", row["revenue_yuan"], titles,  # type: ignore[arg-type]
        round(score * 100), f"{row['basis']}", f"{row['thing']}", f"{row['term']}", DEEDS[f"{row['does']}"],
        FITS[f"{row['code_fit']}"],
    )  # fmt: skip


def _neighbours(book: Chainbook, charted: Charted, node_id: str, *, upstream: bool) -> Iterator[Neighbour]:
    nodes = {node.id: node for node in charted.chain.nodes}
    for edge in charted.chain.all_edges():
        own, other = (edge.to_id, edge.from_id) if upstream else (edge.from_id, edge.to_id)
        if own == node_id and edge.kind != "substitutes":
            yield _neighbour(book, charted, edge, nodes[other])


def _neighbour(book: Chainbook, charted: Charted, edge: ChainEdge, node: ChainNode) -> Neighbour:
    source = book.view.city.sources.get(edge.source or "")
    state = charted.states[node.id]
    return Neighbour(
        charted.ref(node.id), state, STATE_LABELS[state.state], EDGE_LABELS[edge.kind],
        "" if edge.cost_share_pct is None else f"{edge.cost_share_pct:g}%", source.title if source else "",
        edge.confidence.value, freshness(book.view.city, edge, charted.chain, book.rules, book.view.on),
    )  # fmt: skip
