"""The review desk: claims waiting for a person, and one of them beside its sentence.

Review is work on the ledger as it stands, so these pages show current versions whatever day a page is as of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from jiqun.ledger import structure
from jiqun.ledger.models import Claim, ClaimState, Document
from jiqun.ledger.store import as_of, current, history
from jiqun.model.claims import Measure
from jiqun.reports.claims import ClaimRow, claim_row, marks_in_reading
from jiqun.reports.document_figures import TextFigure, text_figure
from jiqun.reports.paging import Paging, cut
from jiqun.reports.reading import Marker, Paragraph, ReadingPlaces, blocks_around, paragraphs, shortened
from jiqun.reports.register import DocumentRef, document_ref
from jiqun.reports.view import Ref, View

PAGE = 40


@dataclass(frozen=True)
class ReviewFilter:
    """What the queue shows; "" leaves a field open.

    `linked` is "no" for claims without an indicator; `origin` "model" for those a model suggested, else "rules".
    """

    state: str = ClaimState.PROPOSED.value
    document: str = ""
    kind: str = ""
    linked: str = ""
    origin: str = ""
    at_least_pct: int | None = None
    below_pct: int | None = None
    sort: str = "place"


@dataclass(frozen=True, slots=True)
class StateCount:
    state: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class CandidateRow:
    ref: Ref
    unit: str
    score_pct: int
    evidence: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a statement as its history lists it."""

    version: int
    label: str
    actor: str
    reason: str
    recorded_at: datetime
    event: int


@dataclass(frozen=True)
class ClaimDetail:
    """A claim with its sentence and everything needed to decide it; `values` fill the form as printed.

    `figure` is what else is said at its point, where it reports a figure. `undo_event` decided this claim alone;
    `batch_event` decided it among many, which is not undone by a key.
    """

    row: ClaimRow
    sentence: tuple[Paragraph, ...]
    values: dict[str, str]
    candidates: tuple[CandidateRow, ...]
    history: tuple[Version, ...]
    figure: TextFigure | None
    undo_event: int | None
    batch_event: int | None
    next_key: str | None
    previous_key: str | None


@dataclass(frozen=True)
class Review:
    rows: tuple[ClaimRow, ...]
    paging: Paging
    filter: ReviewFilter
    states: tuple[StateCount, ...]
    documents: tuple[DocumentRef, ...]
    detail: ClaimDetail | None


@dataclass(frozen=True)
class Choices:
    """What the form's pickers offer, from the folder."""

    indicators: tuple[Ref, ...]
    areas: tuple[Ref, ...]
    clusters: tuple[Ref, ...]
    bodies: tuple[Ref, ...]
    measures: tuple[Ref, ...]


def review(view: View, wanted: ReviewFilter, page: int = 1, selected: str = "") -> Review:
    """A page of the queue; `selected` is the claim shown beside it, by default the first of the page."""
    queue = _queue(wanted)
    shown, paging = cut(queue.select_related("document").defer(*_LONG), page, PAGE)
    rows = tuple(claim_row(view, claim, document_ref(claim.document)) for claim in shown)
    key = selected or (rows[0].key if rows else "")
    counts = dict(_narrowed(wanted).order_by().values_list("state").annotate(Count("id")))
    refs = Document.objects.order_by("-known_on", "-id").defer("original", "reading", "structure", "findings")
    return Review(
        rows=rows,
        paging=paging,
        filter=wanted,
        states=tuple(StateCount(s.value, str(s.label), counts.get(s.value, 0)) for s in ClaimState),
        documents=tuple(document_ref(row) for row in refs),
        detail=claim_detail(view, key, tuple(row.key for row in rows)) if key else None,
    )


def waiting() -> int:
    """How many claims no person has decided."""
    return as_of(Claim).filter(state=ClaimState.PROPOSED).count()


def waiting_above(at_least: float, document: str = "") -> int:
    """How many claims a bulk acceptance from that confidence on would decide; no model's suggestion is among them."""
    rows = as_of(Claim).filter(state=ClaimState.PROPOSED, confidence__gte=at_least, suggested_by="")
    return (rows.filter(document__digest=document) if document else rows).count()


