"""Rows put in at once are the rows that Django would have put in."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from jiqun.ledger import inserting
from jiqun.ledger.models import Claim, Event, Observation, Target
from jiqun.model.bounds import Comparator
from tests.ledger.rows import DAY, claim, document, observation, target, write

pytestmark = pytest.mark.django_db


def _written(row: Target, key: str) -> Target:
    row.key, row.version, row.event_id, row.actor = key, 1, 1, "zhang"
    row.recorded_at = datetime(2026, 1, 5, 4, 0, 0, 123456, tzinfo=UTC)
    return row


@pytest.fixture(autouse=True)
def event() -> None:
    write(target("first"))


def test_every_kind_of_value_comes_back_as_it_was() -> None:
    given = [
        _written(target(comparator=Comparator.GE, strict=True, value_scaled=-(2**63), body_ids=["甲局", "乙局"]), "a"),
        _written(target(reason="换行\n\t“引号”\\N 𠮷", value_scaled=None, body_ids=[]), "b"),
        _written(target(known_on=date(1999, 12, 31), body_ids=[]), "c"),
    ]
    inserting.insert(given)
    for row in given:
        kept = Target.objects.get(pk=row.pk)
        for field in Target._meta.concrete_fields:
            assert getattr(kept, field.attname) == getattr(row, field.attname), field.name
        assert not row._state.adding


def test_numbers_go_on_after_those_taken() -> None:
    first, second = _written(target(), "a"), _written(target(), "b")
    inserting.insert([first])
    inserting.insert([second])
    write(target("c"))
    taken = list(Target.objects.order_by("pk").values_list("key", "pk"))
    assert [key for key, _ in taken] == ["first", "a", "b", "c"]
    assert len({number for _, number in taken}) == 4


def test_what_the_database_refuses_is_refused_whole() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        inserting.insert([_written(target(), "a"), _written(target(), "first")])
    assert set(Target.objects.values_list("key", flat=True)) == {"first"}


def test_lists_that_are_alike_are_not_mixed_up() -> None:
    rows = [_written(target(body_ids=ids), str(n)) for n, ids in enumerate([[], ["1"], ["1", "2"], ["2", "1"], ["1"]])]
    inserting.insert(rows)
    kept = Target.objects.exclude(key="first").order_by("key").values_list("body_ids", flat=True)
    assert list(kept) == [[], ["1"], ["1", "2"], ["2", "1"], ["1"]]


def test_no_rows_are_no_work() -> None:
    inserting.insert([])
    assert Event.objects.count() == 1


def test_rows_beside_their_document() -> None:
    plan = document()
    write(plan, claim(plan, 7), observation("o", known_on=DAY))
    assert Claim.objects.get().document.digest == plan.digest
    assert Observation.objects.get().pk
