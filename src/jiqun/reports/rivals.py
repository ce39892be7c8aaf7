"""What else is said at the point of a reported figure: by the ledger from another source, by the same text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jiqun.ledger.models import Claim, Observation, Standing
from jiqun.model.claims import ClaimKind
from jiqun.packs import City
from jiqun.reports.reported import Point, ReportedFigure, agree, point, reported


@dataclass(frozen=True)
class Rivals:
    """By key of a claim: figures in use from other sources at its point, and other claims of its own document there."""

    agreeing: Mapping[str, tuple[Observation, ...]]
    differing: Mapping[str, tuple[Observation, ...]]
    same_text: Mapping[str, tuple[Claim, ...]]  # another number at the same point
    twins: Mapping[str, Claim]  # the first printing of the same figure; a first printing has none

    @property
    def disputed(self) -> frozenset[str]:
        """Claims that a person must see beside another number before they count."""
        return frozenset(self.differing) | frozenset(self.same_text)


def rivals_of(city: City, claims: Iterable[Claim]) -> Rivals:
    """The rivals of those of the claims that report a figure at a known point, as the ledger stands now."""
    said = {c.key: (c, reported(city, c)) for c in claims if c.kind == ClaimKind.ACTUAL and c.indicator_id}
    held = _held(city, (claim for claim, _ in said.values()))
    by_place: dict[tuple[int, Point], list[str]] = {}
    for key, (claim, figure) in said.items():
        by_place.setdefault((claim.document_id, figure.point), []).append(key)
    agreeing, differing = {}, {}
    same_text: dict[str, tuple[Claim, ...]] = {}
    twins: dict[str, Claim] = {}
    for key, (claim, figure) in said.items():
        others = [row for row in held.get(figure.point, ()) if row.document_id != claim.document_id]
        fits = [row for row in others if agree(figure, held_figure(city, row))]
        if fits:
            agreeing[key] = tuple(fits)
        if len(fits) < len(others):
            differing[key] = tuple(row for row in others if row not in fits)
        beside = [said[other] for other in by_place[claim.document_id, figure.point]]
        if contrary := tuple(other for other, its in beside if other is not claim and not agree(figure, its)):
            same_text[key] = contrary
        first = next(other for other, its in beside if its.same == figure.same)
        if first is not claim:
            twins[key] = first
    return Rivals(agreeing, differing, same_text, twins)


def held_figure(city: City, row: Observation) -> ReportedFigure:
    """A figure of the ledger in the form that reported ones are compared in."""
    where = point(city, row.indicator_id, row.area_id, row.cluster_id, row.period, row.measure)
    return ReportedFigure(where, row.value, row.unit, row.value_kind)


def figures_at(city: City, where: Point) -> list[Observation]:
    """The figures in use at the point, the preferred one first."""
    rows = Observation.objects.filter(
        superseded_at=None, state=Standing.ACTIVE, indicator_id=where[0], area_id=where[1], period=where[3]
    )
    ordered = rows.order_by("-is_preferred", "known_on", "id")
    return [row for row in ordered if held_figure(city, row).point == where]


def _held(city: City, claims: Iterable[Claim]) -> dict[Point, list[Observation]]:
    """The figures in use at any point of the claims' indicators."""
    indicators = {claim.indicator_id for claim in claims}
    rows = Observation.objects.filter(superseded_at=None, state=Standing.ACTIVE, indicator_id__in=indicators)
    found: dict[Point, list[Observation]] = {}
    for row in rows.select_related(None).order_by("-is_preferred", "known_on", "id"):
        found.setdefault(held_figure(city, row).point, []).append(row)
    return found
