"""Published figures as pages list them: value, period, how firm, from where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet

from jiqun.ledger.models import Observation, Standing
from jiqun.ledger.store import as_of
from jiqun.model.periods import Period
from jiqun.packs.schema.sources import Source
from jiqun.reports.register import DocumentRef, document_refs
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import CONFIDENCES, VALUE_KINDS, measure_label, period_label, quantity


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Who published a figure. `is_reprint`: 据转载，未核对原文."""

    id: str
    title: str
    issuer: str
    published_on: date | None
    is_reprint: bool


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of one period from one source, with what a reader must know before quoting it."""

    key: str
    indicator: Ref
    area: Ref | None
    cluster: Ref | None
    period: str
    period_label: str
    period_end: date
    value: str
    value_text: str
    unit: str
    kind: str
    kind_label: str
    measure_label: str
    is_preferred: bool
    known_on: date
    source: SourceRef
    document: DocumentRef | None
    claim_key: str | None
    confidence: str
    confidence_label: str
    note: str
    actor: str
    others: int = 0  # periods of its series beside it, where a page shows the newest


def known_figures(view: View) -> QuerySet[Observation]:
    """The figures the world could know by the day."""
    rows: QuerySet[Observation] = as_of(Observation, known_on=view.on).filter(state=Standing.ACTIVE)
    return rows


def figure_rows(view: View, rows: Iterable[Observation]) -> tuple[FigureRow, ...]:
    found = list(rows)
    documents = document_refs() if any(row.document_id for row in found) else {}
    return tuple(_row(view, row, documents) for row in found)


def newest_rows(view: View, rows: Iterable[Observation]) -> tuple[FigureRow, ...]:
    """Of every series the newest period, of two that end together the longer one; of that the preferred figure."""
    series: dict[tuple[str, str, str], list[Observation]] = {}
    for row in rows:
        series.setdefault((row.indicator_id, row.area_id or "", row.measure or ""), []).append(row)
    best = {max(own, key=_newness).pk: len({row.period for row in own}) - 1 for own in series.values()}
    chosen = [row for own in series.values() for row in own if row.pk in best]
    return tuple(
        replace(shown, others=best[row.pk]) for row, shown in zip(chosen, figure_rows(view, chosen), strict=True)
    )


def _newness(row: Observation) -> tuple[date, int, bool, date]:
    try:
        begins = Period.parse(row.period).start
    except ValueError:
        begins = row.period_end
    return row.period_end, -begins.toordinal(), row.is_preferred, row.known_on


def _row(view: View, row: Observation, documents: dict[int, DocumentRef]) -> FigureRow:
    names = view.names
    return FigureRow(
        key=row.key,
        indicator=names.indicator(row.indicator_id),
        area=names.area(row.area_id),
        cluster=names.cluster(row.cluster_id),
        period=row.period,
        period_label=period_label(row.period),
        period_end=row.period_end,
        value=quantity(row.value_text, row.unit),
        value_text=row.value_text,
        unit=row.unit,
        kind=row.value_kind,
        kind_label=VALUE_KINDS.get(row.value_kind, row.value_kind),
        measure_label=measure_label(row.measure),
        is_preferred=row.is_preferred,
        known_on=row.known_on,
        source=source_ref(view, row.source_id, row.source_title, row.known_on),
        document=documents.get(row.document_id) if row.document_id else None,
        claim_key=row.claim_key,
        confidence=row.confidence,
        confidence_label=CONFIDENCES.get(row.confidence, row.confidence),
        note=row.note,
        actor=row.actor,
    )


def source_ref(view: View, source_id: str, title: str, known_on: date | None) -> SourceRef:
    source: Source | None = view.city.sources.get(source_id)
    if source is None:
        return SourceRef(source_id, title or source_id, "", known_on, False)
    return SourceRef(source.id, source.title, source.issuer, source.published_on, source.seen_as != "original")
