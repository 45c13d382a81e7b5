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
from curation.methods.soundness import SIGNS
from curation.methods.wording import CLOSES, DENIES, HEAD, MODELS, NAMES, REFUSES, SPEAKS

# What the walk finds by counting: a number, one long enough for a phone, one that is more than a date or carries a plus, the
# beginning of an IBAN, an address of a computer, a secret by the look of it, and lines enough to repeat.
NUMBER, PHONE, WIDE, IBAN, IP, GIVEN, LINES = (1 << place for place in range(7))
AT, ODD, REFUSE, DENY, OPEN, CLOSE, MODEL, NAME, SPEAK, CALLS, SECRET, UPPER, ADDRESS, SAYS, PATCHED, BROKEN = (
    1 << place for place in range(7, 23)
)  # fmt: skip
EVERY = (1 << 23) - 1
# How a phrase begins that goes with anything, as `wording.OPENING` has it.
AGREES = ("sure", "certainly", "of course", "absolutely", "definitely")
OPENS = (
    *(f"{word}{after}" for word in AGREES for after in ("!", ",", ".", " thing")),
    *(f"{word} {of}" for word in ("as a", "as an") for of in ("ai", "large", "language")),
    *("great question", "good question", "thank you for", "i'd be", "i’d be", "happy to help"),
)
# Words before a phone number, as `personal.ABOUT_PHONES` has them.
CALLED = ("phone", "tel", "call", "mobile", "cell", "fax", "dial", "whatsapp", "sms", "text me", "ring", "reach", "handy", "anruf")  # fmt: skip
# What `secrets.MAYBE` looks for: forms of keys, forms in capitals, and words that a sign must follow that gives them a value.
FORMS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "glpat-", "gldt-", "glft-", "glsoat-", "glrt-", "glcbt-", "xox", "hooks.slack"),
    *("_live_", "eyj", "sk-", "sg.", "sq0csp", "npm_", "pypi-", "private key", "accountkey", "_authtoken"),
    *(f"-us{digit}" for digit in range(10)),
)  # fmt: skip
CAPITALS = ("akia", "asia", "abia", "acca", "a3t")
KEYWORDS = (
    *("pass", "pwd", "secret", "token", "credential", "auth"),
    *(f"{of}{join}key" for of in ("api", "private", "access") for join in ("", "_", "-")),
)
# Characters that patterns take for a letter of ASCII when the case does not matter: such texts are looked at wholly.
UNUSUAL = ("ſ", "K", "İ", "ı")
PHRASES: Mapping[int, Sequence[str]] = {
    AT: ("@",),
    ODD: UNUSUAL,
    REFUSE: REFUSES,
    DENY: DENIES,
    OPEN: OPENS,
    CLOSE: CLOSES,
    MODEL: MODELS,
    NAME: NAMES,
    SPEAK: SPEAKS,
    CALLS: CALLED,
    SECRET: FORMS,
    UPPER: CAPITALS,
    ADDRESS: ("://",),
    SAYS: KEYWORDS,
    PATCHED: ("@@ -", "diff --git ", "+++ "),
    BROKEN: (*map(str.lower, SIGNS), "```", "~~~", "Ã", "â€", "\ufffd"),
}
AT_HEAD, AT_TAIL, WHOLE_WORDS, IN_CAPITALS = REFUSE | DENY | OPEN, CLOSE, CALLS | NAME, UPPER


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
    """An at sign, or a number that could be a card, a social security number, an address or a phone."""
    if hint & AT:
        return True
    return bool(hint & NUMBER and (hint & (WIDE | IBAN | IP) or (hint & PHONE and hint & CALLS)))


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
