"""A map of dense areas over the boxes that districts lie in, and curves between what chance would do.

The words come from whoever asks, in the reader's language. No map of others is used: districts are drawn as the boxes
of `extents.csv`, which hold more than the district.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from jiqun.industry.measures.gathered import Gathered, Line, Place
from jiqun.industry.measures.points import plane
from jiqun.packs import City
from jiqun.reports.drawing import FONTS, Chart, draw
from jiqun.reports.label_placing import Room, first_free, placed

_KM = 1_000.0
_WIDTH, _EDGE = 600, 10
_NUMBER, _NAME = (23.0, 19.0), 14.0  # of a mark, pixels across and down; size of a district's name
_BAR_KM = (1, 2, 5, 10, 20, 50)
_INK, _BAND, _AREA, _CHOSEN, _SOFT = "#1f5fa8", "#c9d3df", "#6299cb", "#b3372b", "#8a8f98"
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Mark:
    """A dense area with its number in the table."""

    number: int
    name: str
    place: Place
    is_chosen: bool


@dataclass(frozen=True)
class MapWords:
    """`firms`: with a place for the number; `row`: where the number of an area leads."""

    title: str
    firms: str
    kilometres: str
    row: str = "#place-{}"


@dataclass(frozen=True)
class CurveWords:
    """`title` and `says` name the chart for who cannot see it; the rest stands at the axes and in the legend."""

    title: str
    says: str
    distance: str
    value: str
    own: str
    band: str


def curve(line: Line, kind: str, words: CurveWords) -> Chart:
    """The curve over its envelope, by kilometres; of M also where 1 is."""
    scale = _KM if kind == "kd" else 1.0  # a density per kilometre reads better than per metre
    rows = [
        {"km": at / _KM, "value": None if value is None else value * scale,
         "low": None if low is None else low * scale, "high": None if high is None else high * scale}
        for at, value, low, high in zip(line.at_m, line.values, line.low, line.high, strict=True)
    ]  # fmt: skip
    x = {"field": "km", "type": "quantitative", "title": words.distance, "axis": {"grid": False}}
    names = {"domain": [words.own, words.band], "range": [_INK, _BAND]}
    colour = {"type": "nominal", "scale": names, "legend": {"title": None, "symbolType": "square"}}
    layers: list[dict[str, object]] = [
        {
            "transform": [{"calculate": repr(words.band), "as": "what"}],
            "mark": {"type": "area", "opacity": 1},
            "encoding": {"x": x, "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"},
                         "color": {"field": "what", **colour}},
        },
        {
            "transform": [{"calculate": repr(words.own), "as": "what"}],
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": x,
                "y": {"field": "value", "type": "quantitative", "title": words.value,
                      "scale": {"zero": kind == "kd"}},
                "color": {"field": "what", **colour},
            },
        },
    ]  # fmt: skip
    if kind == "m":
        rule = {"mark": {"type": "rule", "strokeDash": [4, 4], "color": _SOFT}, "encoding": {"y": {"datum": 1}}}
        layers.append(rule)
    spec = {"data": {"values": rows}, "width": 460, "height": 240, "layer": layers}
    return draw(spec, words.title, words.says)


def draw_map(found: Gathered, city: City, marks: Sequence[Mark], words: MapWords) -> str:
    """The districts' boxes, the squares of every area, a numbered mark for each; "" where nothing can be drawn."""
    boxes = _boxes(found, city)
    side = found.settings.square_m
    corners = [(x, y, x + side, y + side) for mark in marks for x, y in mark.place.squares]
    every = [*(box for _, box in boxes), *corners]
    if not every:
        return ""
    west, south = (min(box[at] for box in every) for at in (0, 1))
    east, north = (max(box[at] for box in every) for at in (2, 3))
    scale = (_WIDTH - 2 * _EDGE) / (east - west)
    height = (north - south) * scale + 2 * _EDGE

    def at(x: float, y: float) -> tuple[float, float]:
        return _EDGE + (x - west) * scale, _EDGE + (north - y) * scale

    parts = [_district(at(box[0], box[3]), at(box[2], box[1])) for _, box in boxes]
    names = _names([(name, at(box[0], box[3]), at(box[2], box[1])) for name, box in boxes])
    parts += [_named(name, where) for name, where in names]
    ordered = sorted(marks, key=lambda mark: mark.is_chosen)
    parts += [_squares(mark, side * scale, [at(x, y + side) for x, y in mark.place.squares]) for mark in ordered]
    # the chosen group's numbers stand nearest; the bar and the names of districts stay readable
    first = sorted(marks, key=lambda mark: (not mark.is_chosen, mark.number))
    centres = [at(*mark.place.centre_m) for mark in first]
    bar = (_EDGE, height - _EDGE - 22, _EDGE + _WIDTH / 4, height)
    room = Room((0, 0, _WIDTH, height), (bar, *(where for _, where in names)))
    labels = placed(centres, _NUMBER, room)
    parts += [_leader(centre, label) for centre, label in zip(centres, labels, strict=True)]
    parts += [_mark(mark, label, words) for mark, label in zip(first, labels, strict=True)]
    parts.append(_bar(scale, height, words))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gathermap" role="group" viewBox="0 0 {_WIDTH} {height:.0f}" '
        f'width="{_WIDTH}" height="{height:.0f}" aria-label="{escape(words.title)}" font-family="{escape(FONTS)}">'
        f"{''.join(parts)}</svg>"
    )


