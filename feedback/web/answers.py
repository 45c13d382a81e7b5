"""Reviews of one item side by side: every answer in words, question by question, and where reviewers differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from feedback.bodies import form_of
from feedback.forms.body import REASONS, cannot_judge
from feedback.forms.questions import (
    Checklist,
    Choice,
    Critiques,
    Preference,
    Question,
    Ranking,
    Rating,
    Rewrite,
    Steps,
)
from feedback.forms.schema import MOST_RESPONSES
from feedback.forms.slots import to_slots
from feedback.models import Review

MOST_QUOTED = 120


@dataclass(frozen=True, slots=True)
class Said:
    """One thing an answer says, of the response with this letter or (empty) of the item."""

    letter: str
    words: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What one reviewer answered to one question; `apart` when most of the others agree on something else."""

    said: tuple[Said, ...]
    apart: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A question and everybody's answer to it, in the order of the reviews. Free texts are never compared."""

    title: str
    cells: list[Cell]
    differs: bool
    is_text: bool


def side_by_side(reviews: Sequence[Review]) -> list[Row]:
    """Rows for every question that any of these reviews was asked; letters stand for positions: A is the first imported."""
    bodies = [_by_letter(review) for review in reviews]
    questions: dict[str, Question] = {}
    for review in sorted(reviews, key=lambda each: -each.form.version):
        for question in form_of(review.form).questions:
            questions.setdefault(question.id, question)
    rows = [
        _row(
            question, [answer_words(question, body["answers"].get(question.id)) for body in bodies]
        )
        for question in questions.values()
    ]
    escapes = [_escape(body) for body in bodies]
    if any(escapes):
        rows.insert(0, _row(None, escapes))
    return [row for row in rows if any(cell.said for cell in row.cells)]


def answer_words(question: Question, value: Any) -> tuple[Said, ...]:
    """A checked answer by letters, in words; empty where there is none."""
    if not value:
        return ()
    if isinstance(question, Preference):
        return tuple(_preferred(question, entry) for entry in value)
    if isinstance(question, (Steps, Checklist)):
        return tuple(Said(ref, question.words(each)) for ref, each in sorted(value.items()))
    if isinstance(question, Rewrite):
        begun = f"From {value['from']}: " if value["from"] else ""
        return (Said("", begun + value["text"]),)
    if isinstance(question, Ranking):
        return (Said("", question.words(value)),)
    if isinstance(question, Rating):
        words = {str(point.value): point.words for point in question.points}
        return tuple(Said(ref, _rated(int(n), words)) for ref, n in sorted(value.items()))
    if isinstance(question, Choice):
        titles = {option.value: option.title for option in question.options}
        if isinstance(value, list):
            return (Said("", _listed(value, titles)),)
        return tuple(
            Said(ref, _listed(codes, titles)) for ref, codes in sorted(value.items()) if codes
        )
    if isinstance(question, Critiques):
        return tuple(_criticised(question, each) for each in value)
    return (Said("", str(value)),)


def _criticised(question: Critiques, critique: dict[str, Any]) -> Said:
    """As in "Major, Misquotation: “…the holding”. It is dictum." """
    titles = {option.value: option.title for option in (*question.severities, *question.categories)}
    codes = [critique[name] for name in ("severity", "category") if critique[name]]
    quoted = " ".join(critique["anchor"]["exact"].split())
    short = quoted if len(quoted) <= MOST_QUOTED else quoted[:MOST_QUOTED] + "…"
    return Said(
        critique["on"], f"{_listed(codes, titles)}: “{short}”. {critique['comment']}".strip()
    )


def _preferred(question: Preference, entry: dict[str, Any]) -> Said:
    words = question.words(entry)
    head, _, rest = words.partition(" ")
    return Said(head, rest) if head in {entry["a"], entry["b"]} else Said("", words)


def _rated(number: int, words: dict[str, str]) -> str:
    said = words.get(str(number), "")
    return f"{number}, {said}" if said else str(number)


def _listed(codes: list[str], titles: dict[str, str]) -> str:
    return ", ".join(titles.get(code, code) for code in codes)


def _escape(body: dict[str, Any]) -> tuple[Said, ...]:
    escape = cannot_judge(body)
    if escape is None:
        return ()
    note = f": {escape['note']}" if escape["note"] else ""
    return (Said("", REASONS.get(escape["reason"], "No reason") + note),)


def _row(question: Question | None, answers: list[tuple[Said, ...]]) -> Row:
    is_text = question is not None and question.kind in (
        "text",
        "rewrite",
        "critiques",
        "authorities",
    )
    given = Counter(answer for answer in answers if answer)
    differs = len(given) > 1 and not is_text and question is not None
    usual = (
        given.most_common(1)[0][0]
        if differs and given.most_common(1)[0][1] * 2 > given.total()
        else None
    )
    cells = [Cell(answer, bool(usual and answer and answer != usual)) for answer in answers]
    return Row(question.title if question else "Cannot judge", cells, differs, is_text)


def _by_letter(review: Review) -> dict[str, Any]:
    """A review's body with letters for positions; nothing where it was erased."""
    body = review.body.body
    if body is None:
        return {"answers": {}, "cannot_judge": None}
    named: dict[str, Any] = to_slots(form_of(review.form), body, range(1, MOST_RESPONSES + 1))
    return named
