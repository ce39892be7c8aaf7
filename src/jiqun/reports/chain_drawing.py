"""A chain drawn as SVG for a strict page and for paper: each link with its state, or folded into its stages.

Each link is written twice, small with how it stands and large with its name alone; the page shows what can be read
at the scale it is looked at (`chainmap--broad`: on a sheet laid across; `chainmap--wide`: on paper only the large). Its
state is a mark as well as a colour at either scale, for paper without colours and eyes that do not tell them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from jiqun.industry.chains.states import State
from jiqun.reports.chain_layout import HEIGHT, SEGMENTS, WIDTH, Placement, placed
from jiqun.reports.drawing import FONTS

_BEND = 31
_BROAD = 700  # pixels from which a map is too wide for an upright sheet
_WIDE = 1400  # pixels from which a whole map is too wide for small writing on paper
_LARGE, _ROOM = 21, 12  # size of the large names, half-widths in one of their two lines
_TILE, _TILE_HIGH, _TILES = 132, 62, 8  # a stage of a folded map; how many stand in a row
_MARKS = {State.STRONG: "●", State.WEAK: "◐", State.MISSING: "○", State.UNKNOWN: "?"}
COLOURS = {State.STRONG: "#1b6e43", State.WEAK: "#8f5a00", State.MISSING: "#a8281e", State.UNKNOWN: "#55626e"}
GROUNDS = {State.STRONG: "#e4f2ea", State.WEAK: "#fdf1d8", State.MISSING: "#fff", State.UNKNOWN: "#eceff2"}


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
class Stage:
    """The links of one segment and layer, folded: how many stand how."""

    segment: str
    layer: int
    counts: Mapping[State, int]
    is_dim: bool = False

    @property
    def links(self) -> int:
        return sum(self.counts.values())


def standing(boxes: Sequence[Box], edges: Iterable[Edge], titles: Mapping[str, str]) -> Placement:
    """Where the boxes stand, by their number."""
    number = {box.id: at for at, box in enumerate(boxes)}
    ends = np.array([(number[a], number[b]) for a, b, _ in edges], np.int64).reshape(-1, 2)
    return placed([box.segment for box in boxes], [box.layer for box in boxes], ends[:, 0], ends[:, 1], titles)


def draw(boxes: Sequence[Box], edges: Sequence[Edge], where: Placement, href: Callable[[str], str], title: str) -> str:
    """The map as an SVG element, the boxes in the order of `where`. Each link is an anchor (`href` of its id) with
    classes for its state; edges carry the ids of both ends, for a page that lights up what belongs together."""
    at = {box.id: (int(x), int(y)) for box, x, y in zip(boxes, where.left, where.top, strict=True)}
    lines = "".join(_edge(at[a], at[b], (a, b, kind)) for a, b, kind in edges if a != b)
    # in the order of columns, so that Tab walks them downstream
    drawn = "".join(_box(box, at[box.id], href(box.id)) for box in sorted(boxes, key=lambda box: at[box.id]))
    heads = "".join(
        f'<text class="chainmap__head" x="{left}" y="22" font-size="14" font-weight="600" fill="#4a5a6a">'
        f"{escape(said)}</text>"
        for said, left in where.heads
    )
    wide = " chainmap--broad" * (where.width > _BROAD) + " chainmap--wide" * (where.width > _WIDE)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chainmap{wide}" role="group" data-chainmap '
        f'width="{where.width}" height="{where.height}" viewBox="0 0 {where.width} {where.height}" '
        f'font-family="{escape(FONTS)}"><title>{escape(title)}</title>{heads}'
        f'<g class="chainmap__edges" fill="none" stroke="#b9c3cd" stroke-width="1.2">{lines}</g>{drawn}</svg>'
    )


def draw_folded(
    stages: Sequence[Stage], titles: Mapping[str, str], href: Callable[[Stage], str], title: str, layer: str
) -> str:
    """A chain of hundreds or more at a glance: a tile a stage, with how many links it has and how they stand.
    `layer`: what to call one, with %d."""
    parts, top = [], 4
    for segment in SEGMENTS:
        own = sorted((stage for stage in stages if stage.segment == segment), key=lambda stage: stage.layer)
        if not own:
            continue
        said = f"{titles[segment]}（{sum(stage.links for stage in own)}）"
        parts.append(f'<text x="0" y="{top + 13}" font-size="14" fill="#4a5a6a">{escape(said)}</text>')
        top += 22
        for number, stage in enumerate(own):
            x, y = number % _TILES * (_TILE + 12), top + number // _TILES * (_TILE_HIGH + 10)
            parts.append(_tile(stage, x, y, href(stage), layer % stage.layer))
        top += ((len(own) - 1) // _TILES + 1) * (_TILE_HIGH + 10) + 8
    width = _TILES * (_TILE + 12)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chainfold" role="group" width="{width}" height="{top}" '
        f'viewBox="0 0 {width} {top}" font-family="{escape(FONTS)}"><title>{escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )


def _tile(stage: Stage, x: int, y: int, address: str, layer: str) -> str:
    told = "，".join(f"{_MARKS[state]} {count}" for state, count in stage.counts.items() if count)
    bars, at = [], 0.0
    for state, count in stage.counts.items():
        long = (_TILE - 16) * count / max(stage.links, 1)
        fill = COLOURS[state] if state is not State.MISSING else "#fff"
        if count:
            bars.append(
                f'<rect x="{x + 8 + at:.1f}" y="{y + 42}" width="{long:.1f}" height="10" fill="{fill}" '
                f'stroke="{COLOURS[state]}" stroke-width=".8"/>'
            )
        at += long
    return (
        f'<a href="{escape(address)}" class="chainmap__link{" is-dim" * stage.is_dim}">'
        f"<title>{escape(f'{layer}：{told}')}</title>"
        f'<rect x="{x}" y="{y}" width="{_TILE}" height="{_TILE_HIGH}" rx="4" fill="#fff" stroke="#b9c3cd"/>'
        f'<text x="{x + 8}" y="{y + 18}" font-size="12" fill="#55626e">{escape(layer)}</text>'
        f'<text x="{x + 8}" y="{y + 39}" font-size="14" font-weight="600" fill="#1b2733">{stage.links}</text>'
        f"{''.join(bars)}</a>"
    )


def _edge(start: tuple[int, int], end: tuple[int, int], edge: Edge) -> str:
    a, b, kind = edge
    forward = end[0] > start[0]
    x1, x2 = (start[0] + WIDTH, end[0]) if forward else (start[0], end[0] + WIDTH)
    y1, y2 = start[1] + HEIGHT // 2, end[1] + HEIGHT // 2
    if start[0] == end[0]:
        x1 = x2 = start[0] + WIDTH
        bend1 = bend2 = x1 + _BEND
    else:
        bend1 = bend2 = (x1 + x2) // 2
    dashes = ' stroke-dasharray="4 3"' if kind == "substitutes" else ""
    return (
        f'<path data-from="{escape(a)}" data-to="{escape(b)}"{dashes} '
        f'd="M{x1} {y1}C{bend1} {y1} {bend2} {y2} {x2} {y2}"/>'
    )


def _box(box: Box, at: tuple[int, int], address: str) -> str:
    x, y = at
    colour = COLOURS[box.state]
    classes = f"chainmap__link chainmap__link--{box.state}" + " is-dim" * box.is_dim + " is-here" * box.is_here
    dash = ' stroke-dasharray="5 3"' if box.state in (State.MISSING, State.UNKNOWN) else ""
    signs = ("▲" if box.is_choke else "") + (" 旧" if box.is_stale else "")
    return (
        f'<a href="{escape(address)}" class="{classes}" data-link="{escape(box.id)}" data-name="{escape(box.name)}">'
        f"<title>{escape(box.told)}</title>"
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="4" fill="{GROUNDS[box.state]}" '
        f'stroke="{colour}"{dash} stroke-width="{2.4 if box.is_here else 1.2}"/>'
        f'<g class="chainmap__near"><text x="{x + 8}" y="{y + 20}" font-size="13" fill="#1b2733">'
        f"{escape(short(box.name))}</text>"
        f'<text x="{x + 8}" y="{y + 39}" font-size="11.5" fill="{colour}">{_MARKS[box.state]} {escape(box.note)}</text>'
        f'<text x="{x + WIDTH - 8}" y="{y + 39}" font-size="11" text-anchor="end" fill="{colour}">{signs}</text></g>'
        f'<g class="chainmap__far"><text font-size="{_LARGE}" fill="#1b2733">{_large(box.name, x, y)}</text>'
        f"{_corner(x - 3, y, _MARKS[box.state], colour)}{_corner(x + WIDTH + 1, y, signs.strip(), colour)}</g></a>"
    )


def _corner(x: int, y: int, sign: str, colour: str) -> str:
    """A sign on the corner of a box, on a rim of white."""
    return sign and (
        f'<text x="{x}" y="{y + 5}" font-size="15" text-anchor="middle" fill="{colour}" stroke="#fff" '
        f'stroke-width="4" paint-order="stroke">{sign}</text>'
    )


def _large(name: str, x: int, y: int) -> str:
    """The name on one line in the middle of its box, or on two."""
    first = _fitting(name, _ROOM)
    if first == name:
        return f'<tspan x="{x + 8}" y="{y + 31}">{escape(name)}</tspan>'
    return (
        f'<tspan x="{x + 8}" y="{y + 20}">{escape(first)}</tspan>'
        f'<tspan x="{x + 8}" y="{y + 42}">{escape(short(name[len(first) :], _ROOM))}</tspan>'
    )


def short(name: str, widest: int = 20) -> str:
    """The name where it is no longer than `widest` half-widths, else as much as fits with … behind it."""
    return name if _fitting(name, widest) == name else _fitting(name, widest - 2) + "…"


def _fitting(name: str, room: int) -> str:
    kept = ""
    for character in name:
        room -= 1 if character.isascii() else 2
        if room < 0:
            break
        kept += character
    return kept
