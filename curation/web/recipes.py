"""Recipes of a project: what each does stage by stage, its versions compared, a new one begun, and one written as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from curation import access
from curation.actions.recipes import FIRST, change_recipe, first_recipe
from curation.models import RecipeVersion
from curation.queries.agreement import titles_of
from curation.queries.recipes import (
    Step,
    changes,
    latest_versions,
    side_by_side,
    steps_of,
    versions_of,
    with_runs,
)
from curation.stages.recipes import RECIPES
from feedback.access import ProjectPlace
from feedback.errors import Invalid
from feedback.rooms.doors import at_project, page, show

from .recipe_editor import BUNDLED, announce_version

VERSIONS_SHOWN, OLDER_VERSIONS = 20, 100


class RecipeForm(forms.Form):
    """The recipe's name, and what it does as JSON."""

    slug = forms.SlugField(
        label="Short name",
        max_length=60,
        help_text="The name of a recipe that is here makes its next version; another one begins a recipe.",
    )
    document = forms.CharField(
        label="The recipe as JSON",
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "class": "tall code", "spellcheck": "false"}),
        help_text="`questions` (empty: the form’s own), and `stages` in their order, each with its `params`.",
    )

    def clean_document(self) -> dict[str, Any]:
        try:
            value = json.loads(self.cleaned_data["document"])
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise forms.ValidationError(
                f"This is not JSON: look at {where}.", code="not_json"
            ) from error
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError("This is not JSON.", code="not_json") from error
        if not isinstance(value, dict):
            raise forms.ValidationError("A recipe is a JSON object, in braces.", code="not_json")
        return value


