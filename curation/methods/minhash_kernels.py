"""Compiled: minima, bands, candidate pairs and shared shingles. Only workers import this; numba takes half a second.

Every constant is in `minhash`, with what is stored because of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curation.methods.arrays import Bools, Hashes, Ints
from curation.methods.kernels import kernel
from curation.methods.shingle_kernels import BASE, mixed

Signature = NDArray[np.uint32]

NOTHING, LARGEST = np.uint32(0), np.uint32(0xFFFFFFFF)
PER_PART = 16  # values sorted together by insertion, about
CROWDED = 2_048  # so many in one part, unless they are equal, are left to the general sort


@kernel
def minima(
    hashes: Hashes, offsets: Ints, factors: Signature, terms: Signature, found: Signature
) -> None:
    """For each text and permutation the smallest factor · hash + term (mod 2³²), of each hash its upper half; zeros for none."""
    for text in range(len(offsets) - 1):
        best = found[text]
        best[:] = NOTHING if offsets[text] == offsets[text + 1] else LARGEST
        for i in range(offsets[text], offsets[text + 1]):
            half = np.uint32(hashes[i] >> np.uint64(32))
            for p in range(len(factors)):
                best[p] = min(best[p], np.uint32(half * factors[p] + terms[p]))


@kernel
def band_hashes(found: Signature, rows: int, banded: Hashes) -> None:
    """Each band's number, from one, and its rows as one hash: value ← mixed(value · BASE + row)."""
    for text in range(len(found)):
        for band in range(banded.shape[1]):
            value = np.uint64(band + 1)
            for row in range(band * rows, band * rows + rows):
                value = mixed(value * BASE + np.uint64(found[text, row]))
            banded[text, band] = value


@kernel
def grouped(banded: Hashes, texts: Ints) -> tuple[Hashes, Ints]:
    """All hashes of the given texts (rising), equal ones side by side, and the text of each; texts rise among equals."""
    columns = banded.shape[1]
    count = len(texts) * columns
    bits = 1
    while (PER_PART << bits) < count:
        bits += 1
    shift = np.uint64(64 - bits)
    starts = np.zeros((1 << bits) + 1, np.int64)
    for text in texts:
        for column in range(columns):
            starts[np.int64(banded[text, column] >> shift) + 1] += 1
    starts = np.cumsum(starts)
    values, owner = np.empty(count, np.uint64), np.empty(count, np.int64)
    ends = starts[:-1].copy()
    for text in texts:
        for column in range(columns):
            value = banded[text, column]
            place = np.int64(value >> shift)
            values[ends[place]], owner[ends[place]] = value, text
            ends[place] += 1
    for part in range(1 << bits):
        _order(values[starts[part] : starts[part + 1]], owner[starts[part] : starts[part + 1]])
    return values, owner


@kernel
def _order(values: Hashes, owner: Ints) -> None:
    """Sort both in place by value, equal ones staying in their order."""
    if len(values) > CROWDED and values.min() != values.max():
        order = np.argsort(values, kind="mergesort")
        values[:], owner[:] = values[order], owner[order]
        return
    for i in range(1, len(values)):
        value, text, place = values[i], owner[i], i
        while place > 0 and values[place - 1] > value:
            values[place], owner[place] = values[place - 1], owner[place - 1]
            place -= 1
        values[place], owner[place] = value, text


@kernel
def pairs_within(values: Hashes, owner: Ints, largest: int, texts: int) -> tuple[Ints, int]:
    """Codes left · texts + right of every two texts in one bucket, and how many buckets held more than `largest`.

    Of a fuller bucket each text is paired with the first and with the one before it. `texts` is how many there are.
    """
    room, crowded = 0, 0
    first = 0
    for i in range(1, len(values) + 1):
        if i == len(values) or values[i] != values[first]:
            size = i - first
            crowded += size > largest
            room += 2 * size if size > largest else size * (size - 1) // 2
            first = i
    codes, at, first = np.empty(room, np.int64), 0, 0
    for i in range(1, len(values) + 1):
        if i == len(values) or values[i] != values[first]:
            at = _pair_up(owner[first:i], largest, texts, codes, at)
            first = i
    return codes[:at], crowded


@kernel
def _pair_up(owner: Ints, largest: int, texts: int, codes: Ints, at: int) -> int:
    for i in range(1, len(owner)):
        step = 1 if len(owner) <= largest else max(i - 1, 1)
        for j in range(0, i, step):
            if owner[j] != owner[i]:
                codes[at] = owner[j] * texts + owner[i]
                at += 1
    return at


@kernel
def in_most(
    buckets: Ints, own: Ints, starts: Ints, members: Ints, largest: int, found: Ints, full: Bools
) -> None:
    """For each text the members that share most of its buckets, of as many the smaller first, and whether a bucket is too full.

    A bucket below zero is none; of each the first `largest` members count. A text is no companion of its own. `found` is all zeros before.
    """
    for text in range(len(buckets)):
        room = 0
        for bucket in buckets[text]:
            if bucket >= 0:
                size = starts[bucket + 1] - starts[bucket]
                full[text] |= size > largest
                room += min(size, largest)
        seen, at = np.empty(room, np.int64), 0
        for bucket in buckets[text]:
            if bucket >= 0:
                size = min(starts[bucket + 1] - starts[bucket], largest)
                seen[at : at + size] = members[starts[bucket] : starts[bucket] + size]
                at += size
        seen.sort()
        _most_frequent(seen, own[text], found[text])


@kernel
def _most_frequent(seen: Ints, own: int, best: Ints) -> None:
    """Fill `best` with what is in `seen`, which rises, most often, without `own`."""
    times, first = np.zeros(len(best), np.int64), 0
    for i in range(1, len(seen) + 1):
        if i < len(seen) and seen[i] == seen[first]:
            continue
        value, count, place = seen[first], i - first, len(best)
        first = i
        while value != own and place > 0 and times[place - 1] < count:
            if place < len(best):
                best[place], times[place] = best[place - 1], times[place - 1]
            place -= 1
        if place < len(best):
            best[place], times[place] = value, count


@kernel
def shared(hashes: Hashes, offsets: Ints, left: Ints, right: Ints, counts: Ints) -> None:
    """How many hashes the rising sets left[i] and right[i] have in common."""
    for pair in range(len(left)):
        a, b = offsets[left[pair]], offsets[right[pair]]
        last_a, last_b = offsets[left[pair] + 1], offsets[right[pair] + 1]
        count = 0
        while a < last_a and b < last_b:
            one, other = hashes[a], hashes[b]
            count += one == other
            a += one <= other
            b += other <= one
        counts[pair] = count
