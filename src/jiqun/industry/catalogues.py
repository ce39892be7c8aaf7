"""Cluster catalogues over their editions: what became of a cluster, where it came from, and whether all is told.

Between two editions a decree adds, keeps, renames, merges, splits, absorbs, promotes or regroups clusters. Nothing
here guesses: two clusters are the same only where an event says so, never because their names look alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from jiqun.packs.schema.clusters import Catalogue, Cluster, ClusterEvent
from jiqun.packs.schema.concept import Confidence

EVENT_LABELS: Mapping[str, str] = {
    "added": "新增", "kept": "保留", "renamed": "更名", "merged": "合并", "split": "拆分", "absorbed": "并入",
    "promoted": "升格", "regrouped": "归并", "removed": "取消",
}  # fmt: skip
_WHOLE = frozenset({"kept", "renamed"})


@dataclass(frozen=True)
class Step:
    """One cluster of an edition becoming one cluster of the next."""

    before: Cluster
    after: Cluster
    event: ClusterEvent
    edition_id: str  # of `after`

    @property
    def is_whole(self) -> bool:
        """Whether the two are the same thing, so that their figures form one series without recasting."""
        return self.event.type in _WHOLE


@dataclass(frozen=True)
class Lineage:
    """A cluster with all it came from and all it became, near editions first."""

    cluster: Cluster
    came_from: tuple[Step, ...] = ()
    became: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Account:
    """Whether an edition tells what became of the one before.

    `lost` are clusters of the edition before that no event mentions, `unexplained` clusters of this one that no
    event leads to (only where there is an edition before). `groups` counts clusters by kind and group.
    """

    edition_id: str
    count: int
    expected: int | None
    groups: Mapping[tuple[str, str], int]
    lost: tuple[Cluster, ...] = ()
    unexplained: tuple[Cluster, ...] = ()
    steps: Mapping[str, int] = field(default_factory=dict)  # event type → how many events

    @property
    def is_complete(self) -> bool:
        return not self.lost and not self.unexplained and self.expected in (None, self.count)


@dataclass(frozen=True)
class Entry:
    """One line of the page that tells how a catalogue changed; names are those of their own edition."""

    on: date | None
    edition_id: str
    type: str
    label: str
    before: tuple[Cluster, ...]
    after: tuple[Cluster, ...]
    said: str
    confidence: Confidence
    source: str | None
    note: str


def editions(catalogues: Iterable[Catalogue], series: str) -> tuple[Catalogue, ...]:
    """The editions of a series, each after the one it names as previous, else by the day they took effect."""
    own = sorted((one for one in catalogues if one.series == series), key=_start)
    placed: dict[str, Catalogue] = {}
    while len(placed) < len(own):
        waiting = [one for one in own if one.id not in placed]
        known = {one.id for one in waiting}
        ready = next((one for one in waiting if one.previous_id not in known), waiting[0])  # a ring: by date
        placed[ready.id] = ready
    return tuple(placed.values())


def _start(catalogue: Catalogue) -> tuple[date, str]:
    return catalogue.effective_from or date.min, catalogue.id


def steps_into(catalogue: Catalogue, previous: Catalogue | None) -> tuple[Step, ...]:
    """Every cluster of `previous` joined with what its events made of it in `catalogue`."""
    before = {one.id: one for one in previous.clusters} if previous else {}
    after = {one.id: one for one in catalogue.clusters}
    return tuple(
        Step(before[old], after[new], event, catalogue.id)
        for event in catalogue.events
        for old in event.before_ids
        for new in event.after_ids
        if old in before and new in after
    )


def _all_steps(catalogues: Sequence[Catalogue]) -> tuple[Step, ...]:
    by_id = {one.id: one for one in catalogues}
    return tuple(step for one in catalogues for step in steps_into(one, by_id.get(one.previous_id or "")))


def successors(catalogues: Sequence[Catalogue]) -> dict[str, tuple[str, ...]]:
    """Cluster id → ids of the next edition that carry it on; ids without a successor are left out."""
    found: dict[str, dict[str, None]] = {}
    for step in _all_steps(catalogues):
        found.setdefault(step.before.id, {})[step.after.id] = None
    return {before: tuple(after) for before, after in found.items()}


def lineage(catalogues: Sequence[Catalogue], cluster_id: str) -> Lineage:
    """Where a cluster came from and what it became, through every edition. Raises KeyError for an unknown id."""
    clusters = {cluster.id: cluster for one in catalogues for cluster in one.clusters}
    steps = _all_steps(catalogues)
    forward: dict[str, list[Step]] = {}
    backward: dict[str, list[Step]] = {}
    for step in steps:
        forward.setdefault(step.before.id, []).append(step)
        backward.setdefault(step.after.id, []).append(step)
    return Lineage(
        clusters[cluster_id],
        tuple(_walk(cluster_id, backward, is_forward=False)),
        tuple(_walk(cluster_id, forward, is_forward=True)),
    )


def _walk(cluster_id: str, steps: Mapping[str, list[Step]], *, is_forward: bool) -> Iterator[Step]:
    queue, seen = [cluster_id], {cluster_id}
    for here in queue:
        for step in steps.get(here, ()):
            yield step
            there = step.after.id if is_forward else step.before.id
            if there not in seen:
                seen.add(there)
                queue.append(there)


def heirs(catalogues: Sequence[Catalogue], cluster_id: str, edition_id: str) -> tuple[Cluster, ...]:
    """The clusters of `edition_id` that carry on `cluster_id` (or, in an earlier edition, led to it), in its order."""
    target = {one.id: one for catalogue in catalogues if catalogue.id == edition_id for one in catalogue.clusters}
    if cluster_id in target:
        return (target[cluster_id],)
    told = lineage(catalogues, cluster_id)
    reached = {step.after.id for step in told.became} | {step.before.id for step in told.came_from}
    return tuple(cluster for id_, cluster in target.items() if id_ in reached)


def account(catalogue: Catalogue, previous: Catalogue | None = None) -> Account:
    """The edition's numbers, and what its events leave untold about the edition before."""
    groups = Counter((one.kind, one.group) for one in catalogue.clusters)
    steps: Counter[str] = Counter(event.type for event in catalogue.events)
    told_before = {id_ for event in catalogue.events for id_ in event.before_ids}
    told_after = {id_ for event in catalogue.events for id_ in event.after_ids}
    return Account(
        catalogue.id,
        len(catalogue.clusters),
        catalogue.expected_count,
        dict(groups),
        tuple(one for one in previous.clusters if one.id not in told_before) if previous else (),
        tuple(one for one in catalogue.clusters if one.id not in told_after) if previous else (),
        dict(steps),
    )


