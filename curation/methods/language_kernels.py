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
    states: NDArray[np.int32],
    weights: NDArray[np.float32],
    priors: NDArray[np.float32],
    scores: NDArray[np.float32],
) -> None:
    """Fill `scores` (texts, languages): priors plus log(1 + count) times the weights of every feature of a text.

    `states` (states, 2) holds of each where its moves begin and its feature, −1 for none. A text without a feature keeps
    zeros, as in py3langid: every language is as likely.
    """
    longest = 0
    for at in range(len(starts)):
        longest = max(longest, ends[at] - starts[at])
    logs = np.empty(longest + 1, np.float32)
    for count in range(longest + 1):
        logs[count] = np.log1p(np.float32(count))
    touched, times = np.empty(len(text) + 1, np.int32), np.empty(len(text), np.int32)
    upto = np.zeros(len(starts) + 1, np.int64)
    _features(text, starts, ends, moves, states, longest, weights.shape[0], touched, times, upto)
    for at in range(len(starts)):
        if upto[at] < upto[at + 1]:
            scores[at] = priors
        for each in range(upto[at], upto[at + 1]):
            feature, weight = touched[each], logs[times[each]]
            for language in range(weights.shape[1]):
                scores[at, language] += weight * weights[feature, language]


@kernel
def _features(
    text: NDArray[np.uint8],
    starts: Ints,
    ends: Ints,
    moves: NDArray[np.uint32],
    states: NDArray[np.int32],
    longest: int,
    features: int,
    touched: NDArray[np.int32],
    times: NDArray[np.int32],
    upto: Ints,
) -> None:
    """Write each feature of each text, as they come first, to `touched` and how often it comes to `times`; `upto` is where each ends.

    Of all texts before any is weighed: the tables of both would drive each other out of the cache.
    """
    counts = np.zeros(features, dtype=np.int32)
    hits, more = np.empty(longest + 1, np.int32), np.empty(longest + 1, np.int32)
    for at in range(0, len(starts), 2):
        last = min(at + 1, len(starts) - 1)
        one = text[starts[at] : ends[at]]
        other = text[starts[last] : ends[last]] if last > at else one[:0]
        found, beside = _walk(one, other, moves, states, hits, more)
        _tally(hits, found, counts, touched, times, upto, at)
        if last > at:
            _tally(more, beside, counts, touched, times, upto, last)


@kernel
def _walk(
    one: NDArray[np.uint8],
    other: NDArray[np.uint8],
    moves: NDArray[np.uint32],
    states: NDArray[np.int32],
    hits: NDArray[np.int32],
    more: NDArray[np.int32],
) -> tuple[int, int]:
    """Write the feature of each state that has one to `hits`, of the other text to `more`, in order; says how many.

    Two texts at once: while the table is asked for one, the other need not wait. And without a branch, which nobody could foresee.
    """
    state, second, found, beside = np.int64(0), np.int64(0), 0, 0
    both = min(len(one), len(other))
    for at in range(both):
        state = np.int64(moves[np.int64(states[state, 0]) + np.int64(one[at])])
        second = np.int64(moves[np.int64(states[second, 0]) + np.int64(other[at])])
        hits[found], more[beside] = states[state, 1], states[second, 1]
        found += states[state, 1] >= 0
        beside += states[second, 1] >= 0
    for at in range(both, len(one)):
        state = np.int64(moves[np.int64(states[state, 0]) + np.int64(one[at])])
        hits[found] = states[state, 1]
        found += states[state, 1] >= 0
    for at in range(both, len(other)):
        second = np.int64(moves[np.int64(states[second, 0]) + np.int64(other[at])])
        more[beside] = states[second, 1]
        beside += states[second, 1] >= 0
    return found, beside


@kernel
def _tally(
    hits: NDArray[np.int32],
    found: int,
    counts: NDArray[np.int32],
    touched: NDArray[np.int32],
    times: NDArray[np.int32],
    upto: Ints,
    at: int,
) -> None:
    """The features of one text, as they came first, and how often each came; `counts` are left as they were, all zero."""
    seen = _counted(hits, found, counts, touched[upto[at] :])
    for each in range(upto[at], upto[at] + seen):
        times[each] = counts[touched[each]]
        counts[touched[each]] = 0
    upto[at + 1] = upto[at] + seen


@kernel
def _counted(
    hits: NDArray[np.int32], found: int, counts: NDArray[np.int32], touched: NDArray[np.int32]
) -> int:
    """Count every hit, and write each feature once to `touched`, as they came first; says how many those are."""
    seen = 0
    for at in range(found):
        feature = hits[at]
        touched[seen] = feature
        seen += counts[feature] == 0
        counts[feature] += 1
    return seen
