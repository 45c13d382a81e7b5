"""Lexical vectors: hashed character n-grams brought down to 256 numbers by a singular value decomposition.

They find copies, edits and shared wording, not paraphrase. Deerwester et al. 1990 (latent semantic analysis); the hashing trick is
Weinberger et al. 2009. 2¹⁶ buckets find the planted source as often as 2¹⁸ and make a quarter of the file (tests/encoders).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.encoders.base import DIM, Vectors, unit
from curation.late import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "lexical"
BUCKETS = 1 << 16
LEAST = 20
SAMPLE = 4_000
LENGTH = 20_000  # characters of a text that are read


@dataclass(frozen=True)
class Lexical:
    """Fitted on the texts of one project; `explained` is the share of their variance that the vectors keep."""

    columns: NDArray[np.int32]
    components: NDArray[np.float16]
    explained: float
    name: str = NAME

    @property
    def dim(self) -> int:
        return int(self.components.shape[0])

    def encode(self, texts: Sequence[str]) -> Vectors:
        counts = _hashed(texts)[:, self.columns]
        found: Vectors = counts @ self.components.T.astype(np.float32)
        return unit(np.ascontiguousarray(found))

    def packed(self) -> bytes:
        """The fit as a file."""
        file = io.BytesIO()
        np.savez(file, columns=self.columns, components=self.components, explained=self.explained)
        return file.getvalue()


def unpacked(content: bytes) -> Lexical:
    """What `packed` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return Lexical(file["columns"], file["components"], float(file["explained"]))


def fit(texts: Sequence[str], seed: int = 7) -> Lexical:
    """Fit on distinct texts, at least LEAST of them. The same texts and seed give the same fit."""
    from sklearn.decomposition import TruncatedSVD

    counts = _hashed(texts)
    columns = np.unique(counts.indices).astype(np.int32)
    counts = counts[:, columns]
    # Fewer texts than numbers would give columns of noise.
    dim = max(1, min(DIM, len(texts) - 1, len(columns) - 1))
    svd = TruncatedSVD(dim, algorithm="arpack", random_state=seed)
    svd.fit(counts)
    components = np.zeros((DIM, len(columns)), dtype=np.float16)
    components[:dim] = svd.components_.astype(np.float16)
    return Lexical(columns, components, round(float(svd.explained_variance_ratio_.sum()), 4))


def _hashed(texts: Sequence[str]):  # type: ignore[no-untyped-def]
    """(texts, BUCKETS) sparse counts of the 3 to 5 characters inside words, each row of length one."""
    from sklearn.feature_extraction.text import HashingVectorizer

    vectorizer = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=(3, 5),
        n_features=BUCKETS,
        alternate_sign=False,
        dtype=np.float32,
    )
    return vectorizer.transform([text[:LENGTH] for text in texts])
