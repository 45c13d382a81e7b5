"""pgvector's side of “find similar”: a table and an HNSW index for each large version of vectors, derived, and gone at any time without harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import Error, transaction
from psycopg import sql

from curation.models import Encoding
from feedback.statements import run

if TYPE_CHECKING:
    from curation.encoders.base import Vectors

log = structlog.get_logger(__name__)
# To answer exactly a process needs 220 MB for so many, read anew in half a second after every import (docs/benchmarks.md).
BEYOND = 100_000
EF_SEARCH = (
    1_000  # pgvector's most; with 100 four of a thousand items found nothing of what is like them
)


def table(encoding_id: int) -> sql.Identifier:
    """The table of a version."""
    return sql.Identifier(f"curation_near_{encoding_id}")


def index(encoding_id: int) -> sql.Identifier:
    """The index of that table. It is made last: where it is, every vector was in the table."""
    return sql.Identifier(f"curation_near_{encoding_id}_alike")


def has_index(encoding_id: int) -> bool:
    """Whether the version can be searched by its index."""
    name = index(encoding_id).as_string()
    return bool(run("SELECT to_regclass(%(name)s) IS NOT NULL", {"name": name})[0][0])


# Whatever the planner thinks of an index whose table was never analysed.
_FOR_NOW = (
    "SELECT set_config('hnsw.ef_search', %(ef)s, true), set_config('enable_seqscan', 'off', true)"
)
_NEAREST = """
SELECT item_id, 1 - (vector <=> %(asked)s::halfvec) FROM {table} ORDER BY vector <=> %(asked)s::halfvec LIMIT %(count)s
"""


def literal(vector: Vectors) -> str:
    """(dim,) as pgvector reads it."""
    return f"[{','.join(map(str, vector.tolist()))}]"


def nearest_by_index(
    encoding: Encoding, asked: Vectors, count: int
) -> list[tuple[int, float]] | None:
    """Items and cosines of about the `count` nearest to `asked` (dim,), nearest first and of equal ones the newer.

    None: a small version, one without an index, or a database that refused, which is logged.
    """
    if encoding.n_vectors <= BEYOND:
        return None
    values = {"asked": literal(asked), "count": count}
    try:
        with transaction.atomic():
            if not has_index(encoding.pk):
                return None
            run(_FOR_NOW, {"ef": str(EF_SEARCH)}, prepare=False)
            rows = run(sql.SQL(_NEAREST).format(table=table(encoding.pk)), values, prepare=False)
    except Error as error:
        log.warning("near_search_refused", encoding=encoding.pk, reason=reason(error))
        return None
    return sorted(rows, key=lambda row: (-row[1], -row[0]))


def reason(error: Error) -> str:
    """The first line of what the database said; it names tables and rights, never texts."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
