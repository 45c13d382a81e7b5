"""Derives from a stored body the votes and narrow answers that statistics are made of."""

from __future__ import annotations

from dataclasses import dataclass

from .body import cannot_judge
from .questions import Answer, Value, Vote, Written
from .schema import Form

WRITTEN = (
    "written"  # the choice of a narrow answer that says: this response was written in this review
)


@dataclass(frozen=True, slots=True)
class Derived:
    """In the order of the form's questions, each by position; `written` are responses that have no position yet."""

    votes: tuple[Vote, ...]
    answers: tuple[Answer, ...]
    written: tuple[Written, ...] = ()


def derive(form: Form, body: Value) -> Derived:
    """Votes and answers of a checked body by positions. Who cannot judge has not voted: then there are none."""
    if cannot_judge(body):
        return Derived((), ())
    answers = body.get("answers", {})
    asked = [
        (question, answers[question.id]) for question in form.questions if question.id in answers
    ]
    return Derived(
        votes=tuple(
            vote
            for question, value in asked
            for vote in sorted(question.votes(value), key=lambda vote: (vote.lo, vote.hi))
        ),
        answers=tuple(answer for question, value in asked for answer in question.answers(value)),
        written=tuple(each for question, value in asked for each in question.written(value)),
    )
