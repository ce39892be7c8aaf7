"""History is attacked by every public way: the ORM and its side doors, plain SQL, the guards themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import Error, connection, migrations, models, transaction

from jiqun.ledger import chain, store, triggers
from jiqun.ledger.models import AdoptedLayout, Document, Event, Target, TargetBody, Task
from jiqun.model.errors import UsageError
from tests.ledger.rows import claim, document, write

pytestmark = pytest.mark.django_db
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def _noon() -> datetime:
    return datetime(2026, 1, 5, 4, 0, tzinfo=UTC)


def _add(key: str, value: str = "200", **more: Any) -> Target:
    row = Target(key=key, known_on=date(2026, 1, 5), indicator_id="firms", value_text=value, unit="家", **more)
    with store.recording("target.added", actor="zhang", clock=_noon, subject=("target", key)) as entry:
        entry.put([row])
    return row


@pytest.fixture
def plan() -> Document:
    found = document()
    write(found, claim(found, 7))
    _add("a", body_ids=["gxj", "kjj"], document=found)
    _add("a", "210", body_ids=["gxj"], document=found)
    return found


ORM: dict[str, Callable[[], Any]] = {
    "save": lambda: Target.objects.first().save(),
    "save_base": lambda: Target.objects.first().save_base(),
    "delete": lambda: Target.objects.first().delete(),
    "update": lambda: Target.objects.update(value_text="1"),
    "update of a slice": lambda: Target.objects.filter(key="a").update(superseded_at=None),
    "delete of a queryset": lambda: Target.objects.all().delete(),
    "raw delete": lambda: Target.objects.all()._raw_delete("default"),
    "bulk_update": lambda: Target.objects.bulk_update([Target.objects.first()], ["value_text"]),
    "get_or_create": lambda: Target.objects.get_or_create(key="x"),
    "update_or_create": lambda: Target.objects.update_or_create(key="a", defaults={"value_text": "1"}),
    "aupdate": lambda: asyncio.run(Target.objects.aupdate(value_text="1")),
    "adelete": lambda: asyncio.run(Target.objects.adelete()),
    "base manager": lambda: Target._base_manager.update(value_text="1"),
    "base manager delete": lambda: Target._base_manager.all().delete(),
    "plain queryset": lambda: models.QuerySet(Target).update(value_text="1"),
    "plain queryset of events": lambda: models.QuerySet(Event).update(actor="li"),
    "plain queryset of bodies": lambda: models.QuerySet(TargetBody).update(body_id="li"),
    "upsert": lambda: Target.objects.bulk_create(
        [Target.objects.get(version=1)], update_conflicts=True, unique_fields=["id"], update_fields=["value_text"]
    ),
    "related create": lambda: Document.objects.get().claims.create(key="x"),
    "related clear": lambda: Document.objects.get().targets.clear(bulk=True),
    "related set": lambda: Document.objects.get().targets.set([]),
    "related update": lambda: Document.objects.get().claims.update(state="accepted"),
}  # fmt: skip


@pytest.mark.parametrize("way", ORM)
def test_the_orm_and_its_side_doors_change_nothing(plan: Document, way: str) -> None:
    before = list(Target.objects.order_by("id").values()), list(Event.objects.order_by("sequence").values())
    with pytest.raises((UsageError, Error, AttributeError)), transaction.atomic():
        ORM[way]()
    assert before == (list(Target.objects.order_by("id").values()), list(Event.objects.order_by("sequence").values()))
    assert chain.verify().is_whole


SQL = {
    "edit": "UPDATE ledger_target SET value_text = '1'",
    "revive": "UPDATE ledger_target SET superseded_at = NULL WHERE version = 1",
    "end twice": "UPDATE ledger_target SET superseded_at = '2030-01-01 00:00:00' WHERE version = 1",
    "end and edit": "UPDATE ledger_target SET superseded_at = '2030-01-01', value_text = '1' WHERE version = 2",
    "renumber": "UPDATE ledger_target SET id = 4711 WHERE version = 1",
    "delete": "DELETE FROM ledger_target",
    "edit an event": "UPDATE ledger_event SET actor = 'li'",
    "delete the last event": "DELETE FROM ledger_event WHERE sequence = (SELECT max(sequence) FROM ledger_event)",
    "edit a document": "UPDATE ledger_document SET original = ''",
    "edit who answers": "UPDATE ledger_targetbody SET body_id = 'li'",
    "delete who answers": "DELETE FROM ledger_targetbody",
}
POSTGRESQL = {
    "truncate": "TRUNCATE ledger_event CASCADE",
    "merge": "MERGE INTO ledger_target t USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET value_text = '1'",
    "with": "WITH gone AS (DELETE FROM ledger_target RETURNING 1) SELECT * FROM gone",
}
SQLITE = {
    "replace by number": "INSERT OR REPLACE INTO ledger_event SELECT * FROM ledger_event WHERE sequence = 1",
    "update or replace": "UPDATE OR REPLACE ledger_target SET version = 1 WHERE version = 2",
}


@pytest.mark.parametrize("way", [*SQL, *POSTGRESQL, *SQLITE])
def test_plain_sql_changes_nothing(plan: Document, way: str) -> None:
    own = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    if way not in SQL and way not in own:
        pytest.skip("the other engine's words")
    before = Target.objects.count(), Event.objects.count(), TargetBody.objects.count()
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute({**SQL, **own}[way])
    assert before == (Target.objects.count(), Event.objects.count(), TargetBody.objects.count())
    assert chain.verify().is_whole


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own trap")
@pytest.mark.parametrize("place", ["key, version", "current"])
def test_replace_from_another_program_deletes_nothing(plan: Document, place: str) -> None:
    """INSERT OR REPLACE deletes what is in its way without asking the guards of deletion, unless a pragma says so."""
    columns = [field.column for field in Target._meta.concrete_fields]
    changed = {"id": "4711", "version": "2" if place == "key, version" else "3", "value_text": "'1'"}
    chosen = ", ".join(changed.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
    try:
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT OR REPLACE INTO ledger_target ({names}) SELECT {chosen} FROM ledger_target WHERE version = 2"
            )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers=ON")
    assert Target.objects.get(version=2).value_text == "210"


def test_a_version_ended_without_a_next_one_is_found(plan: Document) -> None:
    """The one change that the guards let through: it would make a target vanish from every page."""
    at = Target.objects.get(version=2).event_id
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_target SET superseded_at = %s WHERE version = 2", [LATER])
    assert not Target.objects.filter(superseded_at=None).exists()
    verdict = chain.verify()
    assert (verdict.is_whole, verdict.sequence) == (False, at)
    assert "失效时间与后一版本不符" in verdict.fault


@pytest.mark.parametrize("model", ["target", "task"])
def test_a_body_added_behind_the_ledger_is_found(plan: Document, model: str) -> None:
    with store.recording("document.reextracted", actor="zhang", clock=_noon, subject=plan) as entry:
        entry.put([Task(key="k", known_on=plan.known_on, document=plan, number="1", title="t", start=0, end=1)])
    owner = Target.objects.get(version=2) if model == "target" else Task.objects.get()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_{model}body ({model}_id, body_id, position) VALUES (%s, 'li', 1)", [owner.pk]
        )
    verdict = chain.verify()
    assert (verdict.is_whole, verdict.sequence) == (False, owner.event_id)
    assert "责任单位与检索表不符" in verdict.fault


def test_a_row_smuggled_in_under_an_old_event_is_found(plan: Document) -> None:
    first = Target.objects.get(version=1)
    columns = [f.column for f in Target._meta.concrete_fields if f.column != "id"]
    chosen = ", ".join({"key": "'smuggled'"}.get(c, f'"{c}"') for c in columns)
    names = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO ledger_target ({names}) SELECT {chosen} FROM ledger_target WHERE version = 1")
    assert chain.verify().sequence == first.event_id


ADOPTED = {
    "edit": "UPDATE ledger_adoptedlayout SET pairs = '[]'",
    "backdate": "UPDATE ledger_adoptedlayout SET known_on = '2020-01-01', superseded_at = '2030-01-01'",
    "revive": "UPDATE ledger_adoptedlayout SET superseded_at = NULL WHERE version = 1",
    "delete": "DELETE FROM ledger_adoptedlayout",
}


@pytest.mark.parametrize("way", ADOPTED)
def test_an_adopted_layout_is_guarded_and_its_change_behind_the_ledger_is_found(way: str) -> None:
    about = {"key": "layout", "known_on": date(2026, 1, 5), "catalogue_id": "2024", "points": "10"}
    for points in ("10", "11"):
        write(AdoptedLayout(**about | {"points": points, "pairs": [["robots", "east"]], "folder_digest": "f" * 64}))
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ADOPTED[way])
    assert (chain.verify().is_whole, AdoptedLayout.objects.count()) == (True, 2)
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TRIGGER ledger_adoptedlayout_no_update"
            + ("" if connection.vendor == "sqlite" else " ON ledger_adoptedlayout")
        )
        cursor.execute("UPDATE ledger_adoptedlayout SET pairs = '[]' WHERE version = 2")
    verdict = chain.verify()
    assert (verdict.is_whole, verdict.sequence) == (False, 2)
    assert "adoptedlayout" in verdict.fault


def test_a_migration_that_rebuilds_a_table_must_put_the_guards_back(plan: Document) -> None:
    """SQLite drops triggers with the table it rebuilds; `verify` says so, and `install`, at the end, restores them."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its triggers over ALTER TABLE")
    missing = ["ledger_target_no_update", "ledger_target_no_delete", "ledger_target_no_replace"]
    with connection.cursor() as cursor:  # what a rebuild does to them; rebuilding needs foreign keys off, no test has
        for name in missing:
            cursor.execute(f"DROP TRIGGER {name}")
    assert triggers.missing(connection) == missing
    assert not chain.verify().is_whole
    with connection.schema_editor(atomic=False) if not connection.in_atomic_block else transaction.atomic():
        triggers.install(apps, type("Editor", (), {"connection": connection}))
    assert triggers.missing(connection) == []


def test_every_migration_of_the_ledger_ends_with_the_guards() -> None:
    from django.db.migrations.loader import MigrationLoader

    of_ledger = [m for (app, _), m in MigrationLoader(None).disk_migrations.items() if app == "ledger"]
    for migration in of_ledger:
        last = migration.operations[-1]
        assert isinstance(last, migrations.RunPython), migration
        assert last.code is triggers.install, migration
