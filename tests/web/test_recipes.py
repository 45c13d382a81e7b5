"""Recipes of a project: read stage by stage, changed into a new version, refused with every problem at its path."""

from __future__ import annotations

import json

import pytest

from curation.models import RecipeVersion, Run
from tests.curated import import_votes, rows, work_on
from tests.web.pages import Reader
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

P = "/w/northgate/p/chat/"
RUNS = f"{P}runs/"
ALL = len(rows())


def test_recipes_are_told_stage_by_stage(world: World) -> None:
    mara = Reader(world.mara)
    assert "No recipe yet" in mara.get(f"{P}recipes/")
    made = mara.follow(f"{P}recipes/first/")
    assert "Pools the votes of pairs that repeat each other" in made
    assert "Votes wanted on each pair 2" in made
    seen = mara.get(f"{P}recipes/chat/v1/")
    assert "&quot;stage&quot;: &quot;purpose&quot;" in seen.source


def test_a_changed_recipe_is_a_new_version_and_says_what_changed(world: World) -> None:
    mara = Reader(world.mara)
    mara.post(f"{P}recipes/first/")
    document = {"questions": [], "stages": RecipeVersion.objects.get().stages}
    next(step for step in document["stages"] if step["stage"] == "min_votes")["params"] = {
        "min_votes": 3
    }
    fields = {"slug": "chat", "document": json.dumps(document)}
    seen = mara.follow(f"{P}recipes/chat/json/", fields)
    assert "chat v2 is there" in seen
    assert "Votes wanted on each pair: 2 → 3." in seen
    assert "says the same as before" in mara.follow(f"{P}recipes/chat/json/", fields)
    assert RecipeVersion.objects.count() == 2
    assert RecipeVersion.objects.latest("pk").created_by == world.mara


def test_problems_of_a_recipe_stand_at_their_path(world: World) -> None:
    mara = Reader(world.mara)
    mara.post(f"{P}recipes/first/")
    stages = [
        {"stage": "decided"},
        {"stage": "votes", "params": {"method": "dice"}},
        {"stage": "x"},
    ]
    fields = {"slug": "chat", "document": json.dumps({"stages": stages})}
    seen = mara.post(f"{P}recipes/chat/json/", fields)
    assert seen.status == 422
    assert "stages.0 “No preference” needs “Votes” before it." in seen
    assert "stages.1.params.method" in seen
    assert "There is no stage “x”." in seen
    assert RecipeVersion.objects.count() == 1


@pytest.mark.parametrize("document", ["", "{", "[]", "[" * 20_000, '"a"', "NaN"])
def test_what_is_no_recipe_is_refused_without_a_failure(world: World, document: str) -> None:
    mara = Reader(world.mara)
    mara.post(f"{P}recipes/first/")
    seen = mara.post(f"{P}recipes/chat/json/", {"slug": "chat", "document": document})
    assert seen.status == 422


def test_the_form_of_a_new_run_offers_every_version(world: World) -> None:
    import_votes(world)
    mara = Reader(world.mara)
    mara.post(f"{P}recipes/first/")
    document = {"questions": [], "stages": [{"stage": "votes"}, {"stage": "decided"}]}
    mara.post(f"{P}recipes/chat/json/", {"slug": "plain", "document": json.dumps(document)})
    form = mara.get(f"{RUNS}new/")
    assert "plain v1" in form
    mara.post(f"{RUNS}new/", {"recipe": "plain:1", "once": form.once})
    run = work_on(Run.objects.get())
    assert (run.recipe_version.recipe.slug, run.n_out) == ("plain", ALL - 1)
