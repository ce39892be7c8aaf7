"""The pages of documents: what was taken in, and one document with its claims marked in its text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from jiqun.documents import document as nouns
from jiqun.extraction.systems import named_systems
from jiqun.ledger import structure
from jiqun.ledger.access import visible
from jiqun.ledger.models import Claim, ClaimState, Document, Task
from jiqun.ledger.store import as_of
from jiqun.model.claims import ClaimKind
from jiqun.model.errors import NotFound
from jiqun.model.findings import Finding
from jiqun.model.spans import Span
from jiqun.reports.claims import ClaimRow, claim_row, counted, marks_in_original, marks_in_reading
from jiqun.reports.paging import Paging, cut
from jiqun.reports.reading import Marker, Paragraph, Piece, ReadingPlaces, paragraphs, section_anchor
from jiqun.reports.register import DocumentRef, LightCount, count_lights, document_ref, register
from jiqun.reports.view import View


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document in the list, with how far its review has come and how its targets stand."""

    ref: DocumentRef
    issuer: str
    issued_on: date | None
    official_source: str
    proposed: int
    accepted: int
    rejected: int
    tasks: int
    lights: tuple[LightCount, ...]
    targets: int


@dataclass(frozen=True)
class Documents:
    rows: tuple[DocumentRow, ...]
    paging: Paging
    query: str


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    anchor: str
    number: str
    title: str
    level: int
    claims: int


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A list, platform or mechanism that the document says will be made; `anchor` is its place in the reading text."""

    anchor: str
    kind: str
    name: str
    quote: str
    task: str
    bodies: tuple[str, ...]


@dataclass(frozen=True)
class DocumentPage:
    """One document; `is_original` says which of its two texts `paragraphs` hold."""

    ref: DocumentRef
    name: str
    issuer: str
    issued_on: date | None
    official_source: str
    recorded_at: str
    is_known: bool
    is_original: bool
    here: str
    paragraphs: tuple[Paragraph, ...]
    outline: tuple[OutlineEntry, ...]
    findings: tuple[Finding, ...]
    claims: tuple[ClaimRow, ...]
    systems: tuple[SystemRow, ...]
    proposed: int
    accepted: int
    rejected: int
    tasks: int
    lights: tuple[LightCount, ...]
    folder_digest: str

    @property
    def targets(self) -> int:
        """How many targets in force were made of its claims."""
        return sum(count.count for count in self.lights)

    @property
    def actuals(self) -> int:
        """How many of the claims report what was reached."""
        return sum(claim.kind == ClaimKind.ACTUAL for claim in self.claims)


def documents(view: View, query: str = "", page: int = 1) -> Documents:
    """Documents known by the day, the newest first."""
    rows = Document.objects.filter(known_on__lte=view.on).order_by("-known_on", "-id")
    if query:
        rows = rows.filter(Q(title__contains=query) | Q(number__contains=query) | Q(issuer__contains=query))
    shown, paging = cut(rows.defer("original", "reading", "structure", "findings"), page, 30)
    ids = [row.pk for row in shown]
    states = counted(
        visible(view.user, as_of(Claim))
        .filter(document_id__in=ids)
        .order_by()
        .values_list("document_id", "state")
        .annotate(Count("id"))
    )
    tasks = dict(as_of(Task).filter(document_id__in=ids).order_by().values_list("document_id").annotate(Count("id")))
    found = tuple(_row(view, row, states.get(row.pk, {}), tasks.get(row.pk, 0)) for row in shown)
    return Documents(found, paging, query)


def _row(view: View, row: Document, states: dict[str, int], tasks: int) -> DocumentRow:
    targets = register(view).of_document(row.digest)
    return DocumentRow(
        ref=document_ref(row),
        issuer=row.issuer,
        issued_on=row.issued_on,
        official_source=row.official_source,
        proposed=states.get(ClaimState.PROPOSED, 0),
        accepted=states.get(ClaimState.ACCEPTED, 0),
        rejected=states.get(ClaimState.REJECTED, 0),
        tasks=tasks,
        lights=count_lights(targets),
        targets=len(targets),
    )


def find(digest: str) -> Document:
    """The document of that digest, or of the only one that begins so. Raises NotFound."""
    found: list[Document] = list(Document.objects.filter(digest__startswith=digest)[:2]) if len(digest) >= 8 else []
    if len(found) != 1:
        raise NotFound("没有这份文件")
    return found[0]


def document(view: View, digest: str, *, is_original: bool = False, here: str = "") -> DocumentPage:
    """One document with its claims marked; `here` is the key of the claim to point out. Raises NotFound."""
    row = find(digest)
    claims = list(visible(view.user, as_of(Claim)).filter(document=row).order_by("number_start", "id"))
    read = structure.document_of(row)
    places = ReadingPlaces(read.map)
    ref = document_ref(row)
    states = Counter(claim.state for claim in claims)
    targets = register(view).of_document(row.digest)
    systems, begins = _systems(read, places)
    shown = _original(read, claims, here) if is_original else _reading(read, claims, places, here, begins)
    return DocumentPage(
        ref=ref,
        name=row.name,
        issuer=row.issuer,
        issued_on=row.issued_on,
        official_source=row.official_source,
        recorded_at=row.recorded_at.isoformat(),
        is_known=row.known_on <= view.on,
        is_original=is_original,
        here=here,
        paragraphs=shown,
        outline=_outline(read, claims, places),
        findings=tuple(structure.finding_of(found) for found in row.findings),
        claims=tuple(claim_row(view, claim, ref) for claim in claims),
        systems=systems,
        proposed=states[ClaimState.PROPOSED],
        accepted=states[ClaimState.ACCEPTED],
        rejected=states[ClaimState.REJECTED],
        tasks=as_of(Task).filter(document=row).count(),
        lights=count_lights(targets),
        folder_digest=row.folder_digest,
    )


def _systems(read: nouns.Document, places: ReadingPlaces) -> tuple[tuple[SystemRow, ...], dict[int, str]]:
    """What will be made, and the anchors by the character of the reading text where each name begins."""
    rows: list[SystemRow] = []
    begins: dict[int, str] = {}
    for at, system in enumerate(named_systems(read)):
        place = places.find(system.name_span.start, system.name_span.end)
        anchor = begins.setdefault(place.start, f"n-{at}") if place else ""
        rows.append(SystemRow(anchor, system.kind, system.name, system.quote, system.task or "", system.bodies))
    return tuple(rows), begins


def _reading(
    read: nouns.Document, claims: list[Claim], places: ReadingPlaces, here: str, begins: dict[int, str]
) -> tuple[Paragraph, ...]:
    return paragraphs(read, Marker(read.reading, marks_in_reading(claims, places), here, begins))


def _original(read: nouns.Document, claims: list[Claim], here: str) -> tuple[Paragraph, ...]:
    """The original in one piece, as it was decoded."""
    marker = Marker(read.original, marks_in_original(claims), here)
    pieces: tuple[Piece, ...] = marker.cut(Span(0, len(read.original)))
    return (Paragraph(nouns.BlockKind.PARAGRAPH, 0, pieces),)


def _outline(read: nouns.Document, claims: list[Claim], places: ReadingPlaces) -> tuple[OutlineEntry, ...]:
    begins = [place.start for claim in claims if (place := places.find(claim.number_start, claim.number_end))]
    return tuple(
        OutlineEntry(
            anchor=section_anchor(at),
            number=section.number,
            title=section.title,
            level=section.level,
            claims=sum(section.span.start <= begin < section.span.end for begin in begins),
        )
        for at, section in enumerate(read.outline)
    )