def timeline(catalogues: Sequence[Catalogue], *, with_kept: bool = False) -> tuple[Entry, ...]:
    """The changes of all editions by day, the earliest first; kept clusters only where asked for."""
    by_id = {one.id: one for one in catalogues}
    entries = [
        _entry(event, catalogue, by_id.get(catalogue.previous_id or ""))
        for catalogue in catalogues
        for event in catalogue.events
        if with_kept or event.type != "kept"
    ]
    return tuple(sorted(entries, key=lambda one: one.on or date.min))


def _entry(event: ClusterEvent, catalogue: Catalogue, previous: Catalogue | None) -> Entry:
    old = {one.id: one for one in previous.clusters} if previous else {}
    new = {one.id: one for one in catalogue.clusters}
    before = tuple(old[id_] for id_ in event.before_ids if id_ in old)
    after = tuple(new[id_] for id_ in event.after_ids if id_ in new)
    return Entry(
        event.date or catalogue.effective_from, catalogue.id, event.type, EVENT_LABELS[event.type], before, after,
        _said(event.type, before, after), event.confidence, event.source or catalogue.source, event.note,
    )  # fmt: skip


def _said(type_: str, before: tuple[Cluster, ...], after: tuple[Cluster, ...]) -> str:
    old, new = ("、".join(f"“{one.name}”" for one in ones) for ones in (before, after))
    match type_:
        case "added":
            return f"新增{new}。"
        case "removed":
            return f"取消{old}。"
        case "kept":
            return f"保留{new}。"
        case "renamed":
            return f"{old}更名为{new}。"
        case "merged":
            return f"{old}合并为{new}。"
        case "split":
            return f"{old}拆分为{new}。"
        case "promoted":
            return f"{old}升格进入{new}。"
    return f"{old}{EVENT_LABELS[type_]}{'' if type_ == 'absorbed' else '到'}{new}。"
