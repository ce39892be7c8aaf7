"""Labels of a map put where they cover nothing: each as near to its point as the ones before it leave room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

Box = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]
_GAP = 2.0
_RINGS = tuple(16.0 + 8.0 * step for step in range(40))


@dataclass(frozen=True)
class Room:
    """What labels must stay within, and what they must not cover."""

    within: Box
    taken: tuple[Box, ...] = ()


def placed(points: Sequence[Point], size: tuple[float, float], room: Room) -> list[Box]:
    """A box of `size` for each point, the first come first; with no room left, the one that covers the least."""
    taken, found = list(room.taken), []
    for point in points:
        box = first_free(list(_around(point, size, room.within)), taken)
        taken.append(box)
        found.append(box)
    return found


def first_free(offered: Sequence[Box], taken: Sequence[Box]) -> Box:
    """The first of the boxes that covers nothing, else the one that covers the least."""
    free = (box for box in offered if not any(overlap(box, other) for other in taken))
    return next(free, None) or min(offered, key=lambda one: sum(overlap(one, other) for other in taken))


def overlap(one: Box, other: Box) -> float:
    """The ground that both cover, with a gap around."""
    across = min(one[2], other[2]) - max(one[0], other[0]) + _GAP
    down = min(one[3], other[3]) - max(one[1], other[1]) + _GAP
    return max(across, 0.0) * max(down, 0.0)


def _around(point: Point, size: tuple[float, float], within: Box) -> Iterator[Box]:
    """Boxes on rings around the point, the upper right first; those beyond the edge are pushed back into the map."""
    (x, y), (width, height) = point, size
    for ring in _RINGS:
        for step in range(12):
            angle = pi / 4 - step * pi / 6
            left = x + ring * cos(angle) - width / 2
            top = y - ring * sin(angle) - height / 2
            left = min(max(left, within[0]), within[2] - width)
            top = min(max(top, within[1]), within[3] - height)
            box = (left, top, left + width, top + height)
            if not box[0] - _GAP <= x <= box[2] + _GAP or not box[1] - _GAP <= y <= box[3] + _GAP:
                yield box
