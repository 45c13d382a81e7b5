"""Near-duplicates from end to end: real articles, groups, and what the order of texts may change."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.methods.jaccard import components, jaccard, large, smallest_members
from curation.methods.neardup import near_pairs
from curation.methods.shingles import shingles

# A busy machine is no defect.
unhurried = settings(deadline=None)

DATA = Path("tests/data/neardup")


def articles():
    with gzip.open(DATA / "articles_1000.train.gz", "rt") as file:
        rows = [line.rstrip("\n").split(" ", 1) for line in file]
    gold = (DATA / "articles_1000.truth").read_text().splitlines()
    return (
        [name for name, _ in rows],
        [text for _, text in rows],
        {frozenset(g.split()) for g in gold},
    )


@pytest.fixture(scope="module")
def thousand():
    return articles()


@pytest.mark.parametrize("kind", ["word3", "char5"])
def test_the_ten_near_duplicate_articles_are_found_and_no_others(thousand, kind):
    names, texts, gold = thousand
    found = near_pairs(texts, kind, 0.5)
    named = {frozenset((names[a], names[b])) for a, b in zip(found.left, found.right, strict=True)}
    assert named == gold
    assert found.crowded == 0


def test_checked_against_every_other_the_same_ten_are_near_at_any_threshold(thousand):
    names, texts, gold = thousand
    left, right = np.triu_indices(len(texts), 1)
    similarity = jaccard(shingles(texts, "word3"), left, right)
    for threshold in (0.3, 0.5, 0.7, 0.9):
        near = similarity >= threshold
        found = zip(left[near], right[near], strict=True)
        assert {frozenset((names[a], names[b])) for a, b in found} == gold


def test_one_changed_citation_in_a_long_brief_is_near_but_not_equal():
    brief = " ".join(f"Paragraph {i} relies on authority {i * i} in full." for i in range(80))
    found = near_pairs([brief, brief.replace("authority 100 ", "authority 101 ")], "word5")
    assert 0.9 < found.similarity[0] < 1


def groups(texts, kind):
    near = near_pairs(texts, kind)
    return components(len(texts), near.left, near.right)


def test_equal_texts_share_a_group_and_empty_ones_stand_alone():
    assert groups(["Yes.", "No.", "yes.", "", ""], "word3").tolist() == [0, 1, 0, 3, 4]
    assert groups([], "word3").tolist() == []


def test_within_a_label_an_answer_given_everywhere_is_still_found():
    within = np.repeat(np.arange(300), 2)
    texts = ["I do not know the answer to that question."] * 600
    found = near_pairs(texts, "word3", within=within)
    assert found.left.tolist() == list(range(0, 600, 2))
    assert found.right.tolist() == list(range(1, 600, 2))
    assert found.crowded == 0


@unhurried
@given(st.lists(st.text("ab ", max_size=12), max_size=8), st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_texts(texts, random):
    order = list(range(len(texts)))
    random.shuffle(order)
    straight = groups(texts, "word2")
    shuffled = groups([texts[i] for i in order], "word2")
    together = {(order[i], order[j]) for i, j in _same(shuffled)}
    assert {tuple(sorted(p)) for p in together} == set(_same(straight))


def _same(labels):
    return [(i, j) for j in range(len(labels)) for i in range(j) if labels[i] == labels[j]]


def test_a_component_is_named_by_its_smallest_member():
    labels = components(6, np.array([4, 2]), np.array([5, 4]))
    assert labels.tolist() == [0, 1, 2, 3, 2, 2]
    assert components(3, np.array([], dtype=int), np.array([], dtype=int)).tolist() == [0, 1, 2]
    assert smallest_members(labels, ["f", "e", "d", "c", "b", "a"]) == [
        "f",
        "e",
        "a",
        "c",
        "a",
        "a",
    ]


def test_a_component_is_large_above_a_fiftieth_of_all_and_from_ten_on():
    small = np.repeat(np.arange(100), 9)
    assert not large(np.r_[np.zeros(9, dtype=int), 1, 2, 3]).any()
    assert large(np.r_[np.zeros(10, dtype=int), 1, 2, 3]).tolist() == [True] * 10 + [False] * 3
    assert not large(np.r_[small, np.full(18, 200)]).any()
    assert large(np.r_[small, np.full(19, 200)]).sum() == 19


def test_licences_that_differ_in_a_word_are_near_whatever_their_names():
    """Of 107 pairs at .9 and up 20 are of one group: a machine must not take the others for one."""
    with lzma.open(DATA / "license_texts.jsonl.xz", "rt") as file:
        rows = [json.loads(line) for line in file]
    texts, groups = [row["text"] for row in rows], np.array([row["group"] for row in rows])
    left, right = np.triu_indices(len(texts), 1)
    similarity = jaccard(shingles(texts, "word3"), left, right)
    same = groups[left] == groups[right]
    above = np.mean(similarity[same][:, None] > similarity[~same][None, :])
    equal = np.mean(similarity[same][:, None] == similarity[~same][None, :])
    assert same.sum() == 108
    assert above + equal / 2 == pytest.approx(0.9769, abs=1e-4)
    near = similarity >= 0.9
    found = near_pairs(texts, "word3", 0.9)
    pairs = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert pairs == set(zip(left[near].tolist(), right[near].tolist(), strict=True))
    assert (near.sum(), (near & same).sum()) == (107, 20)
