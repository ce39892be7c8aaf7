"""The database itself refuses to edit or delete what the ledger holds, whoever asks.

Rows of a statement table take one change in their life: `superseded_at`, once, from null. Event, document and
body rows take none. A migration that alters one of these tables must end with `install`: SQLite rebuilds a
table to alter it and drops its triggers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps as installed
from django.db.backends.base.base import BaseDatabaseWrapper

from jiqun.ledger.statement import AppendOnly

STATEMENTS = ("Claim", "Target", "Observation", "Task", "Comment", "AdoptedLayout", "StatedSplit")
FIXED = ("Event", "Document", "TargetBody", "TaskBody")
MESSAGE = "the ledger is append-only"


def install(apps: Any, schema_editor: Any) -> None:
    """Leave every table that the ledger has by this migration guarded; for RunPython, and safe to run again."""
    present = apps.all_models["ledger"]  # by lower-case name: a table may come with a later migration
    guard(schema_editor, apps, "ledger", [name for name in STATEMENTS if name.lower() in present], FIXED)


def guard(schema_editor: Any, apps: Any, label: str, statements: Iterable[str], fixed: Iterable[str] = ()) -> None:
    """Leave these tables of an application guarded: those of statements, and those that take no change at all."""
    connection = schema_editor.connection
    statements = tuple(statements)
    for name in (*statements, *fixed):
        model = apps.get_model(label, name)
        with connection.cursor() as cursor:
            for sql in _statements(connection, model, name in statements):
                cursor.execute(sql)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The guards that ought to stand in this database and do not; empty when all is well."""
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    guarded = [model for model in installed.get_models() if issubclass(model, AppendOnly)]
    expected = [f"{model._meta.db_table}_{name}" for model in guarded for name in _GUARDS[connection.vendor]]
    return [name for name in expected if name not in present]


_GUARDS = {"sqlite": ("no_update", "no_delete", "no_replace"), "postgresql": ("no_update", "no_delete", "no_truncate")}


def _statements(connection: BaseDatabaseWrapper, model: Any, may_be_superseded: bool) -> Iterable[str]:
    """The SQL that guards one table. Names are our own table and column names, quoted; no value goes in."""
    quote = connection.ops.quote_name
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields if field.column != "superseded_at"]
    same = "IS" if connection.vendor == "sqlite" else "IS NOT DISTINCT FROM"
    allowed = "FALSE"
    if may_be_superseded:
        kept = " AND ".join(f"NEW.{quote(column)} {same} OLD.{quote(column)}" for column in columns)
        allowed = f"OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL AND {kept}"
    if connection.vendor == "sqlite":
        yield from _sqlite(quote, table, _taken(quote, model, may_be_superseded), allowed)
    elif connection.vendor == "postgresql":
        yield from _postgresql(quote, table, allowed)
    else:
        raise NotImplementedError(f"no append-only triggers for {connection.vendor}")


def _taken(quote: Any, model: Any, may_be_superseded: bool) -> str:
    """True of a new row whose place, by any key that must not come twice, another row has."""
    table = quote(model._meta.db_table)
    tests = [f"{quote(f.column)} = NEW.{quote(f.column)}" for f in model._meta.concrete_fields if f.unique]
    if may_be_superseded:
        tests.append('"key" = NEW."key" AND ("version" = NEW."version" OR "superseded_at" IS NULL)')
    return " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {test})" for test in tests)  # noqa: S608 - own names


def _sqlite(quote: Any, table: str, taken: str, allowed: str) -> Iterable[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    for guard, when in (
        ("no_update", f"UPDATE ON {quote(table)} WHEN NOT ({allowed})"),
        ("no_delete", f"DELETE ON {quote(table)}"),
        ("no_replace", f"INSERT ON {quote(table)} WHEN {taken}"),  # INSERT OR REPLACE deletes without asking
    ):
        yield f"DROP TRIGGER IF EXISTS {quote(f'{table}_{guard}')}"
        yield f"CREATE TRIGGER {quote(f'{table}_{guard}')} BEFORE {when} {refuse}"


def _postgresql(quote: Any, table: str, allowed: str) -> Iterable[str]:
    yield (
        "CREATE OR REPLACE FUNCTION jiqun_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for guard, when, level in (
        ("no_update", "UPDATE", f"ROW WHEN (NOT ({allowed}))"),
        ("no_delete", "DELETE", "ROW"),
        ("no_truncate", "TRUNCATE", "STATEMENT"),
    ):
        name = quote(f"{table}_{guard}")
        yield f"DROP TRIGGER IF EXISTS {name} ON {quote(table)}"
        yield (
            f"CREATE TRIGGER {name} BEFORE {when} ON {quote(table)} "
            f"FOR EACH {level} EXECUTE FUNCTION jiqun_append_only()"
        )
