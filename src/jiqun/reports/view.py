"""From where a page looks at the ledger: the city, the day, and how its things are named on that day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from jiqun.packs import City
from jiqun.packs.schema.bodies import Body


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing of the folder or ledger that a page names and links to."""

    id: str
    name: str
    name_en: str = ""


@dataclass(frozen=True)
class View:
    """`on` is the day the page is as of: only what was public by then is shown, and pace is judged on it.

    `user` decides which rows are seen, by the rules of `ledger.access`.
    """

    city: City
    on: date
    today: date
    user: Any = None

    @property
    def is_today(self) -> bool:
        return self.on == self.today

    @cached_property
    def names(self) -> Names:
        return Names(self.city)

    @cached_property
    def rights(self) -> dict[tuple[str, ...], Any]:
        """What `ledger.access` has answered for this reader, by what was asked: rows of a list ask the same."""
        return {}

    def answering(self, body_ids: Iterable[str | None]) -> tuple[Ref, ...]:
        """The bodies that answer on this day for what these were charged with, in printed order."""
        found: dict[str, Ref] = {}
        for body_id in body_ids:
            if body_id is not None and body_id in self.city.bodies:
                found.update((body.id, self.names.body(body.id)) for body in self.city.body_at(body_id, self.on))
        return tuple(found.values())

    def is_in_force(self, body: Body) -> bool:
        """Whether the body bears its name on this day."""
        begun = body.valid_from is None or body.valid_from <= self.on
        return begun and (body.valid_to is None or self.on < body.valid_to)

    def covering(self, body_id: str) -> frozenset[str]:
        """The body, and the collective names (各市、区) that include it."""
        collectives = (body for body in self.city.bodies.values() if body.expands_to_ids)
        found = {c.id for c in collectives if any(part.id == body_id for part in self.city.expand_body(c.id))}
        return frozenset({body_id, *found})


class Names:
    """Names for ids, each looked up once; an id that the folder no longer knows is shown as itself."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._refs: dict[tuple[str, str], Ref] = {}

    def indicator(self, key: str) -> Ref:
        return self._find("indicator", key)

    def cluster(self, key: str | None) -> Ref | None:
        return self._find("cluster", key) if key else None

    def area(self, key: str | None) -> Ref | None:
        return self._find("area", key) if key else None

    def body(self, key: str) -> Ref:
        return self._find("body", key)

    def bodies(self, keys: Iterable[str | None]) -> tuple[Ref, ...]:
        return tuple(self.body(key) for key in keys if key)

    def _find(self, kind: str, key: str) -> Ref:
        found = self._refs.get((kind, key))
        if found is None:
            found = self._refs[kind, key] = self._look_up(kind, key)
        return found

    def _look_up(self, kind: str, key: str) -> Ref:
        if kind == "indicator":
            indicator = self._city.indicators.get(key)
            return Ref(key, indicator.name, indicator.name_en) if indicator else Ref(key, key)
        if kind == "cluster":
            cluster = self._city.clusters.get(key)
            return Ref(key, cluster.name, cluster.name_en) if cluster else Ref(key, key)
        if kind == "area":
            area = self._city.areas.get(key)
            return Ref(key, area.short_name or area.name) if area else Ref(key, key)
        body = self._city.bodies.get(key)
        return Ref(key, body.short_name or body.name) if body else Ref(key, key)