def _boxes(found: Gathered, city: City) -> list[tuple[str, Box]]:
    """The areas that report to the city, on the run's plane."""
    told = []
    for area in city.reporting_areas(city.area_id or ""):
        extent = city.extents.get(area.id)
        if extent is None:
            continue
        lon, lat = np.array([extent.west, extent.east]), np.array([extent.south, extent.north])
        (west, south), (east, north) = plane(lon, lat, found.centre_deg)
        told.append((area.short_name or area.name, (float(west), float(south), float(east), float(north))))
    return told


def _district(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x, y), (right, bottom) = start, end
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{right - x:.1f}" height="{bottom - y:.1f}" fill="#eef2f6" '
        'fill-opacity="0.5" stroke="#b9c2cc"/>'
    )


def _names(boxes: Sequence[tuple[str, tuple[float, float], tuple[float, float]]]) -> list[tuple[str, Box]]:
    """Where the names of districts stand, by their upper left and lower right corners: in a corner, or the middle."""
    found: list[tuple[str, Box]] = []
    for name, (left, top), (right, bottom) in boxes:
        width, height = sum(_NAME if ord(char) > 0x2E7F else _NAME * 0.6 for char in name), _NAME + 4
        lefts, tops = (left + 5, right - width - 5, (left + right - width) / 2), (top + 3, bottom - height - 3)
        offered = [(x, y, x + width, y + height) for y in (*tops, (top + bottom - height) / 2) for x in lefts]
        found.append((name, first_free(offered, [box for _, box in found])))
    return found


def _named(name: str, where: Box) -> str:
    return (
        f'<text x="{where[0]:.1f}" y="{where[1] + 13:.1f}" font-size="{_NAME:g}" fill="#5b6470">{escape(name)}</text>'
    )


def _squares(mark: Mark, side: float, corners: Sequence[tuple[float, float]]) -> str:
    fill = _CHOSEN if mark.is_chosen else _AREA
    path = "".join(f"M{x:.1f} {y:.1f}h{side:.1f}v{side:.1f}h{-side:.1f}z" for x, y in corners)
    return f'<path d="{path}" fill="{fill}" fill-opacity="0.75"/>' if path else ""


def _leader(centre: tuple[float, float], label: Box) -> str:
    """A line from the area to the nearest point of its number."""
    (x, y), (left, top, right, bottom) = centre, label
    to_x, to_y = min(max(x, left), right), min(max(y, top), bottom)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{_INK}"/>'
        f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{_INK}"/>'
    )


def _mark(mark: Mark, label: Box, words: MapWords) -> str:
    """The number of an area, leading to its row."""
    left, top, right, bottom = label
    told = f"{mark.number} {mark.name}：{words.firms.format(mark.place.firms)}"
    return (
        f'<a href="{escape(words.row.format(mark.number))}"><title>{escape(told)}</title>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:g}" height="{bottom - top:g}" rx="3" '
        f'fill="{_CHOSEN if mark.is_chosen else _INK}"/>'
        f'<text x="{(left + right) / 2:.1f}" y="{bottom - 4.5:.1f}" font-size="13" text-anchor="middle" fill="#fff">'
        f"{mark.number}</text></a>"
    )


def _bar(scale: float, height: float, words: MapWords) -> str:
    """How long some kilometres are."""
    length = max((km for km in _BAR_KM if km * _KM * scale <= _WIDTH / 4), default=_BAR_KM[0])
    width, x, y = length * _KM * scale, _EDGE, height - _EDGE
    return (
        f'<path d="M{x} {y - 5:.1f}v5h{width:.1f}v-5" fill="none" stroke="#333"/><text x="{x + 4}" y="{y - 8:.1f}" '
        f'font-size="13" fill="#333">{length} {escape(words.kilometres)}</text>'
    )
