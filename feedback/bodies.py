"""What an answer becomes on its way into the tables: checked, by position, hashed, with its votes and narrow answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from feedback.errors import Invalid
from feedback.forms.critiquing import settle
from feedback.forms.derive import derive
from feedback.forms.problems import Problem
from feedback.forms.questions import Written
from feedback.forms.rubrics import with_rubric
from feedback.forms.schema import Form, parse_form, shown_form
from feedback.forms.slots import read_slots
from feedback.forms.stepping import steps_outside
from feedback.models import FormVersion, ItemRevision, Response
from feedback.readers.identity import body_hash


@dataclass(frozen=True, slots=True)
class Stored:
    """A complete body ready for its statement: columns of votes and answers as parallel lists."""

    body: str
    sha256: bytes
    votes: dict[str, list[Any]]
    answers: dict[str, list[Any]]
    written: tuple[Written, ...] = ()


_FORMS: dict[bytes, Form] = {}
_SHOWN: dict[bytes, dict[str, object]] = {}


def form_of(version: FormVersion) -> Form:
    """The form of a version. Versions never change, so each process reads one once."""
    digest = bytes(version.sha256)
    if digest not in _FORMS:
        _FORMS[digest] = parse_form(version.schema)
    return _FORMS[digest]


def form_shown(version: FormVersion, form: Form | None = None) -> dict[str, object]:
    """The form of a version as JSON for its reviewers, likewise; `form` is it with the criteria of an item."""
    digest = bytes(version.sha256)
    if form is not None and form is not form_of(version):
        return shown_form(form)
    if digest not in _SHOWN:
        _SHOWN[digest] = shown_form(form_of(version))
    return _SHOWN[digest]


def whole_body(form: Form, slots: object, order: list[int], revision_id: int) -> Stored:
    """A complete review from a desk's body by letters, of this revision's texts. Raises Invalid with every problem."""
    form = with_rubric(form, lambda: context_of(revision_id))
    body, problems = read_slots(form, slots, order, complete=True)
    if body is None:
        raise incomplete(problems)
    body, problems = settle(form, body, lambda: texts_of(revision_id))
    problems += steps_outside(form, body, lambda: texts_of(revision_id))
    if problems:
        raise incomplete(problems)
    return stored(form, dict(body))


def context_of(revision_id: int) -> list[dict[str, Any]]:
    """The documents that came with a revision."""
    context: list[dict[str, Any]] = ItemRevision.objects.values_list("context", flat=True).get(
        pk=revision_id
    )
    return context


def texts_of(revision_id: int) -> dict[int, list[str]]:
    """The text parts of each response of a revision, by position, as anchors count them."""
    rows = Response.objects.filter(revision_id=revision_id)
    return {
        position: [part["text"] for message in messages for part in message.get("parts", ())]
        for position, messages in rows.values_list("position", "messages")
    }


def draft_body(form: Form, slots: object, order: list[int]) -> dict[str, Any]:
    """What a desk has so far, by position. Raises Invalid where a type or reference is wrong; nothing need be there."""
    body, problems = read_slots(form, slots, order, complete=False)
    if body is None:
        raise incomplete(problems)
    return dict(body)


def stored(form: Form, body: dict[str, Any]) -> Stored:
    """A checked body by position, with what statistics read of it."""
    derived = derive(form, body)
    return Stored(
        body=orjson.dumps(body).decode(),
        sha256=bytes.fromhex(body_hash(body)),
        votes={
            "questions": [vote.question for vote in derived.votes],
            "los": [vote.lo for vote in derived.votes],
            "his": [vote.hi for vote in derived.votes],
            "outcomes": [vote.outcome for vote in derived.votes],
            "boths": [vote.both_unacceptable for vote in derived.votes],
        },
        answers={
            "asked": [answer.question for answer in derived.answers],
            "places": [answer.position for answer in derived.answers],
            "numbers": [answer.number for answer in derived.answers],
            "choices": [answer.choice for answer in derived.answers],
        },
        written=derived.written,
    )


def incomplete(problems: list[Problem]) -> Invalid:
    """Every problem of a body, in one refusal."""
    return Invalid(
        problems[0].sentence if len(problems) == 1 else "Some answers are missing or do not fit.",
        problems=[
            {"question": p.question, "code": p.code, "sentence": p.sentence} for p in problems
        ],
    )
