"""Two times: what the world could know by a day, and what the ledger knew by a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiqun.ledger import store
from jiqun.ledger.models import Target
from tests.ledger.rows import target, write

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


def test_a_revised_figure_and_the_one_before() -> None:
    write(target(value_text="200", known_on=date(2022, 8, 23)), minute=0)
    write(target(value_text="230", known_on=date(2023, 8, 8)), minute=5)
    values = {
        day: list(store.as_of(Target, known_on=day).values_list("value_text", flat=True))
        for day in (date(2022, 8, 22), date(2022, 8, 23), date(2023, 8, 7), date(2023, 8, 8))
    }
    assert list(values.values()) == [[], ["200"], ["200"], ["230"]]
    before = store.as_of(Target, known_on=date(2024, 1, 1), recorded_by=START + timedelta(minutes=4))
    assert before.get().value_text == "200"


def test_what_was_filed_late_about_an_earlier_day_is_not_known_before_it_was_recorded() -> None:
    write(target("late", known_on=date(2022, 1, 1)), minute=60)
    assert not store.as_of(Target, known_on=date(2023, 1, 1), recorded_by=START).exists()
    assert store.as_of(Target, known_on=date(2023, 1, 1)).exists()


_STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 6), st.integers(0, 99), st.integers(0, 2)), max_size=12
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, known=st.none() | st.integers(-1, 7), recorded=st.none() | st.integers(-1, 26))
def test_as_of_agrees_with_a_walk_over_all_versions(
    steps: list[tuple[str, int, int, int]], known: int | None, recorded: int | None
) -> None:
    """The reference: of each key's versions recorded and known by then, the one with the highest number."""
    day = [date(2022, 1, 1) + timedelta(days=n) for n in range(-1, 8)]
    with transaction.atomic():
        told: list[tuple[str, int, date, datetime, str]] = []
        minute = 0
        for key, known_day, value, pause in steps:
            minute += pause
            row = target(key, value_text=str(value), known_on=day[known_day + 1])
            write(row, minute=minute)
            if row.pk is not None:
                told.append((key, row.version, row.known_on, row.recorded_at, row.value_text))
        known_on = None if known is None else day[known + 1]
        recorded_by = None if recorded is None else START + timedelta(minutes=recorded)
        expected: dict[str, tuple[int, str]] = {}
        for key, version, row_known, row_recorded, text in told:
            is_known = known_on is None or row_known <= known_on
            if is_known and (recorded_by is None or row_recorded <= recorded_by):
                expected[key] = max(expected.get(key, (0, "")), (version, text))
        found = store.as_of(Target, known_on=known_on, recorded_by=recorded_by)
        assert sorted((r.key, r.version, r.value_text) for r in found) == sorted(
            (key, version, text) for key, (version, text) in expected.items()
        )
        transaction.set_rollback(True)
