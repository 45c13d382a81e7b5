"""The hash of a frame's content, column by column: what two runs are compared by."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def frame_sha256(frame: pd.DataFrame | pa.Table, columns: Sequence[str]) -> bytes:
    """SHA-256 over the named columns of all rows, in the order given: names, which values are missing, then the values.

    Text counts as UTF-8 behind its lengths, whole numbers as 64 bits and fractions as IEEE doubles, little-endian, so that
    neither the size of a column's blocks nor how it is held in memory shows.
    """
    sha = hashlib.sha256(len(frame).to_bytes(8, "little"))
    for name in columns:
        sha.update(name.encode() + b"\0")
        for piece in _pieces(_column(frame, name)):
            sha.update(piece)
    return sha.digest()


def _column(frame: pd.DataFrame | pa.Table, name: str) -> pa.Array | pa.ChunkedArray:
    return frame[name] if isinstance(frame, pa.Table) else pa.array(frame[name], from_pandas=True)


def _pieces(values: pa.Array | pa.ChunkedArray) -> list[bytes | memoryview]:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    missing = pc.is_null(whole, nan_is_null=True).to_numpy(zero_copy_only=False)
    mask = np.packbits(missing).tobytes()
    if pa.types.is_floating(whole.type):
        numbers = whole.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return [mask, np.where(missing, 0.0, numbers + 0.0).astype("<f8").tobytes()]
    if pa.types.is_integer(whole.type) or pa.types.is_boolean(whole.type):
        numbers = whole.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        return [mask, numbers.astype("<i8").tobytes()]
    return [mask, *_text(whole.cast(pa.large_string()).fill_null(""))]


def _text(values: pa.LargeStringArray) -> list[bytes | memoryview]:
    _, places, characters = values.buffers()
    count = len(values) + 1
    offsets = np.frombuffer(places, dtype="<i8", count=count, offset=8 * values.offset)
    lengths = np.diff(offsets).astype("<i8").tobytes()
    if characters is None:
        return [lengths]
    return [lengths, memoryview(characters)[offsets[0] : offsets[-1]]]
