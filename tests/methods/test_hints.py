"""Hints before patterns: whatever the patterns find in a text, the hints have let through."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.methods.contamination import Index
from curation.methods.hints import (
    hints,
    may_be_a_patch,
    may_be_broken,
    may_be_personal,
    may_be_worded,
    may_hold_a_secret,
)
from curation.methods.personal import personal_data
from curation.methods.secrets import PATCH, secrets
from curation.methods.signals import read_signals
from curation.methods.soundness import LONG, broken
from curation.methods.wording import CLOSES, MODELS, REFUSES, SPEAKS, wording
from tests.methods.planted import PERSONAL, SECRETS

PLANTED = [value for values in (*PERSONAL.values(), *SECRETS.values()) for value in values]
SAID = (
    "I'm sorry, but I can't help with that.", "As an AI language model, I do not know.", "SURE! Here it is.", "\u017fure! Yes.",
    "I hope this helps!", "I am ChatGPT, made by OpenAI.", "I\u2019d be happy to", "+++ b/x\n@@ -1 +1 @@\n+pa\u017fsword = 'hunter2hunter2'",
    "```\nx", "Ã¤ and Ã¶", "<|im_end|>", "Human: go on", "yes\n" * 6, "x" * 210 + " and the", "the \u212aey = 'ajf83hf93hf93hf93hf9'",
    "call me at 212-555-0100", "٠١٢٣٤٥٦٧٨٩", "mail a@b.co",
)  # fmt: skip


def found(text):
    return {
        "personal": personal_data(text),
        "secret": secrets(text),
        "worded": wording(text),
        "broken": broken(text) if len(text) < LONG else [],
        "patch": PATCH.search(text) is not None,
    }


def let_through(text):
    hint = hints([text])[0]
    return {
        "personal": may_be_personal(hint),
        "secret": may_hold_a_secret(hint),
        "worded": may_be_worded(hint),
        "broken": may_be_broken(hint),
        "patch": may_be_a_patch(hint),
    }


def missed(text):
    open_to = let_through(text)
    return [name for name, said in found(text).items() if said and not open_to[name]]


@pytest.mark.parametrize("text", [*SAID, *PLANTED, *(f"Please see {each}." for each in PLANTED)])
def test_what_was_planted_is_let_through(text):
    assert missed(text) == []


def test_what_real_texts_hold_is_let_through():
    with gzip.open("tests/data/pandalm_testset-v1.json.gz", "rt") as file:
        texts = [str(row[name]) for row in json.load(file) for name in ("response1", "response2")]
    with gzip.open("tests/data/crscore_py.jsonl.gz", "rt") as file:
        texts += [json.loads(line)["diff"] for line in file]
    assert [text for text in texts if missed(text)] == []


pieces = st.sampled_from(
    [*SAID, *PLANTED, *REFUSES, *CLOSES, *MODELS, *SPEAKS, "password", "=", "key", ":", " ", "\n", "12 ", "(3)", "ſ", "K", "é"]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(pieces, st.text(max_size=30)), max_size=8).map("".join))
def test_whatever_is_written_nothing_is_missed(text):
    assert missed(text) == []


def test_a_text_is_read_the_same_alone_and_among_others():
    texts = [*SAID, "", "Nothing to see."]
    index = Index.of([])
    assert read_signals(texts, index) == [read_signals([text], index)[0] for text in texts]
