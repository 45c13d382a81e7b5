"""The walk of many texts through the automaton of hints; imported by workers only, since it compiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curation.methods.arrays import Ints
from curation.methods.hints import LINES, LONG_RUN, NUMBER
from curation.methods.kernels import kernel

DIGITS, RUN, SAME_LINES = 7, 20, 4


@kernel
def mark(
    text: NDArray[np.uint8],
    ends: Ints,
    sizes: Ints,
    moves: NDArray[np.uint16],
    marks: Ints,
    reach: int,
    at_head: int,
    at_tail: int,
    found: Ints,
) -> None:
    """Fill `found` with the groups of every phrase in each text, in UTF-8; `sizes` are in characters.

    Groups of `at_head` count within the first `reach` characters, those of `at_tail` where they end within the last.
    Beside them a long number, a long run without white space, and lines enough. What is not ASCII counts as part of any number.
    """
    at = 0
    for each in range(len(ends)):
        state, seen, number, run, lines, groups = np.int64(0), 0, 0, 0, 0, 0
        while at < ends[each]:
            byte = np.int64(text[at])
            at += 1
            seen += (byte & 0xC0) != 0x80
            lower = byte + 32 if 65 <= byte <= 90 else byte
            state = np.int64(moves[state, lower])
            ended = marks[state]
            if ended:
                if seen > reach:
                    ended &= ~at_head
                if seen < sizes[each] - reach:
                    ended &= ~at_tail
                groups |= ended
            digit = 48 <= byte <= 57 or byte >= 128
            if digit or (
                number > 0 and (byte == 32 or byte == 40 or byte == 41 or 45 <= byte <= 47)
            ):
                number += 1
                if number == DIGITS:
                    groups |= NUMBER
            else:
                number = 0
            if byte == 32 or 9 <= byte <= 13 or 28 <= byte <= 31:
                run = 0
                lines += byte == 10
            else:
                run += (byte & 0xC0) != 0x80
                if run == RUN:
                    groups |= LONG_RUN
        found[each] = groups | (LINES if lines >= SAME_LINES else 0)
