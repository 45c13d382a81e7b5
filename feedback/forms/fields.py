"""Reads the fields of a desk's HTML form into a body by letters, and gives back the fields that show a body."""

from __future__ import annotations

from collections.abc import Sequence

from .body import cannot_judge
from .questions import Fields, Value
from .questions.base import last
from .questions.text import typed
from .schema import Form


def read_fields(form: Form, fields: Fields, letters: Sequence[str]) -> Value:
    """A body by letters, for `read_slots` to check. Fields of other names belong to the page and are left alone.

    Fields: `question` or `question.A` as each type of question says, `cannot_judge` and `cannot_judge_note`.
    """
    answers = {question.id: question.from_fields(fields, letters) for question in form.questions}
    return {
        "answers": {id: value for id, value in answers.items() if value is not None},
        "cannot_judge": _escape(
            last(fields, "cannot_judge"), typed(last(fields, "cannot_judge_note"))
        ),
    }


def field_values(form: Form, body: Value, letters: Sequence[str]) -> dict[str, list[str]]:
    """Name → values that make a desk's form show this checked body (by letters)."""
    values: dict[str, list[str]] = {}
    for question in form.questions:
        answer = body.get("answers", {}).get(question.id)
        if answer is not None:
            values |= question.to_fields(answer, letters)
    escape = cannot_judge(body) or {"reason": "", "note": ""}
    chosen = {"cannot_judge": escape["reason"], "cannot_judge_note": escape["note"]}
    return values | {name: [value] for name, value in chosen.items() if value}


def _escape(reason: str, note: str) -> Value | None:
    # A note without a reason is kept: the reviewer has begun to explain, and a draft must not lose it.
    return {"reason": reason, "note": note} if reason or note else None
