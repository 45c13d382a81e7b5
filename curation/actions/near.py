"""Keeps pgvector's side of “find similar”: made by the worker where the database has the extension and a version is large.

The truth stays in `curation_itemvector`. Whatever is refused here (no such extension, no right to make a table, a lock
that others hold) leaves the search exact and is tried again when the vectors are next kept up.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import structlog
from django.db import Error, connection, transaction
from psycopg import sql

from curation.encoders.base import restored
from curation.late import np
from curation.models import Encoding
from curation.queries import near
from curation.queries.near import index, reason, table
from feedback.statements import run

log = structlog.get_logger(__name__)
BATCH = 5_000
MOST_BEHIND = (
    10_000  # a row costs 5 ms in the index of a large project, 1.2 ms where it is built anew
)
MOST_DIM = 4_000  # what HNSW takes of half floats
BUILT_A_MINUTE = 10_000  # at the very least: a busy core builds five times as many
Keep = Callable[..., None]


def follow(encoding: Encoding, keep: Keep) -> None:
    """Bring the index of a large version up to its vectors; make it where there is none, or where much is missing.

    `keep` renews the worker's lease, for so many `minutes` if it is told, or raises.
    """
    if encoding.n_vectors <= near.BEYOND or encoding.dim > MOST_DIM or not _is_offered():
        return
    try:
        if near.has_index(encoding.pk) and _behind(encoding) <= MOST_BEHIND:
            _fill(encoding, keep)
            return
        _begin(encoding)
        _fill(encoding, keep)
        keep(minutes=5 + encoding.n_vectors / BUILT_A_MINUTE)
        _build(encoding)
    except Error as error:
        log.warning("near_refused", encoding=encoding.pk, reason=reason(error))


_TABLES = """
SELECT found.id FROM pg_class, LATERAL (SELECT substring(relname FROM '^curation_near_([0-9]+)$')::bigint AS id) found
WHERE relkind = 'r' AND pg_table_is_visible(pg_class.oid) AND found.id IS NOT NULL
    AND (found.id = ANY(%(gone)s) OR NOT EXISTS (SELECT FROM curation_encoding WHERE curation_encoding.id = found.id))
"""


def forget(gone: list[int]) -> None:
    """Drop the tables of these versions, and of versions that are not there."""
    try:
        for (encoding_id,) in run(_TABLES, {"gone": gone}, prepare=False):
            with transaction.atomic():
                _wait_briefly()
                _drop(encoding_id)
    except Error as error:
        log.warning("near_refused", reason=reason(error))


def _is_offered() -> bool:
    offered = "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')"
    return bool(run(offered, {}, prepare=False)[0][0])


# The key keeps vectors of removed items out, and rows of another workspace: its other end has the key of the workspace.
_CREATE = """
CREATE TABLE {table} (
    encoding_id bigint NOT NULL DEFAULT {id} CHECK (encoding_id = {id}),
    item_id bigint PRIMARY KEY,
    revision_id bigint NOT NULL,
    vector halfvec({dim}) NOT NULL,
    FOREIGN KEY (encoding_id, item_id) REFERENCES curation_itemvector (encoding_id, item_id) ON DELETE CASCADE
)
"""


@transaction.atomic
def _begin(encoding: Encoding) -> None:
    """An empty table without an index, which nobody searches."""
    # Two that make the extension at once would fail.
    run("SELECT pg_advisory_xact_lock(727004)", {}, prepare=False)
    _wait_briefly()
    run("CREATE EXTENSION IF NOT EXISTS vector", {}, prepare=False)
    _drop(encoding.pk)
    create = sql.SQL(_CREATE).format(
        table=table(encoding.pk), id=sql.Literal(encoding.pk), dim=sql.Literal(encoding.dim)
    )
    run(create, {}, prepare=False)


def _drop(encoding_id: int) -> None:
    drop = sql.SQL("DROP TABLE IF EXISTS {table}").format(table=table(encoding_id))
    run(drop, {}, prepare=False)


def _wait_briefly() -> None:
    """Keys are made and dropped under a lock on all vectors; whoever waits for it keeps readers waiting."""
    run("SET LOCAL lock_timeout = '5s'", {}, prepare=False)


_BEHIND = """
FROM curation_itemvector truth LEFT JOIN {table} near ON near.item_id = truth.item_id
WHERE truth.encoding_id = %(encoding)s AND near.revision_id IS DISTINCT FROM truth.revision_id
"""
_COUNT = "SELECT count(*)" + _BEHIND
_NEXT = (
    "SELECT truth.item_id, truth.revision_id, truth.vector"
    + _BEHIND
    + "AND truth.item_id > %(after)s ORDER BY truth.item_id LIMIT %(count)s"
)


def _behind(encoding: Encoding) -> int:
    count = sql.SQL(_COUNT).format(table=table(encoding.pk))
    return int(run(count, {"encoding": encoding.pk}, prepare=False)[0][0])


def _fill(encoding: Encoding, keep: Keep) -> None:
    """Copy what the table has not, or has of an earlier text, a batch a transaction."""
    statement, after = sql.SQL(_NEXT).format(table=table(encoding.pk)), 0
    while True:
        values = {"encoding": encoding.pk, "after": after, "count": BATCH}
        rows = run(statement, values, prepare=False)
        if not rows:
            return
        with transaction.atomic():
            _replace(encoding, rows)
            keep()
        after = rows[-1][0]


def _replace(encoding: Encoding, rows: list[tuple[int, int, bytes]]) -> None:
    items = [row[0] for row in rows]
    remove = sql.SQL("DELETE FROM {table} WHERE item_id = ANY(%(items)s)").format(
        table=table(encoding.pk)
    )
    run(remove, {"items": items}, prepare=False)
    copied = sql.SQL(
        "COPY {table} (item_id, revision_id, vector) FROM STDIN (FORMAT BINARY)"
    ).format(table=table(encoding.pk))
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        with cursor.copy(copied) as copy:
            copy.write(_packed(encoding.dim, rows))


_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def _packed(dim: int, rows: list[tuple[int, int, bytes]]) -> bytes:
    """COPY's binary format: the number of fields, then each with its length; a halfvec is its dimensions, a zero and its numbers."""
    layout = [("fields", ">i2"), ("l1", ">i4"), ("item", ">i8"), ("l2", ">i4"), ("revision", ">i8")]
    layout += [("l3", ">i4"), ("dim", ">i2"), ("unused", ">i2"), ("vector", f"({dim},)>f2")]
    made = np.zeros(len(rows), dtype=layout)
    made["fields"], made["l1"], made["l2"], made["l3"], made["dim"] = 3, 8, 8, 4 + 2 * dim, dim
    made["item"] = [row[0] for row in rows]
    made["revision"] = [row[1] for row in rows]
    made["vector"] = restored([bytes(row[2]) for row in rows], dim)
    return _HEADER + made.tobytes() + _TRAILER


@transaction.atomic
def _build(encoding: Encoding) -> None:
    # The graph must fit, or building takes twice as long. Several processes share memory that containers often have not.
    run("SET LOCAL maintenance_work_mem = '1GB'", {}, prepare=False)
    run("SET LOCAL max_parallel_maintenance_workers = 0", {}, prepare=False)
    # With pgvector's usual 64 some items found next to nothing of what is like them (docs/benchmarks.md).
    statement = sql.SQL(
        "CREATE INDEX {index} ON {table} USING hnsw (vector halfvec_cosine_ops) WITH (ef_construction = 200)"
    )
    run(statement.format(index=index(encoding.pk), table=table(encoding.pk)), {}, prepare=False)
