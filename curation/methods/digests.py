"""The hash of a frame's content, column by column: what two runs are compared by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

from curation.late import np, pa, pc
from curation.methods.arrays import Floats, Ints

AT_ONCE = 8192  # values, so that a block stays below what the allocator takes from the system


class Columns(Protocol):
    """A frame, or anything else that has columns by their names: of pandas or of Arrow."""

    @property
    def columns(self) -> Iterable[str]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, name: str, /) -> Any: ...


def frame_sha256(frame: Columns, columns: Sequence[str]) -> bytes:
    """SHA-256 over the named columns of all rows, in the order given: names, which values are missing, then the values.

    Text counts as UTF-8 behind its lengths, whole numbers as 64 bits and fractions as IEEE doubles, little-endian, so that
    neither the size of a column's blocks nor how it is held in memory shows.
    """
    sha = hashlib.sha256(len(frame).to_bytes(8, "little"))
    for name in columns:
        sha.update(name.encode() + b"\0")
        values = frame[name]
        if not isinstance(values, pa.ChunkedArray):
            values = pa.array(values, from_pandas=True)
        for piece in _pieces(values):
            sha.update(piece)
    return sha.digest()


def _pieces(values: pa.Array | pa.ChunkedArray) -> Iterator[bytes | memoryview]:
    """Which values are missing, then the values: block by block, so that no copy of a whole column is made."""
    whole = in_one(values)
    missing = pc.is_null(whole, nan_is_null=True).to_numpy(zero_copy_only=False)
    yield np.packbits(missing).tobytes()
    for say in _sayings(whole.type):
        for at in range(0, len(whole), AT_ONCE):
            yield say(whole[at : at + AT_ONCE])


def in_one(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as one array; where it is in one piece already, that one and no copy."""
    if not isinstance(values, pa.ChunkedArray):
        return values
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


def _sayings(kind: pa.DataType) -> tuple[Callable[[pa.Array], bytes | memoryview], ...]:
    """What is said of a block of values, one after the other for all of the column."""
    if pa.types.is_floating(kind):
        return (_fractions,)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return (_integers,)
    return _lengths, _characters


def _fractions(values: pa.Array) -> bytes:
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    known: Floats = np.where(np.isnan(numbers), 0.0, numbers + 0.0)
    return known.astype("<f8").tobytes()


def _integers(values: pa.Array) -> bytes:
    numbers: Ints = values.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return numbers.astype("<i8").tobytes()


def _lengths(values: pa.Array) -> bytes:
    return np.diff(_places(_text(values))).astype("<i8").tobytes()


def _characters(values: pa.Array) -> bytes | memoryview:
    text = _text(values)
    characters, places = text.buffers()[2], _places(text)
    return b"" if characters is None else memoryview(characters)[places[0] : places[-1]]


def _text(values: pa.Array) -> pa.LargeStringArray:
    text = values.cast(pa.large_string())
    return text.fill_null("") if text.null_count else text


def _places(text: pa.LargeStringArray) -> Ints:
    """Where each text begins among the characters, and where the last one ends."""
    return np.frombuffer(
        text.buffers()[1], dtype="<i8", count=len(text) + 1, offset=8 * text.offset
    )
