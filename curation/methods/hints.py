"""Which texts could say anything to a gate at all: one compiled pass over many texts, before patterns look at single ones.

A hint may be wrong, but never missing: what a gate's patterns can find holds one of the gate's phrases, in any case of letters.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from curation.methods.arrays import Ints
from curation.methods.secrets import WORDS
from curation.methods.soundness import SIGNS
from curation.methods.wording import CLOSES, HEAD, MODELS, REFUSES, SPEAKS

NUMBER, LONG_RUN, LINES = 1 << 0, 1 << 1, 1 << 2
AT, ODD, REFUSE, OPEN, CLOSE, MODEL, SPEAK, SECRET, PATCHED, BROKEN, FORM, SAYS, MEANS = (
    1 << place for place in range(3, 16)
)
EVERY = (1 << 16) - 1
# How a phrase begins that goes with anything, as `wording.OPENING` has it.
OPENS = ("sure", "certainly", "of course", "absolutely", "definitely", "great question", "good question", "thank you for", "as a", "i'd be", "i’d be", "happy to help")  # fmt: skip
# A word that a secret goes with says nothing without a sign that gives it a value, or the form of a known kind.
KEYWORDS = ("pass", "pwd", "secret", "token", "key", "credential", "auth")
FORMS = ("abia", "acca", "a3t", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "glcbt-", "hooks.slack", "_live_", "npm_", "pypi-", "private key", "accountkey", "_authtoken", "-us")  # fmt: skip
# Characters that patterns take for a letter of ASCII when the case does not matter: such texts are looked at wholly.
UNUSUAL = ("ſ", "K", "İ", "ı")
PHRASES: Mapping[int, Sequence[str]] = {
    AT: ("@",),
    ODD: UNUSUAL,
    REFUSE: REFUSES,
    OPEN: OPENS,
    CLOSE: CLOSES,
    MODEL: MODELS,
    SPEAK: SPEAKS,
    SECRET: tuple(word for word in WORDS if word not in KEYWORDS),
    SAYS: KEYWORDS,
    MEANS: (":", "=", "("),
    FORM: FORMS,
    PATCHED: ("@@ -", "diff --git ", "+++ "),
    BROKEN: (*map(str.lower, SIGNS), "```", "~~~", "Ã", "â€", "\ufffd"),
}
AT_HEAD, AT_TAIL = REFUSE | OPEN, CLOSE


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
    mark(flat, ends, sizes, known.moves, known.marks, HEAD, AT_HEAD, AT_TAIL, found)
    return [EVERY if each & ODD else each for each in found.tolist()]


def may_be_personal(hint: int) -> bool:
    """An at sign, or seven characters of a number."""
    return bool(hint & (AT | NUMBER))


def may_hold_a_secret(hint: int) -> bool:
    """A long run without a space, the form of a secret, or a word that one goes with and what gives it a value."""
    return bool(hint & (LONG_RUN | SECRET) or (hint & SAYS and hint & (MEANS | FORM)))


def may_be_worded(hint: int) -> bool:
    """A phrase that refuses or opens at the head, that closes at the tail, or a model's name and a way to name oneself."""
    return bool(hint & (REFUSE | OPEN | CLOSE) or (hint & MODEL and hint & SPEAK))


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
