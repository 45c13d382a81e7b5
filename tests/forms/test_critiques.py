"""Critiques: what is refused, what is unfinished, how they are settled against the texts, and what is derived of them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from feedback.forms.anchors import span
from feedback.forms.body import check_body
from feedback.forms.compare import compare_forms
from feedback.forms.critiquing import placed, settle
from feedback.forms.derive import derive
from feedback.forms.fields import field_values, read_fields
from feedback.forms.problems import BadForm, BodyCode
from feedback.forms.schema import dump_form, parse_form
from feedback.forms.slots import from_slots, to_slots

QUESTION: dict[str, Any] = {
    "type": "critiques",
    "id": "marks",
    "title": "What is wrong",
    "categories": [
        {"value": "fabricated", "title": "Fabricated authority"},
        {"value": "drafting", "title": "Drafting"},
    ],
}


def form_with(**options: Any) -> Any:
    return parse_form(
        {
            "desk": "compare",
            "responses": {"min": 1, "max": 4},
            "usual_minutes": 4,
            "questions": [QUESTION | options],
        }
    )


FORM = form_with(comments=True, most=2)
TEXTS = {1: ["The court held that\r\nit was so.", "A footnote."], 2: ["It was so, and so it was."]}
ANCHOR = span(TEXTS[2], 0, 0, 9)
WHOLE = {
    "id": "c1",
    "on": 2,
    "anchor": ANCHOR,
    "category": "drafting",
    "severity": "minor",
    "comment": "Which?",
}


def anchored(**changes: Any) -> dict[str, Any]:
    return WHOLE | {"anchor": ANCHOR | changes}


FAULTS: list[tuple[Any, BodyCode]] = [
    ({"c1": WHOLE}, "wrong_type"),
    (["It is wrong."], "wrong_type"),
    ([{"id": "c1"}], "wrong_type"),
    ([WHOLE | {"id": ""}], "wrong_type"),
    ([WHOLE | {"comment": None}], "wrong_type"),
    ([WHOLE | {"mood": "bad"}], "unknown_field"),
    ([WHOLE | {"on": 3}], "unknown_response"),
    ([WHOLE | {"on": True}], "unknown_response"),
    ([WHOLE | {"on": "2"}], "unknown_response"),
    ([WHOLE | {"category": "boring"}], "unknown_choice"),
    ([WHOLE | {"severity": ["minor"]}], "unknown_choice"),
    ([WHOLE, WHOLE], "repeated_critique"),
    ([WHOLE | {"id": f"c{n}"} for n in range(1001)], "too_many_entries"),
    ([WHOLE | {"comment": "a\0b"}], "nul_byte"),
    ([WHOLE | {"suggestion": "a\ud800b"}], "lone_surrogate"),
    ([anchored(prefix="\ud800")], "lone_surrogate"),
    ([WHOLE | {"anchor": None}], "bad_anchor"),
    ([anchored(type="point")], "bad_anchor"),
    ([anchored(colour="red")], "bad_anchor"),
    ([anchored(exact=3)], "bad_anchor"),
    ([anchored(exact="", end=0)], "bad_anchor"),
    ([anchored(exact="q" * 20_001, end=20_001)], "bad_anchor"),
    ([anchored(end=8)], "bad_anchor"),
    ([anchored(start=-1)], "bad_anchor"),
    ([anchored(start=0.0)], "bad_anchor"),
    ([anchored(part=True)], "bad_anchor"),
    (
        [
            WHOLE
            | {
                "anchor": {
                    "type": "lines",
                    "part": 0,
                    "file": "a",
                    "side": "left",
                    "start": 1,
                    "end": 1,
                    "exact": "",
                }
            }
        ],
        "bad_anchor",
    ),
]
UNFINISHED: list[tuple[Any, BodyCode]] = [
    ([], "answer_missing"),
    ([WHOLE | {"id": f"c{n}"} for n in range(3)], "too_many_entries"),
    ([WHOLE | {"category": ""}], "critique_unfinished"),
    ([WHOLE | {"severity": ""}], "critique_unfinished"),
    ([WHOLE | {"comment": " "}], "critique_unfinished"),
    ([WHOLE | {"comment": "q" * 20_001}], "text_too_long"),
]
# reached on sending alone, when the texts are looked at
SETTLED: list[tuple[dict[str, Any], BodyCode]] = [
    (anchored(start=1, end=10), "anchor_lost"),
    (anchored(part=1), "anchor_lost"),
    (WHOLE | {"anchor": {"type": "quote", "exact": "nowhere"}}, "anchor_lost"),
    (WHOLE | {"anchor": {"type": "quote", "exact": "so"}}, "anchor_unclear"),
]
CODES = {code for *_, code in [*FAULTS, *UNFINISHED, *SETTLED]}


def codes(value: Any, *, complete: bool) -> set[str]:
    body = {"answers": {"marks": value}}
    return {problem.code for problem in check_body(FORM, body, (1, 2), complete)}


def settled(made: dict[str, Any], texts: Any = TEXTS) -> tuple[Any, list[Any]]:
    body = {"answers": {"marks": [made]}, "cannot_judge": None}
    body, problems = settle(FORM, body, lambda: texts)
    return body["answers"]["marks"], problems


@pytest.mark.parametrize(("value", "code"), FAULTS)
def test_a_wrong_critique_is_refused_in_a_review_and_in_a_draft(value, code):
    assert codes(value, complete=False) == {code}
    assert code in codes(value, complete=True)


@pytest.mark.parametrize(("value", "code"), UNFINISHED)
def test_an_unfinished_critique_is_a_draft_and_no_review(value, code):
    assert codes(value, complete=False) == set()
    assert codes(value, complete=True) == {code}


@pytest.mark.parametrize(("made", "code"), SETTLED)
def test_a_critique_whose_passage_is_not_there_is_refused_on_sending(made, code):
    made, problems = settled(made)
    assert made == []
    assert [(problem.question, problem.code) for problem in problems] == [("marks", code)]
    assert problems[0].sentence.startswith("Critique 1: ")


def test_a_suggestion_needs_a_form_that_takes_one():
    body = {"answers": {"marks": [WHOLE | {"suggestion": "That"}]}}
    assert check_body(FORM, body, (1, 2), True) == []
    (problem,) = check_body(form_with(suggestions=False), body, (1, 2), True)
    assert problem.code == "unknown_field"


def test_a_span_keeps_its_place_and_gets_the_context_that_is_there():
    made, problems = settled(anchored(prefix="something else", suffix=""))
    assert (made, problems) == ([WHOLE], [])
    bare = {name: ANCHOR[name] for name in ("type", "part", "start", "end")}
    assert settled(WHOLE | {"anchor": bare}) == ([WHOLE], [])


def test_a_quotation_becomes_a_span_wherever_it_stands_once():
    texts = [
        ("held that\r\nit was", {"part": 0, "start": 10, "exact": "held that\r\nit was"}),
        ("held that\nit was", {"part": 0, "start": 10, "exact": "held that\r\nit was"}),
        ("footnote", {"part": 1, "start": 2, "exact": "footnote"}),
    ]
    for quoted, found in texts:
        (made,), problems = settled(WHOLE | {"on": 1, "anchor": {"type": "quote", "exact": quoted}})
        assert problems == []
        assert made["anchor"]["type"] == "span"
        assert found.items() <= made["anchor"].items()


def test_a_quotation_with_its_neighbours_is_told_from_another():
    (made,), _ = settled(WHOLE | {"anchor": {"type": "quote", "exact": "so", "prefix": "and "}})
    assert made["anchor"]["start"] == 15


PATCH = """--- a/say.py
+++ b/say.py
@@ -1,3 +1,4 @@ def say():
 one
