"""How varied many texts are as a whole, and how new against another time: what collapses before anybody sees it in one text.

Word windows are hashed with the scheme of shingles, so that sketches of two runs can be compared.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curation.late import np, sparse
from curation.methods.arrays import Floats, Hashes, rounded
from curation.methods.shingles import normalised, shingles

SAMPLE = 2_000  # texts, those with the smallest hashes: the same whoever draws them
COMPARED = 1_000  # of them two by two
SKETCH = 4_096
WIDTHS = (1, 2, 3)
BLOCK = 1 << 20  # characters compressed together


@dataclass(frozen=True, kw_only=True)
class Diversity:
    """What a sample of texts is like.

    `distinct` are distinct windows of 1, 2 and 3 words over all windows (Li et al. 2016), in texts cut to the same total;
    `packed` the compressed size over the size (Shaib et al. 2024 give its inverse): lower is more repetitive; `alike` the mean,
    over texts, of the largest Jaccard similarity of their word-2 shingles with another one's. `sketch` are the smallest hashes of
    five-word windows, `windows` how many distinct ones there are.
    """

    texts: int
    words: int
    distinct: tuple[float, ...]
    packed: float
    alike: float
    windows: int
    sketch: tuple[int, ...]

    def document(self) -> dict[str, Any]:
        return {
            "texts": self.texts,
            "words": self.words,
            "distinct": list(self.distinct),
            "packed": self.packed,
            "alike": self.alike,
            "windows": self.windows,
            "sketch": "".join(f"{each:016x}" for each in self.sketch),
        }


def diversity(texts: Sequence[str]) -> Diversity:
    """Measure distinct texts; a large set by its SAMPLE texts with the smallest hashes, so that order never matters."""
    drawn = sample(texts)
    five = np.unique(shingles(drawn, "word5").hashes)
    words = [normalised(text).split() for text in drawn]
    return Diversity(
        texts=len(drawn),
        words=sum(map(len, words)),
        distinct=tuple(_distinct(words, width) for width in WIDTHS),
        packed=_packed(drawn),
        alike=_alike(drawn[:COMPARED]),
        windows=len(five),
        sketch=tuple(int(each) for each in five[:SKETCH]),
    )


def sample(texts: Sequence[str]) -> list[str]:
    """At most SAMPLE distinct texts, by the hash of their words."""
    keyed = sorted((draw(text), text) for text in {*texts} if text.strip())
    return [text for _, text in keyed[:SAMPLE]]


def draw(text: str) -> int:
    """The 64 bits by which a text is drawn for a sample, the smallest first."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big")


def novelty(now: Sequence[int], before: Sequence[int]) -> float | None:
    """The share of five-word windows that are not in the other text set, estimated from both sketches; None without any.

    Both keep their smallest hashes (bottom-k, Broder 1997): up to the smaller of the two largest they hold all there are.
    """
    if not len(now) or not len(before):
        return None
    mine, theirs = np.array(now, dtype=np.uint64), np.array(before, dtype=np.uint64)
    reach = min(_reach(mine), _reach(theirs))
    seen = mine[mine <= reach]
    if not len(seen):
        return None
    new = 1 - np.isin(seen, theirs).mean()
    return float(rounded(np.array([new]))[0])


def sketch_of(document: dict[str, Any]) -> tuple[int, ...]:
    """The sketch out of a stored document."""
    written = str(document.get("sketch", ""))
    return tuple(int(written[at : at + 16], 16) for at in range(0, len(written), 16))


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A figure that has collapsed: which, from what to what, and a sentence."""

    code: str
    sentence: str


def alarms(now: dict[str, Any], before: dict[str, Any] | None) -> list[Alarm]:
    """What is wrong with the variety of a set (a stored document) by itself, and against the one before.

    Small sets say nothing. The bounds are wide: prose of people packs to .35 to .5 and has .5 and more distinct pairs of words.
    """
    if now["texts"] < 100:
        return []
    found = []
    if now["alike"] >= 0.6:
        found.append(Alarm(code="texts_alike", sentence="Most texts nearly repeat another one."))
    if now["packed"] <= 0.2:
        found.append(Alarm(code="packs_small", sentence="The texts pack to a fifth of their size: they say the same over and over."))  # fmt: skip
    if before and before["texts"] >= 100:
        found += _against(now, before)
    return found


def _against(now: dict[str, Any], before: dict[str, Any]) -> list[Alarm]:
    found = []
    if now["distinct"][1] < 0.75 * before["distinct"][1] and now["words"] <= 2 * before["words"]:
        found.append(Alarm(code="fewer_words", sentence="A quarter of the different word pairs is gone since the run before."))  # fmt: skip
    if now["alike"] > before["alike"] + 0.2:
        found.append(Alarm(code="more_alike", sentence="Texts are much more alike than in the run before."))  # fmt: skip
    new = novelty(sketch_of(now), sketch_of(before))
    if new is not None and new < 0.01 and now["windows"] > 1.5 * before["windows"]:
        found.append(Alarm(code="nothing_new", sentence="It is larger than the run before, and next to nothing in it is new."))  # fmt: skip
    return found


def _distinct(texts: list[list[str]], width: int) -> float:
    """Distinct windows over windows; 0 without any. The figure falls with the amount of text, so compare equal amounts."""
    windows = [
        tuple(text[at : at + width]) for text in texts for at in range(len(text) - width + 1)
    ]
    return float(rounded(np.array([len({*windows}) / len(windows)]))[0]) if windows else 0.0


def _packed(texts: list[str]) -> float:
    """Compressed size over size, block by block; 0 without text."""
    whole = "\n".join(texts)
    raw = [
        whole[at : at + BLOCK].encode("utf-8", "surrogatepass")
        for at in range(0, len(whole), BLOCK)
    ]
    size = sum(map(len, raw))
    return float(rounded(np.array([sum(len(zlib.compress(b, 6)) for b in raw) / size]))[0]) if size else 0.0  # fmt: skip


def _alike(texts: list[str]) -> float:
    """The mean over texts of the largest similarity with another one; 0 for fewer than two."""
    if len(texts) < 2:
        return 0.0
    sets = shingles(texts, "word2")
    vocabulary, columns = np.unique(sets.hashes, return_inverse=True)
    ones = np.ones(len(columns), dtype=np.int64)
    shape = (len(sets), max(len(vocabulary), 1))
    matrix = sparse.csr_array((ones, columns.astype(np.int64), sets.offsets), shape=shape)
    shared = (matrix @ matrix.T).toarray().astype(np.float64)
    union = sets.sizes[:, None] + sets.sizes[None, :] - shared
    similar = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    np.fill_diagonal(similar, 0.0)
    best: Floats = rounded(similar.max(axis=1))
    return float(rounded(np.array([best.mean()]))[0])


def _reach(sketch: Hashes) -> int:
    """Up to which hash a sketch is complete: its largest if it is full, every hash if it holds all there were."""
    return int(sketch[-1]) if len(sketch) >= SKETCH else (1 << 64) - 1
