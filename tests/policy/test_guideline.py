"""A guideline that takes up a question."""

from __future__ import annotations

from feedback.policy.guideline import with_answer


def test_the_first_question_opens_a_section_and_the_next_goes_under_it() -> None:
    once = with_answer("Weigh the facts.\n", "Who\n\nis right?", "The court.")
    assert once == (
        "Weigh the facts.\n\n## Questions and answers\n\n> Who\n>\n> is right?\n\nThe court.\n"
    )
    twice = with_answer(once, "And then?", "Nothing.")
    assert twice == once + "\n> And then?\n\nNothing.\n"


def test_an_empty_guideline_begins_with_it() -> None:
    assert with_answer("", "Q?", "A.").startswith("## Questions and answers\n\n> Q?")
