"""Near-duplicate texts from end to end: shingles, signatures, bands, exact check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curation.late import np
from curation.methods.arrays import Floats, Ints
from curation.methods.jaccard import jaccard
from curation.methods.minhash import bands, candidates, signatures
from curation.methods.shingles import Kind, Shingles, mixed, shingles

THRESHOLD = 0.7


@dataclass(frozen=True, kw_only=True)
class NearPairs:
    """Texts left[i] < right[i] whose exact Jaccard similarity reaches the threshold."""

    left: Ints
    right: Ints
    similarity: Floats
    candidates: int
    crowded: int


def near_pairs(
    texts: Sequence[str], kind: Kind, threshold: float = THRESHOLD, within: Ints | None = None
) -> NearPairs:
    """Pairs at or above `threshold`; with `within`, only of texts that share that label.

    Found through bands made for .7 and up, then checked exactly: no pair is false, and below .7
    some are missed.
    """
    sets = shingles(texts, kind)
    return checked(sets, threshold, within)


def checked(sets: Shingles, threshold: float, within: Ints | None = None) -> NearPairs:
    """As `near_pairs`, for shingle sets already made."""
    found = signatures(sets)
    banded = bands(found)
    if within is not None:
        # Inside the hash and not filtered afterwards: an answer given to a thousand prompts
        # would crowd its bands and hide its repetition under one of them.
        ours = mixed(within.astype(np.uint64))[:, None]
        banded = mixed(banded.view(np.uint64) ^ ours).view(np.int64)
    near = candidates(banded, found.present)
    left, right = near.left, near.right
    similarity = jaccard(sets, left, right)
    kept = similarity >= threshold
    if within is not None:
        kept &= within[left] == within[right]
    return NearPairs(
        left=left[kept],
        right=right[kept],
        similarity=similarity[kept],
        candidates=len(left),
        crowded=near.crowded,
    )
