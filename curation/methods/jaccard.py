"""Exact Jaccard similarity of shingle sets, and the components that near pairs form."""

from __future__ import annotations

from collections.abc import Sequence

from curation.late import csgraph, np, sparse
from curation.methods.arrays import Bools, Floats, Ints, rounded
from curation.methods.shingles import Shingles

LARGE_SHARE = 0.02
LARGE_SIZE = 10


def jaccard(sets: Shingles, left: Ints, right: Ints) -> Floats:
    """|A ∩ B| / |A ∪ B| of the sets left[i] and right[i]; 0 where both are empty."""
    from curation.methods.minhash_kernels import shared as count_shared

    sizes = sets.sizes
    shared = np.empty(len(left), dtype=np.int64)
    count_shared(sets.hashes, sets.offsets, left, right, shared)
    union = sizes[left] + sizes[right] - shared
    share = np.zeros(len(left))
    np.divide(shared, union, out=share, where=union > 0)
    return rounded(share)


def components(count: int, left: Ints, right: Ints) -> Ints:
    """The component of each of `count` texts under the edges, named by its smallest member."""
    edges = sparse.coo_array(
        (np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count)
    )
    _, labels = csgraph.connected_components(edges, directed=False)
    _, smallest = np.unique(labels, return_index=True)
    return smallest[labels].astype(np.int64)


def smallest_members(labels: Ints, identities: Sequence[str]) -> list[str]:
    """For each text the smallest content identity in its component: a name no row order changes."""
    smallest: dict[int, str] = {}
    for label, identity in zip(labels.tolist(), identities, strict=True):
        known = smallest.get(label)
        smallest[label] = identity if known is None else min(known, identity)
    return [smallest[label] for label in labels.tolist()]


def large(
    labels: Ints, share: float = LARGE_SHARE, least: int = LARGE_SIZE, total: int | None = None
) -> Bools:
    """Which distinct prompts lie in a component above `share` of them all and of at least `least`.

    `total` is how many there are where `labels` are a part.

    Near-duplicates chain: a template that nobody declared can join half a project. Such a
    component waits for a person before anything is held because of it.
    """
    _, place, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    marked: Bools = (sizes >= least) & (sizes > share * (len(labels) if total is None else total))
    return marked[place]
