"""Texts as sets of hashed shingles: windows of five characters, or of n words.

The hashes are ours, defined here to the last constant, because they are stored: signatures of
today must match signatures of next year. A changed constant needs a new scheme name.

A character c counts as mixed(c · BASE); a word of characters c₀ c₁ … as mixed(Σ cᵢ · BASEⁱ); a window of tokens
t₀ t₁ … as the last of w ← mixed(w · BASE + tᵢ), from w = 0; all mod 2⁶⁴.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from curation.late import np
from curation.methods.arrays import Hashes, Ints

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["char5", "word2", "word3", "word4", "word5"]

CHUNK = 1 << 17  # code points hashed together: the working arrays stay in cache
BASE = 0x9E3779B97F4A7C15
INVERSE = pow(BASE, -1, 1 << 64)
SPACE, WORD, ALONE = 0, 1, 2
STEADY, UNKNOWN = 4, 255
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


def normalised(text: str) -> str:
    """`text` as comparisons see it: NFC, case folded, every run of white space one space."""
    if text.isascii():  # composed already, and folded by its small letters
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def shingles(texts: Sequence[str], kind: Kind) -> Shingles:
    """The shingle sets of `texts`, after `normalised`.

    A word is a run of letters, digits and marks; any other visible character is a word of its
    own, and so is each character of a script without spaces. A text shorter than one shingle has
    one shingle, of its whole; an empty one has none.
    """
    from curation.methods.shingle_kernels import shingle

    width = int(kind.removeprefix("char").removeprefix("word"))
    hashes: list[Hashes] = []
    sizes: list[Ints] = []
    for batch in batches(texts):
        points, lengths = _folded(batch)
        found = np.empty(len(points), dtype=np.uint64)
        size = np.empty(len(batch), dtype=np.int64)
        count = shingle(points, lengths, _kinds(), width, kind.startswith("char"), found, size)
        hashes.append(found[:count].copy())
        sizes.append(size)
    flat = np.concatenate([np.zeros(0, dtype=np.uint64), *hashes])
    counts = np.concatenate([np.zeros(1, dtype=np.int64), *sizes])
    return Shingles(hashes=flat, offsets=np.cumsum(counts))


def mixed(values: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit reaches every bit."""
    x = values ^ (values >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x = x * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts in batches of about CHUNK characters."""
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


def _folded(texts: list[str]) -> tuple[NDArray[np.uint32], Ints]:
    """The characters of all texts, laid end to end, and how many each has. The kernel folds what ASCII needs."""
    points, lengths = _code_points(texts), _lengths(texts)
    moving = _moving(points)
    if not len(moving):
        return points, lengths
    for text in np.unique(np.searchsorted(np.cumsum(lengths), moving, "right")):
        texts[text] = normalised(texts[text])
    points = _code_points(texts)
    _moving(points)  # a folded character may be new, and has its kind after this
    return points, _lengths(texts)


def _code_points(texts: list[str]) -> NDArray[np.uint32]:
    raw = "".join(texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, dtype="<u4").astype(np.uint32, copy=False)


def _lengths(texts: list[str]) -> Ints:
    return np.array([len(text) for text in texts], dtype=np.int64)


def _moving(points: NDArray[np.uint32]) -> Ints:
    """Where characters stand that are not steady; afterwards the table knows every one of `points`."""
    from curation.methods.shingle_kernels import not_steady

    kinds = _kinds()
    places = not_steady(points, kinds)
    for point in np.unique(points[places]):
        if kinds[point] == UNKNOWN:
            kinds[point] = _kind(chr(point)) | (STEADY if _steady(chr(point)) else 0)
    moving: Ints = places[kinds[points[places]] < STEADY]
    return moving


@cache
def _kinds() -> NDArray[np.uint8]:
    """For every code point its kind, with STEADY added; UNKNOWN until a text holds it: to ask for all takes a second."""
    kinds = np.full(0x110000, UNKNOWN, dtype=np.uint8)
    kinds[:128] = [_kind(chr(point)) | STEADY for point in range(128)]
    return kinds


@cache
def character_kinds() -> NDArray[np.uint8]:
    """SPACE, WORD or ALONE for every code point; takes a second."""
    return np.array([_kind(chr(point)) for point in range(0x110000)], dtype=np.uint8)


def _steady(character: str) -> bool:
    """Whether folding and composing leave this character as it is, whatever stands beside it that is steady too.

    White space is only ever a gap, whichever it is.
    """
    if character.isspace():
        return True
    composes = unicodedata.category(character)[0] == "M" or "\u1100" <= character <= "\u11ff"
    return not composes and normalised(f".{character}.") == f".{character}."


def _kind(character: str) -> int:
    if character.isspace():
        return SPACE
    category = unicodedata.category(character)
    if category[0] not in "LNM":
        # Invisible format characters join what they stand in; other signs stand alone.
        return WORD if category == "Cf" else ALONE
    return ALONE if unicodedata.name(character, "").startswith(UNSPACED) else WORD
