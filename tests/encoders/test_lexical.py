"""Lexical vectors find the text that an edited copy was made from."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from benchmarks.planted import corpora, edit
from curation.encoders.base import nearest, restored, stored
from curation.encoders.lexical import fit, unpacked

DATA = Path(__file__).parents[1] / "data"
NONE = {"prompts": 0, "responses": 0, "contracts": 0, "diffs": 0}


@pytest.mark.parametrize("kind", ["prompts", "responses"])
def test_the_source_of_a_planted_edit_is_found_first(kind: str) -> None:
    chance = random.Random(11)
    texts = corpora(DATA, NONE)[kind][:800]
    fitted = fit(texts)
    matrix = restored(stored(fitted.encode(texts)), fitted.dim)
    asked = fitted.encode([edit(text, chance) for text in texts])
    first = [nearest(matrix, query, 1)[0][0] for query in asked]
    assert np.mean([at == found for at, found in enumerate(first)]) >= 0.95


def test_a_fit_is_the_same_again_and_after_it_was_a_file() -> None:
    texts = corpora(DATA, NONE)["prompts"][:60]
    fitted = fit(texts)
    assert fitted.packed() == fit(texts).packed()
    again = unpacked(fitted.packed())
    assert again.encode(texts).tolist() == fitted.encode(texts).tolist()
    assert 0 < again.explained <= 1.001


def test_vectors_have_length_one_and_an_empty_text_has_none() -> None:
    texts = corpora(DATA, NONE)["prompts"][:60]
    found = fit(texts).encode([*texts[:5], ""])
    assert np.linalg.norm(found[:5], axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert not found[5].any()


def test_the_nearest_are_those_of_every_comparison() -> None:
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(500, 16)).astype(np.float32)
    places, scores = nearest(matrix, matrix[7], 10)
    assert places == np.argsort(-(matrix @ matrix[7]), kind="stable")[:10].tolist()
    assert scores == sorted(scores, reverse=True)
    assert nearest(matrix[:3], matrix[0], 10)[0][0] == 0
    assert nearest(matrix[:0], matrix[0], 10) == ([], [])
