"""Frames into tables by COPY, column by column, so that a row costs the server alone."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection, models
from psycopg import sql

from curation.late import csv, np, pa, pc, pd

BATCH = 10_000


def hexed(column: pd.Series) -> pa.Array:
    """Hex digits as PostgreSQL reads bytes; missing ones stay missing."""
    digits = pa.array(column, pa.string(), from_pandas=True)
    return pc.binary_join_element_wise(pa.scalar("\\x"), digits, "")


def filled(frame: pd.DataFrame, name: str, default: Any) -> pa.Array:
    """A column with its default where a value, or the whole column, is missing."""
    if name not in frame.columns:
        return pa.array([default] * len(frame))
    values = pa.array(frame[name], from_pandas=True)
    if default is None or not values.null_count:
        return values
    if pa.types.is_null(values.type):
        return pa.array([default] * len(frame))
    return values.fill_null(default)


def copy_columns(target: type[models.Model] | str, columns: Mapping[str, Any]) -> None:
    """COPY equally long columns into a table on Django's connection, inside its transaction."""
    name = target if isinstance(target, str) else target._meta.db_table
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    table = pa.table(dict(columns))
    plain = csv.WriteOptions(include_header=False)  # nothing there is NULL, an empty text is quoted
    connection.ensure_connection()
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection) as cursor,
        cursor.copy(statement) as copy,
    ):
        for batch in table.to_batches(max_chunksize=BATCH):
            buffer = io.BytesIO()
            csv.write_csv(batch, buffer, plain)
            copy.write(buffer.getbuffer())


_WISHED = "CREATE TEMPORARY TABLE wished_pair (place int, revision_id bigint, lo bigint, hi bigint, question text, pair_hash bytea) ON COMMIT DROP"
_MAKE = """
INSERT INTO curation_pair (public_id, workspace_id, project_id, revision_id, response_lo_id, response_hi_id, question, pair_hash)
SELECT gen_random_uuid(), %s, %s, w.revision_id, w.lo, w.hi, w.question, w.pair_hash FROM wished_pair w
WHERE NOT EXISTS (
    SELECT FROM curation_pair p WHERE p.revision_id = w.revision_id AND p.response_lo_id = w.lo
    AND p.response_hi_id = w.hi AND p.question = w.question
) ORDER BY w.place
ON CONFLICT (revision_id, response_lo_id, response_hi_id, question) DO NOTHING
"""
_IDS = """
SELECT p.id FROM wished_pair w JOIN curation_pair p ON p.revision_id = w.revision_id AND p.response_lo_id = w.lo
    AND p.response_hi_id = w.hi AND p.question = w.question ORDER BY w.place
"""


def pair_ids(workspace_id: int, project_id: int, pairs: pd.DataFrame) -> Sequence[int]:
    """The lasting row of each pair, in their order; made for those seen for the first time."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS wished_pair")
        cursor.execute(_WISHED)
        copy_columns(
            "wished_pair",
            {
                "place": np.arange(len(pairs)),
                "revision_id": pa.array(pairs["revision_id"]),
                "lo": pa.array(pairs["lo_id"]),
                "hi": pa.array(pairs["hi_id"]),
                "question": pa.array(pairs["question"], pa.string()),
                "pair_hash": hexed(pairs["pair"]),
            },
        )
        cursor.execute("ANALYZE wished_pair")
        cursor.execute(_MAKE, [workspace_id, project_id])
        cursor.execute(_IDS)
        return [row[0] for row in cursor.fetchall()]
