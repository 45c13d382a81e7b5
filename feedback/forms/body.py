"""Checks a review's body against its form: what was answered, or why nothing could be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from .asking import asked_questions
from .problems import Fault, Problem
from .questions import Question, Ref, Value
from .questions.text import text_faults
from .schema import Form
from .values import quote

MOST_PROBLEMS = 100
MOST_NOTE = 2000

REASONS = {
    "missing_context": "Missing context",
    "outside_expertise": "Outside my expertise",
    "conflict_of_interest": "Conflict of interest",
    "bad_task": "The task itself is bad",
}
EXPLAINED = {"missing_context", "bad_task"}  # somebody has to mend these, and must know what


def check_body(form: Form, body: object, responses: Sequence[Ref], complete: bool) -> list[Problem]:
    """Every fault of a body (the first 100), none of them raised, whatever JSON value it is.

    `responses` are the names the body may use: positions for a stored body, letters for a desk's. A draft or an
    imported review is checked with `complete=False`: types and references must be right, nothing need be there.
    """
    return list(islice(_problems(form, body, responses, complete), MOST_PROBLEMS))


def cannot_judge(body: Value) -> dict[str, str] | None:
    """Reason and note of a checked body whose writer could not judge, or None; a draft may have a note alone."""
    given = body.get("cannot_judge") or {}
    escape = {"reason": given.get("reason", ""), "note": given.get("note", "")}
    return escape if any(escape.values()) else None


def says_nothing(body: Value) -> bool:
    """Whether a checked body holds neither an answer nor a reason for having none."""
    return not any(body.get("answers", {}).values()) and cannot_judge(body) is None


def _problems(
    form: Form, body: Value, responses: Sequence[Ref], complete: bool
) -> Iterator[Problem]:
    if not isinstance(body, dict):
        yield Problem("", "wrong_type", "A review is an object with answers and cannot_judge.")
        return
    for key in body.keys() - {"answers", "cannot_judge"}:
        yield Problem("", "unknown_field", f"{quote(key)} has no meaning in a review.")
    answers = body.get("answers", {})
    if not isinstance(answers, dict):
        yield Problem("", "wrong_type", "The answers are an object: question and answer.")
        return
    faulty: set[str] = set()
    for problem in _faults(form, answers, body.get("cannot_judge"), responses):
        faulty.add(problem.question)
        yield problem
    if complete and "cannot_judge" not in faulty:
        yield from _unfinished(form, body, responses, faulty)


def _faults(
    form: Form, answers: dict[str, Value], escape: Value, responses: Sequence[Ref]
) -> Iterator[Problem]:
    for fault in _escape_faults(escape):
        yield Problem("cannot_judge", *fault)
    for id, value in answers.items():
        question = form.question(id)
        if question is None:
            yield Problem("", "unknown_question", f"{quote(id)} is not a question of this form.")
            continue
        for fault in question.faults(value, responses):
            yield Problem(id, *fault)


def _unfinished(
    form: Form, body: Value, responses: Sequence[Ref], faulty: set[str]
) -> Iterator[Problem]:
    """What keeps a body without faults (but for those of `faulty` questions) from being a whole review."""
    escape = cannot_judge(body)
    if escape:
        for fault in _escape_lacks(**escape):
            yield Problem("cannot_judge", *fault)
        return
    right = {id: value for id, value in body.get("answers", {}).items() if id not in faulty}
    asked = asked_questions(form, right, responses)
    lacking = list(_lacks(asked, right, responses, faulty))
    yield from lacking
    if not lacking and not faulty and not any(right.get(question.id) for question in asked):
        yield Problem("", "nothing_answered", "Answer a question, or say why you cannot judge.")


def _lacks(
    asked: Sequence[Question],
    answers: dict[str, Value],
    responses: Sequence[Ref],
    faulty: set[str],
) -> Iterator[Problem]:
    for question in asked:
        if question.id not in faulty:
            for fault in question.lacks(answers.get(question.id), responses):
                yield Problem(question.id, *fault)


def _escape_faults(escape: Value) -> Iterator[Fault]:
    if escape is None:
        return
    if not isinstance(escape, dict) or not isinstance(escape.get("note", ""), str):
        yield Fault("wrong_type", "cannot_judge is null, or an object with reason and note.")
        return
    for key in escape.keys() - {"reason", "note"}:
        yield Fault("unknown_field", f"{quote(key)} has no meaning in cannot_judge.")
    reason = escape.get("reason", "")
    if not isinstance(reason, str) or (reason and reason not in REASONS):
        yield Fault(
            "unknown_reason", f"{quote(reason)} is no reason; choose one of {', '.join(REASONS)}."
        )
    yield from text_faults(escape.get("note", ""))


def _escape_lacks(reason: str, note: str) -> Iterator[Fault]:
    if not reason:
        yield Fault("reason_missing", "Choose why you cannot judge, or clear the note and judge.")
    elif reason in EXPLAINED and not note.strip():
        yield Fault(
            "note_missing", "Say in a few words what is missing or wrong, so that it can be mended."
        )
    if len(note) > MOST_NOTE:
        yield Fault("note_too_long", f"At most {MOST_NOTE} characters; these are {len(note)}.")