-two
+2
+\N{PARTY POPPER} 3\r
 four
"""


@pytest.mark.parametrize(
    ("side", "start", "end", "exact", "there"),
    [
        ("new", 2, 3, "2\n\N{PARTY POPPER} 3", True),
        ("old", 2, 3, "two\nfour", True),
        ("new", 2, 3, "2\nfour", False),
        ("new", 9, 9, "2", False),
        ("old", 2, 2, "2", False),
        ("new", 2, 2, "2\n3", False),
    ],
)
def test_lines_of_a_patch_are_made_sure_of(side, start, end, exact, there):
    anchor = {
        "type": "lines",
        "part": 0,
        "file": "say.py",
        "side": side,
        "start": start,
        "end": end,
        "exact": exact,
    }
    body = {"answers": {"marks": [WHOLE | {"on": 1, "anchor": anchor}]}}
    assert check_body(FORM, body, (1,), True) == []
    body, problems = settle(FORM, body, lambda: {1: [PATCH]})
    assert [problem.code for problem in problems] == ([] if there else ["anchor_lost"])


def test_lines_without_their_words_are_those_of_the_file_that_is_named():
    patch = "".join(
        f"--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-x\n+{name}\n" for name in ("one", "two")
    )
    bare = {"type": "lines", "part": 0, "side": "new", "start": 1, "end": 1}
    for file, exact in (("two", "two"), ("three", None)):
        made, problems = settled(WHOLE | {"on": 3, "anchor": bare | {"file": file}}, {3: [patch]})
        assert [each["anchor"]["exact"] for each in made] == ([exact] if exact else [])
        assert len(problems) == (exact is None)


def test_a_stored_critique_is_placed_in_a_later_text_and_says_how():
    body = {"answers": {"marks": [WHOLE]}}
    text = TEXTS[2][0]
    for later, how in (
        (text, "exact"),
        (f"Now. {text}", "quote"),
        (f"Now. {text[:9]}!", "nearest"),
    ):
        (each,) = placed(FORM, body, {2: [later]})
        assert each.at is not None
        assert (each.at.how, later[each.at.start : each.at.end]) == (how, "It was so")
    assert [each.at.how for each in placed(FORM, body, {2: ["Gone."]})] == ["lost"]
    assert [each.at.how for each in placed(FORM, body, {})] == ["lost"]


def test_each_critique_is_two_narrow_answers_and_no_vote():
    value = [
        WHOLE | {"severity": "critical"},
        WHOLE | {"id": "c2", "on": 1, "category": "fabricated", "severity": ""},
    ]
    derived = derive(FORM, {"answers": {"marks": value}})
    assert derived.votes == ()
    assert [(each.position, each.choice, each.number) for each in derived.answers] == [
        (1, "fabricated", None),
        (2, "drafting", None),
        (2, None, 25),
    ]


def test_letters_and_fields_come_back_as_they_went():
    body = {
        "answers": {"marks": [WHOLE | {"suggestion": "“\r\n\u202e\N{PARTY POPPER}"}]},
        "cannot_judge": None,
    }
    shown = to_slots(FORM, body, [2, 1])
    assert shown["answers"]["marks"][0]["on"] == "A"
    fields = field_values(FORM, shown, ("A", "B"))
    assert from_slots(FORM, read_fields(FORM, fields, ("A", "B")), [2, 1]) == body


def test_without_a_script_one_quotes_and_takes_out():
    held = orjson.dumps([WHOLE | {"on": "A"}, WHOLE | {"id": "c2", "on": "B"}]).decode()
    fields = {
        "marks": [held],
        "marks.drop": ["c1"],
        "marks.new.2.on": ["A"],
        "marks.new.2.quote": [" held that\r\nit "],
        "marks.new.2.category": ["drafting"],
        "marks.new.2.severity": ["major"],
        "marks.new.2.comment": ["So?"],
        "marks.new.3.quote": ["  "],
    }
    second, new = read_fields(FORM, fields, ("A", "B"))["answers"]["marks"]
    assert second["id"] == "c2"
    assert new == {
        "id": "c1",
        "on": "A",
        "anchor": {"type": "quote", "exact": "held that\nit"},
        "category": "drafting",
        "severity": "major",
        "comment": "So?",
    }


@pytest.mark.parametrize("raw", ["[", "3", '"c1"', "{}"])
def test_what_no_list_can_be_read_from_is_kept_for_the_check_to_refuse(raw):
    read = read_fields(FORM, {"marks": [raw]}, ("A",))
    assert {p.code for p in check_body(FORM, read, ("A",), False)} == {"wrong_type"}


def test_a_form_names_its_categories_and_may_name_its_severities():
    own = form_with(severities=[{"value": "bad", "title": "Bad", "weight": 2}])
    assert parse_form(dump_form(own)) == own
    assert [each.value for each in FORM.questions[0].severities] == ["minor", "major", "critical"]
    for wrong in (
        {"categories": []},
        {"severities": []},
        {"severities": [{"value": "bad", "title": "Bad"}]},
        {"categories": [QUESTION["categories"][0]] * 2},
    ):
        with pytest.raises(BadForm):
            form_with(**wrong)


def test_a_change_of_categories_and_weights_is_told():
    old = form_with(severities=[{"value": "bad", "title": "Bad", "weight": 2}])
    new = form_with(
        severities=[{"value": "bad", "title": "Bad", "weight": 3}],
        categories=QUESTION["categories"][:1],
    )
    assert [change.sentence for change in compare_forms(old, new)] == [
        "“What is wrong”, option “Drafting” is gone.",
        "“What is wrong”, option “Bad” weighs 3, was 2.",
    ]
