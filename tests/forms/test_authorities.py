"""Marks of authorities: critiques with a verdict, from a script's field or from the plain controls of a page without one."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from feedback.forms.anchors import span
from feedback.forms.body import check_body
from feedback.forms.critiquing import settle
from feedback.forms.derive import derive
from feedback.forms.fields import field_values, read_fields
from feedback.forms.questions import VERDICTS
from feedback.forms.schema import parse_form

FORM = parse_form(
    {
        "desk": "compare",
        "responses": {"min": 1, "max": 2},
        "usual_minutes": 40,
        "questions": [{"type": "authorities", "id": "cited", "title": "What did you find?"}],
    }
)
TEXT = "See Roe v. Doe, 410 U.S. 113 (1973)."
ANCHOR = span([TEXT], 0, 4, 28)
MARK = {
    "id": "a1",
    "on": 1,
    "authority": "410-u-s-113",
    "everywhere": True,
    "anchor": ANCHOR,
    "category": "superseded",
    "severity": "critical",
    "comment": "See Dobbs.",
}


def body(*marks: dict[str, Any]) -> dict[str, Any]:
    return {"answers": {"cited": list(marks)}, "cannot_judge": None}


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        ([MARK | {"authority": ""}], "wrong_type"),
        ([MARK | {"everywhere": "yes"}], "wrong_type"),
        ([{key: value for key, value in MARK.items() if key != "authority"}], "wrong_type"),
        ([MARK | {"category": "boring"}], "unknown_choice"),
        ([MARK | {"suggestion": "Strike it."}], "unknown_field"),
        ([MARK, MARK | {"id": "a2"}], "repeated_critique"),
    ],
)
def test_what_is_no_mark_is_refused(marks: list[dict[str, Any]], code: str) -> None:
    assert code in {p.code for p in check_body(FORM, body(*marks), [1, 2], complete=False)}


def test_a_mark_without_a_verdict_may_be_a_draft_and_is_not_sent() -> None:
    begun = body(MARK | {"category": "", "severity": ""})
    assert check_body(FORM, begun, [1], complete=False) == []
    assert [p.code for p in check_body(FORM, begun, [1], complete=True)] == ["critique_unfinished"]
    assert [p.code for p in check_body(FORM, body(), [1], complete=True)] == ["answer_missing"]


def test_marks_are_settled_against_the_text_and_derived_like_critiques() -> None:
    settled, problems = settle(FORM, body(MARK), lambda: {1: [TEXT]})
    assert problems == []
    assert settled["answers"]["cited"][0]["authority"] == "410-u-s-113"
    assert [(a.choice, a.number) for a in derive(FORM, settled).answers] == [
        ("superseded", None),
        (None, 25),
    ]
    _, problems = settle(FORM, body(MARK), lambda: {1: ["Another text altogether, and longer."]})
    assert [p.code for p in problems] == ["anchor_lost"]


def test_plain_controls_make_change_and_take_back_marks() -> None:
    anchor = orjson.dumps({key: ANCHOR[key] for key in ("type", "part", "start", "end", "exact")})
    held = field_values(FORM, body(MARK | {"on": "A"}), ["A"])
    plain = {
        "cited.A.410-u-s-113.verdict": ["exists"],
        "cited.A.410-u-s-113.note": ["Read it."],
        "cited.A.410-u-s-113.anchor": [anchor.decode()],
        "cited.A.1-u-s-1.verdict": [""],
        "cited.B.1-u-s-1.verdict": ["exists"],
    }
    (mark,) = read_fields(FORM, held | plain, ["A"])["answers"]["cited"]
    assert (mark["category"], mark["severity"], mark["comment"]) == ("exists", "none", "Read it.")
    assert check_body(FORM, body(mark), ["A"], complete=True) == []
    gone = read_fields(FORM, held | {"cited.A.410-u-s-113.verdict": [""]}, ["A"])
    assert "cited" not in gone["answers"]


def test_every_verdict_says_how_grave_it_is() -> None:
    question = FORM.questions[0]
    known = {severity.value for severity in question.severities}  # type: ignore[attr-defined]
    assert {verdict.severity for verdict in VERDICTS} <= known
