"""The editor of a recipe: stages are added, moved, set and removed one round trip at a time, and tried on a sample beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from curation import access
from curation.actions.recipes import change_recipe, checked_recipe
from curation.models import RecipeVersion
from curation.queries.recipes import changes, questions_to_ask
from curation.stages import STAGES_BY_NAME
from curation.stages.base import Param, Stage
from curation.stages.editing import (
    Document,
    added,
    completed,
    from_fields,
    moved,
    offered,
    removable,
    without,
)
from curation.stages.recipes import RECIPES
from feedback.access import ProjectPlace
from feedback.errors import Invalid, NotThere
from feedback.rooms.doors import at_project, page, show

BUNDLED = "bundled"
SLUG = re.compile(r"[-\w]{1,60}", re.ASCII)
Problem = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a stage in the editor, with what is wrong with it."""

    param: Param
    name: str
    value: Any
    wrong: list[str]

    @property
    def bounds(self) -> str:
        """What it may be, in words."""
        if self.param.least is None or self.param.choices:
            return ""
        most = self.param.most
        return (
            f"{self.param.least:,.9g} to {most:,.9g}" if most else f"from {self.param.least:,.9g}"
        )

    @property
    def hint(self) -> str:
        """What it does or may be, and what it usually is where it is something else."""
        usual = f"usually {self.param.default}"
        said = self.param.help or self.bounds
        return "; ".join(
            filter(None, [said, usual if said and self.value != self.param.default else ""])
        )


@dataclass(frozen=True, slots=True)
class Block:
    """One stage in the editor."""

    number: int
    stage: Stage
    settings: list[Setting]
    wrong: list[str]
    removable: bool


@page("GET", "POST")
def edit(request: HttpRequest, workspace: str, project: str, recipe: str) -> HttpResponse:
    """The recipe in fields. Sent with `do`, one thing is changed and it is shown again; with `do=publish` it is a version."""
    place = at_project(request, workspace, project)
    latest = access.recipe_version(place, recipe)
    if request.method != "POST":
        return _editor(request, place, recipe, latest, document_of(latest))
    return _done(request, place, recipe, latest)


