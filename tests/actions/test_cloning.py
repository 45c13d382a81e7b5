"""A project made like another, and one that is put away: read-only until it is restored."""

from __future__ import annotations

import pytest

from curation.actions.recipes import copy_recipes, first_recipe
from curation.models import Recipe
from feedback.actions import projects
from feedback.actions.archiving import ProjectArchived
from feedback.actions.bulk import start_bulk
from feedback.actions.claim import ProjectClosed, claim_next
from feedback.actions.cloning import clone_project
from feedback.actions.importing.start import Incoming, save_mapping, start_import
from feedback.models import Announcement, Item
from feedback.queries.bulk import Chosen
from tests.steps import claim, send
from tests.world import World, make_item


def test_a_clone_has_everything_but_items(world: World) -> None:
    place = world.place(world.mara)
    schema = {**world.project.forms.get().schema, "usual_minutes": 9}
    projects.publish_form(place=place, schema=schema, now=world.now)
    projects.publish_guideline(place=place, text="Read it twice.", now=world.now)
    projects.change_project(place=place, changes={"overlap": 2, "edit_hours": 7})
    save_mapping(place=place, name="ours", mapping={"prompt": "q"}, now=world.now)
    recipe = first_recipe(project=world.project, now=world.now)
    make_item(world.project)
    made = clone_project(place=world.place(world.mara), name="Round two", now=world.now)
    assert (made.slug, made.overlap, made.edit_hours, made.state) == ("round-two", 2, 7, "open")
    assert made.forms.get().schema["usual_minutes"] == 9
    assert made.guidelines.latest("version").text == "Read it twice."
    assert made.mappings.get().mapping == {"prompt": "q"}
    assert made.reviewers.count() == 2
    assert not Item.objects.filter(project=made).exists()
    heard = Announcement.objects.get(name="feedback.project_cloned")
    for _ in range(2):
        copy_recipes(workspace_id=heard.workspace_id, now=world.now, **heard.payload)
    copied = Recipe.objects.get(project=made)
    assert bytes(copied.versions.get().sha256) == bytes(recipe.sha256)
    alone = clone_project(place=place, name="Alone", people=False, now=world.now)
    assert alone.reviewers.count() == 0


def test_recipes_do_not_cross_workspaces(world: World) -> None:
    first_recipe(project=world.project, now=world.now)
    names = {"project_id": world.project.pk, "copy_id": world.their_project.pk}
    assert copy_recipes(workspace_id=world.elsewhere.pk, now=world.now, **names) == 0
    assert copy_recipes(workspace_id=world.workspace.pk, now=world.now, **names) == 0
    assert not Recipe.objects.filter(project=world.their_project).exists()


def test_an_archived_project_changes_nothing_and_keeps_what_is_sent(world: World) -> None:
    make_item(world.project)
    open_one = claim(world, world.ana)
    projects.change_project(place=world.place(world.mara), changes={"state": "archived"})
    place = world.place(world.mara)
    with pytest.raises(ProjectClosed):
        claim_next(place=world.place(world.ben), now=world.now)
    schema = {**world.project.forms.get().schema, "usual_minutes": 9}
    for act in (
        lambda: projects.publish_form(place=place, schema=schema, now=world.now),
        lambda: projects.publish_guideline(place=place, text="x", now=world.now),
        lambda: projects.change_project(place=place, changes={"overlap": 2}),
        lambda: projects.add_reviewer(place=place, membership=place.membership, now=world.now),
        lambda: save_mapping(place=place, name="a", mapping={"prompt": "q"}, now=world.now),
        lambda: start_import(place=place, incoming=Incoming("a.jsonl", [b"{}\n"]), now=world.now),
        lambda: start_bulk(
            place=place, action="restore", settings={}, chosen=Chosen(filters={}), now=world.now
        ),
    ):
        with pytest.raises(ProjectArchived):
            act()
    send(world, world.ana, open_one)
    projects.change_project(place=place, changes={"state": "open"})
    projects.publish_form(place=world.place(world.mara), schema=schema, now=world.now)
