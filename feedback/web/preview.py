"""The real desk for those who manage a project: one item as its reviewers get it, with nothing claimed, saved or sent."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from feedback import access
from feedback.bodies import form_of
from feedback.queries.desk import previewed
from feedback.rooms.doors import at_project, page

from .desk_page import preview_desk


@page()
def item_preview(
    request: HttpRequest, workspace: str, project: str, item: uuid.UUID
) -> HttpResponse:
    """An item under the form in force, blind as for a reviewer."""
    place = at_project(request, workspace, project)
    found, latest = access.item(place, item), place.project.forms.latest("version")
    form = form_of(latest)
    context = preview_desk(place, previewed(found, form, now=timezone.now()))
    context["back"] = reverse("item", args=[workspace, project, found.public_id])
    if found.responses not in form.responses:
        context["notice"] = (
            "No reviewer is given this item",
            f"It has {found.responses} responses, and form v{latest.version} does not show so many.",
        )
    return render(request, "feedback/desk_preview.html", context)
