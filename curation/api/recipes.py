"""Recipes by API: the stages there are, every version, a new one, looked at or tried before it is saved."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from curation import access
from curation.actions.dry_run import start_dry_run
from curation.actions.recipes import change_recipe, checked_recipe
from curation.models import RecipeVersion
from curation.queries.recipes import changes, versions_of
from curation.stages import STAGES
from curation.stages.recipes import RECIPES
from feedback.access import ProjectPlace
from feedback.errors import Invalid, NotThere
from feedback.models import Role, Scope
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from . import shapes, shapes_recipes
from .runs import FOLLOW

TAG = "recipes"


@operation(TAG, gives=page_of(shapes.RecipeVersion), query=PageQuery)
def list_recipes(request: Request, workspace: str, project: str) -> Response:
    """Every version of every recipe of the project, the latest first."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)
    return paged(read_query(PageQuery, request), versions_of(place.project), shapes.RecipeVersion)


@operation(
    TAG,
    takes=shapes.NewRecipe,
    gives=shapes.RecipeVersion,
    status=201,
    examples=[
        example(
            "Decided pairs only",
            {
                "recipe": "decided",
                "stages": [
                    {"stage": "votes", "params": {"method": "majority"}},
                    {"stage": "decided"},
                    {"stage": "splits"},
                ],
            },
            asked=True,
        )
    ],
)
@idempotent
def make_recipe(request: Request, workspace: str, project: str) -> Response:
    """Make the next version of a recipe, or its first. The same content again is no new version."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_WRITE)
    said = read(shapes.NewRecipe, request)
    document = {"questions": said["questions"], "stages": said["stages"]}
    version = change_recipe(place=place, slug=said["recipe"], document=document, now=timezone.now())
    return Response(shapes.RecipeVersion(version).data, status=201)


@operation(TAG, gives=shapes_recipes.Catalogue)
def list_stages(request: Request, workspace: str, project: str) -> Response:
    """What recipes are made of: every stage with its settings and their bounds, and the recipes to begin with."""
    at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)
    brought = [recipe.document() for recipe in RECIPES.values()]
    return Response(shapes_recipes.Catalogue({"stages": STAGES, "recipes": brought}).data)


@operation(TAG, gives=shapes.RecipeVersion)
def read_recipe(
    request: Request, workspace: str, project: str, recipe: str, recipe_version: int
) -> Response:
    """One version of a recipe."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)
    return Response(shapes.RecipeVersion(access.recipe_version(place, recipe, recipe_version)).data)


@operation(TAG, takes=shapes_recipes.RecipeToCheck, gives=shapes_recipes.Checked)
def check_recipe(request: Request, workspace: str, project: str) -> Response:
    """Everything that is wrong with a recipe, and what it would change. Nothing is saved."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)
    said = read(shapes_recipes.RecipeToCheck, request)
    document = {"name": said["recipe"] or "unnamed", **_body(said)}
    try:
        whole = checked_recipe(document).document()
    except Invalid as refusal:
        found = {"problems": refusal.problems, "changes": [], **_body(said)}
        return Response(shapes_recipes.Checked(found).data)
    latest = access.latest_recipe(place, said["recipe"]) if said["recipe"] else None
    moved = changes(latest, RecipeVersion(**_body(whole))) if latest else []
    found = {"problems": [], "changes": moved, **_body(whole)}
    return Response(shapes_recipes.Checked(found).data)


@operation(TAG, gives=shapes_recipes.Changes, query=shapes_recipes.VersionsQuery)
def compare_recipes(request: Request, workspace: str, project: str) -> Response:
    """What one version does differently than another, in sentences."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)
    query = read_query(shapes_recipes.VersionsQuery, request)
    latest = versions_of(place.project).order_by("-pk").first()
    a, b = (_version(place, query[name]) or latest for name in ("a", "b"))
    if a is None or b is None:
        raise NotThere
    return Response(shapes_recipes.Changes({"changes": changes(a, b)}).data)


@operation(
    TAG,
    takes=shapes_recipes.NewDryRun,
    gives=shapes_recipes.DryRun,
    status=202,
    examples=[example("Votes alone", {"stages": [{"stage": "votes"}], "sample": 200}, asked=True)],
)
@idempotent
def try_recipe(request: Request, workspace: str, project: str) -> Response:
    """Try a recipe on a sample of the items: the same stages as a run, and no pair is written."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_WRITE)
    said = read(shapes_recipes.NewDryRun, request)
    row = start_dry_run(
        place=place, document=_body(said), sample=said["sample"], now=timezone.now()
    )
    return Response(shapes_recipes.DryRun(row).data, status=202)


@operation(TAG, gives=shapes_recipes.DryRun)
def read_trial(request: Request, workspace: str, project: str, trial: uuid.UUID) -> Response:
    """How far a recipe on a sample is, stage by stage."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)
    return Response(shapes_recipes.DryRun(access.dry_run(place, trial)).data)


def _version(place: ProjectPlace, named: str) -> RecipeVersion | None:
    slug, _, number = named.partition(":")
    return access.recipe_version(place, slug, int(number)) if named else None


def _body(said: dict[str, Any]) -> dict[str, Any]:
    return {"questions": said["questions"], "stages": said["stages"]}
