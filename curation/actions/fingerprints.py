"""The live index of near-duplicates: signatures and bands of every distinct text of a project, in PostgreSQL.

A text is fingerprinted once under a scheme and found again by its hash. The index answers at import (`likeness`); a run makes
the bands of its own texts anew and pairs them in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from django.db import connection, transaction

from curation.late import np
from curation.methods.arrays import Bools, Ints
from curation.methods.minhash import (
    BANDS,
    LARGEST_BUCKET,
    Signatures,
    bands,
    scheme,
    signatures,
)
from curation.methods.shingles import Kind, mixed, shingles
from curation.models import Fingerprint
from feedback.statements import run

BATCH = 5_000
KINDS = tuple(Fingerprint.Kind.values)


@dataclass(frozen=True)
class Compared:
    """Whose texts are compared, and as what: a project, a kind of text and its shingle."""

    workspace_id: int
    project_id: int
    what: str
    kind: Kind


@dataclass(frozen=True)
class Printed:
    """Distinct texts in the order given: each one's fingerprint, whether it is new, and the buckets of its bands.

    Text i lies in the buckets `buckets[i]` (texts, 21), a text without bands in none (−1). Bucket b holds the fingerprints
    `members[starts[b]:starts[b + 1]]`, rising: of the earlier ones a little more than the `largest` asked for, and all the new ones.
    """

    ids: dict[str, int]
    fresh: Bools
    buckets: Ints
    starts: Ints
    members: Ints


def fingerprint(of: Compared, texts: Sequence[str], largest: int = LARGEST_BUCKET) -> Printed:
    """Make sure that each text has its signature and bands in the index. Two workers at once write them once."""
    distinct = list(dict.fromkeys(texts))
    found = signatures(shingles(distinct, of.kind))
    hashes = _own(of, bands(found))
    values, places = np.unique(hashes[found.present], return_inverse=True)
    buckets = np.full(hashes.shape, -1, dtype=np.int64)
    buckets[found.present] = places.reshape(-1, BANDS)
    digests = [_hash(text) for text in distinct]
    with transaction.atomic(savepoint=False):
        # Two that write the same texts in different orders would wait for each other.
        run("SELECT pg_advisory_xact_lock(727002, %(project)s::int)", {"project": of.project_id})
        ids, held = _look(of, digests, values, largest)
        fresh = np.array([digest not in ids for digest in digests], dtype=np.bool_)
        ids |= _write(of, digests, np.flatnonzero(fresh), found, hashes)
    known = [ids[digest] for digest in digests]
    new = fresh & found.present
    starts, members = _filled(len(values), held, buckets[new], np.array(known, np.int64)[new])
    return Printed(dict(zip(distinct, known, strict=True)), fresh, buckets, starts, members)


def _own(of: Compared, hashes: Ints) -> Ints:
    """Band hashes of one project and kind: nobody else's boilerplate crowds them."""
    whose = np.array([of.project_id * len(KINDS) + KINDS.index(of.what)], dtype=np.uint64)
    return mixed(hashes.view(np.uint64) ^ mixed(whose)).view(np.int64)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


# One more than a bucket may hold tells that it holds more. Asked before the new ones are written, which nobody need look for.
_LOOK = """
SELECT text_hash, id, NULL::bigint
FROM curation_fingerprint
WHERE project_id = %(project)s AND kind = %(kind)s AND scheme = %(scheme)s AND text_hash = ANY(%(hashes)b::bytea[])
UNION ALL
SELECT string_agg(int8send(other.fingerprint), ''::bytea), NULL, mine.place - 1
FROM unnest(%(h)b::bigint[]) WITH ORDINALITY AS mine(h, place) CROSS JOIN LATERAL (
    SELECT fingerprint FROM curation_band WHERE h = mine.h ORDER BY fingerprint LIMIT %(largest)s + 1
) other
GROUP BY mine.place
"""


