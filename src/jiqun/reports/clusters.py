"""The pages of clusters: catalogues by edition, what changed between them, and one cluster with its line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jiqun.model.errors import NotFound
from jiqun.packs.schema.clusters import Catalogue, Cluster, ClusterEvent
from jiqun.reports.figures import FigureRow, figure_rows, known_figures
from jiqun.reports.register import LightCount, Shortlist, TargetRow, count_lights, register
from jiqun.reports.shares import Share, shares
from jiqun.reports.view import Ref, View

EVENT_LABELS = {
    "added": "新增", "kept": "保留", "renamed": "更名", "merged": "合并", "split": "拆分", "absorbed": "并入",
    "promoted": "升格", "regrouped": "调整", "removed": "退出",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventRow:
    """One change by decree."""

    type: str
    label: str
    before: tuple[Ref, ...]
    after: tuple[Ref, ...]
    on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class ClusterRow:
    ref: Ref
    group: str
    subfields: tuple[str, ...]
    targets: int
    lights: tuple[LightCount, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of a catalogue; `changed` are its events other than 保留."""

    id: str
    series: str
    name: str
    edition: str
    area: Ref | None
    effective_from: date | None
    effective_to: date | None
    legal_basis: str
    is_in_force: bool
    expected_count: int | None
    groups: tuple[tuple[str, tuple[ClusterRow, ...]], ...]
    count: int
    kept: int
    changed: tuple[EventRow, ...]


@dataclass(frozen=True)
class Clusters:
    """Series of catalogues, each with its editions, newest first."""

    series: tuple[tuple[str, tuple[Edition, ...]], ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class ClusterPage:
    ref: Ref
    kind: str
    edition: Edition
    group: str
    subfields: tuple[str, ...]
    leads: tuple[Ref, ...]
    gb_codes: tuple[str, ...]
    aliases: tuple[str, ...]
    line: tuple[EventRow, ...]
    targets: Shortlist
    lights: tuple[LightCount, ...]
    figures: tuple[FigureRow, ...]
    source: str
    note: str


def clusters(view: View) -> Clusters:
    rows = register(view).wholes
    by_cluster = _targets_by_cluster(rows)
    series: dict[str, list[Edition]] = {}
    for catalogue in view.city.catalogues:
        series.setdefault(catalogue.series, []).append(_edition(view, catalogue, by_cluster))
    ordered = sorted(
        ((name, tuple(sorted(editions, key=_begins, reverse=True))) for name, editions in series.items()),
        key=lambda pair: (pair[0] != view.city.main_series, pair[0]),
    )
    return Clusters(tuple(ordered), shares(rows, lambda row: (row.cluster,) if row.cluster else ()))


def cluster(view: View, key: str) -> ClusterPage:
    """One cluster with the events that led to it and away from it. Raises NotFound."""
    found = view.city.clusters.get(key)
    if found is None:
        raise NotFound("资料夹中没有这个集群")
    catalogue = view.city.catalogue_of_cluster[key]
    own = register(view).of_cluster(key)
    source = view.city.sources.get(found.source or catalogue.source or "")
    figures = known_figures(view).filter(cluster_id=key).order_by("-period_end", "-is_preferred")[:100]
    return ClusterPage(
        ref=Ref(found.id, found.name, found.name_en),
        kind=found.kind,
        edition=_edition(view, catalogue, {}),
        group=found.group,
        subfields=found.subfields,
        leads=view.names.bodies(found.lead_ids),
        gb_codes=found.gb_codes,
        aliases=found.aliases,
        line=_line(view, key),
        targets=Shortlist.of(own),
        lights=count_lights(own),
        figures=figure_rows(view, figures),
        source=source.title if source else "",
        note=found.note,
    )


def _edition(view: View, catalogue: Catalogue, targets: dict[str, list[TargetRow]]) -> Edition:
    groups: dict[str, list[ClusterRow]] = {}
    for found in catalogue.clusters:
        groups.setdefault(found.group, []).append(_cluster_row(found, targets.get(found.id, [])))
    begins, ends = catalogue.effective_from, catalogue.effective_to
    return Edition(
        id=catalogue.id,
        series=catalogue.series,
        name=catalogue.name,
        edition=catalogue.edition,
        area=view.names.area(catalogue.area_id),
        effective_from=begins,
        effective_to=ends,
        legal_basis=catalogue.legal_basis,
        is_in_force=(begins or date.min) <= view.on <= (ends or date.max),
        expected_count=catalogue.expected_count,
        groups=tuple((name, tuple(rows)) for name, rows in groups.items()),
        count=len(catalogue.clusters),
        kept=sum(event.type == "kept" for event in catalogue.events),
        changed=tuple(_event(view, event) for event in catalogue.events if event.type != "kept"),
    )


def _cluster_row(found: Cluster, targets: list[TargetRow]) -> ClusterRow:
    ref = Ref(found.id, found.name, found.name_en)
    return ClusterRow(ref, found.group, found.subfields, len(targets), count_lights(targets))


def _event(view: View, event: ClusterEvent) -> EventRow:
    refs = view.names.cluster
    return EventRow(
        type=event.type,
        label=EVENT_LABELS[event.type],
        before=tuple(ref for key in event.before_ids if (ref := refs(key))),
        after=tuple(ref for key in event.after_ids if (ref := refs(key))),
        on=event.date,
        note=event.note,
    )


def _line(view: View, key: str) -> tuple[EventRow, ...]:
    """Every event that the cluster, those before it or those after it took part in, oldest first."""
    family, grown = {key}, True
    while grown:
        touched = [e for e in view.city.events if family & {*e.before_ids, *e.after_ids}]
        wider = family | {k for e in touched for k in _same_line(e, family)}
        grown, family = wider != family, wider
    found = [e for e in view.city.events if family & {*e.before_ids, *e.after_ids}]
    return tuple(_event(view, e) for e in sorted(found, key=lambda e: e.date or date.min))


def _same_line(event: ClusterEvent, family: set[str]) -> set[str]:
    """Members of a change that carry the line on; of a catalogue recast as a whole only direct kin."""
    members = {*event.before_ids, *event.after_ids}
    return members if family & members and len(members) <= 6 else set()


def _targets_by_cluster(rows: tuple[TargetRow, ...]) -> dict[str, list[TargetRow]]:
    found: dict[str, list[TargetRow]] = {}
    for row in rows:
        if row.cluster is not None:
            found.setdefault(row.cluster.id, []).append(row)
    return found


def _begins(edition: Edition) -> date:
    return edition.effective_from or date.min
