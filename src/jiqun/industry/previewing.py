"""What a proposed edition of a catalogue would do to everything that speaks of its clusters; nothing is changed.

An effect is read off the correspondence between the edition that a thing speaks of and the proposed one, over all
editions in between; what is done about it is for people to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jiqun.industry.correspondence import OUTSIDE, Correspondence, SplitKey, between
from jiqun.industry.divisions import serving
from jiqun.model.errors import NotFound
from jiqun.packs.schema.clusters import Catalogue


class Fate(StrEnum):
    """What becomes of a cluster, the gravest first."""

    ENDED = "ended"  # no cluster carries it on
    DIVIDED = "divided"  # several do
    JOINED = "joined"  # one does, together with others
    GROWN = "grown"  # one does, with what belonged to no cluster before
    RENAMED = "renamed"
    SAME = "same"


FATES: Mapping[Fate, str] = {
    Fate.ENDED: "失去对象", Fate.DIVIDED: "一分为几", Fate.JOINED: "并入他者", Fate.GROWN: "范围扩大",
    Fate.RENAMED: "更名", Fate.SAME: "不变",
}  # fmt: skip
UNTOUCHED = frozenset({Fate.SAME, Fate.RENAMED})


@dataclass(frozen=True)
class Subject:
    """A thing that speaks of a cluster: a target, a series of figures, a form, a chain, a layout, a membership.

    `has_figures`: it carries numbers that would have to be recast. `owners` answer for it.
    """

    kind: str
    id: str
    name: str
    cluster_id: str
    has_figures: bool = True
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Effect:
    """What the edition does to one subject.

    `heirs` are the clusters of the proposed edition that carry its cluster on, `beside` those that go into the same
    ones with it. `needs_key`: its figures cannot be recast until somebody says in what proportion. `breaks`: the
    printed series does not go on under one cluster with the same content.
    """

    subject: Subject
    fate: Fate
    heirs: tuple[str, ...]
    beside: tuple[str, ...]
    needs_key: bool

    @property
    def breaks(self) -> bool:
        return self.subject.has_figures and self.fate not in UNTOUCHED


@dataclass(frozen=True)
class Preview:
    """All effects, the gravest first, and the clusters of the proposed edition that nothing led to."""

    catalogue: Catalogue
    previous: Catalogue | None
    effects: tuple[Effect, ...]
    fresh: tuple[str, ...]
    undivided: tuple[str, ...]  # clusters of the previous edition that need a split key

    def of(self, kind: str) -> tuple[Effect, ...]:
        return tuple(effect for effect in self.effects if effect.subject.kind == kind)

    @property
    def owners(self) -> tuple[str, ...]:
        """Who answers for something that would change."""
        touched = (effect for effect in self.effects if effect.fate not in UNTOUCHED)
        return tuple(dict.fromkeys(owner for effect in touched for owner in effect.subject.owners))


def preview(
    catalogues: Sequence[Catalogue], proposed: Catalogue, subjects: Iterable[Subject], keys: Iterable[SplitKey] = ()
) -> Preview:
    """The effect of `proposed` on every subject of its line; subjects of other catalogues are left out.

    Of the `keys` those are used that divide something on the way.

    Raises InputRefused where an event of the proposed edition leaves a cluster's fate untold, NotFound where its
    previous edition is not there.
    """
    known = [*(one for one in catalogues if one.id != proposed.id), proposed]
    by_id = {one.id: one for one in known}
    previous = by_id.get(proposed.previous_id or "")
    if proposed.previous_id and previous is None:
        raise NotFound(f"没有上一版集群目录“{proposed.previous_id}”")
    edition_of = {cluster.id: one.id for one in known if one.id != proposed.id for cluster in one.clusters}
    names = {cluster.id: cluster.name for one in known for cluster in one.clusters}
    given, ways = tuple(keys), {}
    for one in _line(by_id, proposed):
        ways[one.id] = between(known, one.id, proposed.id, serving(known, one.id, proposed.id, given))
    effects = [
        _effect(subject, ways[edition_of[subject.cluster_id]], names)
        for subject in subjects
        if edition_of.get(subject.cluster_id) in ways
    ]
    order = {fate: at for at, fate in enumerate(Fate)}
    last = ways.get(previous.id) if previous else None
    fresh = tuple(
        one.id for one in proposed.clusters
        if last is None or all(link.before == OUTSIDE for link in last.into(one.id))
    )  # fmt: skip
    ranked = tuple(sorted(effects, key=lambda effect: order[effect.fate]))
    return Preview(proposed, previous, ranked, fresh, last.undivided if last else ())


def _line(by_id: Mapping[str, Catalogue], proposed: Catalogue) -> list[Catalogue]:
    """The editions before the proposed one, the nearest first."""
    found: list[Catalogue] = []
    here = by_id.get(proposed.previous_id or "")
    while here is not None and here not in found:
        found.append(here)
        here = by_id.get(here.previous_id or "")
    return found


def _effect(subject: Subject, way: Correspondence, names: Mapping[str, str]) -> Effect:
    links = way.of(subject.cluster_id)
    heirs = tuple(link.after for link in links if link.after != OUTSIDE)
    into = [link.before for heir in heirs for link in way.into(heir)]
    beside = tuple(dict.fromkeys(one for one in into if one not in (subject.cluster_id, OUTSIDE)))
    needs_key = subject.has_figures and any(link.share is None for link in links)
    if not heirs:
        fate = Fate.ENDED
    elif len(links) > 1:
        fate = Fate.DIVIDED
    elif beside:
        fate = Fate.JOINED
    elif OUTSIDE in into:
        fate = Fate.GROWN
    else:
        fate = Fate.SAME if names[heirs[0]] == names[subject.cluster_id] else Fate.RENAMED
    return Effect(subject, fate, heirs, beside, needs_key)