def _look(
    of: Compared, digests: list[bytes], values: Ints, largest: int
) -> tuple[dict[bytes, int], list[tuple[int, bytes]]]:
    """Which texts the index knows, by hash, and who is in the buckets, by their places: eight bytes for each.

    The band hashes rise: neighbours in the index are then read together.
    """
    asked = {**_whose(of), "hashes": digests, "h": values.tolist(), "largest": largest}
    found = run(_LOOK, asked, prepare=len(digests) == 1)
    ids = {data: print_id for data, print_id, place in found if place is None}
    return ids, [(place, data) for data, _, place in found if place is not None]


def _filled(
    count: int, held: list[tuple[int, bytes]], buckets: Ints, prints: Ints
) -> tuple[Ints, Ints]:
    """`starts` and `members` of so many buckets, from what the index held and the new ones, whose buckets are (texts, 21)."""
    earlier = np.frombuffer(b"".join(data for _, data in held), dtype=">i8").astype(np.int64)
    places = np.array([place for place, _ in held], dtype=np.int64)
    where = np.concatenate(
        [np.repeat(places, [len(data) // 8 for _, data in held]), buckets.ravel()]
    )
    members = np.concatenate([earlier, np.repeat(prints, BANDS)])
    starts = np.cumsum(np.bincount(where + 1, minlength=count + 1))
    return starts, members[np.lexsort((members, where))]


# The bands of a single text come along; those of many are copied, which is quicker and takes turns of its own.
_INSERT = """
WITH fresh AS (
    INSERT INTO curation_fingerprint (workspace_id, project_id, kind, scheme, text_hash, signature)
    SELECT %(workspace)s, %(project)s, %(kind)s, %(scheme)s, given.text_hash, nullif(given.signature, '')
    FROM unnest(%(hashes)b::bytea[], %(signatures)b::bytea[]) WITH ORDINALITY AS given(text_hash, signature, place)
    ORDER BY given.place RETURNING text_hash, id
), banded AS (
    INSERT INTO curation_band (h, fingerprint) SELECT mine.h, fresh.id FROM fresh, unnest(%(h)b::bigint[]) AS mine(h)
)
SELECT text_hash, id FROM fresh
"""


def _write(
    of: Compared, digests: list[bytes], fresh: Ints, found: Signatures, hashes: Ints
) -> dict[bytes, int]:
    """Write the fresh ones, in the order given: of a crowded band the earlier ones are looked at. Returns their ids."""
    written: dict[bytes, int] = {}
    banded = [at for at in fresh.tolist() if found.present[at]]
    single = hashes[banded[0]].tolist() if len(fresh) == len(banded) == 1 else []
    for start in range(0, len(fresh), BATCH):
        batch = fresh[start : start + BATCH].tolist()
        values = {
            **_whose(of),
            "hashes": [digests[at] for at in batch],
            "signatures": [found.stored(at) or b"" for at in batch],
            "h": single,
        }
        written |= dict(run(_INSERT, values, prepare=len(fresh) == 1))
    if not single:
        _index(hashes[banded], [written[digests[at]] for at in banded])
    return written


def _whose(of: Compared) -> dict[str, object]:
    return {
        "workspace": of.workspace_id,
        "project": of.project_id,
        "kind": of.what,
        "scheme": scheme(of.kind),
    }


# A row of COPY's binary format: the number of fields, then each with its length.
_ROW = np.dtype(
    [("fields", ">i2"), ("l1", ">i4"), ("h", ">i8"), ("l2", ">i4"), ("fingerprint", ">i8")]
)
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def _index(hashes: Ints, prints: list[int]) -> None:
    """Write the bands, rising: neighbours in the index are then written together."""
    if not prints:
        return
    flat = hashes.ravel()
    order = np.argsort(flat, kind="stable")
    rows = np.empty(len(flat), dtype=_ROW)
    rows["fields"], rows["l1"], rows["l2"] = 2, 8, 8
    rows["h"] = flat[order]
    rows["fingerprint"] = np.repeat(np.array(prints, dtype=np.int64), BANDS)[order]
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        with cursor.copy("COPY curation_band (h, fingerprint) FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(_HEADER + rows.tobytes() + _TRAILER)
