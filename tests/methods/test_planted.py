"""Planted edits among real texts of each kind: what the bands find, against every pair compared exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.planted import KINDS, corpora, near
from curation.methods.neardup import THRESHOLD, checked
from curation.methods.shingles import shingles

# Of the contracts only an opinion is committed; its parts are copied more often for it.
COPIES = {"prompts": 3, "responses": 1, "contracts": 25, "diffs": 15}


@pytest.fixture(scope="module")
def planted():
    return corpora(Path("tests/data"), COPIES)


@pytest.mark.parametrize("name", KINDS)
def test_nearly_every_near_pair_is_found_and_no_false_one(planted, name):
    sets = shingles(planted[name], KINDS[name])
    left, right, _ = near(sets, THRESHOLD)
    truth = set(zip(left.tolist(), right.tolist(), strict=True))
    found = checked(sets, THRESHOLD)
    pairs = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert len(truth) > 500
    assert pairs <= truth
    assert len(pairs) >= 0.99 * len(truth)
