from __future__ import annotations

import copy

import pytest

from feedback import access
from feedback.actions import projects
from feedback.actions.people import SlugTaken
from feedback.errors import Invalid
from feedback.forms.domains import DOMAINS
from feedback.models import FormVersion, Guideline, Item, Membership, ProjectReviewer
from tests.steps import claim
from tests.world import World, make_item, make_project


@pytest.mark.parametrize("domain", sorted(DOMAINS))
def test_a_project_begins_with_form_and_guideline_of_its_domain(world: World, domain: str) -> None:
    project = make_project(world.ines, world.workspace, world.now, name="New", domain=domain)
    assert project.forms.get().version == 1
    assert project.guidelines.get().text == DOMAINS[domain].guideline
    assert (project.overlap, project.overlap_cap, project.state) == (3, 5, "open")


def test_an_unknown_domain_is_refused_and_nothing_is_made(world: World) -> None:
    with pytest.raises(Invalid, match="no domain"):
        make_project(world.ines, world.workspace, world.now, name="New", domain="poetry")
    assert world.workspace.projects.count() == 1


def test_a_short_name_is_taken_within_its_workspace_only(world: World) -> None:
    with pytest.raises(SlugTaken):
        make_project(world.ines, world.workspace, world.now)
    assert world.their_project.slug == world.project.slug == "chat"


def test_a_form_of_ones_own_takes_the_place_of_the_domains(world: World) -> None:
    form = copy.deepcopy(world.project.forms.get().schema)
    form["questions"] = form["questions"][:1]
    project = make_project(world.ines, world.workspace, world.now, name="Own", form=form)
    assert [q["id"] for q in project.forms.get().schema["questions"]] == ["preference"]


def test_the_same_form_again_is_no_new_version(world: World) -> None:
    place = world.place(world.mara)
    schema = world.project.forms.get().schema
    assert projects.publish_form(place=place, schema=schema, now=world.now).version == 1
    changed = copy.deepcopy(schema)
    changed["questions"][0]["title"] = "Which one?"
    assert projects.publish_form(place=place, schema=changed, now=world.now).version == 2
    assert projects.publish_form(place=place, schema=schema, now=world.now).version == 3
    assert FormVersion.objects.filter(project=world.project).count() == 3


def test_a_wrong_form_is_refused_with_every_fault_and_its_place(world: World) -> None:
    place = world.place(world.mara)
    schema = {"desk": "compare", "responses": {"min": 2, "max": 1}, "questions": [{"type": "no"}]}
    with pytest.raises(Invalid) as refusal:
        projects.publish_form(place=place, schema=schema, now=world.now)
    assert all(p["path"] and p["code"] and p["sentence"] for p in refusal.value.problems)
    assert world.project.forms.count() == 1


def test_open_assignments_finish_on_the_form_they_began_with(world: World) -> None:
    make_item(world.project)
    begun = claim(world, world.ana)
    changed = copy.deepcopy(world.project.forms.get().schema)
    changed["questions"][0]["title"] = "Which one?"
    projects.publish_form(place=world.place(world.mara), schema=changed, now=world.now)
    assert claim(world, world.ana).form_id == begun.form_id
    make_item(world.project)
    assert claim(world, world.ben).form.version == 2


def test_guidelines_are_numbered(world: World) -> None:
    place = world.place(world.mara)
    assert [
        projects.publish_guideline(place=place, text=text, now=world.now).version
        for text in ("b", "c")
    ] == [2, 3]
    assert Guideline.objects.filter(project=world.project).count() == 3


def test_every_setting_that_makes_no_sense_is_named(world: World) -> None:
    place = world.place(world.mara)
    changes = {"overlap": 0, "lease_minutes": 1, "edit_hours": -1, "name": " ", "state": "gone"}
    with pytest.raises(Invalid) as refusal:
        projects.change_project(place=place, changes=changes)
    assert {problem["field"] for problem in refusal.value.problems} == set(changes)
    with pytest.raises(Invalid, match="no setting slug"):
        projects.change_project(place=place, changes={"slug": "other"})
    world.project.refresh_from_db()
    assert (world.project.overlap, world.project.name) == (3, "Chat")


def test_a_changed_overlap_reaches_items_in_the_queue_and_no_others(world: World) -> None:
    inside = make_item(world.project, wanted=3)
    outside = make_item(world.project, wanted=0, purpose="practice")
    projects.change_project(place=world.place(world.mara), changes={"overlap": 7})
    wanted = dict(Item.objects.values_list("pk", "wanted"))
    assert wanted == {inside.pk: 7, outside.pk: 0}
    inside.refresh_from_db()
    world.project.refresh_from_db()
    assert (inside.cap, world.project.overlap_cap) == (7, 7)


def test_practice_items_never_enter_the_queue_with_a_new_form(world: World) -> None:
    item = make_item(world.project, responses=("a", "b", "c"), wanted=0, purpose="practice")
    schema = copy.deepcopy(world.project.forms.get().schema)
    schema["responses"] = {"min": 3, "max": 3}
    projects.publish_form(place=world.place(world.mara), schema=schema, now=world.now)
    item.refresh_from_db()
    assert item.wanted == 0


def test_a_reviewer_named_twice_is_named_once(world: World) -> None:
    membership = Membership.objects.get(user=world.ana)
    place = world.place(world.mara)
    projects.pause_reviewer(place=place, membership=membership, now=world.now)
    for _ in range(2):
        projects.add_reviewer(place=place, membership=membership, now=world.now)
    row = ProjectReviewer.objects.get(membership=membership)
    assert row.paused_at is None


def test_an_archived_project_stays_readable(world: World) -> None:
    projects.change_project(place=world.place(world.mara), changes={"state": "archived"})
    seen = access.project(access.Principal(world.ana), world.workspace.slug, world.project.slug)
    assert seen.project.state == "archived"
