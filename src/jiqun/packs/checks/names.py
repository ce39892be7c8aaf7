"""Names that two things share, so that a document's word could mean either."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from jiqun.model.findings import Finding
from jiqun.packs.faults import fault
from jiqun.packs.layout import NAMESPACES
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.areas import Area
from jiqun.packs.schema.bodies import Body
from jiqun.packs.schema.indicators import Indicator


def name_findings(registry: Registry) -> Iterator[Finding]:
    """Shared names of areas, of indicators, and of bodies that bear them at the same time.

    An area and the one it reports as may share names: the words mean the same figures.
    """
    for model, namespace in ((Area, "area"), (Body, "body"), (Indicator, "indicator")):
        bearers: dict[str, list[Area | Body | Indicator]] = {}
        for entry, thing in registry.of(model):
            names = (thing.name, getattr(thing, "short_name", ""), *thing.aliases)
            for name in dict.fromkeys(name for name in names if name):
                others = bearers.setdefault(name, [])
                yield from _shared(entry, name, namespace, thing, others)
                others.append(thing)


def _shared(
    entry: Entry,
    name: str,
    namespace: str,
    thing: Area | Body | Indicator,
    others: list[Area | Body | Indicator],
) -> Iterator[Finding]:
    for other in others:
        if isinstance(thing, Area) and isinstance(other, Area) and _report_as_one(thing, other):
            continue
        if isinstance(thing, Body) and isinstance(other, Body) and not _overlap(thing, other):
            continue
        field = "name" if name == thing.name else "aliases"
        yield fault("same_name", entry.place(field), name=name, kind=NAMESPACES[namespace], other=other.id)


def _report_as_one(one: Area, other: Area) -> bool:
    return other.id == one.same_as_id or one.id == other.same_as_id


def _overlap(one: Body, other: Body) -> bool:
    start = max(one.valid_from or datetime.date.min, other.valid_from or datetime.date.min)
    return start < min(one.valid_to or datetime.date.max, other.valid_to or datetime.date.max)
