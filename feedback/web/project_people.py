"""Who reviews in a project: named, paused, named again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions.projects import add_reviewer, pause_reviewer
from feedback.errors import NotThere
from feedback.models import Membership
from feedback.queries.onboarding import progress_of
from feedback.queries.people import members_of, reviewers_of
from feedback.rooms.doors import at_project, page, show


@page("GET", "POST")
def people(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The reviewers of the project; add one, pause one."""
    place = at_project(request, workspace, project)
    if request.method == "POST":
        _change(request, place)
        return redirect("project-people", workspace, project)
    rows = list(reviewers_of(place.project))
    named = {row.membership_id for row in rows}
    progress = list(zip(rows, progress_of(place.project, rows), strict=True))
    others = [member for member in members_of(place.workspace) if member.pk not in named]
    return show(
        request,
        "feedback/project_people.html",
        place,
        rows=progress,
        others=others,
        current="people",
    )


def _change(request: HttpRequest, place: ProjectPlace) -> None:
    membership = _membership(place, request.POST.get("member", ""))
    if request.POST.get("act") == "pause":
        pause_reviewer(place=place, membership=membership, now=timezone.now())
        messages.success(
            request, f"{membership.user} gets no new items here. What they sent stays."
        )
    else:
        add_reviewer(place=place, membership=membership, now=timezone.now())
        messages.success(request, f"{membership.user} reviews here.")


def _membership(place: ProjectPlace, public_id: str) -> Membership:
    try:
        return access.member(place, uuid.UUID(public_id))
    except ValueError:
        raise NotThere from None
