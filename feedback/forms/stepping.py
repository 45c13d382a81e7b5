"""The labelled steps of a body against the texts they are of: a step that ends behind its text is of another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .problems import Problem
from .questions import Steps, Value
from .schema import Form

Texts = Mapping[int, Sequence[str]]


def steps_outside(form: Form, body: Value, texts: Callable[[], Texts]) -> list[Problem]:
    """What is wrong with the places of a checked body's steps, by positions; `texts` is asked only if there are any."""
    answers = body.get("answers", {})
    mine = [each for each in form.questions if isinstance(each, Steps) and answers.get(each.id)]
    if not mine:
        return []
    lengths = {position: len("\n\n".join(parts)) for position, parts in texts().items()}
    sentence = "A step ends behind its text. Open the item again."
    return [
        Problem(question.id, "out_of_range", sentence)
        for question in mine
        for position, labelled in answers[question.id].items()
        if any(step["end"] > lengths[int(position)] for step in labelled["steps"])
    ]
