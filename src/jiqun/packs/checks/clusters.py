"""Catalogues: what an edition says of its own number, of the edition before, and of what became of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from itertools import pairwise

from jiqun.model.findings import Finding
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.clusters import Catalogue, ClusterEvent

_Edition = tuple[Entry, Catalogue]
_MANY = 999
# type → (least before, most before, least after, most after) and how to say it
_SHAPES = {
    "added": (0, 0, 1, _MANY, "前 0 个，后至少 1 个"),
    "removed": (1, _MANY, 0, 0, "前至少 1 个，后 0 个"),
    "kept": (1, 1, 1, 1, "前后各 1 个"),
    "renamed": (1, 1, 1, 1, "前后各 1 个"),
    "merged": (2, _MANY, 1, 1, "前至少 2 个，后 1 个"),
    "split": (1, 1, 2, _MANY, "前 1 个，后至少 2 个"),
    "absorbed": (1, _MANY, 1, 1, "前至少 1 个，后 1 个"),
    "promoted": (1, _MANY, 1, _MANY, "前后各至少 1 个"),
    "regrouped": (1, _MANY, 1, _MANY, "前后各至少 1 个"),
}


def cluster_findings(registry: Registry) -> Iterator[Finding]:
    editions: dict[str, _Edition] = {catalogue.id: (entry, catalogue) for entry, catalogue in registry.of(Catalogue)}
    for entry, catalogue in editions.values():
        count = len(catalogue.clusters)
        if catalogue.expected_count not in (None, count) and not entry.is_damaged:
            words = {"expected": catalogue.expected_count, "count": count}
            yield fault("count", entry.place("expected_count"), **words)
        start, end = catalogue.effective_from, catalogue.effective_to
        if start is not None and end is not None and end < start:
            yield fault("dates", entry.place("effective_to"), start=start, end=end)
        yield from _event_findings(entry, catalogue, editions.get(catalogue.previous_id or ""))
    yield from _series_findings(list(editions.values()))


def _event_findings(entry: Entry, catalogue: Catalogue, previous: _Edition | None) -> Iterator[Finding]:
    if not catalogue.events:
        return
    if catalogue.previous_id is None:
        yield fault("event_without_previous", entry.place("events"))
    after = {cluster.id for cluster in catalogue.clusters}
    before = {cluster.id for cluster in previous[1].clusters} if previous else set()
    told: set[str] = set()
    for index, event in enumerate(catalogue.events):
        yield from _shape_findings(entry, index, event)
        told |= set(event.before_ids)
        if previous and not previous[0].is_damaged:
            yield from _edition_findings(entry, index, "before_ids", before, event, "上一版")
        if not entry.is_damaged:
            yield from _edition_findings(entry, index, "after_ids", after, event, "本版")
    for cluster_id in sorted(before - told):
        yield fault("event_missing", entry.place("events"), id=cluster_id)


def _shape_findings(entry: Entry, index: int, event: ClusterEvent) -> Iterator[Finding]:
    least_before, most_before, least_after, most_after, expected = _SHAPES[event.type]
    before, after = len(event.before_ids), len(event.after_ids)
    if not (least_before <= before <= most_before and least_after <= after <= most_after):
        words = {"type": event.type, "before": before, "after": after, "expected": expected}
        yield fault("event_shape", entry.place("events", index), **words)


def _edition_findings(
    entry: Entry, index: int, field: str, known: set[str], event: ClusterEvent, edition: str
) -> Iterator[Finding]:
    for at, id_ in enumerate(getattr(event, field)):
        if id_ not in known:
            yield fault("event_edition", entry.place("events", index, field, at), id=id_, edition=edition)


def _series_findings(editions: Sequence[_Edition]) -> Iterator[Finding]:
    """Two editions after the same one; an edition that ends after the next one of its series has begun."""
    following: dict[str, Catalogue] = {}
    by_series: dict[str, list[_Edition]] = {}
    for entry, catalogue in editions:
        by_series.setdefault(catalogue.series, []).append((entry, catalogue))
        if catalogue.previous_id is None:
            continue
        other = following.setdefault(catalogue.previous_id, catalogue)
        if other is not catalogue:
            words = {"one": other.id, "two": catalogue.id, "previous": catalogue.previous_id}
            yield fault("fork", entry.place("previous_id"), **words)
    for series in by_series.values():
        series.sort(key=lambda edition: edition[1].effective_from or datetime.date.min)
        for (_, one), (entry, two) in pairwise(series):
            begins = two.effective_from or datetime.date.min
            same_start = begins == (one.effective_from or datetime.date.min)
            if same_start or (one.effective_to is not None and one.effective_to >= begins):
                yield fault("overlap", entry.place("effective_from"), what="集群目录", one=one.id, two=two.id)
