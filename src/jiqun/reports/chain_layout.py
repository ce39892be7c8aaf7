"""Where the links of a chain stand on its map: in columns from upstream to downstream, ordered so that few edges cross.

A column holds a segment's links of one layer; thin layers of a large chain share one, tall ones are parted into columns
side by side. Within, links are ordered by the mean place of what feeds them, then of what they feed, swept to and fro
(after Sugiyama, Tagawa and Toda 1981, IEEE Trans. Systems, Man and Cybernetics 11); of all sweeps the one is kept
whose edges are shortest up and down, which costs less to know than crossings and goes with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 148, 48  # of a link, in pixels at full size
SEGMENTS = ("upstream", "midstream", "downstream", "support")
_ACROSS, _BESIDE, _DOWN, _MARGIN, _HEAD = 62, 14, 10, 12, 36
_SWEEPS = 12
_LEAST_ROWS = 16  # links in one column before it is parted
_SHAPE = 1.9  # width to height that a large map should come near
_THIN = 40  # a layer of fewer than one link in so many shares the column of the next

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Placement:
    """Left upper corner of every link in whole pixels, by its number, and the whole size. heads: (title, left)."""

    left: Ints
    top: Ints
    heads: tuple[tuple[str, int], ...]
    width: int
    height: int


def placed(
    segments: Sequence[str], layers: Sequence[int], sources: Ints, targets: Ints, titles: Mapping[str, str]
) -> Placement:
    """The links of those segments and layers with edges from sources to targets; `titles`: segment → its name."""
    count = len(segments)
    rows = max(_LEAST_ROWS, int(np.ceil(np.sqrt(count * (WIDTH + _BESIDE) / ((HEIGHT + _DOWN) * _SHAPE)))))
    columns = _columns(segments, layers)
    _order(columns, count, sources, targets)
    left, top = np.zeros(count, np.int64), np.zeros(count, np.int64)
    tallest = max((min(links.size, -(-links.size // -(-links.size // rows))) for _, links in columns), default=0)
    heads: list[tuple[str, int]] = []
    x = _MARGIN
    for segment, links in columns:
        if not heads or heads[-1][0] != titles[segment]:
            heads.append((titles[segment], x))
        parts = -(-links.size // rows)
        deep = -(-links.size // parts)
        at = np.arange(links.size)
        # row by row, so that a link parted off stands as high as its place among all
        left[links] = x + at % parts * (WIDTH + _BESIDE)
        top[links] = _HEAD + (tallest - deep) * (HEIGHT + _DOWN) // 2 + at // parts * (HEIGHT + _DOWN)
        x += parts * (WIDTH + _BESIDE) - _BESIDE + _ACROSS
    width = max(x - _ACROSS, WIDTH) + _MARGIN
    return Placement(left, top, tuple(heads), width, _HEAD + tallest * (HEIGHT + _DOWN) + _MARGIN)


def _columns(segments: Sequence[str], layers: Sequence[int]) -> list[tuple[str, Ints]]:
    grouped: dict[tuple[int, int], list[int]] = {}
    for number, (segment, layer) in enumerate(zip(segments, layers, strict=True)):
        # what supports stands beside all layers: it gets a column of its own
        key = (SEGMENTS.index(segment), 0 if segment == "support" else layer)
        grouped.setdefault(key, []).append(number)
    found: list[tuple[int, list[int]]] = []
    thin = len(segments) // _THIN
    for (segment_at, _), links in sorted(grouped.items()):
        if found and found[-1][0] == segment_at and min(len(found[-1][1]), len(links)) < thin:
            found[-1][1].extend(links)
        else:
            found.append((segment_at, list(links)))
    return [(SEGMENTS[at], np.array(links, np.int64)) for at, links in found]


def _order(columns: list[tuple[str, Ints]], count: int, sources: Ints, targets: Ints) -> None:
    """The links of each column put in order, in place."""
    column = np.zeros(count, np.int64)
    for number, (_, links) in enumerate(columns):
        column[links] = number
    across = column[sources] != column[targets]
    ahead = column[sources[across]] < column[targets[across]]
    left = np.where(ahead, sources[across], targets[across])
    right = np.where(ahead, targets[across], sources[across])
    place = np.zeros(count)
    for _, links in columns:
        place[links] = _spread(links.size)
    best, held = np.inf, [links.copy() for _, links in columns]
    for sweep in range(_SWEEPS):
        own, other = (right, left) if sweep % 2 == 0 else (left, right)
        for _, links in columns if sweep % 2 == 0 else reversed(columns):
            middle = _means(own, other, place, count)[links]
            links[:] = links[np.lexsort((place[links], np.where(np.isnan(middle), place[links], middle)))]
            place[links] = _spread(links.size)
        long = float(np.abs(place[left] - place[right]).sum())
        if long < best:
            best, held = long, [links.copy() for _, links in columns]
    for (_, links), kept in zip(columns, held, strict=True):
        links[:] = kept


def _spread(size: int) -> Floats:
    return (np.arange(size) + 0.5) / max(size, 1)


def _means(own: Ints, other: Ints, place: Floats, count: int) -> Floats:
    """Mean place of the neighbours of each link; NaN where it has none."""
    times = np.bincount(own, minlength=count)
    sums = np.bincount(own, place[other], count)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / times)
