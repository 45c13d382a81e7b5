"""Evaluation sets of a project: which are looked for, a new one from a file, from items or bundled, and retiring one."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from curation import access
from curation.actions.evaluation_sets import (
    BUNDLED,
    register_bundled,
    register_items,
    register_upload,
    retire_set,
)
from curation.methods.evaluation_files import MOST_BYTES
from curation.models import EvaluationSet
from curation.queries.evaluation_sets import sets_of
from feedback.access import ProjectPlace
from feedback.queries.pages import page as page_of
from feedback.rooms.doors import ROWS, at_project, page, show
from feedback.rooms.refused import attempt

ITEMS = "items"
THERE = "{} is there: {} texts that runs look for from now on."


class SetForm(forms.Form):
    """Where the texts of a set come from, and what it is called."""

    kind = forms.ChoiceField(
        label="Its texts",
        widget=forms.RadioSelect,
        choices=[
            ("upload", "From a file"),
            (ITEMS, "This project’s evaluation items, as they are now"),
            *(
                (name, f"{name}, which comes with Touchstone ({BUNDLED[name][1]})")
                for name in BUNDLED
            ),
        ],
        initial="upload",
    )
    name = forms.CharField(
        max_length=120,
        required=False,
        help_text="What a held pair will name. Empty: that of the file, or of the bundled set.",
    )
    file = forms.FileField(
        required=False,
        max_length=255,
        help_text="JSON Lines, or plain text in blocks divided by empty lines, gzipped or not; at most 20 MB. Only hashes of it are kept.",
    )
    fields_to_read = forms.CharField(
        label="Fields to read",
        max_length=400,
        required=False,
        help_text="Of JSON Lines, with commas between. Empty: prompt, question, text, solution and the like.",
    )
    licence = forms.CharField(
        max_length=200, required=False, help_text="Of the set, as its makers state it."
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == "upload" and not given.get("file"):
            self.add_error("file", forms.ValidationError("Choose a file.", code="required"))
        elif given.get("file") and given["file"].size > MOST_BYTES:
            self.add_error("file", forms.ValidationError("A set is at most 20 MB.", code="large"))
        return given


@page("GET", "POST")
def sets(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Every set, the latest first, and a new one."""
    place = at_project(request, workspace, project)
    form = SetForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        made = attempt(form, lambda: _register(place, form.cleaned_data))
        if made is not None:
            messages.success(request, THERE.format(made.name, f"{made.n_texts:,}"))
            return redirect("evaluation-sets", workspace, project)
    after = request.GET.get("after", "")
    return show(
        request,
        "curation/evaluation.html",
        place,
        status=422 if form.errors else 200,
        form=form,
        page=page_of(sets_of(place.project), after=after, limit=ROWS, by=("-pk",)),
        current="runs",
    )


@page("POST")
def retire(
    request: HttpRequest, workspace: str, project: str, evaluation: uuid.UUID
) -> HttpResponse:
    """Stop looking for a set."""
    place = at_project(request, workspace, project)
    found = access.evaluation_set(place, evaluation)
    retire_set(place=place, evaluation_set=found, now=timezone.now())
    messages.success(request, f"Later runs no longer look for {found.name}.")
    return redirect("evaluation-sets", workspace, project)


def _register(place: ProjectPlace, given: dict[str, Any]) -> EvaluationSet:
    now, kind, name = timezone.now(), given["kind"], given["name"]
    if kind == ITEMS:
        return register_items(place=place, name=name or "Evaluation items", now=now)
    if kind in BUNDLED:
        return register_bundled(place=place, name=kind, now=now)
    return register_upload(
        place=place,
        name=name or given["file"].name,
        content=given["file"].read(),
        fields=[each.strip() for each in given["fields_to_read"].split(",") if each.strip()],
        licence=given["licence"],
        now=now,
    )
