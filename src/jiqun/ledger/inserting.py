"""Many rows of one table put into the database at once.

What `bulk_create` does, at a quarter of its cost: Django builds an expression for each value of each row, and a
month's round has two million of them. Here each column is prepared by its field, a value that comes again once, and
the database is given plain tuples: PostgreSQL by COPY, SQLite by one prepared statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models


def insert(rows: Sequence[models.Model]) -> None:
    """Rows of one model, none of them stored yet; afterwards each has its number. Within a transaction that writes.

    Raises IntegrityError, with nothing inserted, where the database refuses a row.
    """
    if not rows:
        return
    model = type(rows[0])
    for row, number in zip(rows, _numbers(model, len(rows)), strict=True):
        row.pk = number
    fields = model._meta.concrete_fields
    columns = [list(map(_prepared(field), (getattr(row, field.attname) for row in rows))) for field in fields]
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # the wrapper does not translate what a copy raises
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for values in zip(*columns, strict=True):
                    copy.write_row(values)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608 - own names
                list(zip(*columns, strict=True)),
            )
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _numbers(model: type[models.Model], count: int) -> Iterable[int]:
    """Numbers that no row of the table has had. In SQLite the one writer takes those after the last."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            quoted = connection.ops.quote_name(table)
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [quoted, model._meta.pk.column, count],
            )
            return [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        (last,) = cursor.fetchone() or (0,)
        return range(last + 1, last + 1 + count)


def _prepared(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """What a value of the field is for the database. A value met before is not prepared again."""
    known: dict[Any, Any] = {}
    if isinstance(field, models.JSONField):

        def written(value: Any) -> Any:  # most are empty, or one of a few paths
            said = repr(value)
            if said not in known:
                known[said] = field.get_db_prep_save(value, connection)
            return known[said]

        return written
    plain = {models.CharField: str, models.TextField: str, models.IntegerField: int, models.AutoField: int}
    as_it_is = next((kind for of, kind in plain.items() if isinstance(field, of)), None)

    def prepared(value: Any) -> Any:
        if type(value) is as_it_is:
            return value
        if value not in known:
            known[value] = field.get_db_prep_save(value, connection)
        return known[value]

    return prepared
