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
from jiqun.packs.schema.concept import Concept, Confidence, Sourced
from jiqun.packs.schema.examples import Example

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*")
_ID_SPACES = frozenset(
    {"area", "body", "indicator", "source", "cluster", "catalogue", "chain", "tier", "metric", "layout"}
)


def entry_findings(entry: Entry) -> Iterator[Finding]:
    """Ids of other than plain letters, entries of low confidence, periods that cannot be read."""
    if entry.file == "city.yaml" and isinstance(entry.raw, dict):
        yield from _id_finding(entry, str(entry.raw.get("id")), ("id",))
    for namespace, id_, path in entry.kind.ids(entry.raw):
        if namespace in _ID_SPACES:
            yield from _id_finding(entry, id_, path)
    if entry.value is None:
        return
    for path, what in _doubtful(entry.value, (), ""):
        yield fault("low_confidence", entry.place(*path, "confidence"), what=what)
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


def _doubtful(value: Any, path: Path, within: str) -> Iterator[tuple[Path, str]]:
    """Path and name of what is of low confidence; things without a name go by that of what holds them."""
    if isinstance(value, Concept):
        name = _name(value)
        if name or not within:
            within = name or _words(value)
        if getattr(value, "confidence", None) is Confidence.LOW:
            yield path, within if name or not path else f"{within}的{_key(path)}"
        for field in _inner(type(value)):
            yield from _doubtful(getattr(value, field), (*path, field), within)
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from _doubtful(part, (*path, index), within)


def _name(concept: Concept) -> str:
    return next((str(found) for key in ("name", "title", "id") if (found := getattr(concept, key, ""))), "")


def _words(concept: Concept) -> str:
    """The first texts of a concept without a name: a figure's indicator, area and period."""
    texts = [getattr(concept, name) for name in type(concept).model_fields if name not in Sourced.model_fields]
    return " ".join([text for text in texts if isinstance(text, str) and text][:3])


def _key(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "")


@cache
def _inner(model: type[Concept]) -> tuple[str, ...]:
    """Fields that may hold concepts."""
    fields = model.model_fields.items()
    return tuple(name for name, about in fields if "jiqun.packs.schema" in repr(about.annotation))
