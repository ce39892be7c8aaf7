"""Writing: append and supersede, one event a change, nothing edited and nothing lost."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from jiqun.ledger import chain, store
from jiqun.ledger.models import Claim, Document, Event, Observation, Target, TargetBody
from jiqun.model.errors import Conflict, NotFound, UsageError
from tests.ledger.rows import at, claim, document, observation, target, write

pytestmark = pytest.mark.django_db


def test_a_change_appends_a_version_and_keeps_the_old_one() -> None:
    write(target())
    standing = store.current(Target, "t:1")
    with store.recording("target.amended", actor="li", reason="市长办公会", clock=at(5), subject=standing) as entry:
        entry.change(standing, {"value_text": "230"})
    first, second = store.history(Target, "t:1")
    assert (first.value_text, first.version, first.superseded_at) == ("200", 1, second.recorded_at)
    assert (second.value_text, second.version, second.actor, second.reason) == ("230", 2, "li", "市长办公会")
    event = Event.objects.get(sequence=2)
    assert (event.action, event.subject_type, event.subject_key) == ("target.amended", "target", "t:1")
    assert second.event_id == 2


def test_one_event_covers_a_batch_and_names_its_keys() -> None:
    write(*(observation(f"o{n}") for n in range(3)), subject=("batch", "import"))
    event = Event.objects.get()
    assert '"keys":["o0","o1","o2"]' in event.payload
    assert set(Observation.objects.values_list("event_id", flat=True)) == {1}


def test_an_event_over_many_rows_holds_their_count_and_digest() -> None:
    write(*(observation(f"o{n}") for n in range(1001)))
    assert len(Event.objects.get().payload) < 200
    assert chain.verify().is_whole


def test_what_says_nothing_new_leaves_no_event() -> None:
    write(target())
    write(target(), minute=9)
    assert chain.head()[0] == 1
    assert store.history(Target, "t:1").count() == 1


def test_a_document_and_its_claims_are_one_change() -> None:
    plan = document()
    write(plan, claim(plan, 7), claim(plan, 2))
    assert Document.objects.get().claims.count() == 2
    assert Event.objects.count() == 1


def test_a_failure_inside_the_block_writes_nothing() -> None:
    with pytest.raises(RuntimeError), store.recording("x", actor="zhang", clock=at()) as entry:
        entry.put([target()])
        raise RuntimeError
    assert (Event.objects.count(), Target.objects.count()) == (0, 0)


def test_changing_a_version_that_no_longer_holds_is_a_conflict() -> None:
    write(target())
    stale = store.current(Target, "t:1")
    write(target(value_text="210"))
    with pytest.raises(Conflict, match="刚被他人修改"), store.recording("x", actor="li", clock=at()) as entry:
        entry.change(stale, {"value_text": "220"})


def test_a_key_twice_in_one_entry_is_misuse() -> None:
    with pytest.raises(UsageError), store.recording("x", actor="zhang", clock=at()) as entry:
        entry.put([target(), target(value_text="1")])


def test_a_change_without_actor_is_misuse() -> None:
    with pytest.raises(UsageError), store.recording("x", actor="", clock=at()):
        pass


def test_bodies_become_rows_with_their_places() -> None:
    write(target(body_ids=["gxj", None, "kjj"]))
    assert list(TargetBody.objects.values_list("body_id", "position")) == [("gxj", 0), ("kjj", 2)]


@pytest.mark.parametrize(
    ("text", "unit", "scaled"),
    [
        ("1.35", "万家", 13500),
        ("1.12", "万亿元", 112_000_000_000_000),  # 1.12 × 10^12 yuan at two decimals
        ("3.5", "%", 3_500_000),
        ("0.5", "家", None),  # half a firm would round
        ("约200", "家", None),
        ("1000000000", "亿元", None),  # beyond 64 bits at two decimals
    ],
)
def test_a_value_is_held_as_printed_and_as_an_exact_integer(text: str, unit: str, scaled: int | None) -> None:
    write(target(value_text=text, unit=unit))
    row = store.current(Target, "t:1")
    assert (row.value_text, row.unit, row.value_scaled) == (text, unit, scaled)


def test_the_clock_of_the_ledger_never_runs_backwards() -> None:
    write(target(), minute=10)
    write(target(value_text="210"), minute=3)
    first, second = store.history(Target, "t:1")
    assert second.recorded_at == first.recorded_at == first.superseded_at


def test_models_refuse_to_be_saved_or_deleted_around_the_store() -> None:
    write(target())
    row = store.current(Target, "t:1")
    row.value_text = "1"
    for misuse in (
        row.save,
        row.delete,
        Target.objects.all().delete,
        lambda: Target.objects.update(value_text="1"),
        lambda: Target.objects.create(key="x"),
    ):
        with pytest.raises(UsageError, match="只追加"):
            misuse()


_FORBIDDEN = [
    "DELETE FROM ledger_target",
    "DELETE FROM ledger_event",
    "DELETE FROM ledger_document",
    "DELETE FROM ledger_targetbody",
    "UPDATE ledger_target SET value_text = '1'",
    "UPDATE ledger_target SET value_scaled = 1",
    "UPDATE ledger_target SET superseded_at = recorded_at, value_text = '1' WHERE superseded_at IS NULL",
    "UPDATE ledger_target SET superseded_at = NULL WHERE superseded_at IS NOT NULL",
    "UPDATE ledger_target SET superseded_at = recorded_at WHERE superseded_at IS NOT NULL",
    "UPDATE ledger_targetbody SET body_id = 'x'",
    "UPDATE ledger_document SET name = 'x'",
    "UPDATE ledger_event SET reason = 'x'",
    "UPDATE ledger_event SET hash = previous_hash",
]
_ONLY = {
    "sqlite": [
        "INSERT OR REPLACE INTO ledger_event SELECT * FROM ledger_event",
        "REPLACE INTO ledger_target SELECT * FROM ledger_target",
        "UPDATE OR REPLACE ledger_target SET id = 1 WHERE id = 2",
    ],
    "postgresql": ["TRUNCATE ledger_event CASCADE", "TRUNCATE ledger_targetbody"],
}


def test_the_database_refuses_what_the_program_would_not_do() -> None:
    write(document(), target(body_ids=["gxj"]))
    write(target(value_text="210", body_ids=["gxj"]))
    connection.check_constraints()  # PostgreSQL looks at the guards only once no check is pending
    for sql in [*_FORBIDDEN, *_ONLY[connection.vendor]]:
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)
    assert chain.verify().is_whole


def test_undo_puts_back_what_stood_before() -> None:
    write(target())
    write(target(value_text="230", known_on=date(2026, 3, 1)), reason="误录")
    sequence = store.undo(2, actor="li", reason="录错", clock=at(9))
    restored = store.current(Target, "t:1")
    assert (sequence, restored.version, restored.value_text, restored.known_on) == (3, 3, "200", date(2026, 1, 5))
    assert store.as_of(Target, known_on=date(2026, 4, 1)).get().value_text == "200"


def test_undoing_a_creation_withdraws_and_undoing_that_brings_back() -> None:
    write(target())
    store.undo(1, actor="li", reason="", clock=at(1))
    assert store.current(Target, "t:1").state == "withdrawn"
    store.undo(2, actor="li", reason="", clock=at(2))
    assert store.current(Target, "t:1").state == "active"


def test_undo_refuses_when_something_came_after() -> None:
    write(target())
    write(target(value_text="230"))
    with pytest.raises(Conflict, match="又有改动"):
        store.undo(1, actor="li", reason="", clock=at())
    assert chain.head()[0] == 2


def test_undo_refuses_documents_and_unknown_events() -> None:
    write(document())
    with pytest.raises(Conflict, match="收录文件不能撤销"):
        store.undo(1, actor="li", reason="", clock=at())
    with pytest.raises(NotFound):
        store.undo(7, actor="li", reason="", clock=at())


def test_claims_that_a_run_added_cannot_be_unmade() -> None:
    plan = document()
    write(plan)
    write(claim(plan))
    with pytest.raises(Conflict, match="改为否决"):
        store.undo(2, actor="li", reason="", clock=at())
    assert store.current(Claim, claim(plan).key).state == "proposed"


def test_an_unknown_key_is_not_found() -> None:
    with pytest.raises(NotFound, match="账本中没有 t:9"):
        store.current(Target, "t:9")
