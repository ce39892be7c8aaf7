"""Charts of promises and areas: one definition for pages, papers and downloads.

A chart shows one promise with the figures of its own measure; the seven measures never share a line (law 2), so
nothing here takes a second series. Years stand at their ends: a figure of 2019 is drawn over 2019, where the path of
that day is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from jiqun.assessment import words
from jiqun.assessment.pace import position
from jiqun.assessment.promises import Point, Progress, Promise, ValueKind
from jiqun.model.claims import Measure
from jiqun.model.periods import Grain, Period
from jiqun.model.units import Unit
from jiqun.reports.drawing import draw

_INK, _GOAL, _PATH, _SOFT = "#1f5fa8", "#b3372b", "#7a818c", "#9bb7d6"
_NUMBER = ".10~g"  # plain digits, as the texts print them
_ROOM = 0.08  # of the width: what a number above a figure needs
_LABELLED_POINTS = 8  # more values than these would print over one another
_PART_YEAR = "年内数"
_HEIGHT = 240
# How firm a figure is shows in its shape, so that it survives a black-and-white printer.
_SHAPES = {
    ValueKind.REVISED.label: "circle", ValueKind.FINAL.label: "circle", ValueKind.EXACT.label: "circle",
    ValueKind.ABOUT.label: "diamond", ValueKind.PRELIMINARY.label: "square",
    ValueKind.AT_LEAST.label: "triangle-up", _PART_YEAR: "cross",
}  # fmt: skip
_FILLED = {ValueKind.REVISED.label, ValueKind.FINAL.label, ValueKind.EXACT.label}


@dataclass(frozen=True)
class AreaValue:
    """A bar: an area's name and its value, None where there is no figure."""

    name: str
    value: Decimal | None
    is_marked: bool = False  # the area the page is about


