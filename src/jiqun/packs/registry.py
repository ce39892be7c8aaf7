"""All entries of a folder and of those it extends, found by id; and whether every reference leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

from jiqun.model.findings import Finding, Place
from jiqun.packs.faults import fault
from jiqun.packs.layout import NAMESPACES
from jiqun.packs.reading import Contents, Entry
from jiqun.packs.schema.areas import Area
from jiqun.packs.schema.chains import Chain, ChainNode
from jiqun.packs.schema.clusters import Recasting
from jiqun.packs.schema.concept import Concept
from jiqun.packs.schema.examples import Example
from jiqun.packs.schema.indicators import Indicator
from jiqun.packs.schema.invented_returns import InventedReturns, InventedRounds
from jiqun.packs.schema.invention import Invention
from jiqun.packs.schema.layouts import LayoutCriterion, LayoutResource
from jiqun.packs.schema.settings import Lexicon
from jiqun.packs.schema.tiers import Ladder, SizeBand

Path = tuple[str | int, ...]
_SUGGESTIONS = 20

# Field name → where its ids are looked up.
REFERENCES = {
    "source": "source", "source_id": "source",
    "area_id": "area", "neighbour_id": "area", "parent_id": "area", "same_as_id": "area",
    "successor_ids": "body", "expands_to_ids": "body", "lead_ids": "body", "body_ids": "body",
    "indicator_id": "indicator", "numerator_id": "indicator", "denominator_id": "indicator",
    "cluster_id": "cluster", "cluster_ids": "cluster", "before_ids": "cluster", "after_ids": "cluster",
    "before_id": "cluster", "after_id": "cluster",
    "previous_id": "catalogue", "prerequisite_ids": "tier",
    "gb_codes": "industry", "gb_prefixes": "industry", "parent_code": "industry", "industry_code": "industry",
    "implies": "tier", "tier_id": "tier",
    "area_weights_id": "indicator", "above_scale_id": "indicator",
    "metric": "metric", "adds_to_id": "register", "register_id": "register", "issuer_id": "body",
    "docket_id": "docket",
    "stock_id": "indicator", "granted_id": "indicator", "entered_id": "indicator", "net_id": "indicator",
    "cumulative_id": "indicator",
    "catalogue_id": "catalogue", "area_ids": "area", "zone_id": "area", "member_ids": "area",
}  # fmt: skip
LOCAL_REFERENCES = {
    "feeds_ids": "node",
    "from_id": "node",
    "to_id": "node",
    "node_id": "node",
}  # looked up in the same chain
_OF_ONE_MODEL = {
    (Recasting, "from_id"): "catalogue",
    (Recasting, "to_id"): "catalogue",
    (Example, "bodies"): "body",
    (Ladder, "steps"): "tier",
    (SizeBand, "limits"): "metric",
    (Lexicon, "area_words"): "area",
    (Invention, "titles"): "tier",
    (InventedReturns, "rounds"): "form",
    (InventedReturns, "firms"): "form",
    (InventedRounds, "shares"): "cluster",
    (LayoutCriterion, "scores"): "cluster",
    (LayoutResource, "needs"): "cluster",
    (LayoutResource, "supplies"): "area",
}


@dataclass
class Registry:
    """`ids[namespace][id]` is the place of its first mention; `entries` are in folder order, parents first."""

    entries: list[Entry] = field(default_factory=list)
    ids: dict[str, dict[str, Place]] = field(default_factory=lambda: {name: {} for name in NAMESPACES})
    findings: list[Finding] = field(default_factory=list)

    def of(self, model: type[Concept]) -> Iterator[tuple[Entry, Any]]:
        """The entries of a model that could be read at least in part, with their values."""
        for entry in self.entries:
            if entry.kind.model is model and entry.value is not None:
                yield entry, entry.value


def collect(folders: Sequence[Contents]) -> Registry:
    """The registry of folders given parents first. An id said twice is a finding, and its first mention holds."""
    registry = Registry()
    for contents in folders:
        inherited = {namespace: set(known) for namespace, known in registry.ids.items()}
        for entry in contents.entries:
            is_new = True
            for namespace, id_, path in entry.kind.ids(entry.raw):
                known = registry.ids[namespace]
                if id_ not in known:
                    known[id_] = entry.place(*path)
                    continue
                is_new = is_new and path != (entry.kind.id_field,)
                code = "redefined" if id_ in inherited[namespace] else "duplicate_id"
                words = {"kind": NAMESPACES[namespace], "id": id_, "first": known[id_]}
                registry.findings.append(fault(code, entry.place(*path), **words))
                if code == "duplicate_id" and entry.kind.model is Area:
                    registry.findings += _second_parent(registry, entry)
            if is_new:
                registry.entries.append(entry)
    return registry


def _second_parent(registry: Registry, entry: Entry) -> Iterator[Finding]:
    second = entry.value
    for _, area in registry.of(Area):
        if isinstance(second, Area) and area.id == second.id and area.parent_id != second.parent_id:
            words = {"kind": NAMESPACES["area"], "id": area.id}
            one, two = area.parent_id or "（无）", second.parent_id or "（无）"
            yield fault("two_parents", entry.place("parent_id"), one=one, two=two, **words)


def dangling(registry: Registry) -> Iterator[Finding]:
    """A finding for every reference that leads nowhere or back to the entry itself."""
    cluster_names = _cluster_names(registry)
    told: set[tuple[str, str]] = set()
    for entry in registry.entries:
        if entry.value is None:
            continue
        for path, namespace, id_ in references(entry.value):
            known = registry.ids[namespace]
            if id_ not in known:
                told.add((namespace, id_))
                # Looking for the nearest is slow: a whole table gone must not take minutes to tell.
                nearest = known if len(told) <= _SUGGESTIONS else {}
                yield _dangling(entry.place(*path), path, namespace, id_, nearest)
            elif entry.kind.namespace == namespace and entry.raw.get(entry.kind.id_field) == id_:
                yield fault("itself", entry.place(*path), field=_field(path))
        if isinstance(entry.value, Chain):
            yield from _dangling_nodes(entry, entry.value)
        if isinstance(entry.value, Indicator) and entry.value.cluster and entry.value.cluster not in cluster_names:
            names = dict.fromkeys(cluster_names, Place())
            yield _dangling(entry.place("cluster"), ("cluster",), "cluster", entry.value.cluster, names)


def references(concept: Concept, path: Path = ()) -> Iterator[tuple[Path, str, str]]:
    """(path within the concept, namespace, id) of each reference in it, nested concepts included."""
    for name, namespace in _plan(type(concept)):
        value = getattr(concept, name)
        if not value:
            continue
        if namespace is not None:
            for inner, id_ in _ids(value, (*path, name)):
                yield inner, namespace, id_
        yield from _nested(value, (*path, name))  # also where ids lead to concepts with references of their own


@cache
def _plan(model: type[Concept]) -> tuple[tuple[str, str | None], ...]:
    """The fields of a model worth looking into: with their namespace, or None for those that hold concepts."""
    plan: list[tuple[str, str | None]] = []
    for name, about in model.model_fields.items():
        namespace = _OF_ONE_MODEL.get((model, name)) or REFERENCES.get(name)
        if namespace is not None:
            plan.append((name, namespace))
        elif _holds_concepts(about.annotation):
            plan.append((name, None))
    return tuple(plan)


def _holds_concepts(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, Concept):
        return True
    return any(_holds_concepts(part) for part in getattr(annotation, "__args__", ()))


def _nested(value: Any, path: Path) -> Iterator[tuple[Path, str, str]]:
    if isinstance(value, Concept):
        yield from references(value, path)
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from _nested(part, (*path, index))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _nested(part, (*path, key))


def _ids(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            if part is not None:
                yield from _ids(part, (*path, index))
    elif isinstance(value, dict):  # words → ids, or ids → limits
        for key, part in value.items():
            yield (*path, key), part if isinstance(part, str) else key


def _dangling_nodes(entry: Entry, chain: Chain) -> Iterator[Finding]:
    nodes: dict[str, ChainNode] = {}
    for index, node in enumerate(chain.nodes):
        if node.id in nodes:
            first = entry.place("nodes", [known.id for known in chain.nodes].index(node.id), "id")
            words = {"kind": NAMESPACES["node"], "id": node.id, "first": first}
            yield fault("duplicate_id", entry.place("nodes", index, "id"), **words)
        nodes.setdefault(node.id, node)
    known = dict.fromkeys(nodes, Place())
    known |= {raw["id"]: Place() for raw in entry.raw.get("nodes", ()) if isinstance(raw, dict) and "id" in raw}
    for index, node in enumerate(chain.nodes):
        for at, id_ in enumerate(node.feeds_ids):
            path: Path = ("nodes", index, "feeds_ids", at)
            if id_ == node.id:
                yield fault("itself", entry.place(*path), field="feeds_ids")
            elif id_ not in known and not entry.is_damaged:
                yield _dangling(entry.place(*path), path, "node", id_, known)
    for part, named in (("edges", ("from_id", "to_id")), ("purchases", ("node_id",)), ("sales", ("node_id",))):
        for index, said in enumerate(getattr(chain, part)):
            for name in named:
                id_ = getattr(said, name)
                if id_ not in known and not entry.is_damaged:
                    yield _dangling(entry.place(part, index, name), (part, index, name), "node", id_, known)
    for index, edge in enumerate(chain.edges):
        if edge.from_id == edge.to_id:
            yield fault("itself", entry.place("edges", index, "to_id"), field="to_id")


def _cluster_names(registry: Registry) -> set[str]:
    names: set[str] = set()
    for entry in registry.entries:
        if entry.kind.namespace == "catalogue" and isinstance(entry.raw, dict):
            raws = entry.raw.get("clusters")
            names |= {str(raw.get("name")) for raw in (raws if isinstance(raws, list) else ()) if isinstance(raw, dict)}
    return names


def _dangling(place: Place, path: Path, namespace: str, id_: str, known: dict[str, Place]) -> Finding:
    close = get_close_matches(id_, known, 1)
    near = f"（是不是“{close[0]}”？）" if close else ""
    return fault("dangling", place, field=_field(path), kind=NAMESPACES[namespace], id=id_, near=near)


def _field(path: Path) -> str:
    return next(part for part in reversed(path) if isinstance(part, str))
