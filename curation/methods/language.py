"""Which language a text is written in: py3langid's model, walked by a compiled kernel over many texts at once.

The model asks no network. Its words: ISO 639 codes, and `zxx` for what is no language.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from curation.late import np
from curation.methods.arrays import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST = 500  # characters of a text that are looked at
SHORTEST = 40  # letters below which a guess is no better than one
SURE = 0.5
NO_LETTERS = bytes(each for each in range(256) if not chr(each).isalpha() or each > 127)
NO_LANGUAGE = "zxx"


@dataclass(frozen=True, kw_only=True)
class Model:
    """Naive Bayes over byte sequences: an automaton finds the features, `weights` (features, languages) score them.

    `states` (states, 2) holds of each state where its moves begin and its feature, −1 for none.
    """

    names: tuple[str, ...]
    moves: NDArray[np.uint32]
    states: NDArray[np.int32]
    weights: NDArray[np.float32]
    priors: NDArray[np.float32]
    aliases: tuple[tuple[int, int], ...]


def languages(texts: Sequence[str]) -> list[str]:
    """The language of each text; empty where it is too short, no language, or not sure (under one half)."""
    heads = [text[:LONGEST] for text in texts]
    long_enough = [at for at, head in enumerate(heads) if _letters(head) >= SHORTEST]
    found = [""] * len(texts)
    if not long_enough:
        return found
    model = _model()
    chances = probabilities([heads[at] for at in long_enough], model)
    best = chances.argmax(axis=1)
    for at, language, chance in zip(long_enough, best, chances.max(axis=1), strict=True):
        if chance >= SURE and model.names[language] != NO_LANGUAGE:
            found[at] = model.names[language]
    return found


def probabilities(texts: Sequence[str], model: Model) -> Floats:
    """(texts, languages): how likely each is, as py3langid says with normalised probabilities."""
    from curation.methods.language_kernels import score

    encoded = [_encoded(text) for text in texts]
    lengths = np.array([len(each) for each in encoded], dtype=np.int64)
    ends = np.cumsum(lengths)
    flat = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    scores = np.zeros((len(texts), len(model.names)), dtype=np.float32)
    score(
        *(flat, ends - lengths, ends, model.moves, model.states),
        *(model.weights, model.priors, scores),
    )
    tempered = scores.astype(np.float64) / np.sqrt(np.maximum(lengths, 1))[:, None]
    chances: Floats = np.exp(tempered - tempered.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    for first, other in model.aliases:
        chances[:, first] += chances[:, other]
        chances[:, other] = 0
    return chances


def _letters(text: str) -> int:
    if text.isascii():
        return len(text.encode().translate(None, NO_LETTERS))
    return sum(map(str.isalpha, text))


def _encoded(text: str) -> bytes:
    lower = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", lower).encode("utf-8", "surrogatepass")


@cache
def _model() -> Model:
    """py3langid's own model, a hundred megabytes, read at the first text that needs it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    read: Any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return Model(
        names=tuple(read.nb_classes),
        moves=np.array(read.tk_nextmove, dtype=np.uint32),  # a copy, which lies in large pages
        states=np.stack(
            [np.array(read.tk_row, np.int32) << 8, np.array(read.tk_output, np.int32)], 1
        ),
        weights=np.ascontiguousarray(read.nb_ptc, dtype=np.float32),
        priors=np.asarray(read.nb_pc, dtype=np.float32),
        aliases=tuple(read._alias_pairs),
    )
