"""The small picture of a promise in a row of a list: written directly, because a page may hold two hundred."""

from __future__ import annotations

from html import escape

from jiqun.assessment.pace import position
from jiqun.assessment.promises import Point, Progress, ValueKind

_PAD = 3


def sparkline(progress: Progress, width: int = 120, height: int = 28) -> str:
    """An SVG element with the goal, the path and the figures; empty where there is no figure to show.

    Colours are the page's (`currentColor` and classes spark-goal, spark-path, spark-line, spark-dot), and no style
    attribute is used. Floors and part-years are hollow and off the line.
    """
    if not progress.points:
        return ""
    spots = [*progress.points, *progress.path]
    places = [float(position(point.on)) for point in spots]
    levels = [*(float(point.value) for point in spots), float(progress.goal)]

    def x(point: Point) -> str:
        return _scaled(float(position(point.on)), min(places), max(places), _PAD, width - _PAD)

    def y(value: object) -> str:
        return _scaled(float(str(value)), min(levels), max(levels), height - _PAD, _PAD)

    goal = y(progress.goal)
    parts = [f'<line class="spark-goal" x1="0" y1="{goal}" x2="{width}" y2="{goal}" stroke="currentColor" '
             'stroke-width="1" stroke-opacity="0.35"/>']  # fmt: skip
    if progress.path:
        path = " ".join(f"{x(point)},{y(point.value)}" for point in progress.path)
        parts.append(f'<polyline class="spark-path" points="{path}" fill="none" stroke="currentColor" '
                     'stroke-width="1" stroke-opacity="0.5" stroke-dasharray="3 2"/>')  # fmt: skip
    whole = [point for point in progress.points if _is_whole(point)]
    if len(whole) > 1:
        line = " ".join(f"{x(point)},{y(point.value)}" for point in whole)
        parts.append(f'<polyline class="spark-line" points="{line}" fill="none" stroke="currentColor" '
                     'stroke-width="1.5"/>')  # fmt: skip
    for point in (*(one for one in progress.points if not _is_whole(one)), *whole[-1:]):
        fill = "currentColor" if _is_whole(point) else "none"
        parts.append(f'<circle class="spark-dot" cx="{x(point)}" cy="{y(point.value)}" r="2" fill="{fill}" '
                     'stroke="currentColor" stroke-width="1"/>')  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="spark" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>{escape(progress.reason)}</title>{"".join(parts)}</svg>'
    )


def _is_whole(point: Point) -> bool:
    return not point.is_part_year and point.kind is not ValueKind.AT_LEAST


def _scaled(value: float, low: float, high: float, start: float, end: float) -> str:
    share = 0.5 if high == low else (value - low) / (high - low)
    return f"{start + (end - start) * share:.1f}".removesuffix(".0")
