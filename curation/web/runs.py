"""Runs of a project: the list, and a new one."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from curation import access
from curation.actions.bases import Bases, bases_of
from curation.actions.recipes import first_recipe
from curation.actions.start_run import start_run
from curation.models import RecipeVersion, Run
from curation.queries.recipes import versions_of
from curation.queries.runs import runs_of
from feedback.access import ProjectPlace
from feedback.queries.pages import page as page_of
from feedback.rooms.doors import ROWS, at_project, first_time, page, show
from feedback.rooms.refused import attempt

OLDER_VERSIONS = 50
OWN, NONE = "", ""
BEGUN = "Run {} has begun. Workers read the reviews; you can leave this page."


class RunForm(forms.Form):
    """Which recipe, and the number that chance begins with."""

    recipe = forms.ChoiceField(
        required=False,
        help_text="A version of a recipe never changes; edit it to make the next one.",
    )
    since = forms.ChoiceField(
        required=False,
        label="Go on from",
        help_text="Keeps what that run estimated of the raters, with its recipe and seed, and decides again only over what is new and what that touches.",
    )
    seed = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31,
        help_text="Decides what is drawn by chance. The same reviews, recipe and seed give the same result.",
    )
    once = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, place: ProjectPlace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = versions_of(place.project).order_by("-pk")[:OLDER_VERSIONS]
        named = [(_named(row), _name(row)) for row in rows]
        self.fields["recipe"].choices = [(OWN, "The project’s own, as it is now"), *named]  # type: ignore[attr-defined]
        self._offer(bases_of(place.project))

    def _offer(self, bases: Bases) -> None:
        """The runs that this one may go on from; without any the field is off and says why."""
        self.bases = {str(run.number): run for run in bases.runs}
        named = [(number, _after(run)) for number, run in self.bases.items()]
        field = self.fields["since"]
        field.choices = [(NONE, "No run: read every review"), *named]  # type: ignore[attr-defined]
        if bases.why_not:
            field.disabled, field.help_text = True, bases.why_not

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        since = self.bases.get(said.get("since", ""))
        if since is not None:
            if said.get("recipe") not in {OWN, _named(since.recipe_version)}:
                wrong = f"Run {since.number} is of {_name(since.recipe_version)}; a run goes on with the same recipe."
                self.add_error("since", wrong)
            if said.get("seed") not in {None, since.seed}:
                wrong = (
                    f"Run {since.number} has the seed {since.seed}; a run goes on with the same."
                )
                self.add_error("seed", wrong)
        return said

    @property
    def base(self) -> Run | None:
        """The run to go on from."""
        return self.bases.get(self.cleaned_data["since"])

    def version(self, place: ProjectPlace) -> RecipeVersion:
        """The chosen version, else that of the run to go on from. The project's own recipe is made where there is none yet."""
        if self.base is not None:
            return self.base.recipe_version
        slug, _, number = self.cleaned_data["recipe"].partition(":")
        if slug == OWN:
            return first_recipe(project=place.project, now=timezone.now())
        return access.recipe_version(place, slug, int(number))


@page()
def runs(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Every run, the latest first."""
    place = at_project(request, workspace, project)
    after = request.GET.get("after", "")
    found = page_of(runs_of(place.project), after=after, limit=ROWS, by=("-number",))
    return show(request, "curation/runs.html", place, page=found, current="runs")


@page("GET", "POST")
def new(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Choose a recipe and begin."""
    place = at_project(request, workspace, project)
    initial = {"once": secrets.token_urlsafe(12), "since": request.GET.get("since", NONE)}
    form = RunForm(place, request.POST or None, initial=initial)
    if form.is_valid():
        if not first_time(request, form.cleaned_data["once"]):
            messages.info(request, "This run was begun already.")
            return redirect("runs", workspace, project)
        since = form.base
        seed = since.seed if since else form.cleaned_data["seed"] or 0
        run = attempt(form, lambda: _start(place, form.version(place), seed, since))
        if run is not None:
            messages.success(request, BEGUN.format(run.number))
            return redirect("run", workspace, project, run.number)
    status = 422 if form.errors else 200
    return show(request, "curation/run_new.html", place, status=status, form=form, current="runs")


@page("POST")
def again(request: HttpRequest, workspace: str, project: str, number: int) -> HttpResponse:
    """The same recipe version and seed over the reviews as they are now."""
    place = at_project(request, workspace, project)
    before = access.run(place, number)
    if not first_time(request, request.POST.get("once", "")):
        messages.info(request, "This run was begun already.")
        return redirect("runs", workspace, project)
    run = _start(place, before.recipe_version, before.seed)
    messages.success(request, BEGUN.format(run.number))
    return redirect("run", workspace, project, run.number)


def _start(place: ProjectPlace, version: RecipeVersion, seed: int, since: Run | None = None) -> Run:
    return start_run(place=place, version=version, seed=seed, since=since, now=timezone.now())


def _named(version: RecipeVersion) -> str:
    return f"{version.recipe.slug}:{version.version}"


def _after(run: Run) -> str:
    return f"Run {run.number}, {_name(run.recipe_version)}: only what is new since then"


def _name(version: RecipeVersion) -> str:
    return f"{version.recipe.slug} v{version.version}"
