"""A claim as pages list it, and as a mark in its document's text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jiqun.extraction.confidence import SCALE, reasons
from jiqun.extraction.words import FALLS
from jiqun.ledger.models import Claim, ClaimState
from jiqun.model.spans import Span
from jiqun.reports.reading import Mark, ReadingPlaces, anchor_of
from jiqun.reports.register import DocumentRef
from jiqun.reports.reported import signed
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import measure_label, period_label, promised

ACCEPT_FROM_PCT = round(SCALE.accept_from * 100)  # the line of bulk acceptance that pages propose
KINDS = {"target": "目标", "actual": "实际"}
BINDING = {True: "约束性", False: "预期性", None: ""}


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """What a sentence says, in its own words and in the folder's terms where they were found."""

    key: str
    anchor: str
    document: DocumentRef
    kind: str
    kind_label: str
    state: str
    state_label: str
    quote: str
    says: str
    words: str
    indicator: Ref | None
    area_words: str
    area: Ref | None
    cluster: Ref | None
    measure: str
    measure_label: str
    period: str
    period_label: str
    body_words: tuple[str, ...]
    bodies: tuple[Ref, ...]
    task_number: str
    confidence_pct: int
    doubts: tuple[str, ...]
    suggested_by: str
    cell: str
    binding_label: str
    version: int

    @property
    def own_name(self) -> str:
        """The text's name of it, without the 下降 that the sign of `says` already says."""
        if not self.says.startswith("-"):
            return self.words
        fall = max((fall for fall in FALLS if self.words.endswith(fall)), key=len, default="")
        return self.words.removesuffix(fall) or self.words

    @property
    def target_key(self) -> str | None:
        """The target that was made of it when a person accepted it."""
        return f"t:{self.key}" if self.kind == "target" and self.state == ClaimState.ACCEPTED else None


def claim_row(view: View, claim: Claim, document: DocumentRef) -> ClaimRow:
    names = view.names
    return ClaimRow(
        key=claim.key,
        anchor=anchor_of(claim.key),
        document=document,
        kind=claim.kind,
        kind_label=KINDS.get(claim.kind, claim.kind),
        state=claim.state,
        state_label=ClaimState(claim.state).label,
        quote=claim.quote,
        says=_says(view, claim),
        words=claim.indicator,
        indicator=names.indicator(claim.indicator_id) if claim.indicator_id else None,
        area_words=claim.area,
        area=names.area(claim.area_id),
        cluster=names.cluster(claim.cluster_id),
        measure=claim.measure,
        measure_label=measure_label(claim.measure),
        period=claim.period,
        period_label=period_label(claim.period),
        body_words=tuple(claim.bodies),
        bodies=names.bodies(claim.body_ids),
        task_number=claim.task_number,
        confidence_pct=round(claim.confidence * 100),
        doubts=reasons(claim.doubts),
        suggested_by=claim.suggested_by,
        cell=claim.cell,
        binding_label=BINDING[claim.binding],
        version=claim.version,
    )


def _says(view: View, claim: Claim) -> str:
    """The number as printed; a reported fall bears its sign, for a list shows the number without its verb."""
    says = promised(
        claim.comparator,
        claim.value_text,
        claim.unit,
        high=claim.value_max_text,
        strict=claim.strict,
        measure=claim.measure if claim.kind == "target" else "",
    )
    is_fall = claim.kind != "target" and (signed(view.city, claim) or 0) < 0
    return f"-{says}" if is_fall and says.startswith(claim.value_text) and not says.startswith("-") else says


def marks_in_reading(claims: Iterable[Claim], places: ReadingPlaces) -> list[Mark]:
    """The claims that the reading text holds, as marks in it."""
    found = []
    for claim in claims:
        quote = places.find(claim.quote_start, claim.quote_end)
        number = places.find(claim.number_start, claim.number_end)
        if quote is not None and number is not None:
            found.append(_mark(claim, quote, number))
    return found


def marks_in_original(claims: Iterable[Claim]) -> list[Mark]:
    return [
        _mark(claim, Span(claim.quote_start, claim.quote_end), Span(claim.number_start, claim.number_end))
        for claim in claims
    ]


def _mark(claim: Claim, quote: Span, number: Span) -> Mark:
    says = promised(claim.comparator, claim.value_text, claim.unit, high=claim.value_max_text, strict=claim.strict)
    return Mark(claim.key, anchor_of(claim.key), quote, number, claim.kind, claim.state, f"{claim.indicator} {says}")


def counted(rows: Iterable[tuple[int, str, int]]) -> Mapping[int, dict[str, int]]:
    """(document, state, count) rows as counts by document."""
    found: dict[int, dict[str, int]] = {}
    for document, state, count in rows:
        found.setdefault(document, {})[state] = count
    return found
