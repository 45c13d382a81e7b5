"""What is found of evaluation sets: HumanEval planted in every way, and not in code reviews that never saw it."""

from __future__ import annotations

import gzip
import json
import random
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.methods.contamination import (
    IN_A_ROW,
    SCHEME,
    WIDTH,
    Index,
    as_evaluation,
    fast_windows,
    matches,
    windows,
)

BUNDLED = Path("curation/bundled/HumanEval.jsonl.gz")
NAME = re.compile(r"def (\w+)\(([^)]*)\)")


@cache
def humaneval():
    with gzip.open(BUNDLED, "rt") as file:
        return [json.loads(line) for line in file]


@cache
def index():
    rows = humaneval()
    texts = [
        found
        for field in ("prompt", "canonical_solution")
        for found in as_evaluation(
            "HumanEval", [row["task_id"] for row in rows], [row[field] for row in rows]
        )
    ]
    return Index.of(texts)


@cache
def reviews():
    """81 diffs of real pull requests and the 810 reviews of them."""
    with gzip.open("tests/data/crscore_py.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    return [row["diff"] for row in rows], [each["text"] for row in rows for each in row["reviews"]]


def found_by_name(texts):
    """How many of the planted problems are found under their own name."""
    found = matches(texts, index())
    return [
        row["task_id"]
        for row, each in zip(humaneval(), found, strict=True)
        if row["task_id"] not in {match.name for match in each}
    ]


def other_layout(prompt):
    """Tabs for spaces, no blank lines, everything on other lines."""
    return re.sub(r"\n\s*", "\n\t", re.sub(r"\n\s*\n", "\n", prompt)).replace(". ", ".\n\t")


def renamed(prompt):
    """Every function and every parameter has another name, in the signature, the text and the examples."""
    names = set()
    for function, parameters in NAME.findall(prompt):
        names |= {function, *re.findall(r"(\w+)\s*(?::|,|=|$)", parameters)}
    for number, name in enumerate(sorted(names - {"int", "str", "float", "bool", "list", "dict"})):
        prompt = re.sub(rf"\b{re.escape(name)}\b", f"renamed{number}", prompt)
    return prompt


def embedded(prompt):
    """In the middle of a diff and a review that are longer than it is."""
    diffs, written = reviews()
    chance = random.Random(prompt)
    return "\n\n".join(
        [*chance.sample(diffs, 2), prompt, *chance.sample(written, 3), chance.choice(diffs)]
    )


WAYS = {
    "verbatim": (lambda text: text, 0),
    "other layout": (other_layout, 0),
    "shouted": (str.upper, 0),
    "renamed": (renamed, 2),
    "other layout and renamed": (lambda text: renamed(other_layout(text)), 2),
    "embedded": (embedded, 0),
    "embedded and renamed": (lambda text: embedded(renamed(text)), 2),
    "first half only": (lambda text: text[: len(text) // 2], 0),
}


@pytest.mark.parametrize("way", WAYS)
def test_humaneval_is_found_however_it_is_planted(way):
    change, misses = WAYS[way]
    missed = found_by_name([change(row["prompt"]) for row in humaneval()])
    print(f"{way}: {164 - len(missed)} of 164 found, missed {missed}")  # noqa: T201
    assert len(missed) <= misses


def test_real_diffs_and_their_reviews_are_never_taken_for_humaneval():
    diffs, written = reviews()
    assert len(diffs) == 81
    assert not any(matches([*diffs, *written], index()))


def test_both_directions_are_told():
    prompt = humaneval()[0]["prompt"]
    alone, hidden = matches([prompt, embedded(prompt)], index())
    assert alone[0].share == alone[0].own_share == 1
    assert hidden[0].share == 1
    assert hidden[0].own_share < 0.7
    assert alone[0].in_a_row == hidden[0].in_a_row == windows([prompt]).words[0]


def words(start, count):
    letters = [chr(97 + int(digit)) for digit in "".join(str(n) for n in range(start, start + 1))]
    return [f"{''.join(letters)}x{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(count)]


def test_thirteen_words_in_a_row_are_enough_and_twelve_are_not():
    evaluated = words(1, 60)
    texts = as_evaluation("set", ["one"], [" ".join(evaluated)])
    around = [" ".join(words(2, 40)), " ".join(words(3, 40))]
    taken = [f"{around[0]} {' '.join(evaluated[5 : 5 + n])} {around[1]}" for n in (12, 13)]
    few, enough = matches(taken, Index.of(texts))
    assert few == []
    assert [(match.in_a_row, match.share) for match in enough] == [(IN_A_ROW, round(13 / 60, 6))]


def test_half_of_the_words_are_enough_though_never_thirteen_in_a_row():
    evaluated = words(1, 40)
    texts = as_evaluation("set", ["one"], [" ".join(evaluated)])
    parts = [" ".join(evaluated[at : at + 10]) for at in (0, 20)]
    half, less = matches([" between them ".join(parts), parts[0]], Index.of(texts))
    assert [(match.in_a_row, match.share) for match in half] == [(10, 0.5)]
    assert less == []


def test_lists_of_numbers_are_alike_and_count_for_nothing():
    numbers = " ".join(str(n) for n in range(100))
    assert as_evaluation("set", ["one"], [numbers]) == []


def test_what_is_stored_means_the_same_next_year():
    """The scheme is written into the database: a change of these hashes needs another name."""
    assert SCHEME == "words8-1"
    found = windows(["The quick brown fox jumps over the lazy dog."]).hashes.tolist()
    assert found == [794751540059032725, 16899906636375265064]


some = st.lists(st.sampled_from(["a", "b", "Ä", "e\u0301", "字", "7", "_", "x1"]), max_size=30)


@given(st.lists(some, max_size=5))
def test_texts_together_have_the_windows_of_each_alone(rows):
    texts = [" ".join(row) for row in rows]
    together = windows(texts)
    assert len(together.words) == len(texts)
    for number, text in enumerate(texts):
        alone = windows([text])
        assert together.hashes[together.texts == number].tolist() == alone.hashes.tolist()
        assert together.words[number] == alone.words[0]
        assert len(alone.hashes) == max(0, alone.words[0] - WIDTH + 1)
        assert np.array_equal(alone.places, np.arange(len(alone.hashes)))


@given(st.lists(some, max_size=5))
def test_the_kernel_reads_the_same_windows(rows):
    texts = [" ".join(row) for row in rows]
    slow, fast = windows(texts), fast_windows(texts)
    assert fast.hashes.tolist() == slow.hashes.tolist()
    assert fast.texts.tolist() == slow.texts.tolist()
    assert fast.words.tolist() == slow.words.tolist()


def test_the_kernel_reads_real_texts_as_arrays_do():
    texts = [
        *reviews()[0],
        *[row["prompt"] for row in humaneval()],
        "",
        "字" * 20,
        "ÀÉ e\u0301 x\u200dy " * 9,
    ]
    slow, fast = windows(texts), fast_windows(texts)
    assert fast.hashes.tolist() == slow.hashes.tolist()
    assert fast.words.tolist() == slow.words.tolist()
