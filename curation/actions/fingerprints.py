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
from curation.methods.minhash import BANDS, Signatures, bands, scheme, signatures
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
    """The fingerprint of each text: its id, and (texts, 21) band hashes, which mean something where `present`."""

    ids: list[int]
    bands: Ints
    present: Bools


def fingerprint(of: Compared, texts: Sequence[str]) -> Printed:
    """Make sure that each of these texts has its signature and bands in the index. Two workers at once write them once."""
    digests = [_hash(text) for text in texts]
    found = signatures(shingles(texts, of.kind))
    hashes = _own(of, bands(found))
    known = _ids(of, list(dict.fromkeys(digests)))
    # In the order given: of a crowded band the earlier ones are looked at.
    missing = {digest: at for at, digest in enumerate(digests) if digest not in known}
    if missing:
        known |= _write(of, missing, found, hashes)
    return Printed([known[digest] for digest in digests], hashes, found.present)


def _own(of: Compared, hashes: Ints) -> Ints:
    """Band hashes of one project and kind: nobody else's boilerplate crowds them."""
    whose = np.array([of.project_id * len(KINDS) + KINDS.index(of.what)], dtype=np.uint64)
    return mixed(hashes.view(np.uint64) ^ mixed(whose)).view(np.int64)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


_IDS = """
SELECT text_hash, id FROM curation_fingerprint
WHERE project_id = %(project)s AND kind = %(kind)s AND scheme = %(scheme)s AND text_hash = ANY(%(hashes)b::bytea[])
"""


def _ids(of: Compared, digests: list[bytes]) -> dict[bytes, int]:
    return dict(run(_IDS, {**_whose(of), "hashes": digests}, prepare=len(digests) == 1))


_INSERT = """
INSERT INTO curation_fingerprint (workspace_id, project_id, kind, scheme, text_hash, signature)
SELECT %(workspace)s, %(project)s, %(kind)s, %(scheme)s, given.text_hash, given.signature
FROM unnest(%(hashes)b::bytea[], %(signatures)s::bytea[]) WITH ORDINALITY AS given(text_hash, signature, place)
ORDER BY given.place ON CONFLICT DO NOTHING RETURNING text_hash, id
"""


@transaction.atomic
def _write(
    of: Compared, missing: dict[bytes, int], found: Signatures, hashes: Ints
) -> dict[bytes, int]:
    # Two that write the same texts in different orders would wait for each other.
    run("SELECT pg_advisory_xact_lock(727002, %(project)s::int)", {"project": of.project_id})
    digests = list(missing)
    written: dict[bytes, int] = {}
    for start in range(0, len(digests), BATCH):
        batch = digests[start : start + BATCH]
        stored = [found.stored(missing[digest]) for digest in batch]
        values = {**_whose(of), "hashes": batch, "signatures": stored}
        written |= dict(run(_INSERT, values, prepare=len(batch) == 1))
    fresh = [digest for digest in written if found.present[missing[digest]]]
    _index(hashes[[missing[digest] for digest in fresh]], [written[digest] for digest in fresh])
    others = [digest for digest in digests if digest not in written]
    return written | (_ids(of, others) if others else {})


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
