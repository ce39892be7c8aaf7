"""The page of one target: promise, light with its reason, and the trace to sentence, figures and events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from jiqun.assessment.promises import Progress
from jiqun.ledger.access import visible
from jiqun.ledger.models import Claim, Comment, Observation, Standing, Target
from jiqun.ledger.statement import number
from jiqun.ledger.store import as_of, history
from jiqun.model.errors import NotFound
from jiqun.model.units import Unit
from jiqun.reports import charts
from jiqun.reports.claims import BINDING
from jiqun.reports.figures import FigureRow, figure_rows, known_figures
from jiqun.reports.judging import judge, subject_of
from jiqun.reports.kinship import Related, related
from jiqun.reports.reading import Paragraph
from jiqun.reports.register import TargetRow, document_refs, judgement, promise_words, register, target_row
from jiqun.reports.review import sentence_of
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import decimal_text, period_label, quantity


@dataclass(frozen=True, slots=True)
class TargetVersion:
    """One version of the promise; `is_shown` marks the one that the page's day sees."""

    version: int
    promise: str
    deadline_label: str
    state_label: str
    actor: str
    reason: str
    recorded_at: datetime
    event: int
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Remark:
    key: str
    actor: str
    text: str
    recorded_at: datetime


@dataclass(frozen=True)
class Pace:
    """The judgement in figures, as text in the target's unit; "" where unknown."""

    goal: str
    reached: str
    reached_on: str
    completion_pct: str
    way_pct: str
    expected_now: str
    expected_then: str
    base: str
    base_words: str
    is_base_stated: bool
    notes: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """目标分解: the parts, what they add up to, and whether that is what the whole promises."""

    parts: tuple[TargetRow, ...]
    total: str
    whole: str
    gap: str
    is_even: bool | None
    areas: tuple[Ref, ...]


@dataclass(frozen=True)
class TargetPage:
    row: TargetRow
    is_withdrawn: bool
    pace: Pace | None
    chart: str
    sentence: tuple[Paragraph, ...]
    claim_quote: str
    claim_cell: str
    binding_label: str
    claim_event: int | None
    figures: tuple[FigureRow, ...]
    used: tuple[str, ...]
    versions: tuple[TargetVersion, ...]
    related: tuple[Related, ...]
    parent: TargetRow | None
    split: Split | None
    remarks: tuple[Remark, ...]
    values: dict[str, str]


def target(view: View, key: str) -> TargetPage:
    """One target as of the day; for a target not yet known then, or withdrawn, as it was last. Raises NotFound."""
    stated = _statement(view, key)
    book = register(view)
    row, progress = book.find(key), book.progress(key)
    if row is None:
        row, progress = _judged_alone(view, stated)
    claim = Claim.objects.filter(key=stated.claim_key or "", superseded_at=None).select_related("document").first()
    figures = figure_rows(view, _figures_about(view, stated, progress))
    return TargetPage(
        row=row,
        is_withdrawn=stated.state == Standing.WITHDRAWN,
        pace=_pace(progress) if progress else None,
        chart=charts.progress_chart(progress, row.indicator.name) if progress and progress.points else "",
        sentence=sentence_of(claim) if claim else (),
        claim_quote=claim.quote if claim else "",
        claim_cell=claim.cell if claim else "",
        binding_label=BINDING[claim.binding if claim else None],
        claim_event=claim.event_id if claim else None,
        figures=figures,
        used=progress.used if progress else (),
        versions=_versions(key, stated.version),
        related=related(view, key),
        parent=book.find(stated.parent_key),
        split=_split(view, stated, book.parts_of(key)),
        remarks=_remarks(view, key),
        values=_values(stated),
    )


def _statement(view: View, key: str) -> Target:
    known, current = as_of(Target, known_on=view.on), as_of(Target)
    found: Target | None = known.filter(key=key).first() or current.filter(key=key).first()
    if found is None:
        raise NotFound("没有这个目标")
    return found


def _judged_alone(view: View, stated: Target) -> tuple[TargetRow, Progress | None]:
    document = document_refs().get(stated.document_id or 0)
    judged_by = judge(view, [stated])
    progress = judged_by.progress(stated, judged_by.promise(stated, document.issued_on if document else None))
    return target_row(view, stated, document, judgement(progress)), progress


