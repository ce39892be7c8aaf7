"""Which clusters need a split key, between which neighbouring editions, and which keys serve on a way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from jiqun.industry.correspondence import SplitKey, stages_between
from jiqun.packs.schema.clusters import Catalogue


@dataclass(frozen=True)
class Division:
    """A cluster of `from_id` that became, or had been, several of the neighbouring edition `to_id`.

    `parts` are those whose proportion no event states, OUTSIDE among them where it took in or gave off what was in no
    cluster; a key parts `free`, what the events leave of the whole.
    """

    from_id: str
    to_id: str
    cluster_id: str
    parts: tuple[str, ...]
    free: Fraction

    @property
    def key(self) -> str:
        """Names it for good: the same cluster may be divided in both directions."""
        return f"{self.from_id}>{self.to_id}/{self.cluster_id}"


def divisions(catalogues: Sequence[Catalogue]) -> tuple[Division, ...]:
    """Every division of every line: between neighbours, forwards and then backwards, in the order of the clusters."""
    return tuple(_divisions(catalogues))


def _divisions(catalogues: Sequence[Catalogue]) -> Iterator[Division]:
    known = {one.id for one in catalogues}
    for later in catalogues:
        if later.previous_id not in known:
            continue
        for from_id, to_id in ((str(later.previous_id), later.id), (later.id, str(later.previous_id))):
            for stage in stages_between(catalogues, from_id, to_id):
                for cluster_id in stage.names:
                    if parts := stage.open(cluster_id):
                        yield Division(from_id, to_id, cluster_id, parts, stage.free(cluster_id))


def serving(
    catalogues: Sequence[Catalogue], from_id: str, to_id: str, keys: Iterable[SplitKey]
) -> tuple[SplitKey, ...]:
    """The keys among these that divide something on the way between two editions. Raises NotFound as the way does."""
    stages = list(stages_between(catalogues, from_id, to_id))
    return tuple(
        key for key in keys
        if any(key.cluster_id in stage.ways and set(stage.open(key.cluster_id)) == set(key.parts) for stage in stages)
    )  # fmt: skip
