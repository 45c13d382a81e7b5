"""A reviewer's own pause, and going on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from feedback.access import ProjectPlace
from feedback.actions import pausing

from .desk_door import door


@door("POST")
def pause(request: HttpRequest, place: ProjectPlace) -> HttpResponse:
    """What one holds goes to others; one's drafts stay."""
    count = pausing.pause(place=place, now=timezone.now())
    held = "You held nothing." if not count else "What you held goes to others; your drafts stay."
    messages.success(request, f"You have paused in {place.project}. {held}")
    return redirect("home")


@door("POST")
def go_on(_request: HttpRequest, place: ProjectPlace) -> HttpResponse:
    """Back to the queue."""
    pausing.go_on(place=place)
    return redirect("desk-next", place.workspace.slug, place.project.slug)
