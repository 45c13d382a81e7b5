"""“Find similar”: the items whose prompts are most like one item's, by their vectors; and the vectors, made when somebody asks."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from curation.actions.vectors import want_vectors
from curation.queries.vectors import alike, latest_encoding, sent_to
from feedback import access
from feedback.actions.third_parties import allow_third_parties
from feedback.models import Role
from feedback.queries.items import prompt_line
from feedback.rooms.doors import at_project, page, safe_next, show


@page()
def of_item(request: HttpRequest, workspace: str, project: str, item: uuid.UUID) -> HttpResponse:
    """The twenty most alike, with their cosine and who says so."""
    place = at_project(request, workspace, project)
    asked = access.item(place, item)
    found = alike(place.project, asked)
    return show(
        request,
        "curation/alike.html",
        place,
        current="items",
        item=asked,
        line=prompt_line(asked),
        found=found,
        host=sent_to(latest_encoding(place.project)),
    )


@page("POST")
def begin(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Vectors for what has none."""
    place = at_project(request, workspace, project)
    want_vectors(workspace_id=place.workspace.pk, project_id=place.project.pk, now=timezone.now())
    return redirect(safe_next(request, reverse("items", args=[workspace, project])))


@page("POST")
def send(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """An owner allows that texts are sent to the endpoint of the settings, or forbids it; vectors follow."""
    place = at_project(request, workspace, project, Role.OWNER)
    allowed = request.POST.get("allowed") == "yes"
    allow_third_parties(place=place, allowed=allowed)
    if allowed:
        want_vectors(
            workspace_id=place.workspace.pk, project_id=place.project.pk, now=timezone.now()
        )
    return redirect(safe_next(request, reverse("items", args=[workspace, project])))
