"""A project's life: made again like it was, put away, and taken out again."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from feedback.actions.cloning import clone_project
from feedback.actions.projects import change_project
from feedback.models import Project
from feedback.rooms.doors import at_project, page, show
from feedback.rooms.refused import attempt


class CloneForm(forms.Form):
    """What a copy needs to be told."""

    name = forms.CharField(max_length=200)
    slug = forms.SlugField(
        label="Short name",
        max_length=60,
        required=False,
        help_text="Part of the address. Left empty, it is made from the name. It cannot be changed or used again.",
    )
    people = forms.BooleanField(label="The same people review in it", required=False, initial=True)


@page("GET", "POST")
def clone(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Make a project like this one, without its items and reviews."""
    place = at_project(request, workspace, project)
    named = {"name": f"{place.project.name}, again"[:200]}
    form = CloneForm(request.POST or None, initial=named)
    if form.is_valid():
        made = attempt(
            form, lambda: clone_project(place=place, now=timezone.now(), **form.cleaned_data)
        )
        if made is not None:
            messages.success(
                request, "The project is there, without items. Its recipes follow in a moment."
            )
            return redirect("project", workspace, made.slug)
    status = 422 if form.errors else 200
    return show(request, "feedback/clone.html", place, status=status, form=form, current="settings")


@page("POST")
def archive(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Put it away: nothing is handed out, nothing changes."""
    place = at_project(request, workspace, project)
    change_project(place=place, changes={"state": Project.State.ARCHIVED})
    messages.success(request, "Archived. It can be read as before, and restored at any time.")
    return redirect("project-settings", workspace, project)


@page("POST")
def restore(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Take it out again, paused: nobody is surprised by an item."""
    place = at_project(request, workspace, project)
    change_project(place=place, changes={"state": Project.State.PAUSED})
    messages.success(request, "Restored, and paused. Set it to open when items shall go out.")
    return redirect("project-settings", workspace, project)
