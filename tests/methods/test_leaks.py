"""Near texts across sides are found, whatever the bands of the clusters missed."""

from __future__ import annotations

import random

import numpy as np

from curation.methods.leaks import across

WORDS = [f"word{n}" for n in range(400)]


def text(seed: int, length: int = 40) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def test_near_texts_on_two_sides_are_found_and_those_on_one_side_are_not() -> None:
    texts = [text(n) for n in range(200)]
    texts += [texts[n] + " Please." for n in range(40)]
    sides = np.array([0] * 200 + [1] * 20 + [0] * 20)
    found = across(texts, sides, "char5", 0.7)
    assert sorted(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [
        (n, 200 + n) for n in range(20)
    ]
    assert found.candidates >= 20


def test_nothing_joins_texts_that_differ_and_nothing_joins_empty_ones() -> None:
    found = across(["", "", text(1), text(2)], np.array([0, 1, 0, 1]), "char5", 0.7)
    assert (len(found.left), len(across([], np.zeros(0, np.int64), "char5", 0.7).left)) == (0, 0)
