"""Recipes by API: every version, and a new one."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from curation.actions.recipes import change_recipe
from curation.queries.recipes import versions_of
from feedback.models import Role, Scope
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from . import shapes
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
