"""Language, wording and soundness of single texts."""

from __future__ import annotations

import gzip
import json

import numpy as np
import pytest

from curation.methods.language import _model, languages, probabilities
from curation.methods.licences import POLICIES, Terms, licence_kind
from curation.methods.soundness import broken
from curation.methods.wording import wording

SPOKEN = {
    "en": "The court held that the tenant could not be evicted before the end of the quarter.",
    "de": "Das Gericht entschied, dass dem Mieter nicht vor Ende des Quartals gekündigt werden kann.",
    "fr": "Le tribunal a jugé que le locataire ne pouvait être expulsé avant la fin du trimestre.",
    "es": "El tribunal dictaminó que el inquilino no podía ser desalojado antes del fin del trimestre.",
    "ru": "Суд постановил, что арендатор не может быть выселен до конца квартала.",
    "ja": "裁判所は、四半期の終わりまで借主を立ち退かせることはできないと判断した。借主はそのまま住み続けることができるとされた。",
}


@pytest.mark.parametrize("code", SPOKEN)
def test_a_language_is_told(code):
    assert languages([SPOKEN[code]]) == [code]


@pytest.mark.parametrize("text", ["", "OK.", "42 + 17 = 59", "{}[]()<>" * 20, "fn(x)" * 3])
def test_what_is_too_short_or_no_language_has_none(text):
    assert languages([text, SPOKEN["en"]]) == ["", "en"]


def test_many_texts_together_are_told_as_py3langid_tells_each():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    with gzip.open("tests/data/pandalm_testset-v1.json.gz", "rt") as file:
        texts = [*[str(row["response1"]) for row in json.load(file)][:200], *SPOKEN.values(), ""]
    theirs = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model = _model()
    found = probabilities(texts, model)
    for text, chances in zip(texts, found, strict=True):
        name, chance = theirs.classify(text)
        assert model.names[int(chances.argmax())] == name or not text
        assert np.isclose(chances.max(), chance, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I'm sorry, but I can't help with that.", ["refusal"]),
        ("I cannot provide legal advice on this matter.", ["refusal"]),
        ("As an AI language model, I do not have personal opinions.", ["refusal", "canned"]),
        ("Unfortunately, I am unable to access the file.", ["refusal"]),
        ("I must respectfully decline.", ["refusal"]),
        ("Sure! Here is the list.", ["canned"]),
        ("The list is above. I hope this helps!", ["canned"]),
        ("I am ChatGPT, a model trained by OpenAI.", ["names_model"]),
        ("The tenant cannot be evicted, as the statute says.", []),
        ("You can't divide by zero, so the function raises.", []),
        ("I am sorry for your loss; the will is valid.", []),
        ("Surely the clause applies.", []),
        ("", []),
    ],
)
def test_refusals_canned_phrases_and_names_of_models(text, said):
    assert wording(text) == said


SENTENCE = "The court looked at the lease, at the notice and at what both sides had said about it. "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SENTENCE * 3, []),
        (SENTENCE * 3 + "It then found that the", ["cut_off"]),
        (SENTENCE * 3 + "The landlord, however,", ["cut_off"]),
        ("```python\nprint(1)\n", ["cut_off"]),
        ("```python\nprint(1)\n```\n", []),
        (SENTENCE * 3 + "\n\n- a lease\n- a notice", []),
        ("Yes\n" * 6, ["repeats_itself"]),
        ("word " * 400, ["repeats_itself"]),
        ("\n---\n\n---\n\n---\n\n---\n\n---\n", []),
        ("The cafÃ© in KÃ¶ln is closed.", ["garbled"]),
        ("One odd Ã© alone.", []),
        ("That is all.<|im_end|>", ["control_words"]),
        ("Yes.\n\nHuman: and then?", ["control_words"]),
        ("Human rights: a survey.", []),
        ("", []),
    ],
)
def test_broken_texts(text, said):
    assert broken(text) == said


@pytest.mark.parametrize(
    ("licence", "kind"),
    [
        *(("MIT", "open"), ("Apache-2.0", "open"), ("CC BY 4.0", "open"), ("cc0-1.0", "open")),
        *(("CC-BY-SA-4.0", "share-alike"), ("GPL-3.0-or-later", "share-alike")),
        *(("cc-by-nc-4.0", "non-commercial"), ("CC BY-NC-SA 4.0", "non-commercial")),
        *(("CC BY-ND 4.0", "closed"), ("All rights reserved", "closed"), ("", "unknown")),
        *(("Unknown", "unknown"), ("house rules", "other"), ("Public Domain", "open")),
    ],
)
def test_kinds_of_licences(licence, kind):
    assert licence_kind(licence) == kind


def test_policies_widen_and_terms_that_forbid_training_are_read():
    assert POLICIES["open"] < POLICIES["commercial"] < POLICIES["stated"] < POLICIES["any"]
    assert Terms(
        provider_terms="You may not use output to train competing models."
    ).restricts_training
    assert not Terms(provider_terms="Output belongs to you.").restricts_training
