"""From a run to a version: choose the dataset it goes into; and on the run's page, the versions that were made of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from curation import access as runs
from curation.models import Run
from exports import access
from exports.actions.datasets import NameTaken, make_dataset, publish
from exports.models import Dataset, DatasetVersion
from exports.queries import datasets_of, published_into, versions_of_run
from feedback.access import Place, ProjectPlace
from feedback.rooms.doors import at_project, page, show, who
from feedback.rooms.refused import attempt

from .datasets import DatasetForm


class IntoForm(forms.Form):
    """A dataset that is there."""

    dataset = forms.ChoiceField(help_text="The version gets its next number.")

    def __init__(self, place: Place, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slugs = datasets_of(place.workspace).order_by("slug").values_list("slug", flat=True)
        self.fields["dataset"].choices = [(slug, slug) for slug in slugs]  # type: ignore[attr-defined]


@page("GET", "POST")
def publish_run(request: HttpRequest, workspace: str, project: str, number: int) -> HttpResponse:
    """Choose a dataset, or name a new one, and publish; a worker writes the files."""
    place = at_project(request, workspace, project)
    run = runs.run(place, number)
    sent = request.POST or None
    into_there = "dataset" in request.POST
    usual = _usual(request, place)
    there = IntoForm(place, sent if into_there else None, initial=usual)
    fresh = DatasetForm(None if into_there else sent, initial=usual)
    form: forms.Form = there if into_there else fresh
    if form.is_valid():
        version = attempt(form, lambda: _publish(request, place, run, form.cleaned_data))
        if version is not None:
            messages.success(request, _said(version))
            return redirect("version", workspace, version.dataset.slug, version.name)
    return show(
        request,
        "exports/publish.html",
        place,
        status=422 if form.errors else 200,
        there=there if there.fields["dataset"].choices else None,  # type: ignore[attr-defined]
        fresh=fresh,
        run=run,
        current="runs",
    )


@page()
def run_versions(request: HttpRequest, workspace: str, project: str, number: int) -> HttpResponse:
    """What was published of a run: a part of its page, and a page of its own."""
    place = at_project(request, workspace, project)
    run = runs.run(place, number)
    context: dict[str, Any] = {"run": run, "versions": list(versions_of_run(run))}
    if request.headers.get("HX-Request"):
        frame = {"workspace": place.workspace, "project": place.project}
        return render(request, "exports/run_versions/slot.html", {**frame, **context})
    return show(request, "exports/run_versions.html", place, current="runs", **context)


def _publish(
    request: HttpRequest, place: ProjectPlace, run: Run, given: dict[str, Any]
) -> DatasetVersion:
    now = timezone.now()
    return publish(place=place, dataset=_dataset(request, place, run, given), run=run, now=now)


def _dataset(request: HttpRequest, place: Place, run: Run, given: dict[str, Any]) -> Dataset:
    if "dataset" in given:
        return access.dataset(who(request), place.workspace.slug, given["dataset"])[1]
    try:
        return make_dataset(place=place, now=timezone.now(), **given)
    except NameTaken:
        # The same form sent twice: the first time has made it, and the version in it.
        made = versions_of_run(run).filter(dataset__slug=given["slug"]).first()
        if made is None:
            raise
        return made.dataset


def _usual(request: HttpRequest, place: ProjectPlace) -> dict[str, str]:
    """The dataset one came from, or where the project's runs went before; else a name made of the project's."""
    if wanted := request.GET.get("dataset", ""):
        return {"dataset": wanted}
    dataset = published_into(place.project)
    if dataset is not None:
        return {"dataset": dataset.slug}
    return {"slug": f"{place.project.slug}-prefs", "title": place.project.name}


def _said(version: DatasetVersion) -> str:
    name = f"{version.dataset.slug} {version.name}"
    if version.state == DatasetVersion.State.BUILDING:
        return f"{name} is being written; you can leave this page."
    return f"This run is {name} already."
