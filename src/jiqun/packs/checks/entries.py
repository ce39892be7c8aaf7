"""Checks that every entry goes through, whatever it is about: its id, doubts about it, periods in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jiqun.model.findings import Finding
from jiqun.model.periods import Period
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Path
from jiqun.packs.schema.concept import Concept, Confidence
from jiqun.packs.schema.examples import Example

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
_ID_SPACES = frozenset({"area", "body", "indicator", "source", "cluster", "catalogue", "chain", "tier", "metric"})


def entry_findings(entry: Entry) -> Iterator[Finding]:
    """Ids of other than plain letters, entries of low confidence, periods that cannot be read."""
    if entry.file == "city.yaml" and isinstance(entry.raw, dict):
        yield from _id_finding(entry, str(entry.raw.get("id")), ("id",))
    for namespace, id_, path in entry.kind.ids(entry.raw):
        if namespace in _ID_SPACES:
            yield from _id_finding(entry, id_, path)
    if entry.value is None:
        return
    for path, concept in _doubtful(entry.value, ()):
        what = str(getattr(concept, "name", "") or getattr(concept, "id", "") or getattr(concept, "title", ""))
        place = entry.place(*path, "confidence")
        yield fault("low_confidence", place, what=what or _words(concept))
    if isinstance(entry.value, Example):
        for index, expected in enumerate(entry.value.expect):
            for key in ("period", "base_period"):
                text = getattr(expected, key)
                if text is not None and not is_period(text):
                    yield fault("period", entry.place("expect", index, key), period=text)


def is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True


def _id_finding(entry: Entry, id_: str, path: Path) -> Iterator[Finding]:
    if not _ID.fullmatch(id_):
        yield fault("id", entry.place(*path), id=id_)


def _words(concept: Concept) -> str:
    """The first texts of a concept without a name, such as a figure's indicator, area and period."""
    texts = [str(value) for value in concept.__dict__.values() if isinstance(value, str) and value]
    return " ".join(texts[:3])


def _doubtful(value: Any, path: Path) -> Iterator[tuple[Path, Concept]]:
    if isinstance(value, Concept):
        if getattr(value, "confidence", None) is Confidence.LOW:
            yield path, value
        for name in _inner(type(value)):
            yield from _doubtful(getattr(value, name), (*path, name))
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from _doubtful(part, (*path, index))


@cache
def _inner(model: type[Concept]) -> tuple[str, ...]:
    """Fields that may hold concepts."""
    fields = model.model_fields.items()
    return tuple(name for name, about in fields if "jiqun.packs.schema" in repr(about.annotation))
