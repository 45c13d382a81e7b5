"""Which questions of a form are asked: by the number of responses, and by what was answered before them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from .questions import Question, Ref, Value
from .schema import Form


def asked_questions(
    form: Form, answers: Mapping[str, Value], refs: Sequence[Ref]
) -> tuple[Question, ...]:
    """The questions that are asked of these responses, given these answers; a faulty answer opens nothing.

    A question whose condition hangs on one that is not asked is not asked either.
    """
    asked: list[Question] = []
    held: dict[str, frozenset[str]] = {}
    for question in form.questions:
        when = question.when
        if not question.asked(len(refs)) or (
            when and not when.wanted & held.get(when.question, frozenset())
        ):
            continue
        asked.append(question)
        value = answers.get(question.id)
        if value and next(question.faults(value, refs), None) is None:
            held[question.id] = question.outcomes_in(value)
    return tuple(asked)


def only_asked(form: Form, body: Value, refs: Sequence[Ref]) -> Value:
    """A checked body without the answers to questions that its own answers leave unasked."""
    answers = body.get("answers", {})
    unasked = {question.id for question in form.questions if question.when}
    if unasked:
        unasked -= {question.id for question in asked_questions(form, answers, refs)}
    kept = {id: value for id, value in answers.items() if id not in unasked}
    return {**body, "answers": kept}


def shown_numbers(questions: Sequence[Question]) -> dict[str, str]:
    """What stands before each of the questions on a page, by id: 1, 2, 3.

    A question that hangs on the answer to another stands below it, as 2.1: while it is not asked, no number is missing.
    """
    shown: dict[str, str] = {}
    roots: dict[str, str] = {}
    below: Counter[str] = Counter()
    for question in questions:
        root = roots.get(question.when.question) if question.when else None
        if root is None:
            root = shown[question.id] = str(len(set(roots.values())) + 1)
        else:
            below[root] += 1
            shown[question.id] = f"{root}.{below[root]}"
        roots[question.id] = root
    return shown


def condition_in_words(form: Form, question: Question) -> str:
    """When a question is asked, as in: Only if “The task itself” is Underspecified or Cannot be built here."""
    source = form.question(question.when.question) if question.when else None
    if source is None or question.when is None:
        return ""
    words = source.outcomes
    named = [words[str(value)] for value in question.when.values]
    *most, last = named
    return f"Only if “{source.title}” is {', '.join(most)}{' or ' if most else ''}{last}."
