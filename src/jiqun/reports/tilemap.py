"""A city as tiles, one for each reporting area: place on the grid and class of its value, for a template to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from jiqun.assessment import words
from jiqun.packs.schema.areas import Area
from jiqun.reports.drawing import FONTS

_CLASSES = 5
_SIDE, _GAP = 96, 4
_FILLS = (
    "#eaf1f9",
    "#c9dcef",
    "#9bbfe0",
    "#6299cb",
    "#2f6fae",
)  # light to dark; white print on the last only, for contrast
_NO_FIGURE = "#f2f2f0"


@dataclass(frozen=True)
class Tile:
    """An area at `column` and `row` (from 1, as CSS grids count). `value_class` is None where there is no figure."""

    area_id: str
    name: str
    column: int
    row: int
    value: Decimal | None
    said: str
    value_class: int | None


@dataclass(frozen=True)
class ValueClass:
    """What a colour means: values from `low` to `high`, both found in the data."""

    number: int
    low: Decimal
    high: Decimal
    said: str


@dataclass(frozen=True)
class TileMap:
    columns: int
    rows: int
    tiles: tuple[Tile, ...]
    classes: tuple[ValueClass, ...]
    unplaced: tuple[str, ...]  # names of areas with a value but without a place on the map


def tile_map(
    areas: Iterable[Area], values: Mapping[str, Decimal | None], unit: str, classes: int = _CLASSES
) -> TileMap:
    """The tiles of every placed area, classed by rank: equal values share a class, 0 is the lowest.

    Classes hold about equally many areas, because one giant among ten areas would leave an even scale with two
    colours; the legend gives the values each class really holds.
    """
    every = list(areas)
    placed = [one for one in every if one.tile_column is not None and one.tile_row is not None]
    known = sorted(value for one in placed if (value := values.get(one.id)) is not None)
    of = _classed(known, classes)
    left = min((one.tile_column or 0 for one in placed), default=0)
    top = min((one.tile_row or 0 for one in placed), default=0)
    tiles = tuple(_tile(one, values.get(one.id), of, unit, left, top) for one in placed)
    return TileMap(
        max((one.column for one in tiles), default=0),
        max((one.row for one in tiles), default=0),
        tiles,
        _legend(known, of, unit),
        tuple(one.name for one in every if one not in placed and values.get(one.id) is not None),
    )


def _classed(known: Sequence[Decimal], classes: int) -> dict[Decimal, int]:
    """Value → class, by the rank of its first appearance; numbered without gaps."""
    if not known:
        return {}
    ranks = {value: known.index(value) * classes // len(known) for value in known}
    used = {rank: number for number, rank in enumerate(sorted(set(ranks.values())))}
    return {value: used[rank] for value, rank in ranks.items()}


def _tile(area: Area, value: Decimal | None, of: Mapping[Decimal, int], unit: str, left: int, top: int) -> Tile:
    assert area.tile_column is not None
    assert area.tile_row is not None
    said = "无数据" if value is None else f"{words.number(value)}{unit}"
    column, row = area.tile_column - left + 1, area.tile_row - top + 1
    return Tile(area.id, area.short_name or area.name, column, row, value, said, None if value is None else of[value])


def _legend(known: Sequence[Decimal], of: Mapping[Decimal, int], unit: str) -> tuple[ValueClass, ...]:
    found = []
    for number in sorted(set(of.values())):
        inside = [value for value in known if of[value] == number]
        low, high = min(inside), max(inside)
        said = words.number(low) if low == high else f"{words.number(low)}—{words.number(high)}"
        found.append(ValueClass(number, low, high, f"{said}{unit}"))
    return tuple(found)


def draw(tiles: TileMap, title: str, href: Callable[[str], str] | None = None) -> str:
    """The map as an SVG element: every tile with its name and value, a link where `href` gives an address.

    Tiles carry the classes tile and tile--0 … tile--4 or tile--none, for a page that would colour them itself.
    """
    width, height = tiles.columns * _SIDE, tiles.rows * _SIDE
    drawn = "".join(_drawn(tile, href(tile.area_id) if href else "") for tile in tiles.tiles)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tilemap" role="{"group" if href else "img"}" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}"><title>{escape(title)}</title>{drawn}</svg>'
    )


def _drawn(tile: Tile, address: str) -> str:
    x, y = (tile.column - 1) * _SIDE, (tile.row - 1) * _SIDE
    number = tile.value_class
    fill = _NO_FIGURE if number is None else _FILLS[min(number, len(_FILLS) - 1)]
    ink = "#fff" if number is not None and number >= len(_FILLS) - 1 else "#222"
    side, middle = _SIDE - _GAP, x + _SIDE / 2
    text = f'text-anchor="middle" fill="{ink}" font-family="{escape(FONTS)}"'
    told = escape(f"{tile.name}：{tile.said}")
    body = (
        f'<g class="tile tile--{"none" if number is None else number}"><title>{told}</title>'
        f'<rect x="{x + _GAP / 2}" y="{y + _GAP / 2}" width="{side}" height="{side}" rx="3" fill="{fill}" '
        f'stroke="#c3c8ce"/><text x="{middle}" y="{y + 44}" font-size="15" {text}>{escape(tile.name)}</text>'
        f'<text x="{middle}" y="{y + 66}" font-size="13" {text}>{escape(tile.said)}</text></g>'
    )
    return f'<a href="{escape(address)}">{body}</a>' if address else body
