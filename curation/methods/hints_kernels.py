"""The walk of many texts through the automaton of hints; imported by workers only, since it compiles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from curation.methods.arrays import Ints
from curation.methods.hint_groups import (
    AT_HEAD,
    AT_TAIL,
    GIVEN,
    IBAN,
    IN_CAPITALS,
    IPV6,
    LINES,
    NUMBER,
    PHONE,
    SAYS,
    WHOLE_WORDS,
    WIDE,
)
from curation.methods.kernels import kernel

Byte = np.int64
Truth = bool | np.bool_

DIGITS, DIALLED, DATED, DOTS, GROUP, COLONS = 7, 8, 9, 3, 4, 7
RUN, QUOTED, SAME_LINES = 34, 20, 4
OUT, IN_WORD, AFTER_QUOTE, AFTER_BRACKET, IN_SPACE = range(5)


@kernel
def mark(
    text: NDArray[np.uint8],
    ends: Ints,
    sizes: Ints,
    moves: NDArray[np.uint16],
    marks: Ints,
    reach: int,
    found: Ints,
) -> None:
    """Fill `found` with the groups of every phrase in each text, in UTF-8; `sizes` are in characters.

    Groups of `AT_HEAD` count within the first `reach` characters, those of `AT_TAIL` where they end within the last. Beside
    them what numbers, values and lines say.
    """
    first = 0
    for each in range(len(ends)):
        part = text[first : ends[each]]
        groups = _phrases(part, sizes[each], moves, marks, reach)
        found[each] = groups | _numbers(part) | _runs(part)
        first = ends[each]


@kernel
def _phrases(
    text: NDArray[np.uint8], size: int, moves: NDArray[np.uint16], marks: Ints, reach: int
) -> int:
    """The groups of phrases, and whether a word is given a value: `key: …`, `"key"] = …`, `key(…`."""
    state, seen, before, place, groups = np.int64(0), 0, 0, OUT, 0
    for raw in text:
        byte = np.int64(raw)
        seen += (byte & 0xC0) != 0x80
        capital = 65 <= byte <= 90
        lower = byte + 32 if capital else byte
        if before & WHOLE_WORDS and not _is_word(lower):
            groups |= before & WHOLE_WORDS
        state = np.int64(moves[state, lower])
        before = marks[state]
        if place != OUT:
            place = _after(place, lower)
            if place < OUT:
                groups |= GIVEN
                place = OUT
        if before:
            if before & SAYS:
                place = IN_WORD
            ended = before & ~WHOLE_WORDS
            if seen > reach:
                ended &= ~AT_HEAD
            if seen < size - reach:
                ended &= ~AT_TAIL
            if not capital:
                ended &= ~IN_CAPITALS
            groups |= ended
    return groups | (before & WHOLE_WORDS)


@kernel
def _is_word(lower: Byte) -> Truth:
    """Whether a byte surely goes on with a word; what is not ASCII may do so or not."""
    return 97 <= lower <= 122 or 48 <= lower <= 57 or lower == 95


@kernel
def _is_space(byte: Byte) -> Truth:
    return byte == 32 or 9 <= byte <= 13 or 28 <= byte <= 31


@kernel
def _after(place: int, lower: Byte) -> int:
    """Where one is after a byte behind a word that wants a value; less than OUT where it gets one."""
    if lower == 58 or lower == 61 or lower == 40:
        return OUT - 1
    if place == IN_WORD and (lower >= 128 or _is_word(lower)):
        return IN_WORD
    if place == IN_WORD and (lower == 34 or lower == 39):
        return AFTER_QUOTE
    if place <= AFTER_QUOTE and lower == 93:
        return AFTER_BRACKET
    return IN_SPACE if lower >= 128 or _is_space(lower) else OUT


@kernel
def _numbers(text: NDArray[np.uint8]) -> int:
    """Runs of digits and of what divides them, how IBANs begin, and IPv6 addresses.

    Every byte of a character among which are digits of another script, or the space that does not break, counts as a digit.
    """
    size, digits, dots, capitals, after, groups = 0, 0, 0, 0, 0, 0
    hexes, colons = 0, 0
    plus: Truth = False
    foreign: Truth = False
    last, other = np.int64(0), np.int64(0)
    for raw in text:
        byte = np.int64(raw)
        if byte >= 192:
            foreign = _begins_digits(byte)
        digit = 48 <= byte <= 57 or (byte >= 128 and foreign)
        if digit and size == 0:
            plus = last == 43 or (last == 40 and other == 43)
            digits, dots = 0, 0
        if digit or (size > 0 and (byte == 32 or byte == 40 or byte == 41 or 45 <= byte <= 47)):
            size, digits, dots = (
                size + 1,
                digits + (1 if digit else 0),
                dots + (1 if byte == 46 else 0),
            )
            groups |= _of_number(size, digits, dots, digit, plus)
        else:
            size = 0
        if digit and capitals >= 2:
            after += 1
            groups |= IBAN if after == 2 else 0
        else:
            capitals = (capitals if after == 0 else 0) + 1 if 65 <= byte <= 90 else 0
            after = 0
        if hexes == GROUP and byte == 58:
            colons += 1
            groups |= IPV6 if (colons > 1 and last == 58) or colons == COLONS else 0
        elif hexes > 0:
            goes_on = _is_hex(byte) and (hexes < GROUP or colons > 0)
            hexes = min(hexes + 1, GROUP) if goes_on else 0
        elif (byte == 50 or byte == 51) and not _joins(last):
            hexes, colons = 1, 0
        last, other = byte, last
    return groups


@kernel
def _is_hex(byte: Byte) -> Truth:
    return 48 <= byte <= 57 or 65 <= byte <= 70 or 97 <= byte <= 102


@kernel
def _joins(byte: Byte) -> Truth:
    """Whether no address begins after a byte: it surely belongs to a word, or is a colon."""
    return byte == 58 or 65 <= byte <= 90 or _is_word(byte)


@kernel
def _of_number(size: int, digits: int, dots: int, digit: Truth, plus: Truth) -> int:
    """What a run says that has come so far: a phone ends in a digit, and is no date if it has digits enough or a plus."""
    groups = NUMBER if size >= DIGITS else 0
    if digit and size >= DIALLED:
        groups |= PHONE
        if digits >= DATED or plus:
            groups |= WIDE
    if digit and dots >= DOTS:
        groups |= WIDE
    return groups


@kernel
def _begins_digits(lead: Byte) -> Truth:
    """Whether characters that begin with this byte in UTF-8 hold digits (Unicode 15: `\\d`) or U+00A0."""
    return (
        lead == 0xC2
        or lead == 0xD9
        or lead == 0xDB
        or 0xDF <= lead <= 0xE1
        or lead == 0xEA
        or lead >= 0xEF
    )


@kernel
def _runs(text: NDArray[np.uint8]) -> int:
    """A run without white space as long as the shortest bare key, one in quotation marks of what keys are made of, lines enough."""
    run, quoted, lines, groups = 0, -1, 0, 0
    for raw in text:
        byte = np.int64(raw)
        if _is_space(byte):
            run, lines = 0, lines + (byte == 10)
        else:
            run += (byte & 0xC0) != 0x80
            groups |= GIVEN if run == RUN else 0
        if byte == 34 or byte == 39:
            quoted = 0
        elif quoted >= 0:
            letter = _is_word(byte) or 65 <= byte <= 90
            quoted = (
                quoted + 1 if letter or byte == 43 or byte == 45 or byte == 47 or byte == 61 else -1
            )
            groups |= GIVEN if quoted == QUOTED else 0
    return groups | (LINES if lines >= SAME_LINES else 0)
