"""The chain shows what was changed behind the ledger's back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from jiqun.ledger import chain, store
from jiqun.ledger.models import Event, Target
from tests.ledger.rows import claim, document

pytestmark = pytest.mark.django_db


def _noon() -> datetime:
    return datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


def _add(key: str, value: str = "200") -> None:
    with store.recording("target.added", actor="zhang", clock=_noon, subject=("target", key)) as entry:
        entry.put([Target(key=key, known_on=date(2026, 1, 5), indicator_id="firms", value_text=value, unit="家")])


def test_an_empty_ledger_is_whole() -> None:
    assert chain.verify() == chain.Verdict(True, 0)
    assert chain.head() == (0, chain.GENESIS)


def test_a_ledger_written_by_the_store_is_whole() -> None:
    _add("a")
    _add("b")
    assert chain.verify() == chain.Verdict(True, 2)


def _without_guards(sql: str) -> None:
    """Do what an administrator with the database in hand could do."""
    with connection.cursor() as cursor:
        table = "ledger_event" if "ledger_event" in sql else "ledger_target"
        for guard in ("no_update", "no_delete"):
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {table}_{guard}{on}")
        cursor.execute(sql)


@pytest.mark.parametrize(
    ("sql", "fault", "sequence"),
    [
        ("UPDATE ledger_event SET reason = 'so' WHERE sequence = 2", "事件 2 的内容被改动过", 2),
        ("UPDATE ledger_event SET actor = 'li' WHERE sequence = 3", "事件 3 的内容被改动过", 3),
        ("UPDATE ledger_target SET value_text = '199' WHERE key = 'b'", "事件 2 写入的 target 记录与当时不符", 2),
        ("DELETE FROM ledger_target WHERE key = 'a'", "事件 1 写入的 target 记录已不存在", 1),
    ],
)
def test_tampering_is_found_at_its_event(sql: str, fault: str, sequence: int) -> None:
    for key in "abc":
        _add(key)
    _without_guards(sql)
    verdict = chain.verify()
    assert (verdict.is_whole, verdict.fault, verdict.sequence) == (False, fault, sequence)


def test_missing_guards_are_a_fault_of_their_own() -> None:
    _add("a")
    _without_guards("SELECT 1 FROM ledger_target")
    verdict = chain.verify()
    assert not verdict.is_whole
    assert "2 个防改触发器" in verdict.fault


def test_an_event_hashes_the_one_before() -> None:
    _add("a")
    _add("b")
    first, second = Event.objects.order_by("sequence")
    assert first.previous_hash == chain.GENESIS
    assert second.previous_hash == first.hash == chain.hash_of(first)


def test_rewriting_an_event_with_a_hash_that_fits_it_breaks_the_next() -> None:
    for key in "abc":
        _add(key)
    second = Event.objects.get(sequence=2)
    second.reason = "so"
    _without_guards(f"UPDATE ledger_event SET reason = 'so', hash = '{chain.hash_of(second)}' WHERE sequence = 2")
    verdict = chain.verify()
    assert (verdict.fault, verdict.sequence) == ("事件 3 与上一事件不相接", 3)


def test_an_event_cut_out_of_the_middle_is_missed() -> None:
    for name in "abc":
        with store.recording("account.added", actor="zhang", clock=_noon, subject=("account", name)) as entry:
            entry.remarks["account"] = {"role": "viewer"}
    _without_guards("DELETE FROM ledger_event WHERE sequence = 2")
    assert chain.verify().fault == "事件 2 缺失，其后为 3"


def test_every_word_of_an_event_is_in_its_hash() -> None:
    _add("a")
    event = Event.objects.get()
    changes = {
        "sequence": 2, "recorded_at": _noon().replace(minute=1), "actor": "li", "action": "x", "subject_type": "x",
        "subject_key": "x", "reason": "x", "payload": "{}", "previous_hash": "1" * 64,
    }  # fmt: skip
    assert {field.name for field in Event._meta.fields} == {*changes, "hash"}
    for name, value in changes.items():
        before = getattr(event, name)
        setattr(event, name, value)
        assert chain.hash_of(event) != event.hash, name
        setattr(event, name, before)
    assert chain.hash_of(event) == event.hash


def test_a_column_that_came_later_leaves_the_digests_of_older_rows_as_they_were() -> None:
    """The digest is taken here over the columns of the first ledgers, named one by one."""
    older = claim(document())
    older.document_id, older.version, older.recorded_at, older.actor = 7, 1, _noon(), "zhang"
    names = (  # noqa: SIM905 - shorter to read
        "key version known_on recorded_at actor reason value_text unit value_scaled value_max_text comparator strict "
        "base_value base_period state number_start number_end quote_start quote_end kind quote indicator measure area "
        "period bodies task_number indicator_id area_id cluster_id body_ids confidence candidates"
    ).split()
    first = chain.sha256(chain.canonical({name: getattr(older, name) for name in names} | {"document_id": "d" * 64}))
    assert chain.content_digest(older, {7: "d" * 64}) == first
    older.binding = False
    assert chain.content_digest(older, {7: "d" * 64}) != first
    older.binding, older.cell = None, "表1 第3行“2025年”列"
    assert chain.content_digest(older, {7: "d" * 64}) != first
    older.cell, older.suggested_by = "", "某模型"
    assert chain.content_digest(older, {7: "d" * 64}) != first
    older.suggested_by, older.doubts = "", ["name_short"]
    assert chain.content_digest(older, {7: "d" * 64}) != first
