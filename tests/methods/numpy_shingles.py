"""The shingle hashes once more, written plainly with NumPy's integers: what the compiled kernel must give."""

from __future__ import annotations

import unicodedata

import numpy as np

from curation.methods.shingles import mixed, normalised

BASE = np.uint64(0x9E3779B97F4A7C15)
UNSPACED = ("CJK ", "HIRAGANA", "KATAKANA", "THAI", "LAO ", "KHMER", "MYANMAR", "TIBETAN")


def shingles_by_numpy(text, kind):
    """The distinct hashes of one text, rising."""
    width = int(kind[4:])
    tokens = _tokens(normalised(text), by_character=kind.startswith("char"))
    if 0 < len(tokens) < width:
        return [int(_sum(tokens))]
    windows = np.zeros(max(len(tokens) - width + 1, 0), dtype=np.uint64)
    for place in range(width):
        windows = mixed(windows * BASE + tokens[place : place + len(windows)])
    return sorted({int(window) for window in windows})


def words(text):
    """Runs of letters, digits, marks and invisible joiners; every other visible character alone."""
    found, run = [], ""
    for character in normalised(text):
        category = unicodedata.category(character)
        unspaced = unicodedata.name(character, "").startswith(UNSPACED)
        joins = (category[0] in "LNM" and not unspaced) or category == "Cf"
        if joins and not character.isspace():
            run += character
            continue
        found += [run] if run else []
        found += [character] if not character.isspace() else []
        run = ""
    return found + ([run] if run else [])


def _tokens(text, *, by_character):
    if by_character:
        return mixed(_points(text) * BASE)
    return np.array([_sum(mixed(_points(word) * BASE)) for word in words(text)], dtype=np.uint64)


def _points(text):
    return np.array([ord(character) for character in text], dtype=np.uint64)


def _sum(values):
    powers = np.cumprod(np.r_[np.uint64(1), np.full(len(values) - 1, BASE, dtype=np.uint64)])
    return mixed(np.sum(values * powers, dtype=np.uint64, keepdims=True))[0]
