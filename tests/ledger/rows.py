"""Rows for tests: every one complete, so that a test names only what it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from jiqun.ledger import store
from jiqun.ledger.models import Claim, Document, Observation, Target

DAY = date(2026, 1, 5)


def at(minute: int = 0) -> Callable[[], datetime]:
    """A clock that stands at noon in China on 5 January 2026, and some minutes."""
    moment = datetime(2026, 1, 5, 4, 0, tzinfo=UTC) + timedelta(minutes=minute)
    return lambda: moment


def target(key: str = "t:1", **fields: Any) -> Target:
    return Target(**{"key": key, "known_on": DAY, "indicator_id": "firms", "value_text": "200", "unit": "家"} | fields)


def observation(key: str, **fields: Any) -> Observation:
    period = {"period": "2025", "period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}
    given = {"key": key, "known_on": DAY, "indicator_id": "firms", "area_id": "city", "value_text": "180", "unit": "家"}
    return Observation(**given | period | fields)


def document(digest: str = "d" * 64, **fields: Any) -> Document:
    given = {"name": "plan.txt", "media_type": "text/plain", "known_on": DAY, "folder_digest": "f" * 64}
    return Document(**given | {"digest": digest, "original": "到2028年达200家", "reading": "到2028年达200家"} | fields)


def claim(of: Document, start: int = 7, **fields: Any) -> Claim:
    given = {
        "key": f"{of.digest}:{start}-{start + 3}", "document": of, "known_on": of.known_on, "kind": "target",
        "number_start": start, "number_end": start + 3, "quote_start": 0, "quote_end": 11, "quote": of.original,
        "indicator": "企业", "measure": "level", "value_text": "200", "unit": "家", "period": "2028",
    }  # fmt: skip
    return Claim(**given | fields)


def write(*rows: Any, action: str = "test.written", minute: int = 0, **how: Any) -> int:
    """Put the rows in one event; its sequence."""
    with store.recording(action, actor=how.pop("actor", "zhang"), clock=at(minute), **how) as entry:
        for row in rows:
            if isinstance(row, Document):
                entry.add_document(row)
        entry.put(row for row in rows if not isinstance(row, Document))
    return entry.sequence