class Published(Protocol):
    """What a chart reads of a published figure."""

    @property
    def period(self) -> str: ...
    @property
    def value_text(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def is_preferred(self) -> bool: ...
    @property
    def measure_label(self) -> str: ...


def progress_chart(progress: Progress, title: str, width: int = 560) -> str:
    """A promise's path, goal and deadline with its figures, as SVG; described by the reason of its light."""
    return draw(progress_spec(progress, title, width), title, progress.reason).svg


def progress_spec(progress: Progress, title: str, width: int = 560) -> dict[str, Any]:
    """The Vega-Lite definition of a promise's chart, with its data in it."""
    promise = progress.promise
    is_rank = promise is not None and promise.measure is Measure.RANK
    span = _span(progress)
    layers = [
        *_goal_layers(progress, span),
        *_deadline_layers(promise),
        *_path_layers(progress),
        *_figure_layers([_row(point) for point in progress.points]),
    ]
    goal = words.bound(promise) if promise else words.number(progress.goal) + progress.unit
    legend = "横线为目标，虚线为序时路径" if _path_layers(progress) else "横线为目标"
    return {
        "title": {"text": title, "subtitle": f"{progress.light.label}：目标{goal}（{legend}）"},
        "width": width,
        "height": _HEIGHT,
        "layer": layers,
        "encoding": _axes(span, "位次" if is_rank else progress.unit, is_rank=is_rank),
    }


def series_chart(title: str, unit: str, figures: Iterable[Published], width: int = 560) -> str:
    """Published figures of one indicator and place over time, as SVG; each measure has a panel of its own."""
    panels = _panels(unit, figures)
    said = "；".join(
        f"{label or title}：" + "、".join(f"{row['period']}{row['said']}{unit}" for row in rows)
        for label, rows in panels.items()
    )
    return draw(series_spec(title, unit, panels, width), title, f"{said or '没有公布数'}。").svg


def series_spec(title: str, unit: str, panels: Mapping[str, list[dict[str, Any]]], width: int = 560) -> dict[str, Any]:
    """The Vega-Lite definition of a series: rows of figures by measure, one panel below the other."""
    drawn = []
    for label, rows in panels.items():
        spots = [row["x"] for row in rows]
        drawn.append({
            "title": {"text": label, "fontSize": 12} if len(panels) > 1 else "",
            "width": width, "height": 200,
            "layer": _figure_layers(rows),
            "encoding": _axes((min(spots) - 0.4, max(spots) + 0.4), unit, is_rank=False),
        })  # fmt: skip
    return {"title": {"text": title}, "vconcat": drawn}


def _panels(unit: str, figures: Iterable[Published]) -> dict[str, list[dict[str, Any]]]:
    """Rows by measure, one for each period: the preferred figure first, then the firmer."""
    best: dict[tuple[str, Period], tuple[tuple[bool, int], dict[str, Any]]] = {}
    wanted, kinds = Unit.parse(unit), list(ValueKind)
    for figure in figures:
        try:
            period, value, kind = Period.parse(figure.period), Decimal(figure.value_text), ValueKind(figure.kind)
            value = Unit.parse(figure.unit).convert(value, wanted)
        except (ValueError, InvalidOperation):
            continue  # nothing a line could show
        rank = (not figure.is_preferred, kinds.index(kind))
        is_part = period.grain is not Grain.YEAR
        row = _row(Point(period.end, value, period.label, kind, is_part_year=is_part))
        key = (figure.measure_label, period)
        if key not in best or rank < best[key][0]:
            best[key] = (rank, row)
    panels: dict[str, list[dict[str, Any]]] = {}
    for (label, _), (_, row) in sorted(best.items(), key=lambda item: item[0]):
        panels.setdefault(label, []).append(row)
    return panels


def _axes(span: tuple[float, float], unit: str, *, is_rank: bool) -> dict[str, Any]:
    return {
        "x": {
            "field": "x", "type": "quantitative", "title": "年末",
            "scale": {"domain": list(span), "nice": False, "zero": False},
            "axis": {"format": "d", "tickMinStep": 1, "grid": False, "tickCount": 8,
                     "labelOverlap": "parity", "labelExpr": "datum.label + '年'"},
        },
        "y": {
            "field": "y", "type": "quantitative", "title": unit or "指数",
            "scale": {"zero": False, "nice": True, "reverse": is_rank},
            "axis": {"format": _NUMBER, "tickCount": 5},
        },
    }  # fmt: skip


def _x(day: date) -> float:
    """Years on a scale where whole numbers are ends of years."""
    return round(float(position(day) / 12 - 1), 4)


def _span(progress: Progress) -> tuple[float, float]:
    """From the first to the last year that the promise and its figures speak of."""
    days = [point.on for point in (*progress.points, *progress.path)]
    if progress.promise:
        days += [day for day in (progress.promise.start, progress.promise.deadline) if day]
    spots = [_x(day) for day in days or [progress.on]]
    return min(spots) - 0.4, max(spots) + 0.4


def _goal_layers(progress: Progress, span: tuple[float, float]) -> list[dict[str, Any]]:
    """The goal as a line; where 左右 or a range leaves room, a band beside it."""
    goal = float(progress.goal)
    low, high = (float(progress.band[0]), float(progress.band[1])) if progress.band else (goal, goal)
    layers: list[dict[str, Any]] = []
    if low < high:
        layers.append({
            "data": {"values": [{"x": span[0], "x2": span[1], "y": low, "y2": high}]},
            "mark": {"type": "rect", "color": _GOAL, "opacity": 0.12},
            "encoding": {"x2": {"field": "x2"}, "y2": {"field": "y2"}},
        })  # fmt: skip
    layers.append({
        "data": {"values": [{"y": goal}]},
        "mark": {"type": "rule", "color": _GOAL, "strokeWidth": 1.4},
        "encoding": {"x": None, "y": {"field": "y", "type": "quantitative"}},
    })  # fmt: skip
    return layers


def _deadline_layers(promise: Promise | None) -> list[dict[str, Any]]:
    if promise is None or promise.deadline is None:
        return []
    rule = {"data": {"values": [{"x": _x(promise.deadline)}]}, "encoding": {"y": None}}
    # Above the plot, where no figure can stand.
    label = {"type": "text", "text": f"期限 {words.day_end(promise.deadline)}", "align": "right", "dx": 6, "y": -5,
             "baseline": "bottom", "color": _PATH, "fontSize": 12}  # fmt: skip
    return [
        {**rule, "mark": {"type": "rule", "color": _PATH, "strokeDash": [2, 3]}},
        {**rule, "mark": label},
    ]


def _path_layers(progress: Progress) -> list[dict[str, Any]]:
    if len({point.value for point in progress.path}) < 2:
        return []  # it would lie on the goal
    values = [{"x": _x(point.on), "y": float(point.value)} for point in progress.path]
    return [{
        "data": {"values": values},
        "mark": {"type": "line", "color": _PATH, "strokeDash": [6, 4], "strokeWidth": 1.6},
    }]  # fmt: skip


def _figure_layers(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not values:
        return []
    whole = [row for row in values if row["kind"] not in (_PART_YEAR, ValueKind.AT_LEAST.label)]
    kinds = [kind for kind in _SHAPES if any(row["kind"] == kind for row in values)]
    shape = {"field": "kind", "type": "nominal", "title": None,
             "scale": {"domain": kinds, "range": [_SHAPES[kind] for kind in kinds]}}  # fmt: skip
    fill = {"field": "kind", "type": "nominal", "title": None,
            "scale": {"domain": kinds, "range": [_INK if kind in _FILLED else "white" for kind in kinds]}}  # fmt: skip
    layers: list[dict[str, Any]] = [
        {"data": {"values": whole}, "mark": {"type": "line", "color": _SOFT, "strokeWidth": 1.6}},
        {
            "data": {"values": values},
            "mark": {"type": "point", "stroke": _INK, "size": 62, "strokeWidth": 1.6, "opacity": 1},
            "encoding": {"shape": shape, "fill": fill},
        },
    ]
    layers.append({
        "data": {"values": _labelled(values)},
        "mark": {"type": "text", "dy": -12, "fontSize": 12, "color": "#222"},
        "encoding": {"text": {"field": "said", "type": "nominal"}},
    })  # fmt: skip
    return layers


def _labelled(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The last figures that have room for their number; of two too near each other, the later."""
    kept: list[dict[str, Any]] = []
    for row in sorted(values, key=lambda row: -row["x"]):
        if not kept or kept[-1]["x"] - row["x"] >= _ROOM * (values[-1]["x"] - values[0]["x"]):
            kept.append(row)
    return kept[:_LABELLED_POINTS]


def _row(point: Point) -> dict[str, Any]:
    kind = _PART_YEAR if point.is_part_year else (point.kind or ValueKind.EXACT).label
    said = ("≥" if point.kind is ValueKind.AT_LEAST else "") + words.number(point.value)
    return {"x": _x(point.on), "y": float(point.value), "kind": kind, "said": said, "period": point.label}


def area_chart(values: Sequence[AreaValue], title: str, unit: str, width: int = 460) -> str:
    """Areas as bars in SVG, the largest first; those without a figure are named under the title, never drawn as 0."""
    return draw(area_spec(values, title, unit, width), title, _area_words(values, unit)).svg


def area_spec(values: Sequence[AreaValue], title: str, unit: str, width: int = 460) -> dict[str, Any]:
    """The Vega-Lite definition of a bar chart over areas, with its data in it."""
    missing = [one.name for one in values if one.value is None]
    rows = [
        {"name": one.name, "y": float(one.value), "said": words.number(one.value), "marked": one.is_marked}
        for one in values
        if one.value is not None
    ]
    bar = {"color": {"condition": {"test": "datum.marked", "value": _GOAL}, "value": _INK}}
    return {
        "title": {"text": title, "subtitle": f"无数：{'、'.join(missing)}" if missing else ""},
        "width": width,
        "height": {"step": 24},
        "data": {"values": rows},
        "encoding": {
            "y": {"field": "name", "type": "nominal", "title": None, "sort": {"field": "y", "order": "descending"}},
            "x": {"field": "y", "type": "quantitative", "title": unit or "指数",
                  "axis": {"format": _NUMBER, "tickCount": 5}},
        },
        "layer": [
            {"mark": {"type": "bar", "height": 16}, "encoding": bar},
            {"mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 12, "color": "#222"},
             "encoding": {"text": {"field": "said", "type": "nominal"}}},
        ],
    }  # fmt: skip


def _area_words(values: Sequence[AreaValue], unit: str) -> str:
    known = sorted((one for one in values if one.value is not None), key=lambda one: one.value or 0, reverse=True)
    said = "、".join(f"{one.name}{words.number(one.value)}{unit}" for one in known if one.value is not None)
    missing = "、".join(one.name for one in values if one.value is None)
    return f"{said or '没有公布数'}{f'；无数：{missing}' if missing else ''}。"
