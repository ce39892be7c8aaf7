"""Catalogues: what an edition says of its own number, of the edition before, and of what became of it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
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
        if not entry.is_damaged:
            yield from _group_findings(entry, catalogue)
        start, end = catalogue.effective_from, catalogue.effective_to
        if start is not None and end is not None and end < start:
            yield fault("dates", entry.place("effective_to"), start=start, end=end)
        yield from _event_findings(entry, catalogue, editions.get(catalogue.previous_id or ""))
    yield from _series_findings(list(editions.values()))


def _group_findings(entry: Entry, catalogue: Catalogue) -> Iterator[Finding]:
    """Counts that the document states for groups: each against the list, all against the whole (7+4+4+5+8=28)."""
    listed = Counter(cluster.group for cluster in catalogue.clusters)
    for group, expected in catalogue.expected_groups.items():
        if listed[group] != expected:
            words = {"group": group, "expected": expected, "count": listed[group]}
            yield fault("groups", entry.place("expected_groups", group), **words)
    total = sum(catalogue.expected_groups.values())
    covers = set(listed) <= set(catalogue.expected_groups)
    if catalogue.expected_groups and covers and catalogue.expected_count not in (None, total):
        words = {"total": total, "what": "expected_count", "expected": catalogue.expected_count}
        yield fault("groups_sum", entry.place("expected_groups"), **words)


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
    yield from _portion_findings(entry, catalogue)
    for cluster_id in sorted(before - told):
        yield fault("event_missing", entry.place("events"), id=cluster_id)


def _shape_findings(entry: Entry, index: int, event: ClusterEvent) -> Iterator[Finding]:
    least_before, most_before, least_after, most_after, expected = _SHAPES[event.type]
    before, after = len(event.before_ids), len(event.after_ids)
    if not (least_before <= before <= most_before and least_after <= after <= most_after):
        words = {"type": event.type, "before": before, "after": after, "expected": expected}
        yield fault("event_shape", entry.place("events", index), **words)


def _portion_findings(entry: Entry, catalogue: Catalogue) -> Iterator[Finding]:
    """Portions are of clusters of their own event, said once, and no cluster gives or consists of more than itself."""
    said: dict[tuple[str, str, str], Fraction] = {}
    for index, event in enumerate(catalogue.events):
        for at, portion in enumerate(event.portions):
            place = entry.place("events", index, "portions", at)
            before, after = portion.before_id, portion.after_id
            if before not in event.before_ids or after not in event.after_ids:
                yield fault("portion", place, before=before, after=after)
            if (portion.of, before, after) in said:
                yield fault("portion_twice", place, before=before, after=after)
            said[portion.of, before, after] = portion.share
    for of, end in (("before", 1), ("after", 2)):
        shares: dict[str, dict[str, Fraction]] = {}
        for key, share in said.items():
            if key[0] == of:
                shares.setdefault(key[end], {})[key[3 - end]] = share
        for id_, known in shares.items():
            other = {
                id2
                for event in catalogue.events
                if id_ in (event.before_ids if of == "before" else event.after_ids)
                for id2 in ((event.after_ids if of == "before" else event.before_ids) or ("",))
            }
            if sum(known.values()) > 1:
                yield fault("portions", entry.place("events"), id=id_)
            elif sum(known.values()) < 1 and other <= set(known):
                yield fault("portions_short", entry.place("events"), id=id_)


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
