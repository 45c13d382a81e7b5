"""What automatic checks find in a response that an answer lets stand, and where they stay silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.checks import NAMES, Case, Document, findings

SOURCE = "The court may not weigh the evidence, nor may it judge who is to be believed."
FILE = "one\ntwo\nthree\nfour\n"
PATCH = "--- a/x/y.py\n+++ b/x/y.py\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n"
LONG = "word " * 300


def case(*texts: str, format: str = "plain", stands: int | None = 1, **more: Any) -> Case:
    responses = {n: [(text, format)] for n, text in enumerate(texts, start=1)}
    return Case(responses=responses, stands=stands, **more)


def document(text: str, *, title: str = "A source", kind: str = "source") -> Document:
    return Document(title, kind, [(text, "plain")])


def found(case: Case, *names: str) -> list[tuple[str, int | None]]:
    return [(each.check, each.position) for each in findings(case, names or NAMES)]


def evidence(case: Case) -> Mapping[str, Any]:
    (only,) = findings(case, NAMES)
    return only.evidence


def test_a_quotation_that_no_source_has_is_found_where_it_stands() -> None:
    text = "The court said: “this sentence was never written by any judge at all”."
    made_up = case(text, context=[document(SOURCE)])
    said = evidence(made_up)
    assert text[said["start"] : said["end"]].startswith("this sentence")
    assert said["near"] is False
    assert (
        found(case("It said: “may not weigh the evidence, nor”.", context=[document(SOURCE)])) == []
    )
    assert found(case(text)) == []  # without sources nothing can be said


def test_what_the_reviewer_has_criticised_needs_no_check() -> None:
    text = "The court said: “this sentence was never written by any judge at all”."
    marked = {1: [(0, 20, 30)]}
    assert found(case(text, context=[document(SOURCE)], marked=marked)) == []


@pytest.mark.parametrize("stands", [2, None])
def test_only_what_the_answer_lets_stand_is_looked_at(stands: int | None) -> None:
    text = "The court said: “this sentence was never written by any judge at all”."
    assert found(case(text, "No.", stands=stands, context=[document(SOURCE)])) == []


@pytest.mark.parametrize(
    ("file", "fits"),
    [
        (FILE, True),
        (FILE.replace("two", "zwei"), True),  # the file as it is behind the patch
        (FILE.replace("two", "2"), False),
        (FILE.replace("\n", "\r\n"), True),
    ],
)
def test_a_patch_fits_the_file_before_or_after_it(file: str, fits: bool) -> None:
    whole = document(file, title="x/y.py", kind="file")
    assert found(case(PATCH, format="diff", context=[whole])) == (
        [] if fits else [("patch_does_not_apply", 1)]
    )


def test_the_line_that_does_not_fit_is_named() -> None:
    whole = document(FILE.replace("three", "3"), title="x/y.py", kind="file")
    assert evidence(case(PATCH, format="diff", context=[whole]))["line"] == 3
    other = document("anything", title="z.py", kind="file")
    assert found(case(PATCH, format="diff", context=[other])) == []


@pytest.mark.parametrize(
    ("log", "failed"),
    [
        ("2 failed\nexit 1 in 4.1 s", True),
        ("ok\nexit 0", False),
        ("exited with code 137\n", True),
        ("no word", False),
    ],
)
def test_failed_tests_are_held_against_the_only_response(log: str, failed: bool) -> None:
    run = document(log, title="pytest", kind="test_run")
    assert found(case("A patch.", context=[run])) == ([("tests_failed", 1)] if failed else [])
    assert found(case("A patch.", "Another.", context=[run])) == []  # nobody knows whose run it is


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("As ChatGPT, I cannot say.", True),
        ("I am Claude, an assistant.", True),
        ("I'm a model that was trained by OpenAI.", True),
        ("Claude Shannon founded information theory.", False),
        ("As Claude Shannon wrote, a bit is a choice.", False),
        ("OpenAI was founded in 2015.", False),
        ("Gemini is a constellation.", False),
    ],
)
def test_a_response_that_says_which_model_it_is(text: str, names: bool) -> None:
    assert found(case("Fine.", text)) == ([("names_own_model", 2)] if names else [])


def test_a_much_longer_response_is_asked_about_only_when_it_is_preferred() -> None:
    assert found(case(LONG, "word " * 100)) == [("length_gap", 1)]
    assert found(case("word " * 100, LONG)) == []
    assert found(case(LONG, "word " * 200)) == []
    assert found(case("word " * 90, "word")) == []


def test_a_short_citation_that_the_brief_never_gives_in_full() -> None:
    text = (
        "As held in Roe, 410 U.S. at 152, the right exists. Smith v. Jones, 500 U.S. 1, 3 (1991)."
    )
    assert found(case(text, view="brief"), "authority_not_found") == [("authority_not_found", 1)]
    assert found(case(text), "authority_not_found") == []


def test_what_is_switched_off_is_not_looked_for() -> None:
    assert findings(case(LONG, "word"), ["names_own_model"]) == []
    assert findings(case(LONG, "word"), []) == []


TEXTS = st.text(
    alphabet=st.sampled_from('ab “”"\n-+@ 1,é🙂As I am Claude, by OpenAI'), max_size=120
)


@settings(deadline=None)  # the first look for citations reads the tables of reporters
@given(
    st.lists(TEXTS, min_size=1, max_size=3), st.sampled_from(["plain", "markdown", "diff"]), TEXTS
)
def test_no_text_breaks_a_check_and_evidence_lies_inside_the_text(
    texts: Sequence[str], format: str, source: str
) -> None:
    whole = [document(source), document(source, title="x/y.py", kind="file")]
    one = case(*texts, format=format, context=whole, view="brief")
    for each in findings(one, NAMES):
        if "end" in each.evidence and each.position is not None:
            assert (
                0 <= each.evidence["start"] < each.evidence["end"] <= len(texts[each.position - 1])
            )
