"""The editor of a form: questions are added, moved and changed one round trip at a time, and the real desk shows the result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin

from feedback.access import ProjectPlace
from feedback.actions.projects import publish_form
from feedback.bodies import form_of
from feedback.errors import Invalid
from feedback.forms.compare import Change, compare_forms
from feedback.forms.editing import (
    Control,
    blank,
    controls,
    from_fields,
    moved,
    row_at,
    row_moved,
    with_defaults,
    without,
    written,
)
from feedback.forms.problems import BadForm
from feedback.forms.questions import BY_KIND, Fields
from feedback.forms.schema import Form, parse_form
from feedback.models import FormVersion
from feedback.queries.desk import previewed
from feedback.queries.one_item import item_to_show
from feedback.rooms.doors import at_project, page, show

from .desk_page import preview_desk
from .published import announce_published

MORE_ROWS = 2
Problem = dict[str, Any]
# A line of a question's list, as a button names it.
LINE = re.compile(r"q\.(?P<at>\d{1,3})\.(?P<name>\w{1,40}):(?P<row>\d{1,3})", re.ASCII)

KINDS = {
    "preference": "Preference: which of two is better",
    "rating": "Rating: a number for each response",
    "choice": "Choice: one or several options",
    "text": "Text: in their own words",
    "critiques": "Critiques: remarks at a passage",
    "ranking": "Ranking: best to worst",
    "rewrite": "Rewrite: what should have been written",
    "steps": "Steps: each step right or wrong",
    "checklist": "Checklist: criteria, met or not",
    "authorities": "Authorities: a verdict for each citation",
}


@dataclass(frozen=True, slots=True)
class Edited:
    """A control of a question with what it holds; rows come with a few empty ones."""

    control: Control
    name: str
    value: Any
    wrong: list[str]

    @property
    def filled(self) -> int:
        """How many rows of a list hold something."""
        return max(0, len(self.value) - MORE_ROWS)


@dataclass(frozen=True, slots=True)
class Block:
    """One question in the editor."""

    number: int
    id: str
    kind: str
    title: str
    edited: list[Edited]
    wrong: list[str]


@page("GET", "POST")
def edit(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The form in fields. Sent with `do`, one thing is changed and it is shown again; with `do=publish`, it is published."""
    place = at_project(request, workspace, project)
    latest = place.project.forms.latest("version")
    if request.method != "POST":
        return _editor(request, place, latest, latest.schema, "")
    sent = dict(request.POST.lists())
    schema, said = _changed(from_fields(sent), sent, request.POST.get("do", ""))
    if request.POST.get("do") == "publish":
        try:
            made = publish_form(place=place, schema=schema, now=timezone.now())
        except Invalid as refusal:
            return _editor(request, place, latest, schema, refusal.sentence, status=422)
        announce_published(request, latest, made)
        return redirect("form", workspace, project)
    return _editor(request, place, latest, schema, said)


