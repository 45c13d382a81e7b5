"""Addresses of curation's pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from . import (
    agreement,
    alike,
    by_hand,
    compare,
    dry_runs,
    duplicates,
    evaluation,
    leaderboard,
    methods,
    pairs,
    recipe_editor,
    recipes,
    run,
    runs,
    similar,
)

_PROJECT = "w/<slug:workspace>/p/<slug:project>/"
_RUN = _PROJECT + "runs/<int:number>/"
_RECIPES = _PROJECT + "recipes/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(_PROJECT + "agreement/", agreement.agreement, name="project-agreement"),
    path(_PROJECT + "models/", leaderboard.leaderboard, name="models"),
    path(_PROJECT + "duplicates/", duplicates.duplicates, name="duplicates"),
    path(_PROJECT + "duplicates/<uuid:texts>/", duplicates.duplicate, name="duplicate"),
    path(_PROJECT + "imports/<uuid:job>/similar/", similar.of_import, name="import-similar"),
    path(_PROJECT + "items/<uuid:item>/similar/", alike.of_item, name="item-similar"),
    path(_PROJECT + "vectors/", alike.begin, name="vectors"),
    path(_PROJECT + "vectors/send/", alike.send, name="vectors-send"),
    path(_PROJECT + "runs/", runs.runs, name="runs"),
    path(_PROJECT + "runs/new/", runs.new, name="run-new"),
    path(_RUN, run.run, name="run"),
    path(_RUN + "methods/", methods.methods, name="run-methods"),
    path(_RUN + "again/", runs.again, name="run-again"),
    path(_RUN + "against/", compare.compare, name="run-compare"),
    path(_RUN + "decide/", by_hand.decide, name="run-decide"),
    path(_RUN + "pairs/<uuid:pair>/", pairs.pair, name="run-pair"),
    path(_PROJECT + "evaluation/", evaluation.sets, name="evaluation-sets"),
    path(
        _PROJECT + "evaluation/<uuid:evaluation>/retire/",
        evaluation.retire,
        name="evaluation-set-retire",
    ),
    path(_RECIPES, recipes.recipes, name="recipes"),
    path(_RECIPES + "first/", recipes.first, name="recipe-first"),
    path(_RECIPES + "new/", recipes.new, name="recipe-new"),
    path(_RECIPES + "begin/", recipe_editor.begin, name="recipe-begin"),
    path(_RECIPES + "compare/", recipes.compare, name="recipe-compare"),
    path(_RECIPES + "dry-runs/", dry_runs.start, name="dry-run-new"),
    path(_RECIPES + "dry-runs/<uuid:trial>/", dry_runs.follow, name="dry-run"),
    path(_RECIPES + "<slug:recipe>/edit/", recipe_editor.edit, name="recipe-edit"),
    path(_RECIPES + "<slug:recipe>/json/", recipes.edit_json, name="recipe-json"),
    path(_RECIPES + "<slug:recipe>/v<int:version>/", recipes.version, name="recipe-version"),
]
