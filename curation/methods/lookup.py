"""Where texts lie among others, without a Python object for each of a million of them."""

from __future__ import annotations

from typing import Any

from curation.late import np, pa, pc
from curation.methods.arrays import Ints


def places_in(known: Any, wanted: Any) -> Ints:
    """Of columns of texts, in a frame, an Arrow table or a list: the place of each wanted text among the known ones, each of which is there once; −1 for one that is not, or missing."""
    found = pc.index_in(_arrow(wanted), value_set=_arrow(known))
    places: Ints = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return places


def ranks(texts: Any) -> Ints:
    """Each text's rank among the distinct ones in rising order, from 0; equal texts share one."""
    found: Ints = pc.rank(_arrow(texts), tiebreaker="dense").to_numpy().astype(np.int64) - 1
    return found


def _arrow(texts: Any) -> Any:
    if isinstance(texts, pa.ChunkedArray):
        return texts.cast(pa.large_string())
    return pa.array(texts, pa.large_string(), from_pandas=True)
