"""Coming into a project: one page with its steps, and a practice item with the expected answer behind it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions import onboarding
from feedback.bodies import form_of
from feedback.errors import NotThere
from feedback.forms.body import check_body
from feedback.forms.slots import to_slots
from feedback.models import Assignment, ProjectReviewer
from feedback.policy.keys import ACTS
from feedback.queries.desk import desk_item, sent_answer
from feedback.queries.onboarding import Progress, key_of, progress_of
from feedback.queries.reviews import review_of

from .answers import Said, answer_words
from .desk_door import door, number
from .desk_texts import guideline


@dataclass(frozen=True, slots=True)
class Compared:
    """A question, what one answered, and what was expected (nothing where the key is silent)."""

    title: str
    own: tuple[Said, ...]
    expected: tuple[Said, ...]


@door("GET", "HEAD", "POST")
def start(request: HttpRequest, place: ProjectPlace) -> HttpResponse:
    """The steps before the first item; what is read here is remembered."""
    at = (place.workspace.slug, place.project.slug)
    if request.method == "POST":
        _acknowledge(request, place)
        return redirect("desk-start", *at)
    progress = own_progress(place)
    context = {
        "workspace": place.workspace,
        "project": place.project,
        "progress": progress,
        "guideline": guideline(place.project),
        "acts": [(act, place.user.keys.get(act.key, act.key)) for act in ACTS],
    }
    return render(request, "feedback/start.html", context)


@door("POST")
def practise(request: HttpRequest, place: ProjectPlace) -> HttpResponse:
    """On to the next practice item; back to the steps when there is none."""
    at = (place.workspace.slug, place.project.slug)
    row = onboarding.practise(place=place, now=timezone.now())
    if row is None:
        messages.success(request, "You have been through every practice item.")
        return redirect("desk-start", *at)
    return redirect("desk", *at, row.public_id)


@door("GET", "HEAD")
def practised(request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """What one answered to a practice item beside what was expected, and why."""
    row = access.assignment(place, assignment)
    key, review = key_of(row), review_of(row)
    if key is None or review is None:
        return redirect("desk", place.workspace.slug, place.project.slug, assignment)
    context = {
        "workspace": place.workspace,
        "project": place.project,
        "progress": own_progress(place),
        "rows": _compared(row, key, sent_answer(review)),
        "explanation": key.get("explanation", ""),
        "prompt": desk_item(row).prompt,
        "review": review,
    }
    return render(request, "feedback/practised.html", context)


def own_progress(place: ProjectPlace) -> Progress:
    """One's own steps in a project that names one as a reviewer; for others there is no such page."""
    rows = ProjectReviewer.objects.filter(project=place.project, membership=place.membership)
    found = rows.select_related("membership").first()
    if found is None:
        raise NotThere
    return progress_of(place.project, [found])[0]


def _acknowledge(request: HttpRequest, place: ProjectPlace) -> None:
    if "keys" in request.POST:
        onboarding.acknowledge_keys(place=place, now=timezone.now())
        return
    try:
        onboarding.acknowledge_guideline(place=place, version=number(request, "guideline"))
    except onboarding.GuidelineChanged as changed:
        messages.warning(request, changed.sentence)


def _compared(row: Assignment, key: dict[str, Any], own: dict[str, Any]) -> list[Compared]:
    """Every question that either of the two answers, by the letters under which one saw the responses."""
    form, order = form_of(row.form), row.order_shown
    body = {"answers": key.get("answers", {}), "cannot_judge": None}
    fits = not check_body(form, body, sorted(order), complete=False)
    expected = to_slots(form, body, order) if fits else {"answers": {}}
    rows = [
        Compared(
            question.title,
            answer_words(question, own["answers"].get(question.id)),
            answer_words(question, expected["answers"].get(question.id)),
        )
        for question in form.questions
    ]
    return [each for each in rows if each.own or each.expected]
