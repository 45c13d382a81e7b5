"""Names for the array types that the methods share, and the one rule of rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from curation.late import np

if TYPE_CHECKING:
    from numpy.typing import NDArray


Floats: TypeAlias = "NDArray[np.float64]"
Ints: TypeAlias = "NDArray[np.int64]"
Bools: TypeAlias = "NDArray[np.bool_]"
Hashes: TypeAlias = "NDArray[np.uint64]"

DECIMALS = 6


def rounded(values: Floats) -> Floats:
    """`values` to six decimals, without a negative zero.

    Every published statistic goes through here before a threshold or a sort sees it, so that
    the order in which a sum was taken never decides anything.
    """
    return np.round(values, DECIMALS) + 0.0


def spread(lengths: Ints) -> tuple[Ints, Ints]:
    """For runs of the given lengths laid end to end: each element's run, and its place in it."""
    runs = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.cumsum(lengths) - lengths
    return runs, np.arange(len(runs)) - starts[runs]


def distinct_rows(rows: Ints) -> tuple[Ints, Ints]:
    """The distinct rows of small counts (n, k), n > 0, in order from the last column, and how often each is there."""
    base = int(rows.max(initial=0)) + 1
    places = base ** np.arange(rows.shape[1])
    keys, times = np.unique(rows @ places, return_counts=True)
    return (keys[:, None] // places % base).astype(np.int64), times.astype(np.int64)


def coded(values: Floats | Ints) -> tuple[Floats, Ints]:
    """The distinct values in rising order, and each value's place among them."""
    given = np.asarray(values)
    low, high = (given.min(), given.max()) if len(given) else (0, -1)
    if 0 <= high - low <= 4 * len(given) + 1_024:  # counting beats sorting by far, where it fits
        whole = (given - low).astype(np.int64)
        if np.array_equal(whole, given - low):
            present = np.bincount(whole) > 0
            places = (np.cumsum(present) - 1)[whole]
            levels = (np.flatnonzero(present) + low).astype(np.float64)
            return levels, places.astype(np.int64)
    distinct, order = np.unique(given, return_inverse=True)
    return distinct.astype(np.float64), order.astype(np.int64)
