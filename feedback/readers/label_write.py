"""A form as a labelling configuration of Label Studio: what its tags can say as tags, the rest in an attribute it passes over."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from feedback.forms.questions import Choice, Critiques, Preference, Question, Ranking, Rating, Text
from feedback.forms.schema import Form, dump_form

from .label_tags import BOTH, COMMENT, OURS, SEVERITY
from .problems import Fault, bad_config

PROMPT, RESPONSES = "prompt", "responses"
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
COMMON = {"type", "id", "title", "guide", "required"}


def write_label_config(form: Form) -> str:
    """The configuration. Raises ReadingFailed (`bad_label_config`) naming every question that no tag can ask."""
    faults = [
        Fault(
            ("questions", number),
            "unsupported_question",
            f"asks in a way ({each.kind}) that no tag of Label Studio does",
        )
        for number, each in enumerate(form.questions)
        if type(each) not in _WRITE
    ]
    if faults:
        raise bad_config(faults)
    view = Element("View")
    span = form.responses
    view.set(OURS, _json({"responses": [span.min, span.max], "usual_minutes": form.usual_minutes}))
    SubElement(view, "Text", name=PROMPT, value="$prompt")
    for number in range(1, span.max + 1):
        SubElement(view, "Text", name=f"response_{number}", value=f"$response_{number}")
    if any(isinstance(each, Ranking) for each in form.questions):
        SubElement(view, "List", name=RESPONSES, value="$responses")
    for question, dumped in zip(form.questions, _dumped(form), strict=True):
        _ask(view, form, question, dumped)
    for tag in view.iter():
        tag.attrib.update({name: UNWRITABLE.sub("", value) for name, value in tag.attrib.items()})
    indent(view)
    return tostring(view, encoding="unicode") + "\n"


def _ask(view: Element, form: Form, question: Question, dumped: dict[str, Any]) -> None:
    SubElement(view, "Header", value=question.title)
    if question.guide:
        SubElement(view, "Header", value=question.guide, size="6")
    first, said = _WRITE[type(question)](view, form, question)
    # A character that XML cannot hold is left out of the tags, and our attribute has it as an escape.
    whole = all(UNWRITABLE.search(text) is None for text in _texts(dumped))
    written = COMMON | said if whole else {"type", "id", "required"}
    first.set(OURS, _json({name: value for name, value in dumped.items() if name not in written}))


def _preference(view: Element, form: Form, question: Any) -> tuple[Element, set[str]]:
    pair = ",".join(_names(form)[:2])
    if question.steps == 3 and not question.allow_tie and not question.allow_both_unacceptable:
        return _control(view, "Pairwise", question, question.id, pair), {
            "steps",
            "allow_tie",
            "allow_both_unacceptable",
        }
    asked = _control(view, "Choices", question, question.id, pair)
    asked.set("choice", "single-radio")
    for step in question.scale("A", "B"):
        SubElement(asked, "Choice", value=step.words, alias=str(step.value))
    if question.allow_both_unacceptable:
        SubElement(asked, "Choice", value="Both unacceptable", alias=BOTH)
    return asked, {"steps", "allow_tie", "allow_both_unacceptable"}


def _rating(view: Element, form: Form, question: Any) -> tuple[Element, set[str]]:
    tag, bounds = ("Rating", {"maxRating": str(question.max)})
    if question.min != 1:
        tag, bounds = "Number", {"min": str(question.min), "max": str(question.max), "step": "1"}
    rows = [_control(view, tag, question, *each) for each in _each(form, question)]
    for row in rows:
        row.attrib.update(bounds)
    return rows[0], {"min", "max"}


def _choice(view: Element, form: Form, question: Any) -> tuple[Element, set[str]]:
    per_item = question.per == "item"
    places = [(question.id, PROMPT)] if per_item else _each(form, question)
    rows = [_control(view, "Choices", question, *each) for each in places]
    for row in rows:
        row.set("choice", "multiple" if question.multiple else "single")
        for option in question.options:
            SubElement(row, "Choice", value=option.title, alias=option.value)
    return rows[0], {"options", "multiple", "per"}


def _text(view: Element, form: Form, question: Any) -> tuple[Element, set[str]]:
    del form
    area = _control(view, "TextArea", question, question.id, PROMPT)
    area.attrib.update({"maxSubmissions": "1", "rows": "4" if question.multiline else "1"})
    return area, {"multiline"}


def _ranking(view: Element, form: Form, question: Any) -> tuple[Element, set[str]]:
    del form
    return _control(view, "Ranker", question, question.id, RESPONSES), set()


def _critiques(view: Element, form: Form, question: Any) -> tuple[Element, set[str]]:
    first: Element | None = None
    for name, on in _each(form, question):
        labels = _control(view, "Labels", question, name, on)
        for each in question.categories:
            SubElement(labels, "Label", value=each.title, alias=each.value)
        grave = SubElement(view, "Choices", name=name + SEVERITY, toName=on, perRegion="true")
        for each in question.severities:
            SubElement(grave, "Choice", value=each.title, alias=each.value)
        SubElement(view, "TextArea", name=name + COMMENT, toName=on, perRegion="true")
        first = labels if first is None else first
    assert first is not None
    # Severities have weights, which no tag has: they stay whole in our attribute.
    return first, {"categories"}


_WRITE: dict[type[Question], Callable[[Element, Form, Any], tuple[Element, set[str]]]] = {
    Preference: _preference,
    Rating: _rating,
    Choice: _choice,
    Text: _text,
    Ranking: _ranking,
    Critiques: _critiques,
}


def _control(view: Element, tag: str, question: Question, name: str, on: str) -> Element:
    control = SubElement(view, tag, name=name, toName=on)
    if question.required:
        control.set("required", "true")
    return control


def _names(form: Form) -> list[str]:
    return [f"response_{number}" for number in range(1, form.responses.max + 1)]


def _each(form: Form, question: Question) -> list[tuple[str, str]]:
    """A name for the control of each response, and the response."""
    return [(f"{question.id}.{n}", on) for n, on in enumerate(_names(form), start=1)]


def _dumped(form: Form) -> list[dict[str, Any]]:
    questions: Any = dump_form(form)["questions"]
    return list(questions)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.items() if isinstance(value, dict) else value:
            yield from _texts(list(each) if isinstance(each, tuple) else each)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
