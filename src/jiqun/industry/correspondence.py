"""Which share of each cluster of one edition went into which cluster of another, forwards, backwards, over a chain.

A share is an exact fraction. Where a cluster became several and nobody said in what proportion, its shares are
unknown, each between 0 and what is left, and together one whole. Editions in between are not rounded into
intervals: what was divided and joined again is whole without a key. Method: shares of a chain of editions are
the chances of a walk through them in which every undivided cluster is a free choice; the least and the greatest
chance of arriving are exact (backward induction, Bellman 1957).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from jiqun.model.errors import InputRefused, NotFound
from jiqun.model.findings import Finding, Severity
from jiqun.packs.schema.clusters import Catalogue

OUTSIDE = ""  # the id of what belongs to no cluster of an edition: 目录外
_NONE, _WHOLE = Fraction(0), Fraction(1)
_Bounds = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class SplitKey:
    """In what proportion a cluster is divided: `parts` are shares of it, by cluster of the edition it goes to.

    `said` tells the reader where the proportion comes from. Where the decree itself states some portions, the key
    divides the rest.
    """

    cluster_id: str
    parts: Mapping[str, Fraction]
    said: str


@dataclass(frozen=True)
class Link:
    """The share of `before` that is in `after`, between `low` and `high`; `said` are the keys it rests on."""

    before: str
    after: str
    low: Fraction
    high: Fraction
    said: tuple[str, ...] = ()

    @property
    def share(self) -> Fraction | None:
        """None where it is not known."""
        return self.low if self.low == self.high else None


@dataclass(frozen=True)
class Correspondence:
    """Edition `from_id` → edition `to_id`. Shares of one `before` add up to one whole, `OUTSIDE` included."""

    from_id: str
    to_id: str
    links: tuple[Link, ...]

    @cached_property
    def _of(self) -> dict[str, tuple[Link, ...]]:
        return _grouped(self.links, lambda link: link.before)

    @cached_property
    def _into(self) -> dict[str, tuple[Link, ...]]:
        return _grouped(self.links, lambda link: link.after)

    def of(self, before: str) -> tuple[Link, ...]:
        """Where a cluster went; nothing for one that the edition does not have."""
        return self._of.get(before, ())

    def into(self, after: str) -> tuple[Link, ...]:
        """What a cluster took in."""
        return self._into.get(after, ())

    @property
    def undivided(self) -> tuple[str, ...]:
        """Clusters whose figures need a split key."""
        return tuple(one for one, links in self._of.items() if one != OUTSIDE and any(x.share is None for x in links))

    @cached_property
    def blocks(self) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
        """The finest (befores, afters) between which nothing passes: their totals agree exactly, whatever the keys."""
        found: list[tuple[dict[str, None], dict[str, None]]] = []
        for before, links in self._of.items():
            befores, afters = {before: None}, {link.after: None for link in links}
            for block in [one for one in found if one[1].keys() & afters.keys()]:
                befores, afters = {**block[0], **befores}, {**block[1], **afters}
                found.remove(block)
            found.append((befores, afters))
        return tuple((tuple(befores), tuple(afters)) for befores, afters in found)


def split_key(cluster_id: str, amounts: Mapping[str, int | Fraction], said: str) -> SplitKey | None:
    """The key that divides in proportion to `amounts`; None where they add up to nothing.

    Raises ValueError for an amount below zero: a loss is no proportion.
    """
    if any(amount < 0 for amount in amounts.values()):
        raise ValueError(f"分劈“{cluster_id}”所用的数有小于零的，不能作为比例")
    whole = sum((Fraction(amount) for amount in amounts.values()), _NONE)
    if not whole:
        return None
    return SplitKey(cluster_id, {one: Fraction(amount) / whole for one, amount in amounts.items()}, said)


def between(
    catalogues: Iterable[Catalogue], from_id: str, to_id: str, keys: Iterable[SplitKey | None] = ()
) -> Correspondence:
    """How `from_id` becomes `to_id`, an earlier or later edition of the same line.

    Raises NotFound for an edition that is not there or of another line, InputRefused (all findings) for keys that fit
    no division and for clusters whose fate no event tells.
    """
    stages = [*stages_between(list(catalogues), from_id, to_id)]
    given = [key for key in keys if key is not None]
    findings = [*_untold(stages), *_misfits(stages, given)]
    if findings:
        raise InputRefused(findings)
    return _composed(from_id, to_id, [stage.keyed(given) for stage in stages])


def returning(
    catalogues: Iterable[Catalogue], from_id: str, to_id: str, keys: Iterable[SplitKey | None] = ()
) -> dict[str, bool]:
    """Cluster of `from_id` → whether its figures, recast to `to_id` and back, are the same again whatever they were."""
    known, given = list(catalogues), [key for key in keys if key is not None]
    there = [*stages_between(known, from_id, to_id)]
    walk = [*there, *stages_between(known, to_id, from_id)]
    findings = [*_untold(there), *_misfits(walk, given)]
    if findings:
        raise InputRefused(findings)
    found = _composed(from_id, from_id, [stage.keyed(given) for stage in walk])
    mixed = {link.after for link in found.links if link.before != link.after}
    return {
        one: found.of(one)[0].after == one and found.of(one)[0].share == 1 and one not in mixed
        for one in walk[0].names
        if one != OUTSIDE
    }


@dataclass(frozen=True)
class Stage:
    """One step between neighbouring editions, in the direction of travel; a share of None is what nobody said.

    `names` are the clusters left, `untold` those of either edition that no event mentions.
    """

    names: Mapping[str, str]
    ways: Mapping[str, Mapping[str, Fraction | None]]
    said: Mapping[str, tuple[str, ...]]
    untold: tuple[str, ...] = ()

    def free(self, before: str) -> Fraction:
        """What of a cluster is left to be divided."""
        return _WHOLE - sum((share for share in self.ways[before].values() if share is not None), _NONE)

    def open(self, before: str) -> tuple[str, ...]:
        return tuple(after for after, share in self.ways[before].items() if share is None)

    def keyed(self, keys: Sequence[SplitKey]) -> Stage:
        """The stage with what its keys divide."""
        ways, said = dict(self.ways), dict(self.said)
        for key in keys:
            if key.cluster_id in ways and set(key.parts) == set(self.open(key.cluster_id)):
                free = self.free(key.cluster_id)
                parts = {after: free * part for after, part in key.parts.items()}
                ways[key.cluster_id] = {**ways[key.cluster_id], **parts}
                said[key.cluster_id] = (*said.get(key.cluster_id, ()), key.said)
        return Stage(self.names, ways, said, self.untold)


def stages_between(catalogues: Sequence[Catalogue], from_id: str, to_id: str) -> Iterator[Stage]:
    """The steps from one edition to another. Raises NotFound where the two are not of one line."""
    by_id = {one.id: one for one in catalogues}
    for id_ in (from_id, to_id):
        if id_ not in by_id:
            raise NotFound(f"没有集群目录“{id_}”")
    if from_id == to_id:
        same = {cluster.id: {cluster.id: _WHOLE} for cluster in by_id[from_id].clusters} | {OUTSIDE: {OUTSIDE: _WHOLE}}
        yield Stage({one.id: one.name for one in by_id[from_id].clusters}, same, {})
        return
    forward, backward = _line(by_id, to_id, from_id), _line(by_id, from_id, to_id)
    if forward:
        yield from (_stage(later, by_id[later.previous_id or ""]) for later in reversed(forward))
    elif backward:
        yield from (_stage(later, by_id[later.previous_id or ""], is_backward=True) for later in backward)
    else:
        raise NotFound(f"集群目录“{from_id}”与“{to_id}”不在同一条沿革上，不能换算")


def _line(by_id: Mapping[str, Catalogue], late_id: str, early_id: str) -> list[Catalogue]:
    """The editions from the late one back to the one after the early one; nothing where it does not lead there."""
    found: list[Catalogue] = []
    here = by_id[late_id]
    while here.id != early_id:
        found.append(here)
        before = by_id.get(here.previous_id or "")
        if before is None or len(found) > len(by_id):
            return []
        here = before
    return found


def _stage(later: Catalogue, earlier: Catalogue, *, is_backward: bool = False) -> Stage:
    """Every event's pairs of clusters, with the portions it states, and what comes from or goes outside."""
    pairs: dict[tuple[str, str], None] = {}
    for event in later.events:
        befores, afters = event.before_ids or (OUTSIDE,), event.after_ids or (OUTSIDE,)
        pairs |= {(before, after): None for before in befores for after in afters}
    told = {id_ for pair in pairs for id_ in pair}
    left, right = (later, earlier) if is_backward else (earlier, later)
    names = {one.id: one.name for one in left.clusters}
    ways: dict[str, dict[str, Fraction | None]] = {one: {} for one in (*names, OUTSIDE)}
    for before, after in pairs:
        here, there = (after, before) if is_backward else (before, after)
        ways.setdefault(here, {})[there] = None
    ways[OUTSIDE][OUTSIDE] = None  # most of what is in no cluster stays in none
    order = {one.id: at for at, one in enumerate(right.clusters)}
    ways = {one: dict(sorted(to.items(), key=lambda way: order.get(way[0], len(order)))) for one, to in ways.items()}
    said = _with_portions(ways, later, "after" if is_backward else "before")
    for to in ways.values():
        unsaid = [one for one, share in to.items() if share is None]
        if len(unsaid) == 1:
            to[unsaid[0]] = _WHOLE - sum((share for share in to.values() if share is not None), _NONE)
    untold = [f"{one.name}（{edition.edition}版）" for edition in (earlier, later) for one in edition.clusters
              if one.id not in told]  # fmt: skip
    return Stage(names, ways, said, tuple(untold))


