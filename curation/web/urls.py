"""Addresses of curation's pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from . import (
    agreement,
    by_hand,
    evaluation,
    leaderboard,
    methods,
    pairs,
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
    path(_PROJECT + "imports/<uuid:job>/similar/", similar.of_import, name="import-similar"),
    path(_PROJECT + "runs/", runs.runs, name="runs"),
    path(_PROJECT + "runs/new/", runs.new, name="run-new"),
    path(_RUN, run.run, name="run"),
    path(_RUN + "methods/", methods.methods, name="run-methods"),
    path(_RUN + "again/", runs.again, name="run-again"),
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
    path(_RECIPES + "<slug:recipe>/edit/", recipes.edit, name="recipe-edit"),
    path(_RECIPES + "<slug:recipe>/v<int:version>/", recipes.version, name="recipe-version"),
]
