"""Texts as sets of hashed shingles: windows of five characters, or of n words.

The hashes are ours, written down here to the last constant, because they are stored: signatures
of today must match signatures of next year. A changed constant needs a new scheme name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curation.methods.arrays import Bools, Hashes, Ints, spread

Kind = Literal["char5", "word2", "word3", "word4", "word5"]

CHUNK = 1 << 17  # code points hashed together: the working arrays stay in cache
BASE = np.uint64(0x9E3779B97F4A7C15)
INVERSE = np.uint64(pow(int(BASE), -1, 1 << 64))
SPACE, WORD, ALONE = 0, 1, 2
# Scripts written without spaces: each of their characters counts as a word.
UNSPACED = ("CJK ", "HIRAGANA", "KATAKANA", "THAI", "LAO ", "KHMER", "MYANMAR", "TIBETAN")


@dataclass(frozen=True, kw_only=True)
class Shingles:
    """Distinct shingles of n texts: those of text i are `hashes[offsets[i]:offsets[i + 1]]`, rising."""

    hashes: Hashes
    offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def sizes(self) -> Ints:
        return np.diff(self.offsets)


@dataclass(frozen=True, kw_only=True)
class _Tokens:
    hashes: Hashes
    texts: Ints
    count: int

    @property
    def lengths(self) -> Ints:
        return np.bincount(self.texts, minlength=self.count).astype(np.int64)


def normalised(text: str) -> str:
    """`text` as comparisons see it: NFC, case folded, every run of white space one space."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def shingles(texts: Sequence[str], kind: Kind) -> Shingles:
    """The shingle sets of `texts`, after `normalised`.

    A word is a run of letters, digits and marks; any other visible character is a word of its
    own, and so is each character of a script without spaces. A text shorter than one shingle has
    one shingle, of its whole; an empty one has none.
    """
    width = int(kind.removeprefix("char").removeprefix("word"))
    hashes: list[Hashes] = []
    sizes: list[Ints] = []
    for batch in _batches([normalised(text) for text in texts]):
        tokens = _characters(batch) if kind.startswith("char") else _words(batch)
        found, size = _windows(tokens, width)
        hashes.append(found)
        sizes.append(size)
    lengths = np.concatenate([np.zeros(1, dtype=np.int64), *sizes])
    flat = np.concatenate([np.zeros(0, dtype=np.uint64), *hashes])
    return Shingles(hashes=flat, offsets=np.cumsum(lengths))


def mixed(values: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit reaches every bit."""
    x = values ^ (values >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x = x * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def _batches(texts: list[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    held = 0
    for text in texts:
        batch.append(text)
        held += len(text)
        if held >= CHUNK:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _code_points(texts: list[str]) -> tuple[NDArray[np.uint32], Ints]:
    """All characters laid end to end, and the text that each belongs to."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    raw = "".join(texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, dtype="<u4").astype(np.uint32), spread(lengths)[0]


def _characters(texts: list[str]) -> _Tokens:
    points, owner = _code_points(texts)
    return _Tokens(hashes=mixed(points * BASE), texts=owner, count=len(texts))


def _words(texts: list[str]) -> _Tokens:
    points, owner = _code_points(texts)
    kinds = character_kinds()[points]
    visible = kinds != SPACE
    begins = visible.copy()
    begins[1:] &= (kinds[1:] != WORD) | (kinds[:-1] != WORD) | (owner[1:] != owner[:-1])
    ends = visible.copy()
    ends[:-1] &= begins[1:] | ~visible[1:]
    starts, stops = np.flatnonzero(begins), np.flatnonzero(ends) + 1
    hashes = _spans(mixed(points * BASE), starts, stops)
    return _Tokens(hashes=hashes, texts=owner[starts], count=len(texts))


def _spans(values: Hashes, starts: Ints, stops: Ints) -> Hashes:
    """A hash of each span of values, by differences of one running polynomial (mod 2⁶⁴)."""
    powers = np.cumprod(np.full(len(values), BASE, dtype=np.uint64))
    inverses = np.cumprod(np.full(len(values), INVERSE, dtype=np.uint64))
    running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values * powers, dtype=np.uint64)])
    return mixed((running[stops] - running[starts]) * inverses[starts])


def _windows(tokens: _Tokens, width: int) -> tuple[Hashes, Ints]:
    """Distinct hashes of every `width` successive tokens of one text, and how many each text has."""
    lengths = tokens.lengths
    starts = np.cumsum(lengths) - lengths
    short = (lengths > 0) & (lengths < width)
    whole = _spans(tokens.hashes, starts[short], (starts + lengths)[short])
    inside = max(len(tokens.hashes) - width + 1, 0)
    owner = tokens.texts[:inside]
    full: Bools = owner == tokens.texts[width - 1 :]
    window = np.zeros(inside, dtype=np.uint64)
    for place in range(width):
        window = mixed(window * BASE + tokens.hashes[place : place + inside])
    hashes = np.concatenate([window[full], whole])
    texts = np.concatenate([owner[full], np.flatnonzero(short)])
    return _distinct(hashes, texts, tokens.count)


def _distinct(hashes: Hashes, texts: Ints, count: int) -> tuple[Hashes, Ints]:
    order = np.lexsort((hashes, texts))
    hashes, texts = hashes[order], texts[order]
    fresh = np.ones(len(hashes), dtype=np.bool_)
    fresh[1:] = (hashes[1:] != hashes[:-1]) | (texts[1:] != texts[:-1])
    sizes = np.bincount(texts[fresh], minlength=count)
    return hashes[fresh], sizes.astype(np.int64)


@cache
def character_kinds() -> NDArray[np.uint8]:
    """SPACE, WORD or ALONE for every code point."""
    return np.array([_kind(chr(point)) for point in range(0x110000)], dtype=np.uint8)


def _kind(character: str) -> int:
    if character.isspace():
        return SPACE
    category = unicodedata.category(character)
    if category[0] not in "LNM":
        # Invisible format characters join what they stand in; other signs stand alone.
        return WORD if category == "Cf" else ALONE
    return ALONE if unicodedata.name(character, "").startswith(UNSPACED) else WORD
