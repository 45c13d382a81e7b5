"""Recipes: versioned lists of stages with their parameters."""

from __future__ import annotations

import pghistory
from django.db import models
from django.utils import timezone

from feedback.models import Project, User
from feedback.models.base import TenantKey, TenantModel, permanent, unique_in_workspace


@pghistory.track()
class Recipe(TenantModel):
    """A named way from reviews to pairs. What it does stands in its versions."""

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="recipes",
        db_constraint=False,
        db_index=False,
    )
    slug = models.SlugField(max_length=60)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "slug"], name="recipe_slug_once"),
            unique_in_workspace("recipe_workspace_id"),
            TenantKey("project", name="recipe_project"),
        ]


class RecipeVersion(TenantModel):
    """One version of a recipe: `[{"stage": name, "params": {…}}, …]`. Never changed."""

    recipe = models.ForeignKey(
        Recipe,
        on_delete=models.PROTECT,
        related_name="versions",
        db_constraint=False,
        db_index=False,
    )
    version = models.PositiveIntegerField()
    questions = models.JSONField(default=list)
    stages = models.JSONField()
    sha256 = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recipe", "version"], name="recipe_version_once"),
            unique_in_workspace("recipe_version_workspace_id"),
            TenantKey("recipe", name="recipe_version_recipe"),
        ]
        triggers = permanent("recipe_version")
