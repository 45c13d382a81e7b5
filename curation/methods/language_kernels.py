"""The walk of many texts through the automaton of a language model; imported by workers only, since it compiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curation.methods.arrays import Ints
from curation.methods.kernels import kernel


@kernel
def score(
    text: NDArray[np.uint8],
    starts: Ints,
    ends: Ints,
    moves: NDArray[np.uint32],
    rows: Ints,
    features: Ints,
    weights: NDArray[np.float32],
    priors: NDArray[np.float32],
    scores: NDArray[np.float32],
) -> None:
    """Fill `scores` (texts, languages): priors plus log(1 + count) times the weights of every feature of a text.

    A text without a feature keeps zeros, as in py3langid: every language is as likely.
    """
    counts = np.zeros(weights.shape[0], dtype=np.int32)
    touched = np.zeros(weights.shape[0], dtype=np.int64)
    for at in range(len(starts)):
        state, seen = np.int64(0), 0
        for place in range(starts[at], ends[at]):
            state = np.int64(moves[rows[state] + text[place]])
            feature = features[state]
            if feature >= 0:
                if counts[feature] == 0:
                    touched[seen] = feature
                    seen += 1
                counts[feature] += 1
        if seen:
            scores[at] = priors
        for each in range(seen):
            feature = touched[each]
            weight = np.float32(np.log1p(np.float32(counts[feature])))
            counts[feature] = 0
            for language in range(weights.shape[1]):
                scores[at, language] += weight * weights[feature, language]
