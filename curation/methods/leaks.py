"""Near texts on two sides of a split, looked for a second time: with permutations that the clusters were not made with.

A pair at Jaccard .7 that one family of bands misses, one in a hundred, the other finds with the same chance of .99; what is
found is checked exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curation.late import np
from curation.methods.arrays import Ints
from curation.methods.jaccard import jaccard
from curation.methods.minhash import (
    BANDS,
    PERMUTATIONS,
    Signatures,
    bands,
    candidates,
    permutations,
)
from curation.methods.shingles import Kind, shingles

BATCH = 4_000
FAMILY = "leaks-v1"


@dataclass(frozen=True, kw_only=True)
class Leaks:
    """Places of near texts with different sides; `candidates` pairs across sides were checked exactly."""

    left: Ints
    right: Ints
    candidates: int


def across(texts: Sequence[str], sides: Ints, kind: Kind, threshold: float) -> Leaks:
    """Every two texts of different sides that share a band and are at least `threshold` alike."""
    found = candidates(*_banded(texts, kind))
    apart = sides[found.left] != sides[found.right]
    left, right = found.left[apart], found.right[apart]
    places, inverse = np.unique(np.concatenate([left, right]), return_inverse=True)
    sets = shingles([texts[i] for i in places.tolist()], kind)
    near = jaccard(sets, inverse[: len(left)], inverse[len(left) :]) >= threshold
    return Leaks(left=left[near], right=right[near], candidates=len(left))


def _banded(
    texts: Sequence[str], kind: Kind
) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Band hashes by the other permutations, and which texts have any; shingles of one batch at a time."""
    from curation.methods.minhash_kernels import minima

    hashes = np.empty((len(texts), BANDS), dtype=np.int64)
    present = np.empty(len(texts), dtype=np.bool_)
    for start in range(0, len(texts), BATCH):
        part = slice(start, start + BATCH)
        sets = shingles(texts[part], kind)
        found = np.empty((len(sets), PERMUTATIONS), dtype=np.uint32)
        minima(sets.hashes, sets.offsets, *permutations(FAMILY), found)
        present[part] = sets.sizes > 0
        hashes[part] = bands(Signatures(minima=found, present=present[part]))
    return hashes, present
