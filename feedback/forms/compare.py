"""Says in words what changed between two versions of a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Literal

from .questions import Option, Question, Severity
from .schema import Form

What = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `question` is its id, or empty for the form itself."""

    question: str
    what: What
    sentence: str


def compare_forms(old: Form, new: Form) -> list[Change]:
    """Every change from the old form to the new: the form's own first, then question by question."""
    return [
        *(Change("", "changed", sentence) for sentence in _form_changes(old, new)),
        *(
            Change(question.id, "removed", f"“{question.title}” is no longer asked.")
            for question in old.questions
            if new.question(question.id) is None
        ),
        *(
            change
            for question in new.questions
            for change in _changes(old.question(question.id), question)
        ),
        *_moves(old, new),
    ]


def _changes(old: Question | None, new: Question) -> Iterator[Change]:
    if old is None:
        yield Change(new.id, "added", f"“{new.title}” is new.")
        return
    for sentence in _question_changes(old, new):
        yield Change(new.id, "changed", sentence)


def _moves(old: Form, new: Form) -> Iterator[Change]:
    before = [question.id for question in old.questions if new.question(question.id)]
    after = [question.id for question in new.questions if old.question(question.id)]
    if before != after:
        yield Change("", "moved", "The questions stand in another order.")


def _form_changes(old: Form, new: Form) -> Iterator[str]:
    if old.desk != new.desk:
        yield f"Desk: {new.desk}, was {old.desk}."
    if old.responses != new.responses:
        now, was = new.responses, old.responses
        yield f"Responses: {now.min} to {now.max}, was {was.min} to {was.max}."
    if old.usual_minutes != new.usual_minutes:
        yield f"Usual time: {new.usual_minutes} min, was {old.usual_minutes} min."


def _question_changes(old: Question, new: Question) -> Iterator[str]:
    if old.kind != new.kind:
        yield f"“{new.title}” is now a question of type {new.kind}, was {old.kind}."
        return
    for field in fields(new):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            for line in _value_changes(str(field.metadata["words"]), before, after):
                yield f"“{new.title}”, {line}"


def _value_changes(words: str, old: object, new: object) -> Iterator[str]:
    if isinstance(old, tuple) and isinstance(new, tuple):
        yield from _option_changes(old, new)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                yield f"{words}, {key}: {_said(new.get(key))}, was {_said(old.get(key))}."
    else:
        yield f"{words}: {_said(new)}, was {_said(old)}."


def _option_changes(old: tuple[Option, ...], new: tuple[Option, ...]) -> Iterator[str]:
    before = {option.value: option.title for option in old}
    after = {option.value: option.title for option in new}
    for value in [each for each in before if each not in after]:
        yield f"option “{before[value]}” is gone."
    for value, title in after.items():
        if value not in before:
            yield f"option “{title}” is new."
        elif before[value] != title:
            yield f"option “{before[value]}” now reads “{title}”."
    yield from _weight_changes(old, new)
    if [value for value in before if value in after] != [
        value for value in after if value in before
    ]:
        yield "the options stand in another order."


def _weight_changes(old: tuple[Option, ...], new: tuple[Option, ...]) -> Iterator[str]:
    before = {option.value: option.weight for option in old if isinstance(option, Severity)}
    for option in new:
        if (
            isinstance(option, Severity)
            and before.get(option.value, option.weight) != option.weight
        ):
            yield f"option “{option.title}” weighs {option.weight}, was {before[option.value]}."


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value:
        return f"“{value}”"
    return "none" if value in (None, "") else str(value)