def claim_detail(view: View, key: str, around: tuple[str, ...] = ()) -> ClaimDetail:
    """One claim with its sentence; `around` is the queue it stands in. Raises NotFound."""
    claim = current(Claim, key)
    versions = list(history(Claim, key).select_related("event"))
    place = around.index(key) if key in around else None
    return ClaimDetail(
        row=claim_row(view, claim, document_ref(claim.document)),
        sentence=sentence_of(claim),
        values=_values(claim),
        candidates=tuple(_candidate(view, found) for found in claim.candidates),
        history=tuple(_version(row) for row in versions),
        figure=text_figure(view, claim),
        undo_event=claim.event_id if claim.version > 1 and versions[-1].event.action in _OF_ONE_CLAIM else None,
        batch_event=claim.event_id if versions[-1].event.action == "claims.accepted_in_bulk" else None,
        next_key=around[place + 1] if place is not None and place + 1 < len(around) else None,
        previous_key=around[place - 1] if place else None,
    )


def sentence_of(claim: Claim, beside: int = 1) -> tuple[Paragraph, ...]:
    """The paragraph of the claim and its neighbours, with the claim and those beside it marked."""
    read = structure.document_of(claim.document)
    places = ReadingPlaces(read.map)
    quote = places.find(claim.quote_start, claim.quote_end)
    if quote is None:
        return ()
    blocks = blocks_around(read, quote, beside)
    low, high = blocks[0].span.start, blocks[-1].span.end
    start, end = read.map.to_original(type(quote)(low, high)).start, read.map.to_original(type(quote)(low, high)).end
    others = as_of(Claim).filter(document=claim.document, number_start__gte=start, number_end__lte=end)
    marker = Marker(read.reading, marks_in_reading(others, places), claim.key)
    return tuple(shortened(paragraph) for paragraph in paragraphs(read, marker, blocks))


def choices(view: View) -> Choices:
    city, names = view.city, view.names
    return Choices(
        indicators=tuple(names.indicator(key) for key in city.indicators),
        areas=tuple(Ref(area.id, area.name) for area in city.areas.values()),
        clusters=tuple(
            Ref(cluster.id, f"{cluster.name}（{catalogue.edition}）")
            for catalogue in city.catalogues
            for cluster in catalogue.clusters
        ),
        bodies=tuple(Ref(body.id, body.name) for body in city.bodies.values()),
        measures=tuple(Ref(measure.value, measure.label) for measure in Measure),
    )


def version_of(row: object, label: str) -> Version:
    return Version(row.version, label, row.actor, row.reason, row.recorded_at, row.event_id)  # type: ignore[attr-defined]


def _version(claim: Claim) -> Version:
    return version_of(claim, str(ClaimState(claim.state).label))


_OF_ONE_CLAIM = ("claim.accepted", "claim.corrected", "claim.rejected")
_LONG = ("document__original", "document__reading", "document__structure", "document__findings")
_ORDERS = {"place": ("document_id", "number_start"), "sure": ("-confidence", "id"), "unsure": ("confidence", "id")}


def _narrowed(wanted: ReviewFilter) -> QuerySet[Claim]:
    """The queue before its state is chosen."""
    rows = as_of(Claim)
    if wanted.document:
        rows = rows.filter(document__digest=wanted.document)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.linked:
        missing = Q(indicator_id__isnull=True) | Q(indicator_id="")
        rows = rows.exclude(missing) if wanted.linked == "yes" else rows.filter(missing)
    if wanted.origin:
        rows = rows.exclude(suggested_by="") if wanted.origin == "model" else rows.filter(suggested_by="")
    if wanted.at_least_pct is not None:
        rows = rows.filter(confidence__gte=wanted.at_least_pct / 100)
    if wanted.below_pct is not None:
        rows = rows.filter(confidence__lt=wanted.below_pct / 100)
    return rows


def _queue(wanted: ReviewFilter) -> QuerySet[Claim]:
    rows = _narrowed(wanted)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return rows.order_by(*_ORDERS.get(wanted.sort, _ORDERS["place"]))


def _candidate(view: View, found: dict[str, object]) -> CandidateRow:
    key = str(found.get("id", ""))
    indicator = view.city.indicators.get(key)
    return CandidateRow(
        ref=view.names.indicator(key),
        unit=indicator.unit if indicator else "",
        score_pct=round(float(str(found.get("score") or 0)) * 100),
        evidence=str(found.get("evidence") or ""),
    )


def _values(claim: Claim) -> dict[str, str]:
    return {
        "kind": claim.kind,
        "indicator": claim.indicator,
        "indicator_id": claim.indicator_id or "",
        "value_text": claim.value_text,
        "value_max_text": claim.value_max_text,
        "unit": claim.unit,
        "comparator": claim.comparator,
        "strict": "on" if claim.strict else "",
        "measure": claim.measure,
        "area_id": claim.area_id or "",
        "cluster_id": claim.cluster_id or "",
        "period": claim.period,
        "base_value": claim.base_value,
        "base_period": claim.base_period,
        "body_ids": " ".join(key for key in claim.body_ids if key),
    }
