"""Where the links of a chain stand on its map: in columns from upstream to downstream, ordered so that few edges cross.

A column holds a segment's links of one layer; thin layers of a large chain share one, tall ones are parted into columns
side by side. Within, links are ordered by the mean place of what feeds them, then of what they feed, swept to and fro
(after Sugiyama, Tagawa and Toda 1981, IEEE Trans. Systems, Man and Cybernetics 11), and two neighbours change places
where fewer of their edges cross so. Of all sweeps the one with the fewest crossings is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 148, 48  # of a link, in pixels at full size
SEGMENTS = ("upstream", "midstream", "downstream", "support")
_ACROSS, _BESIDE, _DOWN, _MARGIN, _HEAD = 62, 14, 10, 12, 36
_SWEEPS = 16
_LEAST_ROWS = 16  # links in one column before it is parted
_SHAPE = 1.9  # width to height that a large map should come near
_COUNTED = 1_200  # edges up to which crossings are counted; above, the length of edges up and down stands for them
_CLIMBED = 80  # edges up to which any two links of a column are tried in each other's place
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
    _order(columns, count, sources, targets, rows)
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


def _order(columns: list[tuple[str, Ints]], count: int, sources: Ints, targets: Ints, rows: int) -> None:
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
        place[links] = _heights(links.size, rows)
    is_counted = left.size <= _COUNTED
    beside = _beside(left, right, count) if is_counted else None
    both = np.concatenate([left, right]), np.concatenate([right, left])
    ways = (right, left), (left, right), both, both
    best, held = np.inf, [links.copy() for _, links in columns]
    for sweep in range(_SWEEPS):
        own, other = ways[sweep % len(ways)]
        for _, links in columns if sweep % 2 == 0 else reversed(columns):
            middle = _means(own, other, place, count)[links]
            links[:] = links[np.lexsort((place[links], np.where(np.isnan(middle), place[links], middle)))]
            if beside is not None:
                _swap(links, beside, place)
            place[links] = _heights(links.size, rows)
        found = (
            _crossings(column, place, left, right) if is_counted else float(np.abs(place[left] - place[right]).sum())
        )
        if found < best:
            best, held = found, [links.copy() for _, links in columns]
    for (_, links), kept in zip(columns, held, strict=True):
        links[:] = kept
        place[links] = _heights(links.size, rows)
    if left.size <= _CLIMBED:
        _climb([links for _, links in columns], column, place, left, right)


def _beside(left: Ints, right: Ints, count: int) -> tuple[list[list[int]], list[list[int]]]:
    """The neighbours of each link before it and behind it."""
    before: list[list[int]] = [[] for _ in range(count)]
    behind: list[list[int]] = [[] for _ in range(count)]
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        before[b].append(a)
        behind[a].append(b)
    return before, behind


def _swap(links: Ints, beside: tuple[list[list[int]], list[list[int]]], place: Floats) -> None:
    """Neighbours in the column change places, in place, as long as fewer of their edges cross so."""
    for _ in range(_SWEEPS):
        is_still = True
        for at in range(links.size - 1):
            one, next_ = int(links[at]), int(links[at + 1])
            as_is = as_swapped = 0
            for side in beside:
                for a in side[one]:
                    for b in side[next_]:
                        as_is += place[a] > place[b]
                        as_swapped += place[a] < place[b]
            if as_swapped < as_is:
                links[at], links[at + 1] = next_, one
                is_still = False
        if is_still:
            return


def _climb(columns: list[Ints], column: Ints, place: Floats, left: Ints, right: Ints) -> None:
    """Any two links of a column change places, in place, as long as fewer edges cross so."""
    best, is_still = _crossings(column, place, left, right), False
    while not is_still:
        is_still = True
        for links in columns:
            for one, other in combinations(range(links.size), 2):
                pair = links[[one, other]]
                place[pair] = place[pair[::-1]]
                found = _crossings(column, place, left, right)
                if found < best:
                    best, is_still = found, False
                    links[[one, other]] = pair[::-1]
                else:
                    place[pair] = place[pair[::-1]]


def _crossings(column: Ints, place: Floats, left: Ints, right: Ints) -> float:
    """How many pairs of edges cross, each a straight line from its column to the other."""
    across: Floats = column.astype(np.float64)
    x1, y1, x2, y2 = across[left], place[left], across[right], place[right]

    def side(x: Floats, y: Floats) -> Floats:
        """On which side of each edge (rows) each point (columns) is."""
        return (x2 - x1)[:, None] * (y[None, :] - y1[:, None]) - (y2 - y1)[:, None] * (x[None, :] - x1[:, None])

    parted = side(x1, y1) * side(x2, y2) < 0
    return float((parted & parted.T).sum() // 2)


def _heights(size: int, rows: int) -> Floats:
    """How far below the middle each link of a column of that many will stand, in rows."""
    parts = -(-size // rows)
    return np.arange(size) / max(parts, 1) - (size / max(parts, 1) - 1) / 2


def _means(own: Ints, other: Ints, place: Floats, count: int) -> Floats:
    """Mean place of the neighbours of each link; NaN where it has none."""
    times = np.bincount(own, minlength=count)
    sums = np.bincount(own, place[other], count)
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / times)
