"""The live index of near-duplicates: signatures and bands of every distinct text of a project, in PostgreSQL.

A text is fingerprinted once under a scheme and found again by its hash; a run reads the bands of its texts, pairs those
that share one, and checks every candidate exactly. What a text's neighbours are never depends on who asked first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction

from curation.methods.arrays import Bools, Ints
from curation.methods.jaccard import components, jaccard
from curation.methods.minhash import BANDS, bands, candidates, scheme, signatures
from curation.methods.shingles import Kind, mixed, shingles
from curation.models import Band, Fingerprint
from feedback.actions.importing.rows import copy_rows
from feedback.models import Project

BATCH = 5_000
KINDS = tuple(Fingerprint.Kind.values)


@dataclass(frozen=True)
class Near:
    """Each text's group of near-duplicates, named by its smallest place; how many pairs were looked at, and were near."""

    groups: Ints
    candidates: int
    near: int
    crowded: int


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


def near_groups(
    project: Project,
    what: str,
    kind: Kind,
    texts: Sequence[str],
    threshold: float,
    within: Ints | None = None,
) -> Near:
    """Groups of texts whose exact Jaccard similarity reaches `threshold`, through the index; `within` a label only.

    Equal texts share a group, except empty ones: nothing is near a text without a word.
    """
    if not len(texts):
        return Near(np.zeros(0, dtype=np.int64), 0, 0, 0)
    fingerprint(project, what, kind, texts)
    banded, present = _bands(project, what, kind, texts)
    if within is not None:
        # Inside the hash and not filtered afterwards: an answer given to a thousand prompts would crowd its bands.
        ours = mixed(within.astype(np.uint64))[:, None]
        banded = mixed(banded.view(np.uint64) ^ ours).view(np.int64)
    found = candidates(banded, present)
    looked_at = np.unique(np.concatenate([found.left, found.right]))
    place = np.zeros(len(texts), dtype=np.int64)
    place[looked_at] = np.arange(len(looked_at))
    sets = shingles([texts[i] for i in looked_at], kind)
    near = jaccard(sets, place[found.left], place[found.right]) >= threshold
    if within is not None:
        near &= within[found.left] == within[found.right]
    left, right = found.left[near], found.right[near]
    return Near(
        components(len(texts), left, right), len(found.left), int(near.sum()), found.crowded
    )


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


_BANDS = """
SELECT b.fingerprint_id, array_agg(b.h ORDER BY b.h) FROM curation_band b
WHERE b.fingerprint_id = ANY(%s) GROUP BY b.fingerprint_id
"""


def _bands(project: Project, what: str, kind: Kind, texts: Sequence[str]) -> tuple[Ints, Bools]:
    """(texts, 21) band hashes as the index has them, and which texts have any."""
    digests = [_hash(text) for text in texts]
    ids = _ids(project, what, kind, list(set(digests)))
    with connection.cursor() as cursor:
        cursor.execute(_BANDS, [list(ids.values())])
        stored = dict(cursor.fetchall())
    banded = np.zeros((len(texts), BANDS), dtype=np.int64)
    present = np.zeros(len(texts), dtype=np.bool_)
    for i, digest in enumerate(digests):
        hashes = stored.get(ids[digest])
        if hashes:
            # A hash that two bands share is stored once; repeating one fills the row and pairs nobody new.
            banded[i] = (hashes * BANDS)[:BANDS] if len(hashes) < BANDS else hashes
            present[i] = True
    return banded, present
