"""Forms to and from Label Studio's configurations: every tag that is claimed goes both ways, every other is refused by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings

from feedback.forms.domains import DOMAINS
from feedback.forms.questions import Critiques, Ranking, Rating
from feedback.forms.schema import Form, parse_form
from feedback.readers.confined import form_of_label_config
from feedback.readers.label_config import parse_config
from feedback.readers.label_forms import read_label_config
from feedback.readers.label_tags import CONTROLS, LAYOUT, OBJECTS, REFUSED
from feedback.readers.label_write import _WRITE, write_label_config
from feedback.readers.problems import ReadingFailed
from tests.forms.strategies import forms

TEXTS = '<Text name="prompt" value="$prompt"/><Text name="response_1" value="$a"/><Text name="response_2" value="$b"/>'


def config(asked: str, texts: str = TEXTS) -> str:
    return f"<View>{texts}{asked}</View>"


def only(asked: str, texts: str = TEXTS) -> dict[str, object]:
    schema = read_label_config(config(asked, texts))
    parse_form(schema)
    return schema["questions"][0]


@settings(max_examples=60, deadline=None)
@given(forms(most=4))
def test_every_form_of_these_types_comes_back_equal(form: Form) -> None:
    if all(type(question) in _WRITE for question in form.questions):
        assert parse_form(read_label_config(write_label_config(form))) == form


@pytest.mark.parametrize("slug", ["chat", "code_review"])
def test_the_forms_of_the_domains_come_back_equal(slug: str) -> None:
    form = DOMAINS[slug].form
    if all(type(question) in _WRITE for question in form.questions):
        assert parse_form(read_label_config(write_label_config(form))) == form


def test_the_vendors_own_parser_reads_what_is_written() -> None:
    controls = parse_config(write_label_config(DOMAINS["chat"].form))
    assert controls["accuracy.1"].kind == "rating"
    assert controls["accuracy.2"].on == ("response_2",)
    assert controls["preference"].on == ("response_1", "response_2")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (
            '<Header value="Which is better?"/><Pairwise name="pick" toName="response_1,response_2"/>',
            {"type": "preference", "title": "Which is better?", "steps": 3, "allow_tie": False},
        ),
        (
            (
                '<Choices name="fault" toName="prompt" choice="multiple" required="true">'
                '<Choice value="Too long"/><Choice value="Wrong" alias="wrong"/></Choices>'
            ),
            {
                "type": "choice",
                "per": "item",
                "multiple": True,
                "required": True,
                "options": [
                    {"value": "Too long", "title": "Too long"},
                    {"value": "wrong", "title": "Wrong"},
                ],
            },
        ),
        (
            (
                '<Rating name="fluency_1" toName="response_1" maxRating="7"/>'
                '<Rating name="fluency_2" toName="response_2" maxRating="7"/>'
            ),
            {"type": "rating", "id": "fluency", "title": "Fluency", "min": 1, "max": 7},
        ),
        (
            (
                '<Number name="score.1" toName="response_1" min="-3" max="3"/>'
                '<Number name="score.2" toName="response_2" min="-3" max="3"/>'
            ),
            {"type": "rating", "id": "score", "min": -3, "max": 3},
        ),
        (
            '<Header value="Why"/><Header value="In a sentence"/><TextArea name="why" toName="prompt" rows="1"/>',
            {"type": "text", "title": "Why", "guide": "In a sentence", "multiline": False},
        ),
        (
            (
                '<Labels name="marks_1" toName="response_1"><Label value="Wrong" alias="wrong"/></Labels>'
                '<Labels name="marks_2" toName="response_2"><Label value="Wrong" alias="wrong"/></Labels>'
                '<TextArea name="marks_1_comment" toName="response_1" perRegion="true" required="true"/>'
            ),
            {
                "type": "critiques",
                "id": "marks",
                "comments": True,
                "categories": [{"value": "wrong", "title": "Wrong"}],
            },
        ),
    ],
)
def test_what_others_have_written_becomes_a_question(
    asked: str, expected: dict[str, object]
) -> None:
    question = only(asked)
    assert {key: question.get(key) for key in expected} == expected


def test_a_ranker_asks_for_an_order_of_three_to_sixteen() -> None:
    schema = read_label_config(
        config('<Ranker name="order" toName="all"/>', '<List name="all" value="$answers"/>')
    )
    form = parse_form(schema)
    assert isinstance(form.questions[0], Ranking)
    assert (form.responses.min, form.responses.max) == (3, 16)


def test_one_text_that_is_rated_or_marked_is_one_response() -> None:
    texts = '<Text name="question" value="$q"/><HyperText name="answer" value="$a"/>'
    asked = '<Rating name="r" toName="answer"/><Labels name="m" toName="answer"><Label value="Bad"/></Labels>'
    form = parse_form(read_label_config(config(asked, texts)))
    assert (form.responses.min, form.responses.max) == (1, 1)
    assert [type(each) for each in form.questions] == [Rating, Critiques]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ('<Ranker name="r" toName="all"><Bucket name="good"/></Ranker>', "ranker_with_buckets"),
        ('<Rating name="r" toName="prompt"/>', "rating_of_one"),
        ('<Number name="n.1" toName="response_1"/><Number name="n.2" toName="response_2"/>', "unbounded_number"),
        (
            '<Choices name="c" toName="response_1,response_2"><Choice value="left"/></Choices>',
            "unsupported_choices",
        ),
        ('<Choices name="c" toName="prompt" value="$options"/>', "dynamic_choices"),
        ('<Taxonomy name="t" toName="prompt"><Choice value="x"/></Taxonomy>', "unsupported_tag"),
        ("", "nothing_asked"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_its_reason(asked: str, code: str) -> None:
    texts = TEXTS + '<List name="all" value="$answers"/>'
    with pytest.raises(ReadingFailed) as refused:
        read_label_config(config(asked, texts))
    assert refused.value.code == "bad_label_config"
    assert code in {problem.code for problem in refused.value.problems}
    assert all(problem.sentence.endswith(".") for problem in refused.value.problems)


def test_a_question_that_no_tag_asks_is_refused_when_writing() -> None:
    form = parse_form(
        {
            "desk": "compare",
            "responses": {"min": 1, "max": 1},
            "usual_minutes": 4,
            "questions": [{"type": "text", "id": "why", "title": "Why"}],
        }
    )

    class Unheard(type(form.questions[0])):  # type: ignore[misc]
        kind = "unheard"

    odd = Form("compare", form.responses, 4, (Unheard(id="x", title="X"),))
    with pytest.raises(ReadingFailed, match=r"asks in a way \(unheard\)"):
        write_label_config(odd)


def test_a_foreign_configuration_is_read_in_a_process_of_its_own() -> None:
    form = DOMAINS["chat"].form
    assert parse_form(form_of_label_config(write_label_config(form))) == form
    bomb = '<!DOCTYPE v [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><View>&b;</View>'
    with pytest.raises(ReadingFailed, match="document type or entities"):
        form_of_label_config(bomb)
    with pytest.raises(ReadingFailed, match="broken XML at line 1"):
        form_of_label_config("<View>")
    with pytest.raises(ReadingFailed, match="at most"):
        form_of_label_config("x" * 500_001)


def test_the_guide_lists_every_tag_that_is_claimed_and_every_one_that_is_refused() -> None:
    guide = Path("docs/forms.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`([A-Z]\w+)`", guide))
    assert {*CONTROLS, *OBJECTS, *LAYOUT, *REFUSED} <= listed


def test_what_is_written_holds_no_text_of_an_item() -> None:
    root = fromstring(write_label_config(DOMAINS["chat"].form))
    assert {tag.get("value") for tag in root.iter("Text")} == {
        "$prompt",
        "$response_1",
        "$response_2",
    }
