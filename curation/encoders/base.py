"""What an encoder is, and what it says when it cannot work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from curation.late import np

if TYPE_CHECKING:
    from numpy.typing import NDArray


Vectors: TypeAlias = "NDArray[np.float32]"
DIM = 256


class Encoder(Protocol):
    """Texts to vectors of length one. Only vectors of one name and version may be compared."""

    @property
    def name(self) -> str:
        """What people read beside a score; `lexical` says that words are compared, not meanings."""

    @property
    def dim(self) -> int:
        """Numbers in a vector."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(texts, dim), rows of length one; a text in which nothing is known is all zero."""


class EncoderFault(Exception):
    """An encoder cannot be had as the settings ask for it."""

    code = "encoder_missing"

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


def unit(vectors: Vectors) -> Vectors:
    """Rows of length one; zero rows stay."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return scaled


def stored(vectors: Vectors) -> list[bytes]:
    """Each row as the database keeps it: little-endian half floats."""
    return [row.tobytes() for row in vectors.astype("<f2")]


def restored(rows: Sequence[bytes], dim: int) -> Vectors:
    """The rows that `stored` wrote, as (rows, dim)."""
    return np.frombuffer(b"".join(rows), dtype="<f2").reshape(-1, dim).astype(np.float32)


def nearest(matrix: Vectors, query: Vectors, count: int) -> tuple[list[int], list[float]]:
    """Places and cosines of the `count` rows most like `query` (dim,), exactly: the most alike first, then the earlier."""
    scores = matrix @ query
    if not len(scores):
        return [], []
    few = np.argpartition(-scores, min(count, len(scores)) - 1)[:count].tolist()
    order = sorted(few, key=lambda at: (-float(scores[at]), at))
    return order, [float(scores[at]) for at in order]
