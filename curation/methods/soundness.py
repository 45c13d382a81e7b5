"""What is broken in a text: cut off, repeating itself, wrongly decoded, or full of a model's control words."""

from __future__ import annotations

import itertools
import re
import zlib

LONG = 200
VERY_LONG = 600
PACKED = 0.12  # of its size: prose packs to a third or half of it
SAME_LINES = 5
FENCE = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)
ENDS = frozenset(".!?…:;)]}>\"'”’»`*_|~=-–—/\\%€$°²³0123456789。！？）」』】")
LOOSE = re.compile(r"(?:,|\b(?:and|or|the|a|an|of|to|in|with|for|that|is|are|was|which|but|as|by|from|on|at|be))$", re.IGNORECASE)  # fmt: skip
LOOSEST = 7  # the longest of these words, what stands before it, and one more
CONTROL = re.compile(
    r"<\|[a-z_]{2,30}\|>|\[/?INST\]|<</?SYS>>|</?s>(?:\s|$)|<(?:bos|eos|pad|unk)>|^#{2,4} (?:Instruction|Response|Human|Assistant):"
    r"|^(?:Human|User|Assistant|USER|ASSISTANT):\s",
    re.MULTILINE,
)
SIGNS = ("<|", "INST]", "SYS>>", "<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>", "## ", "Human:", "User:", "Assistant:", "USER:", "ASSISTANT:")  # fmt: skip
MOJIBAKE = re.compile(r"Ã[\x80-\xbf¤©¨¼¶ŸÂª]|â€[™œ\x9d\x93\x94“”¦]|\ufffd")


def broken(text: str) -> list[str]:
    """Of `cut_off`, `repeats_itself`, `garbled` and `control_words` those that hold of a response, in this order."""
    tests = {**TESTS_OF_LENGTH, "garbled": is_garbled, "control_words": has_control_words}
    return [name for name, test in tests.items() if test(text)]


def broken_by_length(text: str) -> list[str]:
    """The same of a text that has no sign of the others."""
    return [name for name, test in TESTS_OF_LENGTH.items() if test(text)]


def is_garbled(text: str) -> bool:
    """Wrongly decoded in two places or more; one may be a quotation."""
    odd = any(sign in text for sign in ("Ã", "â€", "\ufffd"))
    return odd and len(MOJIBAKE.findall(text)) >= 2


def has_control_words(text: str) -> bool:
    """What templates of chats put around turns, or the turn of somebody else."""
    return any(sign in text for sign in SIGNS) and CONTROL.search(text) is not None


def is_cut_off(text: str) -> bool:
    """A fence that is never closed, or a long text that ends in the middle of a sentence.

    Lists, headings and verses end without a full stop, so only a last line that is long, or ends in a comma or in a word
    that asks for another, counts.
    """
    fenced = "```" in text or "~~~" in text
    if fenced and len(FENCE.findall(text)) % 2:
        return True
    whole = text.rstrip()
    if len(whole) < LONG or whole[-1] in ENDS or not whole[-1].isascii():
        return False
    last = whole[whole.rfind("\n") + 1 :]
    return LOOSE.search(last[-LOOSEST:]) is not None or (len(last) >= LONG and "." in last)


def repeats_itself(text: str) -> bool:
    """The same line five times running, or a long text that packs to an eighth of its size."""
    if text.count("\n") >= SAME_LINES - 1 and _has_same_lines(text):
        return True
    if len(text) < VERY_LONG:
        return False
    raw = text.encode("utf-8", "surrogatepass")[:20_000]
    return len(zlib.compress(raw, 1)) < PACKED * len(raw)


def _has_same_lines(text: str) -> bool:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    run = 1
    for before, line in itertools.pairwise(lines):
        run = run + 1 if line == before else 1
        if run >= SAME_LINES and any(map(str.isalnum, line)):
            return True
    return False


TESTS_OF_LENGTH = {"cut_off": is_cut_off, "repeats_itself": repeats_itself}
