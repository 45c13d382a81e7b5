"""k-permutation MinHash signatures of shingle sets, and the bands that find their near neighbours.

128 permutations as unsigned 32-bit minima; 21 bands of 6 rows find .99 of the pairs at Jaccard .7
and all at .8 (the last two rows only serve the estimate). Broder 1997; Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", §3.3–3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import xxhash

from curation.late import np
from curation.methods.arrays import Bools, Ints
from curation.methods.shingles import Kind, Shingles

if TYPE_CHECKING:
    from numpy.typing import NDArray

Signature: TypeAlias = "NDArray[np.uint32]"

PERMUTATIONS = 128
BANDS, ROWS = 21, 6
FAMILY = "kperm-v2"
LARGEST_BUCKET = 200
SIEVE, AT_ONCE = 1 << 20, 1 << 13


@cache
def permutations(family: str) -> tuple[Signature, Signature]:
    """Factors, which are odd, and terms of a family of permutations, which its name makes."""
    return _constants(f"{family}/factor") | np.uint32(1), _constants(f"{family}/term")


def _constants(name: str) -> Signature:
    names = (f"{name}/{i}".encode() for i in range(PERMUTATIONS))
    return np.array([xxhash.xxh32_intdigest(each) for each in names], dtype=np.uint32)


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
    """Permutation i of a shingle hash with upper half x is (factorᵢ · x + termᵢ) mod 2³²."""
    from curation.methods.minhash_kernels import minima

    found = np.empty((len(sets), PERMUTATIONS), dtype=np.uint32)
    minima(sets.hashes, sets.offsets, *permutations(FAMILY), found)
    return Signatures(minima=found, present=sets.sizes > 0)


def restored(stored: bytes) -> Signature:
    """The minima that `Signatures.stored` wrote."""
    return np.frombuffer(stored, dtype="<u4").astype(np.uint32)


def bands(found: Signatures) -> Ints:
    """(texts, 21) signed 64-bit band hashes, each with its band's number mixed in.

    Rows that are not `present` mean nothing: store no band for them.
    """
    from curation.methods.minhash_kernels import band_hashes

    hashes = np.empty((len(found.minima), BANDS), dtype=np.uint64)
    band_hashes(found.minima, ROWS, hashes)
    return hashes.view(np.int64)


def places_of(few: Ints, among: Ints) -> Ints:
    """The places, rising, at which many band hashes (a flat array) are any of a few.

    Their lower bits rule out nearly all of the many, block by block, so that neither a sort nor a table of them is needed.
    """
    wanted = np.unique(few)
    sieve = np.zeros(SIEVE, dtype=np.bool_)
    sieve[wanted & (SIEVE - 1)] = True
    starts = range(0, len(among), AT_ONCE)
    kept = [np.flatnonzero(sieve[among[at : at + AT_ONCE] & (SIEVE - 1)]) + at for at in starts]
    maybe = np.concatenate([np.zeros(0, np.int64), *kept])
    return maybe[np.isin(among[maybe], wanted)]


def companions(
    buckets: Ints, own: Ints, starts: Ints, members: Ints, *, most: int, largest: int
) -> tuple[Ints, Bools]:
    """For each text the `most` members that share most of its buckets, fewer filled up with zeros, and which are crowded.

    `buckets` (texts, bands) names each text's buckets, −1 for none; bucket b holds `members[starts[b]:starts[b + 1]]`, positive and
    rising, of which the first `largest` count. `own` is the member that each text is itself.
    """
    from curation.methods.minhash_kernels import in_most

    found = np.zeros((len(buckets), most), dtype=np.int64)
    crowded = np.zeros(len(buckets), dtype=np.bool_)
    in_most(buckets, own, starts, members, largest, found, crowded)
    return found, crowded


def warm() -> None:
    """Load every kernel that an import asks, so that the first item does not wait for it."""
    from curation.methods.jaccard import jaccard
    from curation.methods.shingles import shingles

    sets = shingles(["What is new?", "What is new here?"], "char5")
    bands(signatures(sets))
    none = np.zeros(0, np.int64)
    companions(np.full((1, BANDS), -1), np.ones(1, np.int64), none, none, most=1, largest=1)
    jaccard(sets, np.zeros(1, np.int64), np.ones(1, np.int64))


def candidates(banded: Ints, present: Bools, largest: int = LARGEST_BUCKET) -> Candidates:
    """Every two texts that share a band hash, once each.

    In a band shared by more than `largest` texts (boilerplate, mostly) each text is paired with the
    first and with its follower only: enough for the cluster, without the square of it.
    """
    from curation.methods.minhash_kernels import grouped, pairs_within

    hashes = np.ascontiguousarray(banded).view(np.uint64)
    values, owner = grouped(hashes, np.flatnonzero(present))
    codes, crowded = pairs_within(values, owner, largest, len(banded))
    left, right = np.divmod(np.unique(codes), max(len(banded), 1))
    return Candidates(left=left, right=right, crowded=crowded)
