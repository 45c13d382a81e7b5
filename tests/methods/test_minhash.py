"""Signatures estimate similarity, bands find the near, and both stay what is stored."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.methods.minhash import (
    AT_ONCE,
    BANDS,
    FAMILY,
    PERMUTATIONS,
    ROWS,
    SIEVE,
    Signatures,
    bands,
    candidates,
    companions,
    permutations,
    places_of,
    restored,
    scheme,
    signatures,
)
from curation.methods.shingles import Shingles, mixed, shingles

# A busy machine is no defect.
unhurried = settings(deadline=None)

MINIMA = "62a8e99c1147b389cab7f6eb543b9f7b2b3dc55405a70b8b583130ad999a598f"
BANDED = "f9fb65bbcbeb45b856cdab4b73bf45d9f408892a1f77eb51eee3a3b82d66e0dc"
TEXTS = ["The Court held that the contract was void.", "", "漢字とかな", "a b c d e f"]


def sets(*members):
    """Shingle sets of the given integers."""
    hashes = [np.sort(mixed(np.array(each, dtype=np.uint64))) for each in members]
    lengths = [0, *[len(each) for each in hashes]]
    return Shingles(hashes=np.concatenate(hashes), offsets=np.cumsum(lengths))


def pairs(found):
    return sorted(zip(found.left.tolist(), found.right.tolist(), strict=True))


@pytest.mark.parametrize("shared", [10, 50, 90])
def test_equal_minima_estimate_jaccard_without_bias(shared):
    rng = np.random.default_rng(shared)
    estimates = []
    for _ in range(60):
        base = rng.integers(1 << 60, size=200 - shared)
        minima = signatures(sets(base[:100], base[100 - shared :])).minima
        estimates.append((minima[0] == minima[1]).mean())
    exact = shared / (200 - shared)
    error = np.sqrt(exact * (1 - exact) / PERMUTATIONS / 60)
    assert np.mean(estimates) == pytest.approx(exact, abs=4 * error)


@unhurried
@given(st.lists(st.text(max_size=40), max_size=5))
def test_a_text_has_the_same_signature_in_any_company(texts):
    together = signatures(shingles(texts, "char5"))
    for i, text in enumerate(texts):
        alone = signatures(shingles([text], "char5"))
        assert (alone.minima[0] == together.minima[i]).all()
        assert alone.present[0] == together.present[i]


def test_long_texts_are_signed_the_same_in_blocks():
    many = [" ".join(f"w{i}-{j}" for j in range(3_000)) for i in range(30)]
    together = signatures(shingles(many, "word3"))
    alone = signatures(shingles([many[17]], "word3"))
    assert (together.minima[17] == alone.minima[0]).all()


def test_a_text_without_shingles_has_no_signature_and_no_neighbour():
    found = signatures(shingles(["", "  ", "a", "a"], "word3"))
    assert found.present.tolist() == [False, False, True, True]
    assert found.stored(0) is None
    assert pairs(candidates(bands(found), found.present)) == [(2, 3)]


def test_a_signature_is_stored_as_512_bytes_and_comes_back():
    found = signatures(shingles(TEXTS, "word3"))
    assert len(found.stored(0)) == 512
    assert (restored(found.stored(0)) == found.minima[0]).all()
    one = Signatures(minima=np.full((1, 128), 1, dtype=np.uint32), present=np.array([True]))
    assert one.stored(0)[:8] == b"\1\0\0\0\1\0\0\0"


def test_signatures_are_the_minima_of_their_definition():
    found = signatures(shingles(TEXTS, "word3"))
    sets_of = shingles(TEXTS, "word3")
    factors, terms = permutations(FAMILY)
    for i in (0, 2, 3):
        hashes = sets_of.hashes[sets_of.offsets[i] : sets_of.offsets[i + 1]]
        halves = (hashes >> np.uint64(32)).astype(np.uint32)[:, None]
        assert (found.minima[i] == (halves * factors + terms).min(axis=0)).all()


def test_signatures_and_bands_are_those_already_stored():
    found = signatures(shingles(TEXTS, "char5"))
    assert sha256(found.minima.astype("<u4").tobytes()).hexdigest() == MINIMA
    assert sha256(bands(found).astype("<i8").tobytes()).hexdigest() == BANDED
    assert scheme("char5") == "kperm-v2/char5/128"


def test_bands_fit_a_bigint_and_hold_their_number():
    alike = Signatures(minima=np.zeros((1, 128), dtype=np.uint32), present=np.array([True]))
    found = bands(alike)
    assert found.shape == (1, BANDS)
    assert found.dtype == np.int64
    assert len(set(found[0].tolist())) == BANDS


def test_a_band_reads_its_own_six_rows():
    minima = np.tile(np.arange(128, dtype=np.uint32), (129, 1))
    minima[np.arange(128), np.arange(128)] += 1
    found = bands(Signatures(minima=minima, present=np.ones(129, dtype=bool)))
    changed = found[:128] != found[128]
    for row in range(128):
        expected = [row // ROWS] if row < BANDS * ROWS else []
        assert np.flatnonzero(changed[row]).tolist() == expected


def test_every_two_texts_in_a_bucket_are_candidates_once():
    banded = np.array([[1, 5], [1, 5], [2, 5], [9, 8]])
    assert pairs(candidates(banded, np.ones(4, dtype=bool))) == [(0, 1), (0, 2), (1, 2)]
    assert pairs(candidates(banded, np.array([True, False, True, True]))) == [(0, 2)]
    assert pairs(candidates(banded[:0], np.ones(0, dtype=bool))) == []


def test_companions_are_those_in_most_buckets_and_of_as_many_the_smaller():
    buckets = [[7, 8, 9], [3, 7], [3, 8, 9], [4, 5, 6, 7]]
    starts = np.cumsum([0, *map(len, buckets)])
    asked = np.array([[0, 1, 2], [1, 3, -1], [-1, -1, -1]])
    near, crowded = companions(
        asked, np.array([7, 1, 2]), starts, np.concatenate(buckets), most=3, largest=3
    )
    assert near.tolist() == [[3, 8, 9], [3, 4, 5], [0, 0, 0]]
    assert crowded.tolist() == [False, True, False]


@unhurried
@given(
    st.lists(st.sets(st.integers(1, 12), max_size=8), min_size=1, max_size=6),
    st.integers(1, 5),
    st.integers(1, 4),
)
def test_companions_are_counted_as_by_hand(buckets, largest, most):
    ordered = [sorted(bucket) for bucket in buckets]
    starts = np.cumsum([0, *map(len, ordered)])
    members = np.array([each for bucket in ordered for each in bucket], dtype=np.int64)
    asked = np.arange(len(ordered))[None, :]
    near, crowded = companions(asked, np.array([5]), starts, members, most=most, largest=largest)
    times = Counter(each for bucket in ordered for each in bucket[:largest] if each != 5)
    expected = sorted(times, key=lambda each: (-times[each], each))[:most]
    assert near[0].tolist() == expected + [0] * (most - len(expected))
    assert crowded[0] == any(len(bucket) > largest for bucket in ordered)


@pytest.mark.parametrize("many", [0, 5, 3 * AT_ONCE + 7])
def test_a_few_hashes_are_found_among_many_and_none_of_their_likes(many):
    rng = np.random.default_rng(3)
    few = rng.integers(-(2**63), 2**63, (4, 21))
    among = rng.integers(-(2**63), 2**63, many)
    alike = few.ravel()[: len(among[1::9])] ^ (SIEVE * 8)  # the same lower bits
    among[1 : 9 * len(alike) : 9] = alike
    among[::50_000] = few[1, 2]
    expected = np.flatnonzero(np.isin(among, few))
    assert places_of(few, among).tolist() == expected.tolist()
    assert len(expected) == len(among[::50_000])
    assert places_of(few[:0], among).tolist() == []


def test_hashes_of_one_beginning_are_told_apart():
    rng = np.random.default_rng(3)
    banded = rng.integers(0, 40, size=(3_000, 2)) + (1 << 60)
    found = candidates(banded, np.ones(3_000, dtype=bool), largest=3_000)
    joined = (banded[:, None, :, None] == banded[None, :, None, :]).any(axis=(2, 3))
    left, right = np.nonzero(np.triu(joined, 1))
    assert pairs(found) == list(zip(left.tolist(), right.tolist(), strict=True))


def test_a_crowded_band_still_joins_its_texts_and_says_so():
    found = candidates(np.zeros((300, 1), dtype=np.int64), np.ones(300, dtype=bool))
    assert found.crowded == 1
    assert len(found.left) < 600
    assert set(found.left.tolist()) | set(found.right.tolist()) == set(range(300))
    assert (found.left < found.right).all()