class NewRecipeForm(forms.Form):
    """The name of a new recipe, and which one it begins like."""

    slug = forms.SlugField(
        label="Short name", max_length=60, help_text="Small letters, digits and hyphens."
    )
    like = forms.ChoiceField(
        label="Begin like",
        help_text="It is copied into the editor; nothing is kept until you publish it.",
    )

    def __init__(self, place: ProjectPlace, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.taken = {each.recipe.slug for each in latest_versions(place.project)}
        own = FIRST.get(place.project.domain, "chat")
        bundled = sorted(RECIPES.values(), key=lambda recipe: recipe.name != own)
        mine = [(_key(row), _name(row)) for row in latest_versions(place.project)]
        brought = [(f"{BUNDLED}:{each.name}", f"{each.name}: {each.says}") for each in bundled]
        groups = [("Of this project", mine), ("That Touchstone brings", brought)]
        self.fields["like"].choices = [group for group in groups if group[1]]  # type: ignore[attr-defined]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug in self.taken:
            raise forms.ValidationError("There is a recipe of this name; choose another.", "taken")
        return slug


def _name(version: RecipeVersion) -> str:
    return f"{version.recipe.slug} v{version.version}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A recipe at its latest version: its stages and the questions it reads, by title."""

    version: RecipeVersion
    steps: list[Step]
    questions: list[str]

    @property
    def changed(self) -> int:
        """How many settings are not at their default."""
        return sum(not setting.usual for step in self.steps for setting in step.settings)


@dataclass(frozen=True, slots=True)
class Made:
    """A version in the list, and what it changed."""

    version: RecipeVersion
    changes: list[str]

    @property
    def before(self) -> int:
        """The version that it follows, 0 for the first."""
        return self.version.version - 1


@page()
def recipes(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Every recipe as it is now, and the versions that led there."""
    place = at_project(request, workspace, project)
    titles = titles_of(place.project)
    return show(
        request,
        "curation/recipes.html",
        place,
        recipes=[_shown(version, titles) for version in latest_versions(place.project)],
        versions=_made(place),
        current="runs",
    )


@page("POST")
def first(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Make the recipe of the project's domain, for a project that has none yet."""
    place = at_project(request, workspace, project)
    made = first_recipe(project=place.project, now=timezone.now())
    messages.success(request, f"{made.recipe.slug} v{made.version} is there.")
    return redirect("recipes", workspace, project)


@page()
def version(
    request: HttpRequest, workspace: str, project: str, recipe: str, version: int
) -> HttpResponse:
    """One version, as runs used it."""
    place = at_project(request, workspace, project)
    found = access.recipe_version(place, recipe, version)
    return show(
        request,
        "curation/recipe_version.html",
        place,
        recipe=_shown(found, titles_of(place.project)),
        document=_pretty(found),
        current="runs",
    )


@page("GET", "POST")
def new(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """A new recipe, begun like one that is there or one that Touchstone brings; the editor opens with it."""
    place = at_project(request, workspace, project)
    form = NewRecipeForm(place, request.POST or None, initial={"like": request.GET.get("like")})
    if form.is_valid():
        slug, like = form.cleaned_data["slug"], form.cleaned_data["like"]
        where = reverse("recipe-begin", args=[workspace, project])
        return redirect(f"{where}?{urlencode({'slug': slug, 'like': like})}")
    status = 422 if form.errors else 200
    template = "curation/recipe_new.html"
    return show(request, template, place, status=status, form=form, current="runs")


@page()
def compare(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Two versions side by side, `a` and `b` in the address; what differs is marked."""
    place = at_project(request, workspace, project)
    rows = list(versions_of(place.project).order_by("-pk")[:OLDER_VERSIONS])
    both = [_picked(place, request.GET.get(name, "")) for name in ("a", "b")]
    context: dict[str, Any] = {"versions": [(_key(row), _name(row)) for row in rows]}
    a, b = both
    if a is not None and b is not None:
        context |= {"a": a, "b": b, "a_key": _key(a), "b_key": _key(b)}
        context |= {"changes": changes(a, b), "lines": side_by_side(a, b)}
    return show(request, "curation/recipe_compare.html", place, current="runs", **context)


@page("GET", "POST")
def edit_json(request: HttpRequest, workspace: str, project: str, recipe: str) -> HttpResponse:
    """A new version of a recipe."""
    place = at_project(request, workspace, project)
    latest = access.recipe_version(place, recipe)
    initial = {"slug": recipe, "document": _pretty(latest)}
    form = RecipeForm(request.POST or None, initial=initial)
    problems: list[dict[str, Any]] = []
    if form.is_valid():
        try:
            made = change_recipe(place=place, now=timezone.now(), **form.cleaned_data)
        except Invalid as refusal:
            problems = refusal.problems
            form.add_error("document", refusal.sentence)
        else:
            announce_version(request, latest, made)
            return redirect("recipes", workspace, project)
    return show(
        request,
        "curation/recipe_json.html",
        place,
        status=422 if form.errors else 200,
        form=form,
        latest=latest,
        problems=problems,
        current="runs",
    )


def _picked(place: ProjectPlace, key: str) -> RecipeVersion | None:
    slug, _, number = key.partition(":")
    if not number.isdigit() or len(number) > 8:
        return None
    return access.recipe_version(place, slug, int(number))


def _key(version: RecipeVersion) -> str:
    return f"{version.recipe.slug}:{version.version}"


def _shown(version: RecipeVersion, titles: dict[str, str]) -> Shown:
    questions = [titles.get(each, each) for each in version.questions]
    return Shown(version, steps_of(version.stages), questions)


def _made(place: ProjectPlace) -> list[Made]:
    """The latest versions, newest first, each compared with the one before it of its recipe."""
    rows = list(with_runs(versions_of(place.project)).order_by("-pk")[: VERSIONS_SHOWN + 1])
    return [Made(row, _changes(row, rows)) for row in rows[:VERSIONS_SHOWN]]


def _changes(row: RecipeVersion, rows: Sequence[RecipeVersion]) -> list[str]:
    before = [
        other
        for other in rows
        if other.recipe_id == row.recipe_id and other.version == row.version - 1
    ]
    return changes(before[0], row) if before else []


def _pretty(version: RecipeVersion) -> str:
    document = {"questions": version.questions, "stages": version.stages}
    return json.dumps(document, indent=2, ensure_ascii=False)