@page("GET", "POST")
def begin(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The same for a recipe `slug` that is not there yet: opened with what `like` names, and made by publishing it."""
    place = at_project(request, workspace, project)
    slug = request.POST.get("slug") or request.GET.get("slug") or ""
    if not SLUG.fullmatch(slug) or access.latest_recipe(place, slug) is not None:
        return redirect("recipe-new", workspace, project)
    if request.method != "POST":
        like = _like(place, request.GET.get("like", ""))
        return _editor(request, place, slug, None, like)
    return _done(request, place, slug, None)


def _done(
    request: HttpRequest, place: ProjectPlace, slug: str, latest: RecipeVersion | None
) -> HttpResponse:
    """What the editor sent, done: one change, or the version."""
    document = from_fields(dict(request.POST.lists()))
    do = request.POST.get("do", "")
    if do != "publish":
        document, said = _changed(document, do, request.POST.get("add", ""))
        return _editor(request, place, slug, latest, document, said=said)
    try:
        made = change_recipe(place=place, slug=slug, document=document, now=timezone.now())
    except Invalid as refusal:
        said = refusal.sentence
        return _editor(request, place, slug, latest, document, said=said, status=422)
    announce_version(request, latest, made)
    where = (place.workspace.slug, place.project.slug, slug, made.version)
    return redirect("recipe-version", *where)


def announce_version(
    request: HttpRequest, before: RecipeVersion | None, made: RecipeVersion
) -> None:
    """Say that there is a version, or that nothing is new."""
    if before is not None and made.pk == before.pk:
        said = "The recipe says the same as before, so there is no new version."
        messages.info(request, said)
    else:
        name = f"{made.recipe.slug} v{made.version}"
        messages.success(request, f"{name} is there. Runs can use it now.")


def document_of(version: RecipeVersion) -> Document:
    """What a version does, as an editor takes it."""
    return {"questions": version.questions, "stages": version.stages}


def _like(place: ProjectPlace, named: str) -> Document:
    """What a new recipe begins with: a version of the project, or a recipe that Touchstone brings. Raises NotThere."""
    slug, _, number = named.partition(":")
    if slug == BUNDLED and number in RECIPES:
        return RECIPES[number].document()
    if not number.isdigit() or len(number) > 8:
        raise NotThere
    return document_of(access.recipe_version(place, slug, int(number)))


def _changed(document: Document, do: str, name: str) -> tuple[Document, str]:
    """The recipe after one thing was done to it, and that in words."""
    verb, *rest = do.split(":")
    entries: Sequence[dict[str, Any]] = document["stages"]
    if verb == "add" and name in {stage.name for stage in offered(document)}:
        after = added(document, name)
        at = [entry["stage"] for entry in after["stages"]].index(name)
        return after, f"“{STAGES_BY_NAME[name].title}” is now stage {at + 1}."
    places = [int(each) for each in rest if each.isdigit() and len(each) < 4]
    if not places or places[0] >= len(entries):
        return document, ""
    at = places[0]
    stage = STAGES_BY_NAME[entries[at]["stage"]]
    if verb == "remove" and removable(stage.name):
        return without(document, at), f"“{stage.title}” is removed."
    steps = {"up": at - 1, "down": at + 1, "move": places[-1]}
    if verb not in steps:
        return document, ""
    after = moved(document, at, steps[verb])
    now = [entry["stage"] for entry in after["stages"]].index(stage.name)
    return after, f"“{stage.title}” is now stage {now + 1}."


def _editor(
    request: HttpRequest,
    place: ProjectPlace,
    slug: str,
    latest: RecipeVersion | None,
    document: Document,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    document = completed(document)
    problems = _problems(slug, document)
    context = {
        "slug": slug,
        "url": _url(place, slug, latest),
        "latest": latest,
        "next": latest.version + 1 if latest else 1,
        "blocks": _blocks(document, problems),
        "general": [p for p in problems if not p["path"].startswith("stages.")],
        "offered": offered(document),
        "questions": questions_to_ask(place.project),
        "asked": document["questions"],
        "changes": changes(latest, RecipeVersion(**document)) if latest and not problems else [],
        "fits": not problems,
        "refused": status == 422,
        "said": said,
    }
    if request.headers.get("HX-Request"):
        frame = {"workspace": place.workspace, "project": place.project}
        return render(request, "curation/recipe_edit.html#editor", {**frame, **context})
    template = "curation/recipe_edit.html"
    return show(request, template, place, status=status, current="runs", **context)


def _url(place: ProjectPlace, slug: str, latest: RecipeVersion | None) -> str:
    where = [place.workspace.slug, place.project.slug]
    return (
        reverse("recipe-edit", args=[*where, slug])
        if latest
        else reverse("recipe-begin", args=where)
    )


def _problems(slug: str, document: Document) -> list[dict[str, Any]]:
    try:
        checked_recipe({**document, "name": slug})
    except Invalid as refusal:
        return refusal.problems
    return []


def _blocks(document: Document, problems: list[dict[str, Any]]) -> list[Block]:
    return [
        _block(number, STAGES_BY_NAME[entry["stage"]], entry["params"], problems)
        for number, entry in enumerate(document["stages"])
    ]


def _block(number: int, stage: Stage, params: Mapping[str, Any], problems: list[Any]) -> Block:
    at = f"stages.{number}"
    settings = [
        Setting(
            param,
            f"s.{number}.{param.name}",
            params.get(param.name, param.default),
            [p["sentence"] for p in problems if p["path"] == f"{at}.params.{param.name}"],
        )
        for param in stage.params
    ]
    wrong = [p["sentence"] for p in problems if p["path"] in {at, f"{at}.params"}]
    return Block(number, stage, settings, wrong, removable(stage.name))
