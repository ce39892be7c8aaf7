"""Phrases of a text tied to the things of a city folder: indicators by likeness, areas, bodies and clusters by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from jiqun.extraction.likeness import Likeness
from jiqun.extraction.passages import squeezed
from jiqun.model.claims import Candidate, Measure
from jiqun.packs.city import City

ENOUGH = 0.85  # a likeness from which a phrase is taken for the indicator; below it every other link is wrong
_TIED = 0.01  # two scores this near tell nothing apart: a person chooses
_DECREED_BEFORE = timedelta(days=31)
_REMEMBERED = 2048  # names: documents of one city speak of much the same
_BRACKETS = re.compile(r"[()\[\]<>〈〉《》\s]")


def settled(candidates: Sequence[Candidate]) -> Candidate | None:
    """The indicator that a phrase is taken for: the first of `candidates` if it is like enough and alone in that."""
    if not candidates or candidates[0].score < ENOUGH:
        return None
    is_tied = len(candidates) > 1 and candidates[0].score - candidates[1].score < _TIED
    return None if is_tied else candidates[0]


class Links:
    """Look-ups of one city on one day."""

    def __init__(self, city: City, day: date | None) -> None:
        self._city = city
        self._day = day
        self._names = _names(city)

    def indicators(self, phrase: str, unit: str, measure: Measure) -> tuple[Candidate, ...]:
        """The likest indicators, best first; those whose unit or kind of number cannot fit are left out."""
        return self._names.likeness.ranked(phrase, unit, measure)

    def bodies(self, names: tuple[str, ...]) -> tuple[str | None, ...]:
        """The body that each name meant on the day; None where the folder knows none."""
        return tuple(self._body(name) for name in names)

    def cluster(self, phrase: str) -> str | None:
        """The cluster that the phrase names, of the city's own edition in force on the day; None where none is."""
        return next((held for ids in self._names.clusters_in(phrase) if (held := self._in_force(ids))), None)

    def _in_force(self, ids: tuple[str, ...]) -> str | None:
        """The newest of the clusters whose catalogue is the city's own and holds on the day; the newest for no day."""

        def begins(cluster_id: str) -> date:
            return self._city.catalogue_of_cluster[cluster_id].effective_from or date.min

        return max((cluster_id for cluster_id in ids if self._holds(cluster_id)), key=begins, default=None)

    def _holds(self, cluster_id: str) -> bool:
        catalogue = self._city.catalogue_of_cluster[cluster_id]
        if catalogue.area_id not in (None, self._city.area_id):
            return False  # a district's own list
        if self._day is None:
            return True
        begins, ends = catalogue.effective_from or date.min, catalogue.effective_to or date.max
        # the decree that makes an edition may be printed some days before it holds
        return begins <= self._day + _DECREED_BEFORE and self._day <= ends

    def _body(self, name: str) -> str | None:
        ids = self._names.bodies_called(name)
        held = [
            body_id
            for body_id in ids
            if self._day is None
            or (
                (self._city.bodies[body_id].valid_from or date.min) <= self._day
                and self._day < (self._city.bodies[body_id].valid_to or date.max)
            )
        ]
        return next(iter(held or ids), None)


class _Names:
    """What does not depend on the day: every name of the city, ready to be looked up."""

    def __init__(self, city: City) -> None:
        self.likeness = Likeness(city.indicators, city.lexicon.synonyms)
        self._bodies = {_plain_body(name): ids for name, ids in city.names_of_bodies.items()}
        named = [(squeezed(name), ids) for name, ids in city.names_of_clusters.items() if len(name) > 1]
        self._clusters = sorted(named, key=lambda pair: -len(pair[0]))
        self.bodies_called = lru_cache(maxsize=_REMEMBERED)(self._bodies_called)
        self.clusters_in = lru_cache(maxsize=_REMEMBERED)(self._clusters_in)

    def _bodies_called(self, name: str) -> tuple[str, ...]:
        return self._bodies.get(_plain_body(name), ())

    def _clusters_in(self, phrase: str) -> list[tuple[str, ...]]:
        """The clusters of each name that the phrase holds, the longest name first."""
        text = squeezed(phrase)
        return [ids for name, ids in self._clusters if name in text]


@lru_cache(maxsize=4)  # a city is one loaded folder and never changes
def _names(city: City) -> _Names:
    return _Names(city)


def _plain_body(name: str) -> str:
    return _BRACKETS.sub("", squeezed(name)).replace(",", "、")
