"""The bundled data: what is real, what is constructed, and that both are as their README says."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from config.demo.parts import DATA, PARTS
from config.demo.prepare import items, packed, read_lines

SHEETS = Path(__file__).parents[1] / "data"
LEGAL = [json.loads(line) for line in (DATA / "legal/decisions.jsonl").read_text().splitlines()]
DEFECTS = json.loads((DATA / "legal/defects.json").read_text())
BY_ID = {item["id"]: item for item in LEGAL}


def drafts(name):
    """The paragraph of the decision and the constructed one."""
    responses, number = BY_ID[name]["responses"], DEFECTS[name]["response"]
    return responses[2 - number]["text"], responses[number - 1]["text"]


def runs_of_words(text, length):
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


def test_the_code_rows_are_what_prepare_makes_of_the_study_s_sheets():
    sheets = (
        read_lines(SHEETS / "crscore_py.jsonl.gz"),
        read_lines(SHEETS / "agreement/crscore_double_rated_py.jsonl.gz"),
    )
    bundled = (DATA / "code/crscore.jsonl.gz").read_bytes()
    assert gzip.decompress(bundled) == gzip.decompress(packed(items(*sheets)))


def test_each_rater_has_one_review_of_a_change_and_sixteen_changes_have_two_raters():
    rows = read_lines(DATA / "code/crscore.jsonl.gz")
    raters = [[review["rater"] for review in row["reviews"]] for row in rows]
    assert all(len(set(names)) == len(names) for names in raters)
    assert sorted(map(len, raters)) == [0] * 2 + [1] * 63 + [2] * 16
    ratings = [len(review["answers"]["relevance"]) for row in rows for review in row["reviews"]]
    assert (sum(ratings), ratings.count(5), ratings.count(10)) == (870, 16, 79)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.slug)
def test_the_licence_of_every_source_is_bundled_and_named(part):
    readme = (DATA / "README.md").read_text()
    assert f"`{part.slug}/`" in readme
    assert part.file.name in readme
    for name in ("PandaLM-Apache-2.0", "CRScore-MIT", "VetClaims-MIT", "eyecite-BSD-2-Clause"):
        assert len((DATA / "licences" / f"{name}.txt").read_text()) > 900


def test_all_of_it_is_small():
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 1_500_000


def test_every_legal_item_has_one_recorded_defect_and_says_that_it_is_constructed():
    assert set(DEFECTS) == set(BY_ID)
    kinds = [defect["kind"] for defect in DEFECTS.values()]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "wrong_standard": 4,
        "misquotation": 3,
        "fabricated_authority": 3,
    }
    for name, item in BY_ID.items():
        assert "constructed" in item["tags"]
        real, made = (item["responses"][at] for at in _places(name))
        assert (real["origin"], made["origin"]) == ("human", "mixed")
        assert "public domain" in real["licence"]
        assert made["source"].startswith("constructed")
        assert not {"model", "model_version"} & (real.keys() | made.keys())


def test_the_defect_stands_in_the_constructed_draft_and_not_in_the_decision_s_paragraph():
    for name, defect in DEFECTS.items():
        real, made = drafts(name)
        quoted = [part.rstrip(" …") for part in re.findall(r"“([^”]+)”", defect["where"])]
        assert quoted, name
        for words in quoted:
            assert words in made, (name, words)
            assert words not in real, (name, words)


def test_the_two_drafts_are_worded_differently_throughout_and_equally_long():
    for name in BY_ID:
        real, made = drafts(name)
        assert 0.88 < len(made) / len(real) < 1.12, name
        mine, theirs = runs_of_words(made, 4), runs_of_words(real, 4)
        # Names of cases and quoted rules are the same words in any draft.
        assert len(mine & theirs) / len(mine | theirs) < 0.2, name


def test_neither_place_gives_the_constructed_draft_away():
    numbers = [defect["response"] for defect in DEFECTS.values()]
    assert numbers.count(1) == numbers.count(2) == 5
    longer = [len(drafts(name)[1]) > len(drafts(name)[0]) for name in BY_ID]
    assert 2 <= sum(longer) <= 8


def test_no_paragraph_is_shown_as_context_too():
    for name, item in BY_ID.items():
        context = " ".join(document["text"] for document in item["context"])
        assert drafts(name)[0][:120] not in context


def test_every_legal_item_says_whom_it_concerns_as_its_decision_names_them():
    for name, item in BY_ID.items():
        parties, source = item["concerns"]["parties"], item["concerns"]["source"]
        titles = " ".join(document["title"] for document in item["context"])
        if name.startswith("fisher"):
            assert parties == ["Abigail Noel Fisher", "University of Texas at Austin"]
            assert "No. 11–345" in source
        else:
            assert parties[1] == "Department of Veterans Affairs"
            assert source in titles


def _places(name):
    number = DEFECTS[name]["response"]
    return 2 - number, number - 1
