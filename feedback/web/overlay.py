"""Critiques of every reviewer laid over the text they are of, in layers that can be taken off one by one.

The ranges are computed here, on the characters of the source, so that a mark stands on exactly what was criticised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.safestring import SafeString

from feedback.bodies import form_of
from feedback.forms.critiquing import Placed, placed
from feedback.forms.slots import letters
from feedback.models import Response, Review
from feedback.unseen import visible

MOST_LAYERS = (
    8  # as many as there are ways to draw a line under a word; later reviewers share the last
)
HOW = {
    "quote": "moved since",
    "nearest": "the nearest passage like it",
    "lost": "not found in this revision",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """A reviewer's critiques: their number in the text, whose they are, and how many."""

    number: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Note:
    """One critique in words, with the number that stands in the text."""

    number: int
    layer: Layer
    letter: str
    category: str
    severity: str
    comment: str
    suggestion: str
    quoted: str
    where: str


@dataclass(slots=True)
class Segment:
    """Characters that the same critiques cover: the layers they are of, and the notes that begin here."""

    text: SafeString
    layers: list[int] = field(default_factory=list)
    begins: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A response with its marks, part by part; only responses that somebody criticised."""

    letter: str
    parts: list[list[Segment]]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Everything that is laid over the texts of an item."""

    layers: list[Layer]
    texts: list[Overlaid]
    notes: list[Note]


@dataclass(frozen=True, slots=True)
class _Mark:
    part: int
    start: int
    end: int
    note: Note


def overlay(reviews: Sequence[tuple[Review, str]], responses: Sequence[Response]) -> Overlay:
    """The critiques of these reviews (each with its reviewer's name) over the responses as they are shown."""
    texts = {row.position: _parts(row) for row in responses}
    names = dict(zip(texts, letters(len(texts)), strict=True))
    layers: list[Layer] = []
    notes: list[Note] = []
    marks: dict[int, list[_Mark]] = {}
    for review, name in reviews:
        found = _critiques(review, texts)
        if not found:
            continue
        layer = Layer(min(len(layers) + 1, MOST_LAYERS), name, len(found))
        layers.append(layer)
        for each in found:
            note = _note(len(notes) + 1, layer, each, names)
            notes.append(note)
            if each.at is not None and each.at.how != "lost":
                mark = _Mark(
                    each.critique["anchor"].get("part", 0), each.at.start, each.at.end, note
                )
                marks.setdefault(each.critique["on"], []).append(mark)
    shown = [
        Overlaid(names[on], [_cut(text, marks[on], part) for part, text in enumerate(texts[on])])
        for on in sorted(marks)
    ]
    return Overlay(layers, shown, notes)


def _critiques(review: Review, texts: Mapping[int, list[str]]) -> list[Placed]:
    body = review.body.body
    return placed(form_of(review.form), body, texts) if body else []


def _note(number: int, layer: Layer, each: Placed, names: Mapping[int, str]) -> Note:
    critique, anchor = each.critique, each.critique["anchor"]
    titles = {option.value: option.title for option in each.question.categories}
    grave = {option.value: option.title for option in each.question.severities}
    where = HOW.get(each.at.how, "") if each.at is not None else _lines(anchor)
    return Note(
        number=number,
        layer=layer,
        letter=names.get(critique["on"], ""),
        category=titles.get(said := str(critique.get("category", "")), said),
        severity=grave.get(said := str(critique.get("severity", "")), said),
        comment=critique.get("comment", ""),
        suggestion=critique.get("suggestion", ""),
        quoted=anchor.get("exact", ""),
        where=where,
    )


def _lines(anchor: Mapping[str, object]) -> str:
    """As in "pump.py, new lines 10 to 12"."""
    start, end = anchor.get("start"), anchor.get("end")
    lines = f"line {start}" if start == end else f"lines {start} to {end}"
    return f"{anchor.get('file')}, {anchor.get('side')} {lines}"


def _parts(response: Response) -> list[str]:
    return [part["text"] for message in response.messages for part in message.get("parts", ())]


def _cut(text: str, marks: Sequence[_Mark], part: int) -> list[Segment]:
    """A text cut wherever a mark begins or ends."""
    mine = [mark for mark in marks if mark.part == part]
    edges = sorted({0, len(text), *(edge for mark in mine for edge in (mark.start, mark.end))})
    return list(_segments(text, mine, edges))


def _segments(text: str, marks: Sequence[_Mark], edges: Sequence[int]) -> Iterator[Segment]:
    for start, end in pairwise(edges):
        over = [mark for mark in marks if mark.start <= start and end <= mark.end]
        yield Segment(
            text=visible(text[start:end]),
            layers=sorted({mark.note.layer.number for mark in over}),
            begins=[mark.note for mark in over if mark.start == start],
        )
