"""Variety of many texts: real ones are varied, collapsed ones raise the alarm, and novelty is estimated from sketches."""

from __future__ import annotations

import gzip
import json
import random
from functools import cache

import pytest

from curation.methods import diversity as module
from curation.methods.diversity import alarms, diversity, novelty, sketch_of
from curation.methods.shingles import shingles


@cache
def written():
    """810 reviews of code by people and models."""
    with gzip.open("tests/data/crscore_py.jsonl.gz", "rt") as file:
        rows = [json.loads(line) for line in file]
    return [each["text"] for row in rows for each in row["reviews"]]


def measured(texts):
    return diversity(texts).document()


def filled(count):
    words = sorted({word for text in written() for word in text.split()})
    return [
        f"I am happy to help you with {w}. Let me know if you need more." for w in words[:count]
    ]


def test_reviews_that_people_and_models_wrote_raise_no_alarm():
    found = measured(written())
    assert alarms(found, None) == []
    assert alarms(found, found) == []
    assert 0.25 < found["packed"] < 0.45
    assert found["alike"] < 0.3
    assert found["distinct"][0] < found["distinct"][1] < found["distinct"][2]


def test_one_phrase_filled_in_many_times_raises_the_alarm():
    codes = {each.code for each in alarms(measured(filled(500)), measured(written()))}
    assert codes == {"texts_alike", "packs_small", "fewer_words", "more_alike"}
    assert alarms(measured(filled(50)), None) == []


def test_a_set_that_grew_by_what_was_there_already_raises_the_alarm():
    before = measured(written()[:150])
    assert alarms(measured(written()[:150]), before) == []
    stale = {**measured(written()[:150]), "windows": 2 * before["windows"]}
    assert [each.code for each in alarms(stale, before)] == ["nothing_new"]


@pytest.mark.parametrize("shared", [0, 100, 200, 300])
def test_novelty_is_near_the_exact_share(shared):
    one, other = written()[:300], written()[300 - shared : 600 - shared]
    mine, theirs = (set(shingles(texts, "word5").hashes.tolist()) for texts in (other, one))
    exact = len(mine - theirs) / len(mine)
    found = novelty(diversity(other).sketch, diversity(one).sketch)
    assert found == pytest.approx(exact, abs=0.03)


def test_a_small_sketch_estimates_too(monkeypatch):
    monkeypatch.setattr(module, "SKETCH", 256)
    one, other = written()[:400], written()[200:600]
    mine, theirs = (set(shingles(texts, "word5").hashes.tolist()) for texts in (other, one))
    exact = len(mine - theirs) / len(mine)
    assert novelty(diversity(other).sketch, diversity(one).sketch) == pytest.approx(exact, abs=0.1)


def test_order_and_repetition_of_texts_do_not_matter():
    texts = list(written())
    straight = measured(texts)
    random.Random(1).shuffle(texts)
    assert measured([*texts, *texts[:50]]) == straight
    assert sketch_of(straight) == diversity(texts).sketch


def test_nothing_is_measured_of_nothing():
    found = measured([])
    assert (found["texts"], found["distinct"], found["packed"], found["alike"]) == (
        0,
        [0, 0, 0],
        0,
        0,
    )
    assert novelty(sketch_of(found), sketch_of(found)) is None
    assert measured(["One text."])["alike"] == 0
