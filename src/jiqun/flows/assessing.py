"""On any day, every target is held against the figures known that day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from jiqun.assessment.promises import Light, Progress
from jiqun.ledger import store
from jiqun.ledger.models import Standing, Target
from jiqun.reports.judging import judge
from jiqun.reports.view import View
from jiqun.workspace import Workspace


@dataclass(frozen=True)
class Assessed:
    """Every target in force on the day with its progress (None where its number cannot be compared), and the count
    of each light."""

    on: date
    results: tuple[tuple[Target, Progress | None], ...]
    lights: dict[Light, int]


def assess(ws: Workspace, on: date | None = None, *, user: Any = None) -> Assessed:
    """How each target known on the day stood by what was known that day; `on` defaults to today."""
    day = on or ws.today
    rows = store.as_of(Target, known_on=day).filter(state=Standing.ACTIVE)
    targets = list(rows.select_related("document").defer("document__original", "document__reading",
                                                         "document__structure").order_by("known_on", "id"))  # fmt: skip
    judged = judge(View(ws.city, day, ws.today, user), targets)
    results = tuple((target, judged.progress(target, judged.promise(target, _issued_on(target)))) for target in targets)
    return Assessed(day, results, dict(Counter(progress.light for _, progress in results if progress is not None)))


def _issued_on(target: Target) -> date | None:
    return target.document.issued_on if target.document else None


def progress_record(target: Target, progress: Progress | None) -> dict[str, Any]:
    """The result in plain JSON values; numbers as text, so that none is rounded."""
    record: dict[str, Any] = {
        "target": target.key,
        "indicator_id": target.indicator_id,
        "area_id": target.area_id,
        "cluster_id": target.cluster_id,
        "title": target.title or target.indicator,
        "promised": {
            "value": target.value_text, "value_max": target.value_max_text or None, "unit": target.unit,
            "comparator": target.comparator, "strict": target.strict, "measure": target.measure,
            "period": target.period or None,
        },
        "light": progress.light.value if progress else Light.NOT_COMPARABLE.value,
        "reason": progress.reason if progress else "数值不是一个可以比较的数",
    }  # fmt: skip
    if progress is not None:
        for name in ("value", "expected_now", "way", "completion"):
            number = getattr(progress, name)
            record[name] = None if number is None else format(number, "f")
        record["reached_on"] = progress.reached_on.isoformat() if progress.reached_on else None
        record |= {"used": list(progress.used), "missing": list(progress.missing), "notes": list(progress.notes)}
    return record
