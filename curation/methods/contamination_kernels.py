"""Words and windows of many texts in one pass; imported by workers only, since it compiles. What it finds is `contamination.windows`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curation.methods.arrays import Bools, Hashes, Ints
from curation.methods.kernels import kernel


@kernel
def _mixed(value: np.uint64) -> np.uint64:
    """`shingles.mixed` of one value."""
    x = value ^ (value >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x = x * np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


@kernel
def read(
    points: NDArray[np.uint32],
    ends: Ints,
    kinds: NDArray[np.uint8],
    letters: Bools,
    base: np.uint64,
    width: int,
    hashes: Hashes,
    owners: Ints,
    words: Ints,
) -> int:
    """Fill `hashes` and `owners` with every window, `words` (texts) with how many words each has; returns how many windows.

    `points` are all texts laid end to end, `ends` where each ends, `kinds` and `letters` tables by code point. The hash of a
    word is mixed(Σ mixed(point·base)·baseⁱ), that of a window the same over the hashes of its words.
    """
    powers = np.ones(width, dtype=np.uint64)
    for place in range(1, width):
        powers[place] = powers[place - 1] * base
    recent = np.zeros(width, dtype=np.uint64)
    found, at = 0, 0
    for text in range(len(ends)):
        count = 0
        while at < ends[text]:
            kind = kinds[points[at]]
            if kind == 0:
                at += 1
                continue
            word, power, has_letter = np.uint64(0), np.uint64(1), False
            begins = at
            while at < ends[text] and (at == begins or (kind == 1 and kinds[points[at]] == 1)):
                word += _mixed(np.uint64(points[at]) * base) * power
                power = power * base
                has_letter = has_letter or letters[points[at]]
                at += 1
            if not has_letter:
                continue
            recent[count % width] = _mixed(word)
            count += 1
            if count >= width:
                window = np.uint64(0)
                for place in range(width):
                    window += recent[(count + place) % width] * powers[place]
                hashes[found] = _mixed(window)
                owners[found] = text
                found += 1
        words[text] = count
    return found
