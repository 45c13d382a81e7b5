"""Shingles against a plain reading of their definition, on any text."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.methods.jaccard import jaccard
from curation.methods.shingles import normalised, shingles
from tests.methods.numpy_shingles import shingles_by_numpy, words

# A busy machine is no defect.
unhurried = settings(deadline=None)

KINDS = ("char5", "word2", "word3", "word4", "word5")

WORD_3 = "a43ce73be7eadfe7b420c26ac8f6df07db58d35d609dc0aec36c4fdc8cf5f695"
CHAR_5 = "de5f86056d2729b18705d582b3b8ba3e4febcf5a35108af10f8ea267c2e9694b"

# Few different characters, so that texts share shingles; and any at all, lone surrogates too.
alike = st.text("ab c\n-é漢字กا́", max_size=30)
any_text = st.text(st.characters(codec=None), max_size=30)
texts = st.lists(st.one_of(alike, any_text), max_size=6)


def set_by_hand(text, kind):
    units, width = (list(normalised(text)), 5) if kind == "char5" else (words(text), int(kind[4:]))
    if 0 < len(units) < width:
        return {tuple(units)}
    return {tuple(units[i : i + width]) for i in range(len(units) - width + 1)}


@unhurried
@given(texts, st.sampled_from(KINDS))
def test_similarity_is_that_of_the_sets_made_by_hand(given_texts, kind):
    found = shingles(given_texts, kind)
    by_hand = [set_by_hand(text, kind) for text in given_texts]
    assert found.sizes.tolist() == [len(each) for each in by_hand]
    left, right = np.triu_indices(len(given_texts), 1)
    for a, b, similarity in zip(left, right, jaccard(found, left, right), strict=True):
        union = len(by_hand[a] | by_hand[b])
        exact = len(by_hand[a] & by_hand[b]) / union if union else 0
        assert similarity == pytest.approx(exact, abs=1e-6)


@unhurried
@given(texts, st.sampled_from(KINDS))
def test_a_text_has_the_same_shingles_in_any_company(given_texts, kind):
    together = shingles(given_texts, kind)
    for i, text in enumerate(given_texts):
        alone = shingles([text], kind)
        start, stop = together.offsets[i], together.offsets[i + 1]
        assert alone.hashes.tolist() == together.hashes[start:stop].tolist()
        assert (np.diff(alone.hashes.astype(object)) > 0).all()


@unhurried
@given(texts, st.sampled_from(KINDS))
def test_the_compiled_hashes_are_those_that_numpy_gives(given_texts, kind):
    found = shingles(given_texts, kind)
    for i, text in enumerate(given_texts):
        ours = found.hashes[found.offsets[i] : found.offsets[i + 1]]
        assert ours.tolist() == shingles_by_numpy(text, kind)


def test_a_text_that_repeats_a_few_words_has_few_shingles():
    often = " ".join(["void voidable null"] * 20_000 + [f"clause {i}" for i in range(3_000)])
    found = shingles([often], "word3")
    assert found.hashes.tolist() == shingles_by_numpy(often, "word3")


def test_long_texts_are_the_same_in_batches_of_any_size():
    long = [f"word{i} " * 3 + "and so on, " * i for i in range(400)]
    together = shingles(long, "word3")
    assert len(together) == 400
    alone = shingles([long[399]], "word3")
    assert together.hashes[together.offsets[399] :].tolist() == alone.hashes.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_text_without_a_visible_character_has_no_shingle(kind):
    assert shingles(["", " \n\t\u2003"], kind).sizes.tolist() == [0, 0]
    assert shingles(["a", "👍", "1 2"], kind).sizes.tolist() == [1, 1, 1]
    assert len(shingles([], kind)) == 0


def test_case_space_and_composition_do_not_count():
    same = ["Der  STRASSE\ncafe\u0301 zu Ende", "der straße café\tzu ende "]
    assert normalised(same[0]) == normalised(same[1])
    assert jaccard(shingles(same, "word3"), np.array([0]), np.array([1]))[0] == 1


def test_signs_count_as_words_of_their_own():
    found = shingles(["a + b * c", "a - b * c", "a+b*c"], "word3")
    similarity = jaccard(found, np.array([0, 0]), np.array([1, 2]))
    assert similarity[0] < 1
    assert similarity[1] == 1


def test_scripts_without_spaces_have_a_word_for_each_character():
    assert shingles(["最高人民法院", "ศาลฎีกา"], "word3").sizes.tolist() == [4, 5]


def test_the_hashes_are_those_already_stored():
    found = shingles(["The Court, in Marbury v. Madison (1803), held …", "漢字とかな 𝔘 ك"], "word3")
    assert sha256(found.hashes.astype("<u8").tobytes()).hexdigest() == WORD_3
    found = shingles(["The Court, in Marbury v. Madison (1803), held …", "漢字とかな 𝔘 ك"], "char5")
    assert sha256(found.hashes.astype("<u8").tobytes()).hexdigest() == CHAR_5
