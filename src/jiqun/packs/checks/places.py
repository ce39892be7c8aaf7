"""Settings, areas and bodies: dates in order, one parent each, no circles."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping

from jiqun.model.findings import Finding, Place
from jiqun.packs.checks.units import unit_findings
from jiqun.packs.faults import fault
from jiqun.packs.layout import NAMESPACES
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.areas import Area
from jiqun.packs.schema.bodies import Body
from jiqun.packs.schema.chains import JUDGED_BY, Chain
from jiqun.packs.schema.extents import Extent
from jiqun.packs.schema.neighbours import NeighbouringAreas
from jiqun.packs.schema.settings import CitySettings


def settings_findings(registry: Registry) -> Iterator[Finding]:
    held: frozenset[str] = frozenset()  # names of settings, of the folder and those it extends
    for entry, settings in registry.of(CitySettings):
        for name, values in settings.settings.items():
            days = [value.valid_from or datetime.date.min for value in values]
            for index in range(1, len(days)):
                if days[index] <= days[index - 1]:
                    yield fault("order", entry.place("settings", name, index), name=name)
            for index, value in enumerate(values):
                yield from unit_findings(entry.place("settings", name, index, "unit"), value.unit)
        held = held | {name for name, values in settings.settings.items() if values}
        if settings.main_series is not None:
            known = _series(registry)
            if settings.main_series not in known:
                words = {"field": "main_series", "kind": "集群目录系列", "id": settings.main_series, "near": ""}
                yield fault("dangling", entry.place("main_series"), **words)
    settings_of = [entry for entry in registry.entries if entry.kind.model is CitySettings]
    if any(True for _ in registry.of(Chain)) and all(entry.value is not None for entry in settings_of):
        own = settings_of[-1:]
        lacking = [name for name in JUDGED_BY if name not in held]
        yield from (fault("chain_settings", entry.place("settings"), name=name) for entry in own for name in lacking)


def _series(registry: Registry) -> set[str]:
    raws = (entry.raw for entry in registry.entries if entry.kind.namespace == "catalogue")
    return {str(raw.get("series")) for raw in raws if isinstance(raw, Mapping)}


def area_findings(registry: Registry) -> Iterator[Finding]:
    areas: dict[str, tuple[Entry, Area]] = {area.id: (entry, area) for entry, area in registry.of(Area)}
    tiles: dict[tuple[str | None, int, int], Area] = {}
    for entry, area in areas.values():
        column, row = area.tile_column, area.tile_row
        if column is None or row is None:
            if (column is None) != (row is None):
                yield fault("half_tile", entry.place())
            continue
        other = tiles.setdefault((area.parent_id, column, row), area)
        if other is not area:
            yield fault("tile", entry.place(), column=column, row=row, other=other.name)
    above = {id_: [area.parent_id] if area.parent_id else [] for id_, (_, area) in areas.items()}
    yield from circles("area", above, lambda id_: areas[id_][0])
    same = {id_: [area.same_as_id] if area.same_as_id else [] for id_, (_, area) in areas.items()}
    yield from circles("area", same, lambda id_: areas[id_][0])


def extent_findings(registry: Registry) -> Iterator[Finding]:
    """Boxes turned inside out, and areas with two of them."""
    held: dict[str, Place] = {}
    for entry, extent in registry.of(Extent):
        first = held.setdefault(extent.area_id, entry.place("area_id"))
        if first != entry.place("area_id"):
            yield fault("extent_twice", entry.place("area_id"), id=extent.area_id, first=first)
        if extent.west >= extent.east or extent.south >= extent.north:
            box = {side: f"{getattr(extent, side):g}" for side in ("west", "east", "south", "north")}
            yield fault("extent", entry.place("west"), **box)


def neighbour_findings(registry: Registry) -> Iterator[Finding]:
    """Areas beside themselves, and pairs written twice, by whichever of an area's names."""
    whole = {area.id: area.same_as_id or area.id for _, area in registry.of(Area)}
    held: dict[frozenset[str], Place] = {}
    for entry, beside in registry.of(NeighbouringAreas):
        pair = frozenset(whole.get(id_, id_) for id_ in beside.pair)
        if len(pair) < 2:
            yield fault("neighbour_self", entry.place("neighbour_id"), id=beside.area_id)
            continue
        first = held.setdefault(pair, entry.place("area_id"))
        if first != entry.place("area_id"):
            words = {"one": beside.area_id, "other": beside.neighbour_id, "first": first}
            yield fault("neighbour_twice", entry.place("area_id"), **words)


def body_findings(registry: Registry) -> Iterator[Finding]:
    bodies: dict[str, tuple[Entry, Body]] = {body.id: (entry, body) for entry, body in registry.of(Body)}
    for entry, body in bodies.values():
        start, end = body.valid_from, body.valid_to
        if start is not None and end is not None and end <= start:
            yield fault("dates", entry.place("valid_to"), start=start, end=end)
        if body.successor_ids and end is None:
            yield fault("no_end", entry.place("successor_ids"))
        for successor in body.successor_ids:
            starts = bodies[successor][1].valid_from if successor in bodies else None
            if starts is not None and end is not None and starts > end:
                yield fault("gap", entry.place("successor_ids"), end=end, id=successor, start=starts)
    ahead = {id_: list(body.successor_ids) for id_, (_, body) in bodies.items()}
    yield from circles("body", ahead, lambda id_: bodies[id_][0])
    parts = {id_: list(body.expands_to_ids) for id_, (_, body) in bodies.items()}
    yield from circles("body", parts, lambda id_: bodies[id_][0])


def circles(
    namespace: str, following: Mapping[str, Iterable[str]], entry_of: Callable[[str], Entry]
) -> Iterator[Finding]:
    """One finding per circle of two or more; a thing that follows itself is told as a reference to itself."""
    done: set[str] = set()
    for start in following:
        trail: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            id_, depth = stack.pop()
            del trail[depth:]
            if id_ in trail:
                circle = [*trail[trail.index(id_) :], id_]
                if len(circle) > 2:
                    words = {"kind": NAMESPACES[namespace], "chain": " → ".join(circle)}
                    yield fault("cycle", entry_of(id_).place(), **words)
                continue
            if id_ in done or id_ not in following:
                continue
            trail.append(id_)
            stack += [(after, depth + 1) for after in following[id_]]
            done.add(id_)
