"""Layout problems: parties that are in them, bounds in order, grounds for what is claimed, a score for every pair."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain as joined

from jiqun.model.findings import Finding, Place
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.clusters import Catalogue, Cluster
from jiqun.packs.schema.concept import Confidence
from jiqun.packs.schema.layouts import Grounded, Layout, LayoutCriterion, LayoutExemption, LayoutRule
from jiqun.packs.schema.settings import DatedValue

_Path = tuple[str | int, ...]
_IN_ZONE = frozenset({"cluster_in_zone", "cluster_outside_zone", "zone_total"})
_HIGHEST = 100


def layout_findings(registry: Registry) -> Iterator[Finding]:
    """Everything wrong with the folder's layout problems that can be seen without solving one."""
    catalogues: dict[str, Catalogue] = {catalogue.id: catalogue for _, catalogue in registry.of(Catalogue)}
    for entry, layout in registry.of(Layout):
        if entry.is_damaged or layout.catalogue_id not in catalogues:
            continue
        yield from _Check(entry, layout, catalogues[layout.catalogue_id]).findings()


class _Check:
    """One problem, with the clusters and areas that are in it."""

    def __init__(self, entry: Entry, layout: Layout, catalogue: Catalogue) -> None:
        self.entry, self.layout, self.catalogue = entry, layout, catalogue
        self.groups = {cluster.group for cluster in catalogue.clusters if cluster.group}
        is_all = not layout.groups and not layout.cluster_ids
        self.clusters: dict[str, Cluster] = {
            one.id: one
            for one in catalogue.clusters
            if is_all or one.group in layout.groups or one.id in layout.cluster_ids
        }
        self.areas = set(layout.area_ids)

    def findings(self) -> Iterator[Finding]:
        layout = self.layout
        known = {cluster.id for cluster in self.catalogue.clusters}
        for at, id_ in enumerate(layout.cluster_ids):
            if id_ not in known:
                yield fault("outside", self.entry.place("cluster_ids", at), kind="集群", id=id_, kinds="集群目录")
        yield from self._groups(("groups",), layout.groups)
        yield from self._twice("area_ids", [(id_,) for id_ in layout.area_ids])
        for name in ("rules", "resources", "exemptions", "criteria"):
            yield from self._twice(name, [(one.id,) for one in getattr(layout, name)])
        yield from self._twice("zones", [(zone.zone_id,) for zone in layout.zones])
        yield from self._twice("pairs", [(pair.cluster_id, pair.area_id) for pair in layout.pairs])
        for name in ("zones", "rules", "resources", "exemptions", "pairs", "today", "criteria"):
            for at, one in enumerate(getattr(layout, name)):
                yield from self._grounds((name, at), one)
        for name in ("change", "fairness"):
            if getattr(layout, name) is not None:
                yield from self._grounds((name,), getattr(layout, name))
        for at, rule in enumerate(layout.rules):
            yield from self._rule(("rules", at), rule)
        for at, exemption in enumerate(layout.exemptions):
            yield from self._scope(("exemptions", at), exemption)
        for name in ("pairs", "today"):
            for at, pair in enumerate(getattr(layout, name)):
                yield from self._inside((name, at, "cluster_id"), (name, at, "area_id"), pair.cluster_id, pair.area_id)
        yield from self._terms()

    # --- who

    def _groups(self, path: _Path, groups: Iterable[str]) -> Iterator[Finding]:
        for at, group in enumerate(groups):
            if group not in self.groups:
                words = {"catalogue": self.catalogue.name, "group": group, "known": "、".join(sorted(self.groups))}
                yield fault("no_group", self.entry.place(*path, at), **words)

    def _inside(self, at_cluster: _Path, at_area: _Path, cluster_id: str, area_id: str) -> Iterator[Finding]:
        if cluster_id not in self.clusters:
            yield self._outside(at_cluster, "集群", cluster_id)
        if area_id not in self.areas:
            yield self._outside(at_area, "区划", area_id)

    def _outside(self, path: _Path, kind: str, id_: str) -> Finding:
        kinds = "groups、cluster_ids" if kind == "集群" else "area_ids"
        return fault("outside", self.entry.place(*path), kind=kind, id=id_, kinds=kinds)

    def _scope(self, path: _Path, said: LayoutRule | LayoutExemption) -> Iterator[Finding]:
        yield from self._groups((*path, "groups"), said.groups)
        for at, id_ in enumerate(said.cluster_ids):
            if id_ not in self.clusters:
                yield self._outside((*path, "cluster_ids", at), "集群", id_)

    def _twice(self, name: str, keys: Sequence[tuple[str, ...]]) -> Iterator[Finding]:
        for at, key in enumerate(keys):
            first = keys.index(key)
            if first != at:
                words = {"id": " ".join(key), "first": self.entry.place(name, first)}
                yield fault("pair_twice", self.entry.place(name, at), **words)

    # --- why

    def _grounds(self, path: _Path, said: Grounded) -> Iterator[Finding]:
        """Whoever sets a rule without a source says so; a made-up score says that it is invented."""
        is_criterion = isinstance(said, LayoutCriterion)
        is_made_up = said.is_assumed or (isinstance(said, LayoutCriterion) and said.is_invented)
        if said.source is None and not is_made_up:
            name = next((str(n) for key in ("name", "id", "words") if (n := getattr(said, key, ""))), str(path[0]))
            mark = "is_invented" if is_criterion else "is_assumed"
            yield fault("ungrounded", self.entry.place(*path), name=name, mark=mark)

    def _rule(self, path: _Path, rule: LayoutRule) -> Iterator[Finding]:
        yield from self._scope(path, rule)
        for at, id_ in enumerate(rule.area_ids):
            if id_ not in self.areas:
                yield self._outside((*path, "area_ids", at), "区划", id_)
        if rule.least is None and rule.most is None:
            yield fault("no_bounds", self.entry.place(*path), id=rule.id)
        elif rule.least is not None and rule.most is not None and rule.least > rule.most:
            yield fault("bounds", self.entry.place(*path, "least"), id=rule.id, least=rule.least, most=rule.most)
        why = ""
        if (rule.kind in _IN_ZONE) != (rule.zone_id is not None):
            why = "没有写 zone_id" if rule.zone_id is None else "不按带、轴、环计数，不应写 zone_id"
        elif rule.zone_id is not None and rule.zone_id not in {zone.zone_id for zone in self.layout.zones}:
            why = f"指向的“{rule.zone_id}”没有列入 zones"
        if why:
            yield fault("zone", self.entry.place(*path), id=rule.id, why=why)

    # --- points

    def _terms(self) -> Iterator[Finding]:
        layout = self.layout
        for at, criterion in enumerate(layout.criteria):
            path: _Path = ("criteria", at)
            yield from self._weights((*path, "weight"), criterion.name, criterion.weight)
            yield from self._criterion(path, criterion)
        if layout.change is not None:
            yield from self._weights(("change", "enter"), "enter", layout.change.enter)
            yield from self._weights(("change", "leave"), "leave", layout.change.leave)
        if layout.fairness is not None:
            yield from self._weights(("fairness", "weight"), "fairness", layout.fairness.weight)
            of = layout.fairness.of
            if of != "count" and of not in {criterion.id for criterion in layout.criteria}:
                yield fault("fair_of", self.entry.place("fairness", "of"), id=of)

    def _weights(self, path: _Path, name: str, weights: tuple[DatedValue, ...]) -> Iterator[Finding]:
        days = [weight.valid_from or datetime.date.min for weight in weights]
        for at in range(1, len(days)):
            if days[at] <= days[at - 1]:
                yield fault("order", self.entry.place(*path, at), name=name)
        for at, weight in enumerate(weights):
            if weight.value < 0:
                why = f"权重 {weight.value} 是负数"
                yield fault("criterion", self.entry.place(*path, at), id=name, why=why)

    def _criterion(self, path: _Path, said: LayoutCriterion) -> Iterator[Finding]:
        place = self.entry.place(*path)
        fields = {"table": bool(said.scores), "seats": bool(said.by_confidence), "measured": bool(said.measure)}
        names = {"table": "scores", "seats": "by_confidence", "measured": "measure"}
        for kind, is_said in fields.items():
            if is_said != (kind == said.kind):
                why = f"kind 为 {said.kind}，{'不应' if is_said else '应'}写 {names[kind]}"
                yield fault("criterion", place, id=said.id, why=why)
        if said.kind == "seats" and said.by_confidence and set(said.by_confidence) != set(Confidence):
            yield fault("criterion", place, id=said.id, why="by_confidence 应写全 high、medium、low")
        yield from self._scores(path, said)
        missing = len(self.clusters) * len(self.areas) - sum(
            1 for c, row in said.scores.items() for a in row if c in self.clusters and a in self.areas
        )
        if said.unknown_as is None and missing:
            yield fault("no_score", place, id=said.id, count=missing)

    def _scores(self, path: _Path, said: LayoutCriterion) -> Iterator[Finding]:
        at = (*path, "scores")
        for cluster_id, row in said.scores.items():
            for area_id, points in row.items():
                where: Place = self.entry.place(*at, cluster_id, area_id)
                if cluster_id not in self.clusters:
                    yield self._outside((*at, cluster_id), "集群", cluster_id)
                if area_id not in self.areas:
                    yield self._outside((*at, cluster_id, area_id), "区划", area_id)
                yield from _points(where, said.id, points)
        by_confidence = ((("by_confidence", name), value) for name, value in said.by_confidence.items())
        stand_in = ((("unknown_as",), said.unknown_as),) if said.unknown_as is not None else ()
        for inner, value in joined(by_confidence, stand_in):
            yield from _points(self.entry.place(*path, *inner), said.id, value)


def _points(place: Place, id_: str, points: Decimal) -> Iterator[Finding]:
    if not 0 <= points <= _HIGHEST or points * 100 != int(points * 100):
        yield fault("score", place, id=id_, value=points)
