"""A project's settings: its name, how many reviews an item wants, how long things take, whether it is open."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from feedback.access import ProjectPlace
from feedback.actions.projects import change_project
from feedback.actions.searching import set_search_language
from feedback.checks import CHECKS
from feedback.models import Project
from feedback.rooms.doors import at_project, page, show
from feedback.rooms.refused import attempt


class SettingsForm(forms.Form):
    """What a manager may change."""

    name = forms.CharField(max_length=200)
    state = forms.ChoiceField(
        choices=Project.State.choices,
        help_text="Paused: nobody gets a new item; what is open can be finished. Archived: it also leaves the lists.",
    )
    overlap = forms.IntegerField(
        label="Reviews for each item",
        min_value=1,
        max_value=20,
        help_text="Reaches the items that are there already; their reviews stay.",
    )
    lease_minutes = forms.IntegerField(
        label="An item is held for, in minutes",
        min_value=5,
        max_value=24 * 60,
        help_text="While somebody works on it the hold renews itself.",
    )
    edit_hours = forms.IntegerField(
        label="An answer can be changed for, in hours",
        min_value=0,
        max_value=24 * 90,
        help_text="Every change is a new revision; the old one stays.",
    )
    daily_goal = forms.IntegerField(
        label="Items a day for each reviewer",
        min_value=1,
        max_value=1000,
        help_text="What “12 of 40 today” counts against. Nobody is stopped there.",
    )
    search_language = forms.ChoiceField(
        label="Search finds",
        choices=Project.SearchLanguage.choices,
        required=False,
        help_text="What is there is read anew in the background when this changes.",
    )
    check_conflicts = forms.BooleanField(
        label="Ask about conflicts before the text is shown",
        required=False,
        help_text="A reviewer is told whom an item concerns, and reads nothing of it before they go on.",
    )
    checks = forms.MultipleChoiceField(
        label="After a review, check for",
        required=False,
        choices=[(check.name, check.title) for check in CHECKS],
        widget=forms.CheckboxSelectMultiple,
        help_text="The reviewer is shown what was found, and keeps or changes the answer. Both are stored. Gold is never checked.",
    )


def _change(place: ProjectPlace, changes: dict[str, Any]) -> Project:
    """Settings, and the language of searches, which a worker has to follow."""
    language = changes.pop("search_language", None)
    if language:
        set_search_language(place=place, language=language, now=timezone.now())
    return change_project(place=place, changes=changes) if changes else place.project


@page("GET", "POST")
def settings(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Read and change them."""
    place = at_project(request, workspace, project)
    now_set = {name: getattr(place.project, name) for name in SettingsForm.base_fields}
    form = SettingsForm(request.POST or None, initial=now_set)
    if form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        done = attempt(form, lambda: _change(place, changes)) if changes else True
        if done is not None:
            messages.success(request, "Saved." if changes else "Nothing was changed.")
            return redirect("project-settings", workspace, project)
    status = 422 if form.errors else 200
    return show(
        request,
        "feedback/project_settings.html",
        place,
        status=status,
        form=form,
        current="settings",
    )
