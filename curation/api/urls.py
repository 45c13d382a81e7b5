"""Addresses of curation's API, under /api/v1/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from feedback.rest.routes import route

from . import by_hand, compare, duplicates, evaluation, leaderboard, likeness, recipes, runs

P = "projects/<slug:workspace>/<slug:project>"
R = f"{P}/runs/<int:number>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{P}/recipes", route(get=recipes.list_recipes, post=recipes.make_recipe)),
    path(
        f"{P}/evaluation-sets",
        route(get=evaluation.list_evaluation_sets, post=evaluation.register_evaluation_set),
    ),
    path(f"{P}/evaluation-sets/<uuid:evaluation>", route(delete=evaluation.retire_evaluation_set)),
    path(f"{P}/duplicates", route(get=duplicates.list_duplicates)),
    path(
        f"{P}/duplicates/<uuid:texts>",
        route(get=duplicates.read_duplicate, post=duplicates.decide_duplicate),
    ),
    path(f"{P}/items/<uuid:item>/similar", route(get=likeness.list_alike)),
    path(f"{P}/imports/<uuid:job>/similar", route(get=likeness.list_similar)),
    path(f"{P}/recipes/stages", route(get=recipes.list_stages)),
    path(f"{P}/recipes/check", route(post=recipes.check_recipe)),
    path(f"{P}/recipes/compare", route(get=recipes.compare_recipes)),
    path(f"{P}/recipes/dry-runs", route(post=recipes.try_recipe)),
    path(f"{P}/recipes/dry-runs/<uuid:trial>", route(get=recipes.read_trial)),
    path(f"{P}/recipes/<slug:recipe>/<int:recipe_version>", route(get=recipes.read_recipe)),
    path(f"{P}/decisions", route(get=by_hand.list_decisions)),
    path(f"{P}/agreement", route(get=runs.read_run_agreement)),
    path(f"{P}/leaderboard", route(get=leaderboard.read_leaderboard)),
    path(f"{P}/runs", route(get=runs.list_runs, post=runs.start_run)),
    path(R, route(get=runs.read_run)),
    path(f"{R}/methods", route(get=runs.list_run_methods)),
    path(f"{R}/against", route(get=compare.compare_runs)),
    path(f"{R}/against/pairs", route(get=compare.list_compared)),
    path(f"{R}/raters", route(get=runs.list_run_raters)),
    path(f"{R}/pairs", route(get=runs.list_pairs)),
    path(f"{R}/pairs/<uuid:pair>", route(get=runs.read_pair)),
    path(f"{R}/pairs/<uuid:pair>/decisions", route(post=by_hand.make_decision)),
]
