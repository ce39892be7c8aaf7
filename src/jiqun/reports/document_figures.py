"""The figures in a document's text: what it reports as reached, beside what the ledger holds at the same points.

As the review desk, this page shows the ledger as it stands, whatever day a page is as of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Any

from jiqun.ledger.access import visible
from jiqun.ledger.models import Claim, ClaimState, Document, Event, Observation, Standing
from jiqun.ledger.store import as_of
from jiqun.model.claims import ClaimKind
from jiqun.reports import reported_table
from jiqun.reports.claims import ACCEPT_FROM_PCT, ClaimRow, claim_row
from jiqun.reports.documents import find
from jiqun.reports.figures import FigureRow, figure_rows
from jiqun.reports.paging import Paging, cut
from jiqun.reports.register import DocumentRef, document_ref
from jiqun.reports.reported import GAPS, gaps, reported
from jiqun.reports.rivals import Rivals, rivals_of
from jiqun.reports.view import View
from jiqun.reports.wording import VALUE_KINDS, quantity

PAGE = 100


@dataclass(frozen=True)
class FiguresFilter:
    """Which rows the page shows; "" leaves a field open. `linked`: yes, no, or disputed (another number beside it)."""

    linked: str = ""
    state: str = ""
    sort: str = "place"


@dataclass(frozen=True, slots=True)
class TextFigure:
    """A number of the text as the ledger would hold it.

    `differing` and `agreeing` are figures of other sources at its point, `same_text` other numbers there in this text,
    `twin` its first printing. `is_held`: it counts already, by this claim or its twin.
    """

    claim: ClaimRow
    place: int
    value: str
    amount: tuple[str, Fraction]  # by unit first: numbers of different units have no order
    kind_label: str
    gaps: tuple[str, ...]
    agreeing: tuple[FigureRow, ...]
    differing: tuple[FigureRow, ...]
    same_text: tuple[ClaimRow, ...]
    twin: ClaimRow | None
    is_held: bool
    is_ready: bool

    @property
    def is_beside(self) -> bool:
        """Whether anything stands at its point, or the ledger would hold another number than is printed."""
        return bool(self.agreeing or self.twin or self.is_disputed or self.value.startswith("-"))

    @property
    def is_unsure(self) -> bool:
        """Whether the proposed line of bulk acceptance leaves it to a person, who then wants the reasons."""
        return self.claim.confidence_pct < ACCEPT_FROM_PCT

    @property
    def is_alone(self) -> bool:
        """Whether nothing is to be said beside the number: no other printing, no gap."""
        return not (self.agreeing or self.differing or self.same_text or self.twin or self.gaps)

    @property
    def is_disputed(self) -> bool:
        return bool(self.differing or self.same_text)


@dataclass(frozen=True, slots=True)
class Offer:
    """How many claims a bulk acceptance from that confidence on would take; one of them is the usual line."""

    pct: int
    count: int

    @property
    def is_usual(self) -> bool:
        return self.pct == ACCEPT_FROM_PCT


@dataclass(frozen=True)
class DocumentFigures:
    """`undo_event` is the last bulk acceptance of this document alone that still stands."""

    ref: DocumentRef
    rows: tuple[TextFigure, ...]
    paging: Paging
    filter: FiguresFilter
    total: int
    linked: int
    disputed: int
    held: int
    offers: tuple[Offer, ...]
    undo_event: int | None


def document_figures(
    view: View, digest: str, wanted: FiguresFilter, page: int = 1, thresholds: tuple[int, ...] = ()
) -> DocumentFigures:
    """What the document reports, in the order asked for. Raises NotFound."""
    document = find(digest)
    rows = _rows(view, document)
    fitting = [row for row in rows if _fits(row, wanted)]
    name, is_down = wanted.sort.removeprefix("-"), wanted.sort.startswith("-")
    fitting.sort(key=_SORTS.get(name, _SORTS["place"]), reverse=is_down)
    shown, paging = cut(fitting, page, PAGE)
    return DocumentFigures(
        ref=document_ref(document),
        rows=tuple(shown),
        paging=paging,
        filter=wanted,
        total=len(rows),
        linked=sum(row.claim.indicator is not None for row in rows),
        disputed=sum(row.is_disputed for row in rows),
        held=sum(row.is_held for row in rows),
        offers=tuple(Offer(pct, sum(r.is_ready and r.claim.confidence_pct >= pct for r in rows)) for pct in thresholds),
        undo_event=_standing_bulk(document.digest),
    )


def figures_workbook(view: View, digest: str, *, created: datetime) -> bytes:
    """The document's figures as a workbook that an import takes; what was rejected is left out."""
    document = find(digest)
    claims = [claim for claim in _claims(view, document) if claim.state != ClaimState.REJECTED]
    paper = reported_table.Paper(str(document), document.name, document.digest, document.issued_on)
    placed = [
        (c, reported_table.Place(c.quote_start, c.quote_end, c.number_start, c.number_end)) for c in claims
    ]  # fmt: skip
    return reported_table.as_xlsx(reported_table.lines(view.city, paper, placed), created=created)


