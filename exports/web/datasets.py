"""Datasets of a workspace: the list with a new one, and one with its versions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from exports import access
from exports.actions.datasets import make_dataset
from exports.queries import (
    datasets_of,
    finished_runs,
    latest_of,
    listed,
    numbers_of_runs,
    pulls_by_version,
    versions_of,
)
from feedback.models import Role
from feedback.queries.pages import page as page_of
from feedback.rooms.doors import ROWS, at_workspace, page, show, who
from feedback.rooms.refused import attempt

NAME_HELP = (
    "What trainers load: small letters, digits, dots, hyphens. It cannot be changed or used again."
)
LICENCE_HELP = "An identifier as trainers’ tools know it, like apache-2.0 or cc-by-4.0. Empty is said to be unknown."


class DatasetForm(forms.Form):
    """A name for versions, and what its card says of it."""

    slug = forms.CharField(label="Short name", max_length=90, help_text=NAME_HELP)
    title = forms.CharField(max_length=200, required=False, help_text="The heading of its card.")
    licence = forms.CharField(max_length=100, required=False, help_text=LICENCE_HELP)


@page("GET", "POST")
def datasets(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every dataset, and a new one."""
    place = at_workspace(request, workspace, Role.MANAGER)
    form = DatasetForm(request.POST or None)
    if form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        made = attempt(form, lambda: make_dataset(place=place, now=timezone.now(), **given))
        if made is not None:
            messages.success(request, f"{made.slug} is there, without a version so far.")
            return redirect("dataset", workspace, made.slug)
    after = request.GET.get("after", "")
    found = page_of(datasets_of(place.workspace), after=after, limit=ROWS, by=("slug",))
    return show(
        request,
        "exports/datasets.html",
        place,
        status=422 if form.errors else 200,
        form=form,
        page=found,
        rows=listed(found.rows),
        current="datasets",
    )


@page()
def dataset(request: HttpRequest, workspace: str, dataset: str) -> HttpResponse:
    """One dataset: its versions, and what could be published next."""
    place, found = access.dataset(who(request), workspace, dataset)
    after = request.GET.get("after", "")
    versions = page_of(versions_of(found), after=after, limit=ROWS, by=("-major", "-minor"))
    pulls = pulls_by_version(versions.rows)
    runs = finished_runs(place.workspace)
    known = numbers_of_runs(found, runs)
    return show(
        request,
        "exports/dataset.html",
        place,
        dataset=found,
        versions=[(version, pulls.get(version.pk, 0)) for version in versions.rows],
        latest=latest_of([found]).get(found.pk),
        page=versions,
        runs=[(run, known.get(run.pk)) for run in runs],
        current="datasets",
    )
