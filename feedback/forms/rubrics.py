"""The criteria that come with an item: a document of its context of kind `rubric`, one criterion a line, its weight before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .questions.checklist import HEAVIEST, Checklist, Criterion
from .schema import Form

MOST_CRITERIA = 200
LINE = re.compile(r"(?:(?P<weight>[+\-−]?[0-9]{1,3})[:.)]?\s+)?(?P<title>\S.*)")

Context = Sequence[Mapping[str, Any]]


def with_rubric(form: Form, context: Callable[[], Context]) -> Form:
    """The form with the item's criteria in every checklist that has none of its own; `context` is asked only then."""
    if not any(isinstance(each, Checklist) and not each.criteria for each in form.questions):
        return form
    criteria = criteria_in(context())
    return replace(
        form,
        questions=tuple(
            replace(each, criteria=criteria)
            if isinstance(each, Checklist) and not each.criteria
            else each
            for each in form.questions
        ),
    )


def criteria_in(context: Context) -> tuple[Criterion, ...]:
    """The first 200 criteria in the rubrics of a context, named c1, c2 … as they stand; a line without a weight weighs 1."""
    lines = [line for line in _lines(context) if line.strip()][:MOST_CRITERIA]
    return tuple(_criterion(number, line.strip()) for number, line in enumerate(lines, start=1))


def _lines(context: Context) -> Iterator[str]:
    for document in context:
        if document.get("kind") == "rubric":
            for part in document.get("parts", ()):
                yield from part["text"].splitlines()


def _criterion(number: int, line: str) -> Criterion:
    found = LINE.fullmatch(line)
    said = found["weight"] if found else None
    weight = int(said.replace("−", "-")) if said else 1
    title = found["title"] if found else line
    return Criterion(f"c{number}", title, max(-HEAVIEST, min(HEAVIEST, weight)))