def _with_portions(
    ways: Mapping[str, dict[str, Fraction | None]], later: Catalogue, of: str
) -> dict[str, tuple[str, ...]]:
    """Puts the shares that events state into `ways`; says which cluster rests on which of them."""
    said: dict[str, tuple[str, ...]] = {}
    for event in later.events:
        for portion in event.portions:
            if portion.of != of:
                continue
            here, there = portion.before_id, portion.after_id
            if of == "after":
                here, there = there, here
            ways[here][there] = portion.share
            words = portion.note or event.note or f"{later.name}（{later.edition}版）载明的份额"
            said[here] = tuple(dict.fromkeys((*said.get(here, ()), words)))
    return said


def _untold(stages: Iterable[Stage]) -> list[Finding]:
    return [
        Finding("industry.untold", Severity.ERROR, f"集群“{name}”的来历或去向没有写明，不能换算",
                remedy="在目录里为它补一条变动。")
        for stage in stages for name in stage.untold
    ]  # fmt: skip


def _misfits(stages: Sequence[Stage], keys: Iterable[SplitKey]) -> list[Finding]:
    found = []
    for key in keys:
        splits = [stage.open(key.cluster_id) for stage in stages if key.cluster_id in stage.ways]
        is_sound = all(part >= 0 for part in key.parts.values()) and sum(key.parts.values()) == 1
        if not is_sound or not any(set(parts) == set(key.parts) for parts in splits):
            wanted = "、".join(one or "目录外" for one in next(iter(splits), ())) or "无"
            message = f"分劈依据“{key.said}”与集群“{key.cluster_id}”的去向不符（有待分劈的：{wanted}）"
            found.append(Finding("industry.key", Severity.ERROR, message, remedy="逐一写明各去向的份额，合计为一。"))
    return found


