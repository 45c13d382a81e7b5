"""The critiques of a body against the texts they are of: made sure of before they are stored, found again to be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .anchors import LOST, Place, Texts, find, settled
from .problems import Fault, Problem
from .questions import Critiques, Value
from .schema import Form

Critique = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Placed:
    """A critique and where it stands in the text it is shown in; an anchor of lines has no place in characters."""

    question: Critiques
    critique: Critique
    at: Place | None


def critiques_of(form: Form, body: Value) -> Iterator[tuple[Critiques, Critique]]:
    """Every critique of a checked body with the question it answers, in the order in which they were made."""
    answers = body.get("answers", {})
    for question in form.questions:
        if isinstance(question, Critiques):
            yield from ((question, each) for each in answers.get(question.id, ()))


def settle(
    form: Form, body: Value, texts: Callable[[], Mapping[Any, Texts]]
) -> tuple[Value, list[Problem]]:
    """A checked body with every anchor made sure of, and what cannot be.

    `texts` gives the text parts of each response by the name the body has for it; asked only if there is a critique.
    """
    mine = list(dict.fromkeys(question.id for question, _ in critiques_of(form, body)))
    if not mine:
        return body, []
    of, problems, answers = texts(), [], dict(body["answers"])
    for id in mine:
        answers[id] = []
        for number, each in enumerate(body["answers"][id], start=1):
            anchor = settled(each["anchor"], of[each["on"]])
            if isinstance(anchor, Fault):
                problems.append(Problem(id, anchor.code, f"Critique {number}: {anchor.sentence}"))
            else:
                answers[id].append({**each, "anchor": anchor})
    return {**body, "answers": answers}, problems


def placed(form: Form, body: Value, texts: Mapping[int, Texts]) -> list[Placed]:
    """The critiques of a stored body in these texts, which may be of a later revision of the item."""
    return [
        Placed(question, each, _place(each["anchor"], texts.get(each["on"], ())))
        for question, each in critiques_of(form, body)
    ]


def _place(anchor: Critique, texts: Texts) -> Place | None:
    if anchor["type"] == "lines":
        return None
    part = anchor.get("part", 0)
    return find(texts[part], anchor) if part < len(texts) else LOST