@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # the stubs know views of no arguments
@xframe_options_sameorigin
@page("GET", "POST")
def preview(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The real desk under the form in force, or under the one in the editor's fields, with an item of the project."""
    place = at_project(request, workspace, project)
    problems: list[Problem] = []
    form = form_of(place.project.forms.latest("version"))
    if request.method == "POST":
        drawn, problems = _parsed(from_fields(dict(request.POST.lists())))
        if drawn is None:
            return render(
                request, "feedback/form_unfit.html", {"problems": problems, "project": project}
            )
        form = drawn
    item = item_to_show(place.project, form.responses.min, form.responses.max)
    context = preview_desk(place, previewed(item, form, now=timezone.now()))
    return render(request, "feedback/desk_preview.html", {**context, "framed": True})


def show_editor(
    request: HttpRequest, place: ProjectPlace, schema: dict[str, Any], said: str
) -> HttpResponse:
    """The editor with a form that comes from elsewhere and is not published yet."""
    return _editor(request, place, place.project.forms.latest("version"), schema, said)


def _editor(
    request: HttpRequest,
    place: ProjectPlace,
    latest: FormVersion,
    schema: dict[str, Any],
    said: str,
    status: int = 200,
) -> HttpResponse:
    drawn, problems = _parsed(schema)
    context = {
        "latest": latest,
        "blocks": _blocks(schema, problems),
        "span": schema["responses"],
        "minutes": schema["usual_minutes"],
        "desk": schema["desk"],
        "general": [p for p in problems if not p["path"].startswith("questions[")],
        "changes": _changes(latest, drawn),
        "drawn": drawn is not None,
        "refused": status == 422,
        "said": said,
        "kinds": [(kind, KINDS.get(kind, kind.replace("_", " ").capitalize())) for kind in BY_KIND],
    }
    if request.headers.get("HX-Request"):
        frame = {"workspace": place.workspace, "project": place.project}
        return render(request, "feedback/form_new.html#editor", {**frame, **context}, status=200)
    return show(request, "feedback/form_new.html", place, status=status, current="form", **context)


def _changed(schema: dict[str, Any], sent: Fields, do: str) -> tuple[dict[str, Any], str]:
    """The form after one thing was done to it, and that in words."""
    verb, _, what = do.partition(":")
    line = LINE.fullmatch(what)
    if verb in {"up", "down"} and line:
        at, name, by = int(line["at"]), line["name"], -1 if verb == "up" else 1
        row = row_at(sent, f"q.{at}.{name}", int(line["row"]))
        return row_moved(schema, at, name, row, by), f"Moved {verb}."
    questions: Sequence[dict[str, Any]] = schema["questions"]
    if verb == "add" and what in BY_KIND:
        added = [*questions, blank(what, schema)]
        return schema | {"questions": added}, f"Question {len(added)} is new."
    at = int(what) if what.isdigit() and len(what) < 4 else -1
    if not 0 <= at < len(questions):
        return schema, ""
    title = questions[at].get("title") or questions[at]["id"]
    if verb == "remove":
        return without(schema, at), f"“{title}” is removed."
    if verb in {"up", "down"}:
        after = moved(schema, at, -1 if verb == "up" else 1)
        now = [question["id"] for question in after["questions"]].index(questions[at]["id"])
        return after, f"“{title}” is now question {now + 1}."
    return schema, ""


def _parsed(schema: dict[str, Any]) -> tuple[Form | None, list[Problem]]:
    try:
        return parse_form(schema), []
    except BadForm as error:
        return None, [{"path": p.path, "sentence": p.sentence} for p in error.problems]


def _changes(latest: FormVersion, drawn: Form | None) -> list[Change]:
    return compare_forms(form_of(latest), drawn) if drawn else []


def _blocks(schema: dict[str, Any], problems: list[Problem]) -> list[Block]:
    return [
        _block(number, with_defaults(question), problems)
        for number, question in enumerate(schema["questions"])
    ]


def _block(number: int, question: dict[str, Any], problems: list[Problem]) -> Block:
    at = f"questions[{number}]"
    mine = {
        p["path"].removeprefix(at).lstrip("."): p["sentence"] for p in problems if _within(p, at)
    }
    edited = []
    for control in controls(question["type"]):
        value = _shown(control, question.get(control.name))
        if control.shape == "rows":
            value = [*value, *({c.name: "" for c in control.columns} for _ in range(MORE_ROWS))]
        wrong = [words for path, words in mine.items() if _heads(path, control.name)]
        edited.append(Edited(control, f"q.{number}.{control.name}", value, wrong))
    heads = [each.control.name for each in edited]
    rest = [words for path, words in mine.items() if not any(_heads(path, h) for h in heads)]
    kind = question["type"]
    title = str(question.get("title", ""))
    return Block(number, str(question.get("id", "")), kind, title, edited, rest)


def _shown(control: Control, value: Any) -> Any:
    """A value for its control; what is of another type than it edits is shown as it was typed."""
    try:
        return written(control, value)
    except (TypeError, AttributeError):
        return [] if control.shape == "rows" else str(value)


def _within(problem: Problem, at: str) -> bool:
    return bool(problem["path"] == at or problem["path"].startswith(f"{at}."))


def _heads(path: str, name: str) -> bool:
    return path == name or path.startswith((f"{name}.", f"{name}["))
