"""The live index of near-duplicates: signatures and bands of every distinct text of a project, in PostgreSQL.

A text is fingerprinted once under a scheme and found again by its hash. The index answers at import (`likeness`); a run makes
the bands of its own texts anew and pairs them in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from django.db import connection, transaction

from curation.methods.arrays import Ints
from curation.methods.minhash import bands, scheme, signatures
from curation.methods.shingles import Kind, mixed, shingles
from curation.models import Band, Fingerprint
from feedback.actions.importing.rows import copy_rows
from feedback.models import Project

BATCH = 5_000
KINDS = tuple(Fingerprint.Kind.values)


def fingerprint(project: Project, what: str, kind: Kind, texts: Sequence[str]) -> list[int]:
    """Make sure that each of these texts has its signature and bands, and give the id of each one's fingerprint.

    Two workers at once write them once.
    """
    by_hash = {_hash(text): text for text in texts}
    known = _ids(project, what, kind, list(by_hash))
    # In the order given: of a crowded band the earlier ones are looked at.
    missing = [digest for digest in by_hash if digest not in known]
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        known |= _write(project, what, kind, batch, [by_hash[digest] for digest in batch])
    return [known[_hash(text)] for text in texts]


def _own(project: Project, what: str, hashes: Ints) -> Ints:
    """Band hashes of one project and kind: nobody else's boilerplate crowds them."""
    whose = np.array([project.pk * len(KINDS) + KINDS.index(what)], dtype=np.uint64)
    return mixed(hashes.view(np.uint64) ^ mixed(whose)).view(np.int64)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _ids(project: Project, what: str, kind: Kind, digests: list[bytes]) -> dict[bytes, int]:
    rows = Fingerprint.objects.filter(
        project=project, kind=what, scheme=scheme(kind), text_hash__in=digests
    ).values_list("text_hash", "pk")
    return {bytes(digest): pk for digest, pk in rows.iterator(chunk_size=5000)}


@transaction.atomic
def _write(
    project: Project, what: str, kind: Kind, digests: list[bytes], texts: list[str]
) -> dict[bytes, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(727002, %s)", [project.pk])
    known = _ids(project, what, kind, digests)
    fresh = [i for i, digest in enumerate(digests) if digest not in known]
    found = signatures(shingles([texts[i] for i in fresh], kind))
    Fingerprint.objects.bulk_create(
        Fingerprint(
            workspace_id=project.workspace_id,
            project=project,
            kind=what,
            scheme=scheme(kind),
            text_hash=digests[i],
            signature=found.stored(at),
        )
        for at, i in enumerate(fresh)
    )
    ids = _ids(project, what, kind, digests)
    hashes = _own(project, what, bands(found))
    copy_rows(
        Band,
        ("workspace_id", "h", "fingerprint_id"),
        (
            (project.workspace_id, int(h), ids[digests[i]])
            for at, i in enumerate(fresh)
            if found.present[at]
            for h in np.unique(hashes[at])
        ),
    )
    return ids
