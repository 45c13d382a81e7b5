"""Recipes of a project: the one of its domain to begin with, and every later version."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction

from curation.models import Recipe, RecipeVersion
from curation.stages import recipes
from feedback.access import ProjectPlace
from feedback.errors import Invalid
from feedback.models import Project, User
from feedback.readers.identity import canonical

FIRST = {"chat": "chat", "legal_brief": "legal", "code_pr": "chat", "code_review": "code"}


def first_recipe(*, project: Project, now: dt.datetime) -> RecipeVersion:
    """The latest version of the project's own recipe, made from its domain's at the first call."""
    slug = FIRST.get(project.domain, "chat")
    return _latest(project, slug) or save_recipe(
        project=project,
        slug=slug,
        document=recipes.RECIPES[slug].document(),
        by=None,
        now=now,
    )


@transaction.atomic
def save_recipe(
    *, project: Project, slug: str, document: dict[str, Any], by: User | None, now: dt.datetime
) -> RecipeVersion:
    """A new version of a recipe, made with its first. The same content again is no new version. Raises Invalid."""
    checked = checked_recipe({**document, "name": slug}).document()
    digest = hashlib.sha256(canonical([checked["questions"], checked["stages"]])).digest()
    Project.objects.select_for_update().get(pk=project.pk)
    recipe, _ = Recipe.objects.get_or_create(
        workspace_id=project.workspace_id,
        project=project,
        slug=slug,
        defaults={"created_at": now},
    )
    latest = recipe.versions.order_by("-version").first()
    if latest is not None and bytes(latest.sha256) == digest:
        return latest
    return RecipeVersion.objects.create(
        workspace_id=project.workspace_id,
        recipe=recipe,
        version=latest.version + 1 if latest else 1,
        questions=checked["questions"],
        stages=checked["stages"],
        sha256=digest,
        created_at=now,
        created_by=by,
    )


def change_recipe(
    *, place: ProjectPlace, slug: str, document: dict[str, Any], now: dt.datetime
) -> RecipeVersion:
    """A manager's new version of a recipe. Raises Invalid with every problem and its path."""
    return save_recipe(project=place.project, slug=slug, document=document, by=place.user, now=now)


def recipe_of(version: RecipeVersion) -> recipes.Recipe:
    """A stored version as the stages run it."""
    return recipes.parse_recipe(
        {"name": version.recipe.slug, "questions": version.questions, "stages": version.stages}
    )


def checked_recipe(document: dict[str, Any]) -> recipes.Recipe:
    """The recipe of a document. Raises Invalid."""
    try:
        return recipes.parse_recipe(document)
    except recipes.BadRecipe as error:
        raise Invalid(
            "The recipe cannot be used as it is.",
            problems=[
                {"path": p.path, "code": p.code, "sentence": p.sentence} for p in error.problems
            ],
        ) from error


def _latest(project: Project, slug: str) -> RecipeVersion | None:
    return (
        RecipeVersion.objects.filter(recipe__project=project, recipe__slug=slug)
        .select_related("recipe")
        .order_by("-version")
        .first()
    )


def copy_recipes(*, workspace_id: int, project_id: int, copy_id: int, now: dt.datetime) -> int:
    """The latest version of every recipe of a project, in the project that was made like it. Twice is once."""
    copy = Project.objects.filter(pk=copy_id, workspace_id=workspace_id).first()
    rows = Recipe.objects.filter(project_id=project_id, workspace_id=workspace_id)
    if copy is None:
        return 0
    copied = 0
    for recipe in rows.order_by("slug"):
        version = recipe.versions.order_by("-version").first()
        if version is not None and not copy.recipes.filter(slug=recipe.slug).exists():
            document = {"questions": version.questions, "stages": version.stages}
            save_recipe(project=copy, slug=recipe.slug, document=document, by=None, now=now)
            copied += 1
    return copied
