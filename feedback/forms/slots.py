"""Translates a body between the positions that are stored and the letters a reviewer sees.

Positions tell the order of import, and with it which model wrote what; a reviewer's payload holds letters only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_uppercase

from .asking import only_asked
from .body import cannot_judge, check_body
from .problems import Problem
from .questions import Ref, Value
from .schema import Form


def letters(count: int) -> tuple[str, ...]:
    """The slot letters of so many responses, in shown order: A, B, C …"""
    return tuple(ascii_uppercase[:count])


def to_slots(form: Form, body: Value, order: Sequence[int]) -> Value:
    """A checked body by letters; `order` holds the positions as they are shown."""
    return _renamed(form, body, {str(position): letter for position, letter in _places(order)})


def from_slots(form: Form, body: Value, order: Sequence[int]) -> Value:
    """A checked desk body by positions, in its stored shape: both keys there, empty answers left out."""
    return _renamed(form, body, {letter: position for position, letter in _places(order)})


def read_slots(
    form: Form, body: object, order: Sequence[int], complete: bool
) -> tuple[Value | None, list[Problem]]:
    """What came from a desk, checked by letters: the body to store, by positions, or None and its problems."""
    refs = letters(len(order))
    problems = check_body(form, body, refs, complete)
    if problems:
        return None, problems
    # A draft keeps what was written under a condition that no longer holds; a review that is sent does not.
    return from_slots(form, only_asked(form, body, refs) if complete else body, order), []


def _places(order: Sequence[int]) -> list[tuple[int, str]]:
    return list(zip(order, letters(len(order)), strict=True))


def _renamed(form: Form, body: Value, names: Mapping[str, Ref]) -> Value:
    answers = body.get("answers", {})
    return {
        "answers": {
            question.id: question.rename(answers[question.id], names)
            for question in form.questions
            if answers.get(question.id)
        },
        "cannot_judge": cannot_judge(body),
    }
