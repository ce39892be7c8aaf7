"""A loaded city: what its folder and those it extends say, ready for look-up."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Protocol

from jiqun.model.errors import NotFound
from jiqun.packs.schema.areas import Area
from jiqun.packs.schema.bodies import Body
from jiqun.packs.schema.chains import Chain
from jiqun.packs.schema.clusters import Catalogue, Cluster, ClusterEvent, Membership, Recasting
from jiqun.packs.schema.dockets import Docket, InventedItem
from jiqun.packs.schema.examples import Example
from jiqun.packs.schema.extents import Extent
from jiqun.packs.schema.forms import Form
from jiqun.packs.schema.indicators import Indicator
from jiqun.packs.schema.industries import Crosswalk, Industry
from jiqun.packs.schema.invented_returns import InventedReturns
from jiqun.packs.schema.invention import Invention
from jiqun.packs.schema.layouts import Layout
from jiqun.packs.schema.neighbours import NeighbouringAreas
from jiqun.packs.schema.registers import Register
from jiqun.packs.schema.settings import DatedValue, Lexicon
from jiqun.packs.schema.sources import Figure, FolderDocument, Source
from jiqun.packs.schema.subsidies import SubsidyScheme
from jiqun.packs.schema.tiers import Ladder, Metric, Tier


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, eq=False)
class City:
    """`digest` stamps every fact written under this folder. Dicts are by id; none of them is to be changed.

    `files` are the folder's files and those of the folders it extends: `<folder id>/<path>` → content, as they
    were when the city was loaded. `folder_ids` names these folders, the city's own first.
    """

    id: str
    name: str
    name_en: str
    edition: str
    area_id: str | None
    language: str
    main_series: str | None
    digest: str
    folder_ids: tuple[str, ...]
    settings: Mapping[str, tuple[DatedValue, ...]]
    areas: Mapping[str, Area]
    extents: Mapping[str, Extent]  # by area
    neighbours: tuple[NeighbouringAreas, ...]
    bodies: Mapping[str, Body]
    indicators: Mapping[str, Indicator]
    sources: Mapping[str, Source]
    catalogues: tuple[Catalogue, ...]
    memberships: tuple[Membership, ...]
    recastings: tuple[Recasting, ...]
    chains: Mapping[str, Chain]
    layouts: Mapping[str, Layout]
    tiers: Mapping[str, Tier]
    metrics: Mapping[str, Metric]
    ladders: Mapping[str, Ladder]
    registers: Mapping[str, Register]
    subsidies: Mapping[str, SubsidyScheme]
    forms: Mapping[str, Form]
    dockets: Mapping[str, Docket]
    invention: Invention | None
    invented_returns: InventedReturns | None
    invented_items: tuple[InventedItem, ...]
    industries: Mapping[str, Industry]
    crosswalks: Mapping[str, Crosswalk]
    figures: tuple[Figure, ...]
    documents: tuple[FolderDocument, ...]
    examples: tuple[Example, ...]
    lexicon: Lexicon
    files: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"City({self.id!r}, {self.digest[:12]})"

    # --- settings and files

    def setting(self, name: str, on: datetime.date) -> Decimal:
        """The value that held on the day. Raises NotFound when the folder has none for it."""
        held = [v for v in self.settings.get(name, ()) if v.valid_from is None or v.valid_from <= on]
        if not held:
            known = "、".join(sorted(self.settings)) or "无"
            raise NotFound(f"城市文件夹“{self.id}”的 city.yaml 没有 {on} 有效的设置“{name}”（已有：{known}）")
        return held[-1].value

    def read(self, path: str) -> bytes:
        """A file by its path within the folder; the city's own before that of a folder it extends."""
        for folder in self.folder_ids:
            if f"{folder}/{path}" in self.files:
                return self.files[f"{folder}/{path}"]
        raise NotFound(f"城市文件夹“{self.id}”里没有文件 {path}")

    def paths(self, prefix: str = "") -> tuple[str, ...]:
        """Paths within the folder that begin with `prefix`, each once, sorted."""
        inner = {path.split("/", 1)[1] for path in self.files}
        return tuple(sorted(path for path in inner if path.startswith(prefix)))

    def crosswalk(self, crosswalk_id: str) -> list[dict[str, str]]:
        """The rows of a table of `crosswalks/`, every cell as text. Parsed at each call."""
        if crosswalk_id not in self.crosswalks:
            raise NotFound(f"没有对照表“{crosswalk_id}”（已有：{'、'.join(self.crosswalks)}）")
        content = self.read(f"crosswalks/{self.crosswalks[crosswalk_id].file}").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(content, newline="")))

    # --- clusters

    @cached_property
    def clusters(self) -> dict[str, Cluster]:
        """Every cluster of every edition."""
        return {cluster.id: cluster for catalogue in self.catalogues for cluster in catalogue.clusters}

    @cached_property
    def events(self) -> tuple[ClusterEvent, ...]:
        return tuple(event for catalogue in self.catalogues for event in catalogue.events)

    @cached_property
    def catalogue_of_cluster(self) -> dict[str, Catalogue]:
        return {cluster.id: catalogue for catalogue in self.catalogues for cluster in catalogue.clusters}

    def catalogue_on(self, day: datetime.date, series: str | None = None) -> Catalogue | None:
        """The edition in force on the day, of `series` or else of the city's main series; None before the first."""
        series = series or self.main_series
        held = [
            catalogue
            for catalogue in self.catalogues
            if (series is None or catalogue.series == series)
            and (catalogue.effective_from or datetime.date.min) <= day <= (catalogue.effective_to or datetime.date.max)
        ]
        return max(held, key=lambda catalogue: catalogue.effective_from or datetime.date.min, default=None)

    # --- areas

    def reporting_areas(self, area_id: str) -> tuple[Area, ...]:
        """The children whose figures add up to the area's total, in the folder's order."""
        return tuple(area for area in self.areas.values() if area.parent_id == area_id and area.reports)

    def reported_in(self, area_id: str) -> str:
        """The area whose figures hold those of `area_id`: the one it reports as, then the nearest at or above it that
        reports; where none does, and where the folder does not know it, itself.
        """
        area = self.areas.get(area_id)
        if area is None:
            return area_id
        own = area.same_as_id or area_id
        climbed = (self.areas[own], *self.ancestors(own))
        return next((one.id for one in climbed if one.reports), own)

    @cached_property
    def moved_areas(self) -> dict[str, str]:
        """Areas that are reported in another → that one."""
        return {id_: into for id_ in self.areas if (into := self.reported_in(id_)) != id_}

    def ancestors(self, area_id: str) -> tuple[Area, ...]:
        """From the parent up to the root."""
        found: list[Area] = []
        above = self.areas[area_id].parent_id
        while above is not None:
            found.append(self.areas[above])
            above = self.areas[above].parent_id
        return tuple(found)

    def descendants(self, area_id: str) -> tuple[Area, ...]:
        """Everything below the area, each child followed by its own children."""
        found: list[Area] = []
        for area in self._children.get(area_id, ()):
            found += [area, *self.descendants(area.id)]
        return tuple(found)

    def extent_of(self, area_id: str) -> Extent | None:
        """The extent of the area, of the one it reports as, or of the nearest above it that has one."""
        area = self.areas[area_id]
        here = [area_id, *([area.same_as_id] if area.same_as_id else []), *(a.id for a in self.ancestors(area_id))]
        return next((self.extents[id_] for id_ in here if id_ in self.extents), None)

    @cached_property
    def _children(self) -> dict[str | None, list[Area]]:
        children: dict[str | None, list[Area]] = {}
        for area in self.areas.values():
            children.setdefault(area.parent_id, []).append(area)
        return children

    # --- bodies

    def body_at(self, body_id: str, day: datetime.date) -> tuple[Body, ...]:
        """Who answers on the day for what the body was charged with: itself, or the successors in force by then.

        Several where the body was split. A body without successors answers for itself even after its end.
        """
        body = self.bodies[body_id]
        if not body.successor_ids or body.valid_to is None or day < body.valid_to:
            return (body,)
        return _once(found for successor in body.successor_ids for found in self.body_at(successor, day))

    def expand_body(self, body_id: str) -> tuple[Body, ...]:
        """The bodies that a collective name stands for (各市、区); of any other body, itself."""
        body = self.bodies[body_id]
        if not body.expands_to_ids:
            return (body,)
        return _once(found for part in body.expands_to_ids for found in self.expand_body(part))

    # --- by name

    @cached_property
    def names_of_areas(self) -> dict[str, tuple[str, ...]]:
        """Name, short name or alias → the ids that bear it, in the folder's order; so for the next three."""
        return _by_name((area, area.short_name) for area in self.areas.values())

    @cached_property
    def names_of_bodies(self) -> dict[str, tuple[str, ...]]:
        return _by_name((body, body.short_name) for body in self.bodies.values())

    @cached_property
    def names_of_indicators(self) -> dict[str, tuple[str, ...]]:
        return _by_name((indicator, "") for indicator in self.indicators.values())

    @cached_property
    def names_of_clusters(self) -> dict[str, tuple[str, ...]]:
        return _by_name((cluster, "") for cluster in self.clusters.values())


def _by_name(things: Iterable[tuple[_Named, str]]) -> dict[str, tuple[str, ...]]:
    names: dict[str, tuple[str, ...]] = {}
    for thing, short_name in things:
        for name in dict.fromkeys((thing.name, short_name, *thing.aliases)):
            if name:
                names[name] = (*names.get(name, ()), thing.id)
    return names


def _once(found: Iterator[Body]) -> tuple[Body, ...]:
    return tuple({body.id: body for body in found}.values())
