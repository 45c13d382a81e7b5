"""The domains Touchstone comes with are whole: a form that works, a guideline worth reading, words for the desk."""

from __future__ import annotations

import pytest

from feedback.forms.body import check_body
from feedback.forms.derive import derive
from feedback.forms.domains import DOMAINS, TEMPLATES
from feedback.forms.questions import Critiques, Preference, Rating
from feedback.forms.schema import dump_form, parse_form


def test_every_folder_of_templates_is_a_domain():
    assert set(DOMAINS) == {folder.name for folder in TEMPLATES.iterdir()}
    assert all(slug == domain.slug for slug, domain in DOMAINS.items())


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=DOMAINS)
def test_a_domain_is_whole(domain):
    assert parse_form(dump_form(domain.form)) == domain.form
    assert (domain.desk, domain.view in {"prose", "brief", "diff"}) == ("compare", True)
    assert domain.title
    assert domain.noun == domain.noun.lower()


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=DOMAINS)
def test_a_guideline_is_a_page_and_says_what_the_form_asks(domain):
    assert domain.guideline.startswith("# ")
    assert 300 <= len(domain.guideline.split()) <= 600
    text = domain.guideline.lower()
    assert "cannot judge" in text or "conflict of interest" in text
    for question in domain.form.questions:
        if isinstance(question, Rating):
            assert question.title.split()[-1].lower().rstrip("?") in text, question.title


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=DOMAINS)
def test_every_question_has_its_guide_and_every_scale_its_two_ends(domain):
    for question in domain.form.questions:
        assert question.guide
        if isinstance(question, Rating):
            assert question.points[0].words
            assert question.points[-1].words
            assert [point.value for point in question.points] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("slug", ["chat", "legal_brief", "code_pr"])
def test_two_responses_are_compared_in_seven_steps(slug):
    form = DOMAINS[slug].form
    question = form.questions[0]
    assert isinstance(question, Preference)
    assert (question.id, question.steps, question.allow_both_unacceptable) == (
        "preference",
        7,
        True,
    )
    assert 2 in form.responses
    assert 3 not in form.responses


def test_imported_votes_of_chat_are_answers_without_the_rest():
    # PandaLM's annotators said which is better and nothing else.
    body = {"answers": {"preference": [{"a": 1, "b": 2, "value": -1}]}, "cannot_judge": None}
    assert check_body(DOMAINS["chat"].form, body, (1, 2), False) == []
    assert {each.question for each in check_body(DOMAINS["chat"].form, body, (1, 2), True)} == {
        "accuracy",
        "answers",
        "why",
    }


def test_ten_review_comments_are_rated_and_not_compared():
    form = DOMAINS["code_review"].form
    assert 10 in form.responses
    assert not any(isinstance(question, Preference) for question in form.questions)
    asked = ("conciseness", "comprehensiveness", "relevance")
    body = {"answers": {id: {str(n): 1 + n % 5 for n in range(1, 11)} for id in asked}}
    assert check_body(form, body, range(1, 11), True) == []
    derived = derive(form, body)
    assert len(derived.votes) == 3 * 45
    assert len(derived.answers) == 30


@pytest.mark.parametrize(
    ("slug", "id"),
    [
        ("legal_brief", "sign"),
        ("code_pr", "correct"),
        ("patch_review", "correct"),
        ("code_review", "relevance"),
    ],
)
def test_one_rating_says_what_is_acceptable(slug, id):
    marked = {
        question.id: question.acceptable_from
        for question in DOMAINS[slug].form.questions
        if isinstance(question, Rating) and question.acceptable_from is not None
    }
    assert marked == {id: 4}


@pytest.mark.parametrize("slug", ["code_pr", "patch_review"])
def test_lines_of_a_patch_can_be_commented_and_need_not_be(slug):
    (comments,) = [each for each in DOMAINS[slug].form.questions if isinstance(each, Critiques)]
    assert (comments.required, comments.comments, comments.suggestions) == (False, True, True)


def test_one_patch_is_reviewed_alone():
    form = DOMAINS["patch_review"].form
    assert [count for count in range(17) if count in form.responses] == [1]
    asked = {"merge": ["small_changes"], "correct": {"1": 4}, "tests": {"1": 3}, "why": "x" * 80}
    assert check_body(form, {"answers": asked, "cannot_judge": None}, (1,), True) == []
