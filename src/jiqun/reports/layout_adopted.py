"""Adopted layouts: which is in force, since when, what was before it, and where it places one cluster or area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from jiqun.ledger import store
from jiqun.ledger.models import AdoptedLayout, Standing
from jiqun.reports.versions import Spell, spells
from jiqun.reports.view import Ref, View

Spots = frozenset[tuple[str, str]]  # cluster id, area id


@dataclass(frozen=True, slots=True)
class Adoption:
    """A version of the adopted layout. `until` is its last day, None while it has none.

    `enters` and `leaves` are against the version before it; the first one has `by_area` instead. `is_best`: proved that
    none had more points; None where nothing was proved.
    """

    version: int
    since: date
    until: date | None
    recorded_at: datetime
    actor: str
    reason: str
    places: int
    is_first: bool
    by_area: tuple[tuple[Ref, tuple[Ref, ...]], ...]
    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    points: str
    best_points: str
    is_best: bool | None
    is_trial: bool
    is_withdrawn: bool
    is_in_force: bool
    event: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an adopted layout places a cluster, or which clusters it places in an area."""

    layout: Ref
    since: date
    parties: tuple[Ref, ...]


def spots_of(row: AdoptedLayout) -> Spots:
    return frozenset((cluster, area) for cluster, area in row.pairs)


def history(view: View, layout_id: str) -> tuple[Adoption, ...]:
    """Every adoption known by the page's day, today also those that begin later; the newest first."""
    return tuple(_adoption(view, spell) for spell in spells(view, AdoptedLayout, layout_id))


def _adoption(view: View, spell: Spell) -> Adoption:
    row, own = spell.row, spots_of(spell.row)
    before = None if spell.before is None else spots_of(spell.before)
    return Adoption(
        version=row.version,
        since=row.known_on,
        until=spell.until,
        recorded_at=row.recorded_at,
        actor=row.actor,
        reason=row.reason,
        places=len(own),
        is_first=before is None,
        by_area=_by_area(view, own) if before is None else (),
        enters=named(view, own - before) if before is not None else (),
        leaves=named(view, before - own) if before is not None else (),
        points=_short(row.points),
        best_points=_short(row.best_points),
        is_best=row.points == row.best_points if row.best_points else None,
        is_trial=bool(row.trial),
        is_withdrawn=row.state == Standing.WITHDRAWN.value,
        is_in_force=spell.is_in_force,
        event=row.event_id,
    )


def _by_area(view: View, spots: Spots) -> tuple[tuple[Ref, tuple[Ref, ...]], ...]:
    """Area by area, in the folder's order, the clusters that stand there."""
    clusters = {key: at for at, key in enumerate(view.city.clusters)}
    found = []
    held = {area for _, area in spots}
    for area_id in (one for one in view.city.areas if one in held):
        own = sorted((cluster for cluster, area in spots if area == area_id), key=lambda one: clusters.get(one, -1))
        refs = (view.names.cluster(one) for one in own)
        found.append((view.names.area(area_id) or Ref(area_id, area_id), tuple(ref for ref in refs if ref)))
    return tuple(found)


def named(view: View, spots: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Pairs in words, in the folder's order of clusters and areas."""
    clusters, areas = ({key: at for at, key in enumerate(ids)} for ids in (view.city.clusters, view.city.areas))
    ordered = sorted(spots, key=lambda spot: (clusters.get(spot[0], -1), areas.get(spot[1], -1), spot))
    refs = ((view.names.cluster(cluster), view.names.area(area)) for cluster, area in ordered)
    return tuple(f"{cluster.name}·{area.name}" for cluster, area in refs if cluster and area)


def placed(view: View, *, cluster_id: str = "", area_id: str = "") -> tuple[Placed, ...]:
    """By layout in force on the page's day: the areas of the cluster, or the clusters of the area."""
    found = []
    for row in store.as_of(AdoptedLayout, view.on).filter(state=Standing.ACTIVE.value).order_by("key"):
        layout = view.city.layouts.get(row.key)
        if layout is None:  # the folder has dropped the problem: there is no board to lead to
            continue
        if cluster_id:
            refs = [view.names.area(area) for cluster, area in row.pairs if cluster == cluster_id]
        else:
            refs = [view.names.cluster(cluster) for cluster, area in row.pairs if area == area_id]
        if refs:
            ref = Ref(layout.id, layout.name, layout.name_en)
            found.append(Placed(ref, row.known_on, tuple(one for one in refs if one is not None)))
    return tuple(found)


def _short(points: str) -> str:
    """At most two decimals of what is kept with six."""
    return f"{float(points):.2f}".rstrip("0").rstrip(".") if points else ""
