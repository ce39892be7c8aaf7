"""Rounds and returns are guarded as the ledger is: by refusing, by triggers, by the chain."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from jiqun.ledger import chain, store, triggers
from jiqun.model.errors import Conflict, UsageError
from jiqun.records.models import Return, Round, Submission
from tests.ledger.rows import at

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 5)


def rows() -> list[Any]:
    days = {"opens_on": DAY, "due_on": DAY, "locks_on": DAY}
    about = {"round_key": "f|2025M12", "respondent_kind": "firms", "respondent_id": "1", "known_on": DAY}
    return [
        Round(key="f|2025M12", form_id="f", period="2025M12", period_end=DAY, owing=1, known_on=DAY, **days),
        Return(key="f|2025M12|1", respondent_name="一厂", due_on=DAY, **about),
        Submission(key="f|2025M12|1", cells='{"a@current":"1"}', steps='{"a@current":1}', **about),
    ]


def written() -> int:
    with store.recording("round.opened", actor="zhang", clock=at()) as entry:
        entry.put(rows())
    return entry.sequence


def test_the_chain_covers_them_and_sees_a_figure_changed_behind_its_back() -> None:
    written()
    assert chain.verify() == chain.Verdict(True, 1)
    assert triggers.missing(connection) == []
    with connection.cursor() as cursor:
        for guard in ("no_update", "no_replace") if connection.vendor == "sqlite" else ("no_update",):
            on = "" if connection.vendor == "sqlite" else " ON records_submission"
            cursor.execute(f"DROP TRIGGER records_submission_{guard}{on}")
        cursor.execute("UPDATE records_submission SET steps = '{\"a@current\":2}'")
    verdict = chain.verify()
    assert not verdict.is_whole
    assert "submission" in verdict.fault


@pytest.mark.parametrize("model", [Round, Return, Submission])
def test_no_row_is_changed_or_deleted_by_anybody(model: Any) -> None:
    written()
    with pytest.raises(UsageError):
        model.objects.all().delete()
    table = model._meta.db_table
    for sql in (f"UPDATE {table} SET actor = 'li'", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_an_event_of_forms_cannot_be_undone() -> None:
    sequence = written()
    with pytest.raises(Conflict, match="退回"):
        store.undo(sequence, actor="admin", reason="改数", clock=at(1))
