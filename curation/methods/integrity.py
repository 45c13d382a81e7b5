"""Evidence on how reviews came about: too fast, texts pasted in or said again and again, one side of the screen always right.

Evidence is for a conversation, never for a verdict: nothing here holds a review, and nothing should.
"""

from __future__ import annotations

from collections.abc import Sequence

from curation.late import np, special
from curation.methods.arrays import Bools, Floats, Ints, rounded
from curation.methods.jaccard import jaccard
from curation.methods.minhash import bands, candidates, signatures
from curation.methods.shingles import Kind, mixed, shingles

SCALE = 1.4826
FAR = -3.0
LEAST = 20  # reviews, or votes of one rater, below which nothing is unusual
LEVEL = 0.05  # of false discoveries among the raters who are named
LEAST_PASTED, TIMES_TYPED = 200, 4
RATIONALE: Kind = "word3"
# Characters below which a reason is often the same; Jaccard similarity from which on it is.
LEAST_SAID, SAME = 60, 0.7


def hasty(milliseconds: Floats, characters: Ints) -> Bools:
    """Which reviews took less than robust z = −3 of the log-time usual for texts of their length; NaN never did.

    Lengths are compared within an octave (a factor of two) where it holds 20 reviews, else by time per character within
    all; fewer than 20 known times say nothing.
    """
    known = ~np.isnan(milliseconds)
    found = np.zeros(len(milliseconds), dtype=np.bool_)
    if known.sum() < LEAST:
        return found
    octave = np.floor(np.log2(np.maximum(characters, 1))).astype(np.int64)
    logs = np.log(np.maximum(milliseconds, 1))
    pace = logs - np.log(np.maximum(characters, 1))
    for each in np.unique(octave[known]):
        ours = known & (octave == each)
        many = ours.sum() >= LEAST
        mine, usual = (logs[ours], logs[ours]) if many else (pace[ours], pace[known])
        middle = np.median(usual)
        spread = SCALE * np.median(np.abs(usual - middle))
        if spread > 0:
            found[ours] = rounded((mine - middle) / spread) < FAR
    return found


def pasted(typed: Floats, pasted: Floats) -> Bools:
    """Which reviews hold at least 200 pasted characters and four times as many as typed ones; NaN hold none."""
    found: Bools = (pasted >= LEAST_PASTED) & (pasted > TIMES_TYPED * np.nan_to_num(typed))
    return found


def repeated(raters: Ints, items: Ints, texts: Sequence[str]) -> Bools:
    """Which rationales nearly equal another one by the same rater on another item; short ones never do.

    One entry a review: its rater's and its item's code, its words. Near is a Jaccard similarity of three-word shingles from .7 on,
    exactly checked after shared bands (`minhash`), which hold the rater: what two people say alike is no evidence.
    """
    found = np.zeros(len(texts), dtype=np.bool_)
    told = np.array([len(text.strip()) >= LEAST_SAID for text in texts], dtype=np.bool_)
    if told.sum() < 2:
        return found
    sets = shingles(texts, RATIONALE)
    signed = signatures(sets)
    whose = mixed(raters.astype(np.uint64))[:, None]
    hashes = mixed(bands(signed).view(np.uint64) ^ whose).view(np.int64)
    pairs = candidates(hashes, signed.present & told)
    apart = items[pairs.left] != items[pairs.right]
    ours = apart & (raters[pairs.left] == raters[pairs.right])
    left, right = pairs.left[ours], pairs.right[ours]
    near = jaccard(sets, left, right) >= SAME
    found[left[near]] = found[right[near]] = True
    return found


def one_sided(raters: Ints, first_won: Bools) -> Bools:
    """Which votes are of raters who prefer one side of the screen more often than chance allows.

    One entry a decided vote whose order is known: its rater's code from 0, whether what was shown first won. Exact
    two-sided binomial tests of raters with 20 votes or more, after Benjamini and Hochberg (1995) at .05.
    """
    n = np.bincount(raters) if len(raters) else np.zeros(0, dtype=np.int64)
    k = np.bincount(raters, weights=first_won, minlength=len(n)).astype(np.int64)
    asked = np.flatnonzero(n >= LEAST)
    chances = _two_sided(k[asked], n[asked])
    order = np.argsort(chances, kind="stable")
    bound = LEVEL * np.arange(1, len(asked) + 1) / max(len(asked), 1)
    passed = np.flatnonzero(chances[order] <= bound)
    named = asked[order[: passed[-1] + 1]] if len(passed) else asked[:0]
    found: Bools = np.isin(raters, named)
    return found


def _two_sided(k: Ints, n: Ints) -> Floats:
    """Twice the smaller tail of Binomial(n, ½) at k, at most 1."""
    below = special.bdtr(k, n, 0.5)
    above = np.where(k > 0, special.bdtrc(k - 1, n, 0.5), 1.0)
    return rounded(np.minimum(1.0, 2 * np.minimum(below, above)))
