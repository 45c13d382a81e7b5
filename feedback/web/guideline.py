"""A project's guideline: read by everybody who reviews there, with what changed; published in versions by managers."""

from __future__ import annotations

import difflib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions.projects import publish_guideline
from feedback.actions.threads import publish_answer
from feedback.errors import NotThere
from feedback.models import Guideline, Role, Thread
from feedback.policy.guideline import with_answer
from feedback.queries.threads import last_words
from feedback.rooms.doors import at_project, page, show

from .long_text import LongTextField

CONTEXT_LINES = 1


class GuidelineForm(forms.Form):
    """The text of a new version."""

    text = LongTextField(
        label="Guideline",
        max_length=200_000,
        rows=28,
        help_text="In Markdown. Reviewers read it beside every item and are told that it changed.",
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what changed: added, removed, or kept around it; a gap has no words."""

    what: Literal["added", "removed", "kept", "gap"]
    words: str


@page()
def guideline(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The version in force, or an older one by `?v=`, and how it differs from the one before."""
    place = at_project(request, workspace, project, Role.REVIEWER)
    versions = list(place.project.guidelines.select_related("published_by").order_by("-version"))
    wanted = request.GET.get("v", "")
    number = next(
        (n for n, row in enumerate(versions) if not wanted or str(row.version) == wanted), None
    )
    if number is None:
        raise NotThere
    before = versions[number + 1] if number + 1 < len(versions) else None
    return show(
        request,
        "feedback/guideline.html",
        place,
        guideline=versions[number],
        versions=versions,
        latest=versions[0],
        before=before,
        lines=list(changed(before, versions[number])) if before else [],
        current="form",
    )


@page("GET", "POST")
def new(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Edit the guideline and publish it as a new version."""
    place = at_project(request, workspace, project)
    latest = place.project.guidelines.latest("version")
    thread = _answered(place, request.GET.get("thread", ""))
    text = with_answer(latest.text, *last_words(thread)) if thread else latest.text
    form = GuidelineForm(request.POST or None, initial={"text": text})
    if form.is_valid():
        text = form.cleaned_data["text"]
        if text.strip() == latest.text.strip():
            messages.info(request, "The text is the same as before, so there is no new version.")
        else:
            made = _publish(place, thread, text)
            messages.success(
                request, f"Guideline v{made.version} is in force. Reviewers see that it changed."
            )
        return redirect("guideline", workspace, project)
    return show(
        request,
        "feedback/guideline_new.html",
        place,
        status=422 if form.errors else 200,
        form=form,
        latest=latest,
        thread=thread,
        current="form",
    )


def _answered(place: ProjectPlace, public_id: str) -> Thread | None:
    """The thread whose answer is to be taken up, if the address names one."""
    if not public_id:
        return None
    try:
        return access.thread(place, uuid.UUID(public_id))
    except ValueError as error:
        raise NotThere from error


def _publish(place: ProjectPlace, thread: Thread | None, text: str) -> Guideline:
    now = timezone.now()
    if thread is None:
        return publish_guideline(place=place, text=text, now=now)
    return publish_answer(place=place, thread=thread, text=text, now=now)


def changed(before: Guideline, after: Guideline) -> Iterator[Line]:
    """Lines added and removed between two versions, each with one line around it."""
    kinds: dict[str, Literal["added", "removed", "kept"]] = {
        "+": "added",
        "-": "removed",
        " ": "kept",
    }
    diff = difflib.unified_diff(
        before.text.splitlines(), after.text.splitlines(), n=CONTEXT_LINES, lineterm=""
    )
    for number, line in enumerate(list(diff)[2:]):
        if line.startswith("@@"):
            if number:
                yield Line("gap", "")
        else:
            yield Line(kinds[line[0]], line[1:])
