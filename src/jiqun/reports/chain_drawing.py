"""A chain drawn in columns from upstream to downstream: where each link stands, as SVG for a strict page and print.

Columns are segments parted by layer; inside a column links are ordered by the mean place of their neighbours, swept to
and fro (after Sugiyama, Tagawa and Toda 1981, IEEE Trans. Systems, Man and Cybernetics 11), so that few edges cross.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from jiqun.industry.chains.states import State
from jiqun.reports.drawing import FONTS

WIDTH, HEIGHT = 148, 44
_ACROSS, _DOWN, _MARGIN, _HEAD = 62, 12, 12, 34
_SWEEPS = 6
_TALLEST = 26  # links in one column before it is parted
_DOT = 9
_MARKS = {State.STRONG: "●", State.WEAK: "◐", State.MISSING: "○", State.UNKNOWN: "?"}
_COLOURS = {State.STRONG: "#1b6e43", State.WEAK: "#8f5a00", State.MISSING: "#a8281e", State.UNKNOWN: "#55626e"}
_GROUNDS = {State.STRONG: "#e4f2ea", State.WEAK: "#fdf1d8", State.MISSING: "#fff", State.UNKNOWN: "#eceff2"}
_SEGMENTS = ("upstream", "midstream", "downstream", "support")


@dataclass(frozen=True)
class Box:
    """A link to draw. `note` stands under its name; `is_dim`: a filter leaves it out, it stays to be seen faintly."""

    id: str
    name: str
    segment: str
    layer: int
    state: State
    note: str
    told: str
    is_dim: bool = False
    is_here: bool = False
    is_choke: bool = False
    is_stale: bool = False


Edge = tuple[str, str, str]  # from, to, kind


@dataclass(frozen=True)
class Placement:
    """Left upper corner of every box in whole pixels, and the whole size. columns: (title, left) of each."""

    at: Mapping[str, tuple[int, int]]
    columns: tuple[tuple[str, int], ...]
    width: int
    height: int


def placed(boxes: Sequence[Box], edges: Iterable[Edge], titles: Mapping[str, str]) -> Placement:
    """Where every box stands: columns by segment and layer, parted where too tall, ordered within."""
    columns = _columns(boxes)
    _order(columns, list(edges))
    at: dict[str, tuple[int, int]] = {}
    heads: list[tuple[str, int]] = []
    tallest = max((len(column) for _, column in columns), default=0)
    for number, (segment, column) in enumerate(columns):
        left = _MARGIN + number * (WIDTH + _ACROSS)
        if not heads or heads[-1][0] != titles[segment]:
            heads.append((titles[segment], left))
        top = _HEAD + (tallest - len(column)) * (HEIGHT + _DOWN) // 2
        for place, id_ in enumerate(column):
            at[id_] = (left, top + place * (HEIGHT + _DOWN))
    width = 2 * _MARGIN + max(len(columns), 1) * (WIDTH + _ACROSS) - _ACROSS
    return Placement(at, tuple(heads), width, _HEAD + tallest * (HEIGHT + _DOWN) + _MARGIN)


def draw(
    boxes: Sequence[Box], edges: Sequence[Edge], titles: Mapping[str, str], href: Callable[[str], str], title: str
) -> str:
    """The map as an SVG element. Each link is an anchor (`href` of its id) with classes for its state; edges carry the
    ids of both ends, for a page that lights up what belongs together."""
    where = placed(boxes, edges, titles)
    lines = "".join(_edge(where.at[a], where.at[b], (a, b, kind)) for a, b, kind in edges if a != b)
    drawn = "".join(_box(box, where.at[box.id], href(box.id)) for box in boxes)
    heads = "".join(
        f'<text class="chainmap__head" x="{left}" y="18" font-size="14" font-weight="600" fill="#4a5a6a">'
        f"{escape(said)}</text>"
        for said, left in where.columns
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chainmap" role="group" data-chainmap '
        f'width="{where.width}" height="{where.height}" viewBox="0 0 {where.width} {where.height}" '
        f'font-family="{escape(FONTS)}"><title>{escape(title)}</title>{heads}'
        f'<g class="chainmap__edges" fill="none" stroke="#b9c3cd" stroke-width="1.2">{lines}</g>{drawn}</svg>'
    )


def draw_overview(boxes: Sequence[Box], titles: Mapping[str, str], href: Callable[[str], str], title: str) -> str:
    """A chain of thousands at a glance: one small square a link, in its segment, by layer and state, no edges."""
    across = 96
    parts, top = [], 4
    for segment in _SEGMENTS:
        own = sorted((b for b in boxes if b.segment == segment), key=lambda b: (b.layer, _MARKS[b.state], b.id))
        if not own:
            continue
        parts.append(
            f'<text x="0" y="{top + 12}" font-size="13" font-weight="600" fill="#4a5a6a">'
            f"{escape(titles[segment])}（{len(own)}）</text>"
        )
        top += 20
        for number, box in enumerate(own):
            x, y = number % across * (_DOT + 2), top + number // across * (_DOT + 2)
            parts.append(_dot(box, x, y, href(box.id)))
        top += (len(own) - 1) // across * (_DOT + 2) + _DOT + 16
    width = across * (_DOT + 2)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chainmap chainmap--overview" role="group" data-chainmap '
        f'width="{width}" height="{top}" viewBox="0 0 {width} {top}" font-family="{escape(FONTS)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _columns(boxes: Sequence[Box]) -> list[tuple[str, list[str]]]:
    grouped: dict[tuple[int, int], list[str]] = {}
    for box in boxes:
        # what supports stands beside all layers: it gets a column of its own
        layer = 0 if box.segment == "support" else box.layer
        grouped.setdefault((_SEGMENTS.index(box.segment), layer), []).append(box.id)
    found: list[tuple[str, list[str]]] = []
    for (segment, _), ids in sorted(grouped.items()):
        parts = -(-len(ids) // _TALLEST)
        size = -(-len(ids) // parts)
        found += [(_SEGMENTS[segment], ids[begin : begin + size]) for begin in range(0, len(ids), size)]
    return found


def _order(columns: list[tuple[str, list[str]]], edges: list[Edge]) -> None:
    beside: dict[str, list[str]] = {}
    for a, b, _ in edges:
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    place = {id_: at / max(len(ids) - 1, 1) for _, ids in columns for at, id_ in enumerate(ids)}
    for sweep in range(_SWEEPS):
        for _, ids in columns if sweep % 2 == 0 else reversed(columns):
            middle = {
                id_: sum(place[other] for other in found) / len(found) if (found := beside.get(id_)) else place[id_]
                for id_ in ids
            }
            ids.sort(key=lambda id_: (middle[id_], place[id_]))
            place.update((id_, at / max(len(ids) - 1, 1)) for at, id_ in enumerate(ids))


def _edge(start: tuple[int, int], end: tuple[int, int], edge: Edge) -> str:
    a, b, kind = edge
    forward = end[0] > start[0]
    x1, x2 = (start[0] + WIDTH, end[0]) if forward else (start[0], end[0] + WIDTH)
    y1, y2 = start[1] + HEIGHT // 2, end[1] + HEIGHT // 2
    if start[0] == end[0]:
        x1 = x2 = start[0] + WIDTH
        bend1 = bend2 = x1 + _ACROSS // 2
    else:
        bend1 = bend2 = (x1 + x2) // 2
    dashes = ' stroke-dasharray="4 3"' if kind == "substitutes" else ""
    return (
        f'<path data-from="{escape(a)}" data-to="{escape(b)}"{dashes} '
        f'd="M{x1} {y1}C{bend1} {y1} {bend2} {y2} {x2} {y2}"/>'
    )


def _box(box: Box, at: tuple[int, int], address: str) -> str:
    x, y = at
    colour = _COLOURS[box.state]
    classes = f"chainmap__link chainmap__link--{box.state}" + " is-dim" * box.is_dim + " is-here" * box.is_here
    dash = ' stroke-dasharray="5 3"' if box.state in (State.MISSING, State.UNKNOWN) else ""
    signs = ("▲" if box.is_choke else "") + (" 旧" if box.is_stale else "")
    return (
        f'<a href="{escape(address)}" class="{classes}" data-link="{escape(box.id)}" data-name="{escape(box.name)}">'
        f"<title>{escape(box.told)}</title>"
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="{_GROUNDS[box.state]}" '
        f'stroke="{colour}"{dash} stroke-width="{2.4 if box.is_here else 1.2}"/>'
        f'<text x="{x + 8}" y="{y + 19}" font-size="13" fill="#1b2733">{escape(short(box.name))}</text>'
        f'<text x="{x + 8}" y="{y + 36}" font-size="11.5" fill="{colour}">{_MARKS[box.state]} {escape(box.note)}</text>'
        f'<text x="{x + WIDTH - 8}" y="{y + 36}" font-size="11" text-anchor="end" fill="{colour}">{signs}</text></a>'
    )


def _dot(box: Box, x: int, y: int, address: str) -> str:
    fill = _COLOURS[box.state] if box.state in (State.STRONG, State.WEAK) else "#fff"
    classes = "chainmap__link" + " is-dim" * box.is_dim
    return (
        f'<a href="{escape(address)}" class="{classes}" data-link="{escape(box.id)}" data-name="{escape(box.name)}">'
        f"<title>{escape(box.told)}</title>"
        f'<rect x="{x}" y="{y}" width="{_DOT}" height="{_DOT}" fill="{fill}" stroke="{_COLOURS[box.state]}"/></a>'
    )


def short(name: str, widest: int = 20) -> str:
    """The name cut to `widest` half-widths, with … where something is left out."""
    room, kept = widest, ""
    for character in name:
        room -= 1 if character.isascii() else 2
        if room < 0:
            return kept + "…"
        kept += character
    return kept
