"""Hints before patterns: whatever the patterns find in a text, the hints have let through."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.methods.contamination import Index
from curation.methods.hint_groups import CALLED, FORMS, KEYWORDS, NUMBER
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
from curation.methods.wording import CLOSES, DENIES, MODELS, NAMES, REFUSES, SPEAKS, wording
from tests.methods.planted import PERSONAL, SECRETS

PLANTED = [value for values in (*PERSONAL.values(), *SECRETS.values()) for value in values]
SAID = (
    "I'm sorry, but I can't help with that.", "As an AI language model, I do not know.", "SURE! Here it is.", "\u017fure! Yes.",
    "I hope this helps!", "I am ChatGPT, made by OpenAI.", "I\u2019d be happy to", "+++ b/x\n@@ -1 +1 @@\n+pa\u017fsword = 'hunter2hunter2'",
    "```\nx", "Ã¤ and Ã¶", "<|im_end|>", "Human: go on", "yes\n" * 6, "x" * 210 + " and the", "the \u212aey = 'ajf83hf93hf93hf93hf9'",
    "call me at 212-555-0100", "٠١٢٣٤٥٦٧٨٩", "mail a@b.co", "call\u00a0030 1234567, or ring’ 030 1234567", "\u2019+49 30 901820 here", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000 1989) 2",
    "fe80 is no host, 2a00:1450:4001:81b::200e is, 1989) 2", "at 8.8.8.8", "api-key\"] \u00a0:= 'x' '0123456789abcdefghijkl'", "TOKEN (\n'hunter2hunter2')",
    "ASIAY34FZKBOKMUTVV7A", "the us1 of key-us1", "postgres://ana:hunter2hunter2@db", "Sure thing. Here", "as a language model", "metal, Meta", "I, trained by Meta",
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
    [*SAID, *PLANTED, *REFUSES, *DENIES, *CLOSES, *MODELS, *NAMES, *SPEAKS, *CALLED, *FORMS, *KEYWORDS, "password", "=", "'", '"', "]", "@", "://", "user:hunter2hunter@", "2125550100", "1989) 2", "+49 30 ", "9.9.9.9", "2a00::1", "3fff:", "::", "AKIA", "DE89", "0123456789abcdefghij", "key", ":", " ", "\n", "12 ", "(3)", "ſ", "K", "é"]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(st.one_of(pieces, st.text(max_size=30)), max_size=8).map("".join))
def test_whatever_is_written_nothing_is_missed(text):
    assert missed(text) == []


def test_digits_of_every_script_and_the_space_that_stays_count_in_numbers():
    digits = [chr(point) for point in range(128, 0x110000) if re.match("[\\d\u00a0]", chr(point))]
    assert len(digits) > 600
    assert all(each & NUMBER for each in hints([f"5 {digit} 555" for digit in digits]))
    assert not any(each & NUMBER for each in hints(["5 ’’’’", "5 はい", "5 и́ или"]))


@pytest.mark.parametrize(
    "text",
    [
        "They met in the summer of 1989) 2 of them.", "In 1990 - 1991 the token was lost.", "A task-based author of Asia (no key: none).",
        "See https://example.org/a/long/way at once.", "The metal of my assistant, as you said.", "I am sorry to hear that; sure enough I can see it.",
    ],
)  # fmt: skip
def test_words_of_prose_open_no_pattern(text):
    open_to = let_through(text)
    assert not any(open_to[name] for name in ("personal", "worded"))
    assert open_to["secret"] == ("task" in text)  # “sk-” is how keys begin, wherever it stands


def test_a_text_is_read_the_same_alone_and_among_others():
    texts = [*SAID, "", "Nothing to see."]
    index = Index.of([])
    assert read_signals(texts, index) == [read_signals([text], index)[0] for text in texts]