def _claims(view: View, document: Document) -> list[Claim]:
    rows = visible(view.user, as_of(Claim)).filter(document=document, kind=ClaimKind.ACTUAL.value)
    return list(rows.order_by("number_start", "key"))


def text_figure(view: View, claim: Claim) -> TextFigure | None:
    """One claim as a figure of its text; None for a target."""
    found = (row for row in _rows(view, claim.document) if row.claim.key == claim.key)
    return next(found, None) if claim.kind == ClaimKind.ACTUAL else None


def _rows(view: View, document: Document) -> list[TextFigure]:
    claims = _claims(view, document)
    ref = document_ref(document)
    rivals = rivals_of(view.city, (claim for claim in claims if claim.state != ClaimState.REJECTED))
    others = [*rivals.agreeing.values(), *rivals.differing.values()]
    beside = {row.key: row for row in figure_rows(view, chain.from_iterable(others))}
    held = as_of(Observation).filter(document=document, state=Standing.ACTIVE).values_list("claim_key", flat=True)
    make = partial(_row, view, ref, rivals, beside, frozenset(held))
    return [make(claim) for claim in claims]


def _row(
    view: View, ref: DocumentRef, rivals: Rivals, beside: Mapping[str, FigureRow], held: frozenset[str], claim: Claim
) -> TextFigure:
    figure, missing = reported(view.city, claim), gaps(view.city, claim)
    twin = rivals.twins.get(claim.key)
    is_open = claim.state == ClaimState.PROPOSED and not claim.suggested_by
    counts = claim.key in held or (twin is not None and twin.key in held and claim.state == ClaimState.ACCEPTED)
    unit = claim.parsed_unit
    return TextFigure(
        claim=claim_row(view, claim, ref),
        place=claim.number_start,
        value=quantity(claim.value_text if figure.value is None else f"{figure.value:f}", claim.unit),
        amount=(unit.bare, Fraction(figure.value or 0) * unit.factor),
        kind_label=VALUE_KINDS.get(figure.value_kind, ""),
        gaps=tuple(GAPS[gap] for gap in missing),
        agreeing=tuple(beside[row.key] for row in rivals.agreeing.get(claim.key, ())),
        differing=tuple(beside[row.key] for row in rivals.differing.get(claim.key, ())),
        same_text=tuple(claim_row(view, other, ref) for other in rivals.same_text.get(claim.key, ())),
        twin=claim_row(view, twin, ref) if twin else None,
        is_held=counts,
        is_ready=is_open and not missing and claim.key not in rivals.disputed,
    )


def _fits(row: TextFigure, wanted: FiguresFilter) -> bool:
    linked = {
        "yes": row.claim.indicator is not None, "no": row.claim.indicator is None, "disputed": row.is_disputed,
    }  # fmt: skip
    return linked.get(wanted.linked, True) and (not wanted.state or row.claim.state == wanted.state)


def _standing_bulk(digest: str) -> int | None:
    made = Event.objects.filter(action="claims.accepted_in_bulk", subject_type="document", subject_key=digest)
    last = made.order_by("-sequence").values_list("sequence", flat=True).first()
    if last is None:
        return None
    is_undone = Event.objects.filter(action="event.undone", subject_type="event", subject_key=str(last)).exists()
    return None if is_undone else last


_SORTS: dict[str, Callable[[TextFigure], Any]] = {
    "place": lambda row: row.place,
    "indicator": lambda row: (row.claim.indicator is None, row.claim.indicator.name if row.claim.indicator else ""),
    "area": lambda row: row.claim.area.id if row.claim.area else "",
    "period": lambda row: row.claim.period,
    "value": lambda row: row.amount,
    "confidence": lambda row: row.claim.confidence_pct,
    "state": lambda row: (row.claim.state, row.is_disputed),
}
