"""Editions of a catalogue side by side, joined by what became of what: places of boxes and ribbons, nothing drawn.

Heights count clusters and links, never money: a ribbon says that, not how much. Boxes of a later edition stand by
the mean place of what they came from, so that few ribbons cross.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jiqun.industry.catalogues import EVENT_LABELS, Step, steps_into
from jiqun.packs.schema.clusters import Catalogue, Cluster

WIDTH, GAP = 216, 150  # of a box, between editions
_ROW, _SPACE, _TOP = 24, 6, 44


@dataclass(frozen=True, slots=True)
class Box:
    """A cluster; `mark` is 新增 where nothing led to it, 取消 where it ends."""

    id: str
    name: str
    name_en: str
    x: int
    y: int
    height: int
    mark: str
    is_future: bool
    is_linked: bool  # has a page


@dataclass(frozen=True, slots=True)
class Ribbon:
    path: str
    type: str
    says: str


@dataclass(frozen=True, slots=True)
class Column:
    x: int
    edition: str
    count: int


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    columns: tuple[Column, ...]
    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]
    legend: tuple[tuple[str, str], ...]  # type of event, its name


def drawing(
    editions: Sequence[Catalogue], only: frozenset[str] | None = None, *, proposed_id: str | None = None
) -> Drawing:
    """The editions from left to right, of clusters in `only` where it is given; one only proposed has no pages yet."""
    kept = [[one for one in edition.clusters if only is None or one.id in only] for edition in editions]
    steps: list[list[Step]] = [[]]
    for before, after in pairwise(editions):
        steps.append([s for s in steps_into(after, before) if only is None or {s.before.id, s.after.id} <= only])
    places: dict[str, Box] = {}
    boxes: list[Box] = []
    height = 0
    for at, clusters in enumerate(kept):
        away = steps[at + 1] if at + 1 < len(kept) else []
        y = _TOP
        for one in _ordered(clusters, steps[at], places):
            came, went = sum(s.after.id == one.id for s in steps[at]), sum(s.before.id == one.id for s in away)
            tall = _ROW * max(1, came, went)
            mark = "新增" if at and not came else "取消" if at + 1 < len(kept) and not went else ""
            is_future = one.kind == "future_industry"
            is_linked = editions[at].id != proposed_id
            box = Box(one.id, one.name, one.name_en, at * (WIDTH + GAP), y, tall, mark, is_future, is_linked)
            boxes.append(box)
            places[one.id] = box
            y += tall + _SPACE
        height = max(height, y)
    ribbons = [ribbon for own in steps for ribbon in _ribbons(own, places)]
    columns = tuple(Column(at * (WIDTH + GAP), edition.edition, len(kept[at])) for at, edition in enumerate(editions))
    types = dict.fromkeys(step.event.type for own in steps for step in own)
    width = len(editions) * (WIDTH + GAP) - GAP
    legend = tuple((type_, EVENT_LABELS[type_]) for type_ in EVENT_LABELS if type_ in types)
    return Drawing(width, height + _SPACE, columns, tuple(boxes), tuple(ribbons), legend)


def _ordered(clusters: Sequence[Cluster], into: Sequence[Step], places: Mapping[str, Box]) -> list[Cluster]:
    def height(one: Cluster) -> float:
        from_ = [places[step.before.id].y for step in into if step.after.id == one.id and step.before.id in places]
        return sum(from_) / len(from_) if from_ else float("inf")

    return sorted(clusters, key=height) if into else list(clusters)


def _ribbons(steps: Sequence[Step], places: Mapping[str, Box]) -> list[Ribbon]:
    """Bands of a row's height, stacked at either end in the order of the boxes they lead to."""
    left: dict[str, int] = {}
    right: dict[str, int] = {}
    starts: dict[tuple[str, str], int] = {}
    for step in sorted(steps, key=lambda s: (places[s.before.id].y, places[s.after.id].y)):
        starts[step.before.id, step.after.id] = left.get(step.before.id, 0)
        left[step.before.id] = left.get(step.before.id, 0) + _ROW
    found = []
    for step in sorted(steps, key=lambda s: (places[s.after.id].y, places[s.before.id].y)):
        one, two = places[step.before.id], places[step.after.id]
        y1, y2 = one.y + starts[step.before.id, step.after.id] + 3, two.y + right.get(step.after.id, 0) + 3
        right[step.after.id] = right.get(step.after.id, 0) + _ROW
        x1, x2, thick = one.x + WIDTH, two.x, _ROW - 6
        middle = (x1 + x2) // 2
        path = (
            f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}V{y2 + thick}"
            f"C{middle} {y2 + thick} {middle} {y1 + thick} {x1} {y1 + thick}Z"
        )
        found.append(Ribbon(path, step.event.type, f"{one.name} → {two.name}（{EVENT_LABELS[step.event.type]}）"))
    return found
