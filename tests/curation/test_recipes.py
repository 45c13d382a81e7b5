from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from curation import access
from curation.actions.recipes import change_recipe, checked_recipe, first_recipe, recipe_of
from curation.models import RecipeVersion
from curation.stages import STAGES_BY_NAME
from curation.stages.recipes import RECIPES
from feedback.errors import Invalid, NotAllowed, NotThere
from tests.world import World, make_project, make_world


@pytest.mark.parametrize(
    ("domain", "slug"),
    [("chat", "chat"), ("legal_brief", "legal"), ("code_pr", "chat"), ("code_review", "code")],
)
def test_a_projects_first_recipe_is_that_of_its_domain(
    world: World, domain: str, slug: str
) -> None:
    project = make_project(world.ines, world.workspace, world.now, name="New", domain=domain)
    version = first_recipe(project=project, now=world.now)
    assert (version.recipe.slug, version.version) == (slug, 1)
    assert recipe_of(version).document()["stages"] == RECIPES[slug].document()["stages"]
    assert first_recipe(project=project, now=world.now).pk == version.pk


def test_every_setting_is_written_down_so_that_a_later_default_changes_nothing(
    world: World,
) -> None:
    version = first_recipe(project=world.project, now=world.now)
    for stage in version.stages:
        assert set(stage["params"]) == set(STAGES_BY_NAME[stage["stage"]].defaults)


def test_a_changed_recipe_is_a_new_version_and_the_same_again_is_none(world: World) -> None:
    place = world.place(world.mara)
    first = first_recipe(project=world.project, now=world.now)
    document = copy.deepcopy(recipe_of(first).document())
    same = change_recipe(place=place, slug="chat", document=document, now=world.now)
    assert same.pk == first.pk
    document["stages"] = [s for s in document["stages"] if s["stage"] != "weights"]
    changed = change_recipe(place=place, slug="chat", document=document, now=world.now)
    assert (changed.version, changed.created_by) == (2, world.mara)
    assert first_recipe(project=world.project, now=world.now).pk == changed.pk


def test_a_recipe_that_cannot_run_is_refused_with_every_problem_and_its_place(
    world: World,
) -> None:
    document = {
        "questions": [],
        "stages": [
            {"stage": "decided"},
            {"stage": "votes", "params": {"method": "dice", "unknown": 1}},
            {"stage": "no_such"},
        ],
    }
    with pytest.raises(Invalid) as refusal:
        change_recipe(place=world.place(world.mara), slug="x", document=document, now=world.now)
    codes = {problem["code"] for problem in refusal.value.problems}
    assert {"stage_too_early", "not_a_choice", "unknown_param"} <= codes
    assert all(problem["path"] and problem["sentence"] for problem in refusal.value.problems)
    assert not RecipeVersion.objects.exists()
    with pytest.raises(Invalid):
        checked_recipe({"stages": "all of them"})


def test_recipes_are_found_by_name_and_number_by_those_who_manage(world: World) -> None:
    version = first_recipe(project=world.project, now=world.now)
    place = world.place(world.mara)
    assert access.recipe_version(place, "chat").pk == version.pk
    assert access.recipe_version(place, "chat", 1).pk == version.pk
    for slug, number in (("chat", 2), ("chat", 10**12), ("code", None)):
        with pytest.raises(NotThere):
            access.recipe_version(place, slug, number)
    with pytest.raises(NotAllowed):
        access.recipe_version(world.place(world.ana), "chat")
    with pytest.raises(NotThere):
        access.recipe_version(world.place(world.eve, world.their_project), "chat")


@pytest.mark.django_db(transaction=True)
def test_versions_saved_at_once_are_numbered_one_after_another(now) -> None:
    world = make_world(now)
    first = first_recipe(project=world.project, now=now)
    stages = recipe_of(first).document()["stages"]

    def change(number: int) -> int:
        try:
            cap = {"stage": "cap_per_prompt", "params": {"cap": number + 2}}
            kept = [s for s in stages if s["stage"] != "cap_per_prompt"]
            place = next(i for i, s in enumerate(kept) if s["stage"] == "decided") + 1
            document = {"questions": [], "stages": [*kept[:place], cap, *kept[place:]]}
            return change_recipe(
                place=world.place(world.mara), slug="chat", document=document, now=now
            ).version
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(change, range(4))) == [2, 3, 4, 5]