def _composed(from_id: str, to_id: str, stages: Sequence[Stage]) -> Correspondence:
    ends = dict.fromkeys(after for ways in stages[-1].ways.values() for after in ways)
    arriving = {end: _arriving(stages, end) for end in ends}
    links = [
        Link(start, end, *found[start][0], said=found[start][1])
        for start in stages[0].ways
        for end, found in arriving.items()
        if found[start][0][1] > 0
    ]
    return Correspondence(from_id, to_id, tuple(links))


def _arriving(stages: Sequence[Stage], end: str) -> dict[str, tuple[_Bounds, tuple[str, ...]]]:
    """Cluster of the first stage → the least and greatest share of it that arrives at `end`, and on whose word.

    The choices of different clusters are independent and each is met once, so that the extremes are had by
    choosing at every cluster for itself.
    """
    known: dict[str, tuple[_Bounds, tuple[str, ...]]] = {end: ((_WHOLE, _WHOLE), ())}
    nowhere = ((_NONE, _NONE), ())
    for stage in reversed(stages):
        here: dict[str, tuple[_Bounds, tuple[str, ...]]] = {}
        for one, ways in stage.ways.items():
            low, high = _NONE, _NONE
            for after, share in ways.items():
                if share is not None:
                    bounds = known.get(after, nowhere)[0]
                    low, high = low + share * bounds[0], high + share * bounds[1]
            unsaid = [known.get(after, nowhere)[0] for after in stage.open(one)]
            if unsaid:
                free = stage.free(one)
                low += free * min(bounds[0] for bounds in unsaid)
                high += free * max(bounds[1] for bounds in unsaid)
            words = _words(stage, one, known) if high and low != 1 else ()
            here[one] = (low, high), words
        known = here
    return known


def _words(stage: Stage, one: str, known: Mapping[str, tuple[_Bounds, tuple[str, ...]]]) -> tuple[str, ...]:
    """The keys behind a share: this stage's, where its ways lead to different ends, and those further on."""
    reached = [known[after] for after in stage.ways[one] if after in known and known[after][0][1] > 0]
    own = stage.said.get(one, ()) if any(share != 1 for share in stage.ways[one].values()) else ()
    return tuple(dict.fromkeys((*own, *(word for _, words in reached for word in words))))


def _grouped(links: Iterable[Link], by: Callable[[Link], str]) -> dict[str, tuple[Link, ...]]:
    found: dict[str, list[Link]] = {}
    for link in links:
        found.setdefault(by(link), []).append(link)
    return {one: tuple(own) for one, own in found.items()}