def _figures_about(view: View, stated: Target, progress: Progress | None) -> Iterable[Observation]:
    indicator_id, area_id, cluster_id = subject_of(view.city, stated)
    rows = known_figures(view).filter(indicator_id=indicator_id, area_id=area_id)
    if cluster_id == stated.cluster_id:
        rows = rows.filter(cluster_id=cluster_id)
    shown = list(rows.order_by("-period_end", "-is_preferred", "-known_on")[:200])
    absent = {*(progress.used if progress else ())} - {row.key for row in shown}
    return [*shown, *known_figures(view).filter(key__in=absent)] if absent else shown


def _pace(progress: Progress) -> Pace:
    unit = progress.unit
    base = progress.base

    def said(value: Decimal | None) -> str:
        return quantity(decimal_text(value), unit) if value is not None else ""

    return Pace(
        goal=said(progress.goal),
        reached=said(progress.value),
        reached_on=progress.latest.period.label if progress.latest else "",
        completion_pct=_pct(progress.completion),
        way_pct=_pct(progress.way),
        expected_now=said(progress.expected_now),
        expected_then=said(progress.expected_then),
        base=said(base.value) if base else "",
        base_words=base.words if base else "",
        is_base_stated=bool(base and base.is_stated),
        notes=progress.notes,
        missing=progress.missing,
    )


def _pct(share: Decimal | None) -> str:
    return "" if share is None else f"{share * 100:.1f}%"


def _versions(key: str, shown: int) -> tuple[TargetVersion, ...]:
    return tuple(
        TargetVersion(
            version=row.version,
            promise=promise_words(row),
            deadline_label=period_label(row.period),
            state_label=str(Standing(row.state).label),
            actor=row.actor,
            reason=row.reason,
            recorded_at=row.recorded_at,
            event=row.event_id,
            is_shown=row.version == shown,
        )
        for row in history(Target, key)
    )


def _split(view: View, stated: Target, parts: tuple[TargetRow, ...]) -> Split | None:
    """The parts and their sum; None for a target that is itself a part."""
    if stated.parent_key:
        return None
    children = view.city.reporting_areas(stated.area_id) if stated.area_id else ()
    areas = tuple(Ref(area.id, area.short_name or area.name) for area in children)
    whole = number(stated.value_text)
    total = _sum_in(stated.unit, parts)
    gap = total - whole if total is not None and whole is not None else None
    return Split(
        parts=parts,
        total=quantity(decimal_text(total), stated.unit) if total is not None else "",
        whole=quantity(stated.value_text, stated.unit),
        gap=quantity(decimal_text(gap), stated.unit) if gap else "",
        is_even=None if gap is None else gap == 0,
        areas=areas,
    )


def _sum_in(unit: str, parts: tuple[TargetRow, ...]) -> Decimal | None:
    """What the parts add up to, in `unit`; None where one of them cannot be added."""
    if not parts:
        return None
    total, to = Decimal(0), Unit.parse(unit)
    stated = as_of(Target).filter(key__in=[part.key for part in parts]).values_list("value_text", "unit")
    for text, own in stated:
        value, source = number(text), Unit.parse(own)
        if value is None or not source.measures_like(to):
            return None
        total += source.convert(value, to)
    return total


def _remarks(view: View, key: str) -> tuple[Remark, ...]:
    rows = visible(view.user, as_of(Comment)).filter(subject_type="target", subject_key=key, state=Standing.ACTIVE)
    return tuple(Remark(row.key, row.actor, row.text, row.recorded_at) for row in rows.order_by("id"))


def _values(stated: Target) -> dict[str, str]:
    """The fields of the amendment form as they are now."""
    names = ("value_text", "value_max_text", "unit", "comparator", "measure", "period", "base_value", "base_period")
    found = {name: str(getattr(stated, name)) for name in names}
    found["strict"] = "on" if stated.strict else ""
    found["indicator_id"] = stated.indicator_id
    found["area_id"], found["cluster_id"] = stated.area_id or "", stated.cluster_id or ""
    found["body_ids"] = " ".join(key for key in stated.body_ids if key)
    return found


@dataclass(frozen=True)
class BlankTarget:
    """The form for a target that no document holds."""

    values: dict[str, str]


def blank(view: View) -> BlankTarget:
    names = ("value_text", "value_max_text", "unit", "period", "base_value", "base_period", "area_id", "cluster_id",
             "strict")  # fmt: skip
    return BlankTarget({**dict.fromkeys(names, ""), "comparator": "ge", "measure": "level"})
