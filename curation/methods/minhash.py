"""k-permutation MinHash signatures of shingle sets, and the bands that find their near neighbours.

128 permutations as unsigned 32-bit minima; 21 bands of 6 rows find .99 of the pairs at Jaccard .7
and all at .8 (the last two rows only serve the estimate). Broder 1997; Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", §3.3–3.4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from curation.methods.arrays import Bools, Hashes, Ints, spread
from curation.methods.shingles import Kind, Shingles, mixed

Signature = NDArray[np.uint32]

PERMUTATIONS = 128
BANDS, ROWS = 21, 6
FAMILY = "kperm-v1"
CHUNK = 1 << 15  # shingles permuted together: 256 KiB, so that they stay in cache
LARGEST_BUCKET = 200


def _constants(name: str) -> Hashes:
    names = (f"{FAMILY}/{name}/{i}".encode() for i in range(PERMUTATIONS))
    return np.array([xxhash.xxh3_64_intdigest(each) for each in names], dtype=np.uint64)


FACTORS = _constants("factor") | np.uint64(1)
TERMS = _constants("term")


@dataclass(frozen=True, kw_only=True)
class Signatures:
    """`minima` is (texts, 128). A text without shingles has no signature: not `present`, all zero."""

    minima: Signature
    present: Bools

    def stored(self, text: int) -> bytes | None:
        """512 bytes, little-endian, as the database keeps them."""
        return self.minima[text].astype("<u4").tobytes() if self.present[text] else None


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Pairs left[i] < right[i] that share a band; `crowded` bands were too full to pair wholly."""

    left: Ints
    right: Ints
    crowded: int


def scheme(kind: Kind) -> str:
    """The name stored with each signature; only signatures of one scheme may be compared."""
    return f"{FAMILY}/{kind}/{PERMUTATIONS}"


def signatures(sets: Shingles) -> Signatures:
    """Permutation i of shingle x is the upper half of (factorᵢ · x + termᵢ) mod 2⁶⁴."""
    present = sets.sizes > 0
    minima = np.zeros((len(sets), PERMUTATIONS), dtype=np.uint32)
    occupied = np.flatnonzero(present)
    for block in _blocks(sets.sizes[occupied]):
        texts = occupied[block]
        first, last = sets.offsets[texts[0]], sets.offsets[texts[-1] + 1]
        minima[texts] = _minima(sets.hashes[first:last], sets.offsets[texts] - first)
    return Signatures(minima=minima, present=present)


def restored(stored: bytes) -> Signature:
    """The minima that `Signatures.stored` wrote."""
    return np.frombuffer(stored, dtype="<u4").astype(np.uint32)


def bands(found: Signatures) -> Ints:
    """(texts, 21) signed 64-bit band hashes, each with its band's number mixed in.

    Rows that are not `present` mean nothing: store no band for them.
    """
    hashes = np.empty((len(found.minima), BANDS), dtype=np.uint64)
    for band in range(BANDS):
        value = np.full(len(found.minima), band + 1, dtype=np.uint64)
        for row in range(band * ROWS, band * ROWS + ROWS):
            value = mixed(value * FACTORS[0] + found.minima[:, row])
        hashes[:, band] = value
    return hashes.view(np.int64)


def candidates(banded: Ints, present: Bools, largest: int = LARGEST_BUCKET) -> Candidates:
    """Every two texts that share a band hash, once each.

    In a band shared by more than `largest` texts (boilerplate, mostly) each text is paired with the
    first and with its follower only: enough for the cluster, without the square of it.
    """
    texts = np.flatnonzero(present)
    values, owner = banded[texts].ravel(), np.repeat(texts, banded.shape[1])
    order = np.lexsort((owner, values))
    values, owner = values[order], owner[order]
    starts = np.flatnonzero(np.r_[True, values[1:] != values[:-1]]) if len(values) else owner
    sizes = np.diff(np.r_[starts, len(values)]) if len(values) else owner
    full = sizes > largest
    pairs = [_all_pairs(owner, starts[~full], sizes[~full])]
    pairs += [_star_and_chain(owner, starts[full], sizes[full])] if full.any() else []
    left, right = np.unique(np.concatenate(pairs, axis=1), axis=1)
    return Candidates(left=left, right=right, crowded=int(full.sum()))


def _blocks(sizes: Ints) -> list[Ints]:
    """Successive texts of about CHUNK shingles together."""
    number = np.cumsum(sizes) // CHUNK
    edges = np.flatnonzero(np.diff(number)) + 1
    return np.split(np.arange(len(sizes)), edges) if len(sizes) else []


def _minima(hashes: Hashes, starts: Ints) -> Signature:
    minima = np.empty((len(starts), PERMUTATIONS), dtype=np.uint32)
    work = np.empty_like(hashes)
    for i in range(PERMUTATIONS):
        np.multiply(hashes, FACTORS[i], out=work)
        np.add(work, TERMS[i], out=work)
        minima[:, i] = np.minimum.reduceat(work, starts) >> np.uint64(32)
    return minima


def _all_pairs(owner: Ints, starts: Ints, sizes: Ints) -> Ints:
    bucket, place = spread(sizes)
    entry, ahead = spread(sizes[bucket] - place - 1)
    at = (starts[bucket] + place)[entry]
    return np.stack([owner[at], owner[at + ahead + 1]])


def _star_and_chain(owner: Ints, starts: Ints, sizes: Ints) -> Ints:
    bucket, place = spread(sizes)
    at = (starts[bucket] + place)[place > 0]
    centre = owner[starts[bucket][place > 0]]
    return np.stack([np.r_[centre, owner[at - 1]], np.r_[owner[at], owner[at]]])
