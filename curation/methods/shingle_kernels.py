"""Compiled: characters to distinct shingle hashes in one pass. Only workers import this; numba takes half a second.

Every constant is in `shingles`, with what is stored because of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curation.methods.arrays import Hashes, Ints
from curation.methods.kernels import kernel

Points = NDArray[np.uint32]
Kinds = NDArray[np.uint8]

BASE = np.uint64(0x9E3779B97F4A7C15)
KIND, SPACE, WORD = 3, 0, 1  # the kind is in the last two bits
STEADY = 4
FEW = 24  # so few values are sorted by insertion at once
CROWDED = 64  # so many in one bucket are left to the general sort


@kernel
def mixed(x: np.uint64) -> np.uint64:
    """The finaliser of SplitMix64, as `shingles.mixed`."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def not_steady(points: Points, kinds: Kinds) -> Ints:
    """Where characters stand whose kind is not known, or that folding may change."""
    count = 0
    for raw in points:
        count += kinds[raw] & ~KIND != STEADY
    places, at = np.empty(count, np.int64), 0
    for i in range(len(points) if count else 0):
        if kinds[points[i]] & ~KIND != STEADY:
            places[at] = i
            at += 1
    return places


@kernel
def shingle(
    points: Points,
    lengths: Ints,
    kinds: Kinds,
    width: int,
    by_character: bool,
    hashes: Hashes,
    sizes: Ints,
) -> int:
    """Write the distinct hashes of each text, rising, end to end to `hashes`; say how many in all.

    `points` (u32) are the characters of all texts, `lengths` how many each has. `hashes` has room for one per character,
    `sizes` takes how many each text has.
    """
    longest = lengths.max()
    tokens, windows = np.empty(longest, np.uint64), np.empty(longest, np.uint64)
    at, written = 0, 0
    for text in range(len(lengths)):
        part = points[at : at + lengths[text]]
        count = _characters(part, kinds, tokens) if by_character else _words(part, kinds, tokens)
        count = _windows(tokens, count, width, windows)
        sizes[text] = _distinct(windows, count, hashes[written:], tokens)
        written += sizes[text]
        at += lengths[text]
    return written


@kernel
def _characters(points: Points, kinds: Kinds, tokens: Hashes) -> int:
    """A token for each character, in lower case, for each run of white space between words one."""
    count, waits = 0, False
    for raw in points:
        if kinds[raw] & KIND == SPACE:
            waits = count > 0
            continue
        if waits:
            tokens[count] = mixed(np.uint64(32) * BASE)
            count, waits = count + 1, False
        tokens[count] = mixed(np.uint64(_lower(raw)) * BASE)
        count += 1
    return count


@kernel
def _words(points: Points, kinds: Kinds, tokens: Hashes) -> int:
    """A token for each run of word characters, and for each other visible character."""
    count, inside = 0, False
    total, power = np.uint64(0), np.uint64(1)
    for raw in points:
        kind = kinds[raw] & KIND
        if kind != WORD and inside:
            tokens[count] = mixed(total)
            count, inside = count + 1, False
            total, power = np.uint64(0), np.uint64(1)
        if kind == WORD:
            total += mixed(np.uint64(_lower(raw)) * BASE) * power
            power *= BASE
            inside = True
        elif kind != SPACE:
            tokens[count] = mixed(mixed(np.uint64(raw) * BASE))
            count += 1
    if inside:
        tokens[count] = mixed(total)
        count += 1
    return count


@kernel
def _lower(point: np.uint32) -> np.uint32:
    """ASCII in lower case; whatever else a text holds was folded before."""
    return point + np.uint32(32) if np.uint32(65) <= point <= np.uint32(90) else point


@kernel
def _windows(tokens: Hashes, count: int, width: int, windows: Hashes) -> int:
    """A hash of every `width` successive tokens; of all together where they are fewer."""
    if count == 0:
        return 0
    if count < width:
        total, power = np.uint64(0), np.uint64(1)
        for i in range(count):
            total += tokens[i] * power
            power *= BASE
        windows[0] = mixed(total)
        return 1
    inside = count - width + 1
    for i in range(inside):
        windows[i] = mixed(tokens[i])
    for place in range(1, width):
        for i in range(inside):
            windows[i] = mixed(windows[i] * BASE + tokens[i + place])
    return inside


@kernel
def _distinct(values: Hashes, count: int, found: Hashes, scratch: Hashes) -> int:
    """Write the distinct of `values[:count]`, rising, to `found`. The values are hashes: their first bits sort them nearly."""
    ordered = values
    if count > FEW:
        ordered = scratch
        if not _by_first_bits(values, count, scratch):
            ordered[:count] = np.sort(values[:count])
    _insert(ordered, count)
    size = 0
    for i in range(count):
        if i == 0 or ordered[i] != ordered[i - 1]:
            found[size] = ordered[i]
            size += 1
    return size


@kernel
def _by_first_bits(values: Hashes, count: int, target: Hashes) -> bool:
    """Lay the values into `target` by their first bits, about one per bucket; false where a bucket is crowded."""
    bits = 1
    while (1 << bits) < count:
        bits += 1
    shift = np.uint64(64 - bits)
    starts = np.zeros((1 << bits) + 1, np.int64)
    for i in range(count):
        starts[np.int64(values[i] >> shift) + 1] += 1
    for bucket in range(1 << bits):
        if starts[bucket + 1] > CROWDED:
            return False
        starts[bucket + 1] += starts[bucket]
    for i in range(count):
        place = np.int64(values[i] >> shift)
        target[starts[place]] = values[i]
        starts[place] += 1
    return True


@kernel
def _insert(values: Hashes, count: int) -> None:
    """Sort in place by insertion: for few values, or nearly sorted ones."""
    for i in range(1, count):
        value, place = values[i], i
        while place > 0 and values[place - 1] > value:
            values[place] = values[place - 1]
            place -= 1
        values[place] = value
