"""Claims and tasks as the records of the JSON Lines that `jiqun extract` writes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from jiqun.documents.document import Document
from jiqun.extraction.systems import NamedSystem
from jiqun.model.claims import CellPlace, Claim, WorkItem


def as_record(claim: Claim, document: Document) -> dict[str, Any]:
    """One claim a line; `start` and `end` place the quote in the document's original decoded text."""
    return {
        "document": document.name,
        "digest": document.digest,
        "kind": str(claim.kind),
        "quote": claim.quote,
        "start": claim.span.start,
        "end": claim.span.end,
        "number_start": claim.number_span.start,
        "number_end": claim.number_span.end,
        "indicator": claim.indicator,
        "value": _number(claim.value),
        "value_max": _number(claim.value_max),
        "unit": claim.unit,
        "comparator": str(claim.comparator),
        "strict": claim.strict,
        "measure": str(claim.measure),
        "area": claim.area,
        "period": _year_to_date(claim.period),
        "period_exact": claim.period,
        "bodies": list(claim.bodies),
        "base_value": _number(claim.base_value),
        "base_period": claim.base_period,
        "task": claim.task,
        "indicator_id": claim.indicator_id,
        "area_id": claim.area_id,
        "cluster_id": claim.cluster_id,
        "body_ids": list(claim.body_ids),
        "confidence": round(claim.confidence, 2),
        "binding": claim.binding,
        "cell": _cell(claim.cell),
    }


def task_record(task: WorkItem, document: Document) -> dict[str, Any]:
    """One work item a line; `start` and `end` place its heading and body in the original text."""
    return {
        "document": document.name,
        "digest": document.digest,
        "number": task.number,
        "title": task.title,
        "bodies": list(task.bodies),
        "claims": task.claims,
        "start": task.span.start,
        "end": task.span.end,
        "deadline": task.deadline,
        "body_ids": list(task.body_ids),
    }


def _year_to_date(period: str | None) -> str | None:
    """The period as the guidelines write it: a stretch from January by its last month or quarter (1—8月 is 2023M8)."""
    return None if period is None else re.sub(r"(?<=\d{4})[MQ]1-(?=[MQ])", "", period)


def _cell(place: CellPlace | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"table": place.table, "row": place.row, "column": place.column, "printed": place.printed}


def system_record(system: NamedSystem, document: Document) -> dict[str, Any]:
    """One named system a line; `start` and `end` place its quote in the original text, `name_start` … its name."""
    return {
        "document": document.name,
        "digest": document.digest,
        "kind": system.kind,
        "name": system.name,
        "verb": system.verb,
        "quote": system.quote,
        "start": system.span.start,
        "end": system.span.end,
        "name_start": system.name_span.start,
        "name_end": system.name_span.end,
        "task": system.task,
        "bodies": list(system.bodies),
    }


def _number(value: Decimal | None) -> int | float | None:
    """A JSON number that prints as the text did: 7, not 7.0."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
