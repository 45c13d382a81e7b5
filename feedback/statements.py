"""Hand-written SQL on Django's own connection and transaction: prepared by the server, which Django's statements are not.

What every request of a reviewer asks stands in such statements; building the same SQL anew each time would cost more
than the database's answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model
from psycopg.sql import Composed

M = TypeVar("M", bound=Model)


def run(
    statement: LiteralString | Composed, values: dict[str, Any], *, prepare: bool = True
) -> list[tuple[Any, ...]]:
    """Execute a statement and return its rows (none for a statement that returns nothing). Raises Django's errors.

    A prepared statement keeps its plan: right for one that finds a few rows by their keys, wrong for one that walks over
    tables, whose plan from the day they were empty would never end on the day they are full. `prepare=False` plans anew.
    """
    # As Django's own cursor begins: a connection that died between two requests is replaced.
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        cursor.execute(statement, values, prepare=prepare)
        # Asked of the result: `cursor.description` would describe every column anew.
        gives_rows = cursor.pgresult is not None and cursor.pgresult.nfields > 0
        return cursor.fetchall() if gives_rows else []


def loaded(model: type[M], names: Sequence[str], values: Sequence[Any]) -> M:
    """The row with these columns as its model; columns that are not named are fetched when somebody asks for them."""
    given = dict(zip(names, values, strict=True))
    # Django takes them in the order of the model's fields.
    fields = [field.attname for field in model._meta.concrete_fields if field.attname in given]
    return model.from_db(DEFAULT_DB_ALIAS, fields, [given[name] for name in fields])
