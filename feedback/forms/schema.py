"""A form: which desk it opens, how many responses it shows, what it asks; read from JSON, written back canonically."""

from __future__ import annotations

import hashlib
import re
from dataclasses import MISSING, Field, asdict, dataclass, fields, is_dataclass

import orjson

from .problems import BadForm, FormProblem
from .questions import BY_KIND, Question, When
from .reading import ObjectReader

DESKS = ("compare",)
MOST_RESPONSES = 16
MOST_QUESTIONS = 40
MOST_MINUTES = 480
MOST_PROBLEMS = 100

ID = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
# Names that a desk's HTML form uses itself.
RESERVED = {"cannot_judge", "cannot_judge_note", "csrfmiddlewaretoken"}


@dataclass(frozen=True, slots=True)
class Span:
    """From `min` to `max` responses."""

    min: int
    max: int

    def __contains__(self, count: int) -> bool:
        return self.min <= count <= self.max


@dataclass(frozen=True)
class Form:
    """One version of a project's form. Never changed: a new wording is a new version."""

    desk: str
    responses: Span
    usual_minutes: int
    questions: tuple[Question, ...]

    def question(self, id: str) -> Question | None:
        return next((question for question in self.questions if question.id == id), None)


def parse_form(raw: object) -> Form:
    """The form in this JSON value. Raises `BadForm` with every fault that was found (the first 100)."""
    problems: list[FormProblem] = []
    reader = ObjectReader(raw, "", problems)
    form = Form(
        desk=reader.pick("desk", DESKS) or DESKS[0],
        responses=_read_span(reader.child("responses")),
        usual_minutes=reader.whole("usual_minutes", low=1, high=MOST_MINUTES),
        questions=_read_questions(reader),
    )
    reader.done()
    if not problems:
        _note_impossible(form, problems)
        _note_conditions(form, problems)
    if problems:
        raise BadForm(problems[:MOST_PROBLEMS])
    return form


def dump_form(form: Form) -> dict[str, object]:
    """The form as JSON values that `parse_form` reads back as an equal form."""
    return {
        "desk": form.desk,
        "responses": asdict(form.responses),
        "usual_minutes": form.usual_minutes,
        "questions": [_dump_question(question) for question in form.questions],
    }


def shown_form(form: Form) -> dict[str, object]:
    """The form as its reviewers get it: without the weights of criteria, which they are not to answer by."""
    return {
        **dump_form(form),
        "questions": [_without_weights(_dump_question(question)) for question in form.questions],
    }


def _without_weights(question: dict[str, object]) -> dict[str, object]:
    criteria = question.get("criteria")
    if not isinstance(criteria, list):
        return question
    shown = [{key: each[key] for key in each if key != "weight"} for each in criteria]
    return {**question, "criteria": shown}


def canonical_form(form: Form) -> bytes:
    """The one spelling of a form: sorted keys, defaults left out, UTF-8."""
    return orjson.dumps(dump_form(form), option=orjson.OPT_SORT_KEYS)


def form_sha256(form: Form) -> bytes:
    """What identifies a form's meaning: SHA-256 of its canonical spelling, 32 bytes."""
    return hashlib.sha256(canonical_form(form)).digest()


def _read_span(reader: ObjectReader | None) -> Span:
    if reader is None:
        return Span(0, MOST_RESPONSES)
    before = len(reader.problems)
    low = reader.whole("min", low=0, high=MOST_RESPONSES)
    high = reader.whole("max", low=0, high=MOST_RESPONSES)
    if low > high and len(reader.problems) == before:
        reader.note("max", "min_over_max", "The most must not be below the fewest.")
    reader.done()
    return Span(low, high)


def _read_questions(form: ObjectReader) -> tuple[Question, ...]:
    questions: list[Question] = []
    for reader in form.rows("questions", most=MOST_QUESTIONS):
        kind = reader.pick("type", tuple(BY_KIND))
        if kind is None:
            continue  # what else it holds means nothing without its type
        question = BY_KIND[kind].read(reader)
        reader.done()
        _note_id(question.id, {other.id for other in questions}, reader)
        questions.append(question)
    return tuple(questions)


def _note_id(id: str, taken: set[str], reader: ObjectReader) -> None:
    if not id:
        return  # noted as missing or empty already
    if not ID.fullmatch(id):
        reader.note(
            "id",
            "bad_id",
            "An id is lower-case letters, digits, - and _, and begins with a letter.",
        )
    elif id in RESERVED:
        reader.note("id", "reserved_id", "The desk uses this name itself; choose another.")
    elif id in taken:
        reader.note("id", "repeated_id", "Another question has this id already.")


def _note_impossible(form: Form, problems: list[FormProblem]) -> None:
    for i, question in enumerate(form.questions):
        if form.responses.max < question.fewest:
            sentence = f"This needs {question.fewest} responses; the form shows at most {form.responses.max}."
            problems.append(FormProblem(f"questions[{i}]", "too_few_responses", sentence))


def _note_conditions(form: Form, problems: list[FormProblem]) -> None:
    before: dict[str, Question] = {}
    for i, question in enumerate(form.questions):
        if question.when:
            path, source = f"questions[{i}].when", before.get(question.when.question)
            known = source.outcomes if source else {}
            if not known:
                sentence = "This must be a choice, a rating or a preference that is asked before."
                problems.append(FormProblem(f"{path}.question", "unknown_question", sentence))
            elif not question.when.wanted <= known.keys():
                sentence = f"These must be among {', '.join(known)}."
                problems.append(FormProblem(f"{path}.is", "unknown_value", sentence))
        before[question.id] = question


def _dump_question(question: Question) -> dict[str, object]:
    # Defaults are left out, so that an option added later does not change the hash of the forms before it.
    values = {
        field.name: (getattr(question, field.name), _default(field)) for field in fields(question)
    }
    given = {name: _plain(value) for name, (value, default) in values.items() if value != default}
    return {"type": question.kind} | given


def _default(field: Field[object]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, When):
        return value.plain()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return dict(value) if isinstance(value, dict) else value
