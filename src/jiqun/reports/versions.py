"""The versions of a statement on a page's day: from when until when each held, and which holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jiqun.ledger import store
from jiqun.ledger.models import Standing
from jiqun.ledger.statement import Statement
from jiqun.reports.view import View


@dataclass(frozen=True)
class Spell:
    """`row` held from its `known_on` to `until`, its last day; None while it has none, or where it never had a day.

    `before` is the version that was in force until then.
    """

    row: Any
    before: Any | None
    until: date | None
    is_in_force: bool


def in_force(model: type[Statement], key: str, on: date) -> Any | None:
    """The version that holds on the day; None where there is none, or it was withdrawn."""
    return store.as_of(model, on).filter(key=key, state=Standing.ACTIVE.value).first()


def spells(view: View, model: type[Statement], key: str) -> tuple[Spell, ...]:
    """Every version known by the page's day, today also those that begin later; the newest first."""
    rows: list[Any] = [row for row in store.history(model, key) if view.is_today or row.known_on <= view.on]
    holds, found = in_force(model, key, view.on), []
    for at, row in enumerate(rows):
        before = rows[at - 1] if at and rows[at - 1].state == Standing.ACTIVE.value else None
        after = rows[at + 1].known_on - timedelta(days=1) if at + 1 < len(rows) else None
        until = after if after and after >= row.known_on else None  # undone: it never had a day of its own
        found.append(Spell(row, before, until, holds is not None and holds.pk == row.pk))
    return tuple(reversed(found))
