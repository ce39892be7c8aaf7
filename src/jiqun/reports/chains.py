"""The pages of chains: all of them, one as a map, one link with its firms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from jiqun.industry.chains.analysis import freshness
from jiqun.industry.chains.dependence import Dependence
from jiqun.industry.chains.states import Freshness, LinkState, State
from jiqun.model.errors import NotFound
from jiqun.packs.schema.chains import ChainEdge, ChainNode
from jiqun.reports.chain_drawing import COLOURS, GROUNDS, Box, Edge, Stage, standing
from jiqun.reports.chain_layout import HEIGHT, WIDTH, Placement, placed
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
from jiqun.reports.kept import kept
from jiqun.reports.view import Ref

DEEDS = {"make": "制造或研发", "serve": "服务", "trade": "只经营", "": "没有写明"}
FITS = {"class": "小类相同", "group": "中类相同", "division": "大类相同", "other": "不在其中", "": "未知"}
MOST_FIRMS = 40  # shown of one link
DRAWN_WHOLE = 400  # links up to which a chain is drawn with its edges; above, folded, and a part of it is drawn
SKETCHED = 8_000  # links up to which a browser is given them all to draw by itself
NEAR = 120  # links drawn around the one looked at
MOST_FOUND = 60  # links listed of those that a filter leaves
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
    """What the map keeps bright: links of a state, a segment, one of its layers (a number), with firms in an area,
    named so; `focus`: around one."""

    state: str = ""
    segment: str = ""
    layer: str = ""
    area: str = ""
    q: str = ""
    focus: str = ""


@dataclass(frozen=True)
class MapPage:
    """`boxes`, `edges`, `where` they stand: all where the chain `is_whole`, else those around `focus`; then `stages`
    is the chain folded and `found` the first of what the filter leaves. `is_sketched`: a browser may ask for
    `sketch`."""

    book: Chainbook
    charted: Charted
    ref: Ref
    filter: MapFilter
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    where: Placement
    focus: Ref | None
    stages: tuple[Stage, ...]
    found: tuple[Box, ...]
    is_whole: bool
    is_sketched: bool
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
    bright = _bright(book, charted, wanted)
    is_whole = len(bright) <= DRAWN_WHOLE
    focus = wanted.focus if wanted.focus in charted.states else ""
    drawn: Sequence[int] = range(len(bright))
    stages: tuple[Stage, ...] = ()
    found: tuple[Box, ...] = ()
    if not is_whole:
        focus = focus or _foremost(charted, bright)
        wanted = replace(wanted, focus=focus)
        drawn = _around(charted, charted.graph.number_of[focus])
        stages = tuple(_stages(charted, wanted))
        if any((wanted.state, wanted.segment, wanted.area, wanted.q)):
            listed = [number for number, is_kept in enumerate(bright) if is_kept][:MOST_FOUND]
            found = tuple(_box(book, charted, number, wanted) for number in listed)
    boxes = tuple(_box(book, charted, number, wanted, is_dim=is_whole and not bright[number]) for number in drawn)
    edges = tuple(_between(charted, drawn))
    where = _standing(book, charted) if is_whole else standing(boxes, edges, SEGMENT_LABELS)
    return MapPage(
        book, charted, ref_of(charted), wanted, boxes, edges, where, charted.ref(focus) if focus else None, stages,
        found, is_whole, not is_whole and len(bright) <= SKETCHED, sum(bright), coverage([charted]), _areas(book),
        _clusters(book, charted),
        tuple(
            (area.name, said.focus)
            for said in charted.chain.layout
            if (area := book.view.names.area(said.area_id)) is not None
        ),
    )  # fmt: skip


def sketch(book: Chainbook, chain_id: str, wanted: MapFilter) -> dict[str, object]:
    """The links of a chain that is not drawn whole, and where they stand, as short as can be: lists of equal length,
    one item a link, and one an edge. `dim`: a 1 where the filter leaves the link out; `signs`: 1 named as a weakness,
    2 stale evidence, 3 both. Raises NotFound, also for a chain of more than `SKETCHED` links."""
    charted = book.one(chain_id)
    nodes = charted.chain.nodes
    if len(nodes) > SKETCHED:
        raise NotFound("这条产业链太大，只分段画出")
    where = _standing(book, charted)
    found = [charted.states[node.id] for node in nodes]
    codes = {state: f"{number}" for number, state in enumerate(State)}
    sources, targets = charted.ends
    return {
        "width": where.width, "height": where.height, "heads": where.heads, "cell": (WIDTH, HEIGHT),
        "states": [[STATE_LABELS[state], COLOURS[state], GROUNDS[state]] for state in State],
        "ids": [node.id for node in nodes], "names": [node.name for node in nodes],
        "left": where.left.tolist(), "top": where.top.tolist(),
        "state": "".join(codes[one.state] for one in found),
        "firms": [book.said(one.placed.firms) if one.placed.looked_at else "" for one in found],
        "signs": "".join(f"{(node.chokepoint is not None) + 2 * one.freshness.is_stale}"
                         for node, one in zip(nodes, found, strict=True)),
        "dim": "".join("01"[not is_bright] for is_bright in _bright(book, charted, wanted)),
        "from": sources.tolist(), "to": targets.tolist(), "substitutes": len(charted.graph.substitutes),
    }  # fmt: skip


def link(book: Chainbook, chain_id: str, node_id: str) -> LinkPage:
    """One link with its firms, reasons and neighbours. Raises NotFound."""
    charted = book.one(chain_id)
    node = next((node for node in charted.chain.nodes if node.id == node_id), None)
    if node is None:
        raise NotFound("这条产业链没有这个环节")
    state, graph = charted.states[node.id], charted.graph
    critical = graph.criticality[graph.number_of[node.id]] if graph.criticality else None
    losses = sorted(graph.losses(node.id).items(), key=lambda pair: (-pair[1][1], -pair[1][0], pair[0]))
    source = book.view.city.sources.get((node.chokepoint or node).source or "")  # whose day the freshness tells
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


def _bright(book: Chainbook, charted: Charted, wanted: MapFilter) -> list[bool]:
    """Of each link of the chain, whether the filter keeps it."""
    there = {ref.id for ref in _areas(book)}
    word = wanted.q.lower()

    def keeps(node: ChainNode, layer: int) -> bool:
        found = charted.states[node.id]
        return (
            wanted.state in ("", found.state.value)
            and wanted.segment in ("", node.segment)
            and (wanted.layer in ("", f"{layer}") or node.segment == "support")
            and (wanted.area not in there or found.placed.by_area.get(wanted.area, 0) > 0)
            and (not word or word in f"{node.name} {node.name_en} {' '.join(node.products)}".lower())
        )

    return [keeps(node, layer) for node, layer in zip(charted.chain.nodes, charted.graph.layers, strict=True)]


def _box(book: Chainbook, charted: Charted, number: int, wanted: MapFilter, *, is_dim: bool = False) -> Box:
    node = charted.chain.nodes[number]
    state = charted.states[node.id]
    firms = f"{book.said(state.placed.firms)} 家" if state.placed.looked_at else "没有名册"
    label = STATE_LABELS[state.state]
    told = f"{node.name}：{label}。{'；'.join(book.reasons(state))}"
    return Box(
        node.id, node.name, node.segment, charted.graph.layers[number], state.state, f"{label} {firms}", told, is_dim,
        node.id == wanted.focus, node.chokepoint is not None, state.freshness.is_stale,
    )  # fmt: skip


def _stages(charted: Charted, wanted: MapFilter) -> Iterator[Stage]:
    for (segment, layer), counts in charted.stages.items():
        is_out = wanted.segment not in ("", segment) or wanted.layer not in ("", f"{layer}")
        yield Stage(segment, layer, counts, is_out)


def _standing(book: Chainbook, charted: Charted) -> Placement:
    nodes = charted.chain.nodes
    segments = [node.segment for node in nodes]
    return kept(
        book.view, f"chain layout {charted.chain.id}",
        lambda: placed(segments, charted.graph.layers, *charted.ends, SEGMENT_LABELS),
    )  # fmt: skip


def _foremost(charted: Charted, bright: Sequence[bool]) -> str:
    """Where to look first in a chain too large to draw: a bright link with the most neighbours."""
    graph = charted.graph.graph
    beside = np.diff(graph.starts) + np.diff(graph.reverse.starts) + 1
    return charted.chain.nodes[int(np.argmax(np.where(bright, beside, 0 if any(bright) else beside)))].id


def _around(charted: Charted, number: int) -> tuple[int, ...]:
    """The link and those nearest to it both ways, at most `NEAR`."""
    graph = charted.graph.graph
    found: dict[int, None] = {number: None}
    fronts = [[number], [number]]
    while any(fronts) and len(found) < NEAR:
        for way, walked in enumerate((graph, graph.reverse)):
            ahead = [int(other) for link in fronts[way] for other in walked.fed_by(link)]
            fronts[way] = [other for other in dict.fromkeys(ahead) if other not in found][: NEAR - len(found)]
            found.update(dict.fromkeys(fronts[way]))
    return tuple(found)


def _between(charted: Charted, drawn: Sequence[int]) -> Iterator[Edge]:
    """The edges both of whose ends are drawn."""
    there, nodes, graph = frozenset(drawn), charted.chain.nodes, charted.graph.graph
    for number in drawn:
        for at in range(graph.starts[number], graph.starts[number + 1]):
            if int(graph.targets[at]) in there:
                yield nodes[number].id, nodes[graph.targets[at]].id, charted.graph.edges[graph.edges[at]][2]
    for one, other in charted.graph.substitutes:
        if one in there and other in there:
            yield nodes[one].id, nodes[other].id, "substitutes"


def _firms(book: Chainbook, node_id: str, most: int, *, is_placed: bool = True) -> tuple[FirmOnLink, ...]:
    rows = book.firms_on(node_id, is_placed=is_placed)
    return tuple(firm_on(book, row) for row in rows.head(most).iter_rows(named=True))


def firm_on(book: Chainbook, row: Mapping[str, object]) -> FirmOnLink:
    area = book.view.names.area(row["area_id"])  # type: ignore[arg-type]
    score: float = row["score"]  # type: ignore[assignment]
    return FirmOnLink(
        f"{row['uscc']}", f"{row['name']}", area.name if area else "", row["revenue_yuan"],  # type: ignore[arg-type]
        book.titles(row["titles"]),  # type: ignore[arg-type]
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
