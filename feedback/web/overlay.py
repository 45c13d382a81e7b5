"""Critiques of every reviewer laid over the text they are of, in layers that can be taken off one by one.

The ranges are computed here, on the characters of the source, so that a mark stands on exactly what was criticised; the
text is set as its reviewers saw it, a patch as a patch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from feedback.bodies import form_of
from feedback.diffs import is_diff
from feedback.forms.critiquing import Placed, placed
from feedback.forms.slots import letters
from feedback.models import Response, Review
from feedback.overlaid import LineMark, Mark, lay_on_lines, lay_over
from feedback.text import render_text

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


@dataclass(frozen=True, slots=True)
class Part:
    """A text of a response with its marks; a patch where its lines are criticised."""

    html: SafeString
    is_patch: bool


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A response with its marks, part by part; only responses that somebody criticised."""

    letter: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Everything that is laid over the texts of an item."""

    layers: list[Layer]
    texts: list[Overlaid]
    notes: list[Note]


def overlay(reviews: Sequence[tuple[Review, str]], responses: Sequence[Response]) -> Overlay:
    """The critiques of these reviews (each with its reviewer's name) over the responses as they are shown."""
    texts = {row.position: _parts(row) for row in responses}
    words = {on: [text for text, _ in parts] for on, parts in texts.items()}
    names = dict(zip(texts, letters(len(texts)), strict=True))
    layers: list[Layer] = []
    notes: list[Note] = []
    marks: dict[int, list[_Marked]] = {}
    for review, name in reviews:
        found = _critiques(review, words)
        if not found:
            continue
        layer = Layer(min(len(layers) + 1, MOST_LAYERS), name, len(found))
        layers.append(layer)
        for each in found:
            note = _note(len(notes) + 1, layer, each, names)
            notes.append(note)
            mark = _mark(each, note)
            if mark and each.critique["on"] in texts:
                part = each.critique["anchor"].get("part", 0)
                marks.setdefault(each.critique["on"], []).append((part, mark))
    shown = [
        Overlaid(names[on], [_set(*text, marks[on], part) for part, text in enumerate(texts[on])])
        for on in sorted(marks)
    ]
    return Overlay(layers, shown, notes)


_Marked = tuple[int, Mark | LineMark]  # the number of the text, and what is marked in it


def _mark(each: Placed, note: Note) -> Mark | LineMark | None:
    """Where a critique is drawn; nowhere if its place was lost."""
    anchor = each.critique["anchor"]
    if each.at is None:
        said = ": ".join(filter(None, (note.category, note.comment)))
        lines = (str(anchor["file"]), str(anchor["side"]), int(anchor["start"]), int(anchor["end"]))
        return LineMark(*lines, note.layer.number, note.number, said)
    if each.at.how == "lost":
        return None
    return Mark(each.at.start, each.at.end, note.layer.number, note.number)


def _set(text: str, format: str, marks: Sequence[_Marked], part: int) -> Part:
    """One text in type with what is marked in it."""
    mine = [mark for of, mark in marks if of == part]
    lines = [mark for mark in mine if isinstance(mark, LineMark)]
    if format == "diff" or (lines and is_diff(text)):
        return Part(lay_on_lines(render_text(text, "diff"), lines), is_patch=True)
    html = render_text(text, format, placed=True)
    return Part(lay_over(html, [mark for mark in mine if isinstance(mark, Mark)]), is_patch=False)


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


def _parts(response: Response) -> list[tuple[str, str]]:
    return [
        (part["text"], part.get("format", "plain"))
        for message in response.messages
        for part in message.get("parts", ())
    ]
