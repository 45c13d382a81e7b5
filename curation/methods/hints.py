"""Which texts could say anything to a gate at all: one compiled pass over many texts, before patterns look at single ones.

A hint may be wrong, but never missing: what a gate's patterns can find holds one of the gate's phrases, in any case of letters.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from curation.late import np
from curation.methods.arrays import Ints
from curation.methods.hint_groups import (
    ADDRESS,
    AT,
    BROKEN,
    CALLS,
    CLOSE,
    DENY,
    EVERY,
    GIVEN,
    IBAN,
    IPV6,
    LINES,
    MODEL,
    NAME,
    NUMBER,
    ODD,
    OPEN,
    PATCHED,
    PHONE,
    PHRASES,
    REFUSE,
    SECRET,
    SPEAK,
    UPPER,
    WIDE,
)
from curation.methods.wording import HEAD

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Automaton:
    """Aho–Corasick over bytes: `moves` (states, 256), and for each state the groups of the phrases that end there."""

    moves: NDArray[np.uint16]
    marks: Ints


def hints(texts: Sequence[str]) -> list[int]:
    """For each text the groups that it has a hint of, as bits; every one where a character is unusual."""
    from curation.methods.hints_kernels import mark

    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    ends = np.cumsum([len(each) for each in encoded], dtype=np.int64)
    sizes = np.array([len(text) for text in texts], dtype=np.int64)
    flat = np.frombuffer(b"".join(encoded), dtype=np.uint8)
    found = np.zeros(len(texts), dtype=np.int64)
    known = _automaton()
    mark(flat, ends, sizes, known.moves, known.marks, HEAD, found)
    return [EVERY if each & ODD else each for each in found.tolist()]


def may_be_personal(hint: int) -> bool:
    """An at sign, an IPv6 address, or a number that could be a card, a social security number, an IPv4 address or a phone."""
    if hint & (AT | IPV6):
        return True
    return bool(hint & NUMBER and (hint & (WIDE | IBAN) or (hint & PHONE and hint & CALLS)))


def may_hold_a_secret(hint: int) -> bool:
    """The form of a key, a long run in quotation marks or by itself, a word with a value, or an address with a name and an at sign."""
    return bool(hint & (GIVEN | SECRET | UPPER) or (hint & ADDRESS and hint & AT))


def may_be_worded(hint: int) -> bool:
    """What refuses and what denies, or what opens, at the head; what closes at the tail; or a model and a way to name oneself."""
    if hint & (OPEN | CLOSE) or (hint & REFUSE and hint & DENY):
        return True
    return bool(hint & (MODEL | NAME) and hint & SPEAK)


def may_be_broken(hint: int) -> bool:
    """A sign of a template or of wrong decoding, a fence, or lines enough to repeat. Long texts have to be read in any case."""
    return bool(hint & (BROKEN | LINES))


def may_be_a_patch(hint: int) -> bool:
    """A line that a patch begins with, somewhere."""
    return bool(hint & PATCHED)


@cache
def _automaton() -> Automaton:
    moves, marks = _tree()
    table = np.zeros((len(moves), 256), dtype=np.uint16)
    fallback = [0] * len(moves)
    waiting = deque(moves[0].values())
    table[0, list(moves[0])] = list(moves[0].values())
    while waiting:
        state = waiting.popleft()
        marks[state] |= marks[fallback[state]]
        table[state] = table[fallback[state]]
        for byte, after in moves[state].items():
            fallback[after] = int(table[state, byte])
            table[state, byte] = after
            waiting.append(after)
    return Automaton(moves=table, marks=np.array(marks, dtype=np.int64))


def _tree() -> tuple[list[dict[int, int]], list[int]]:
    """The phrases as a tree of bytes: each state's moves, and the groups that end there."""
    moves: list[dict[int, int]] = [{}]
    marks = [0]
    for group, phrases in PHRASES.items():
        for phrase in phrases:
            state = 0
            for byte in phrase.encode():
                if byte not in moves[state]:
                    moves[state][byte] = len(moves)
                    moves.append({})
                    marks.append(0)
                state = moves[state][byte]
            marks[state] |= group
    return moves, marks
