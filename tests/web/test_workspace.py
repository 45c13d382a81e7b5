"""A workspace: its projects for managers and for reviewers, and a new one."""

from __future__ import annotations

from typing import Any

import pytest

from feedback.models import Project
from tests.web.pages import Reader
from tests.world import World, make_item, make_project

BASE = "/w/northgate/"
NEW = BASE + "projects/new/"
ASKED = {"name": "Appeals", "slug": "", "domain": "legal_brief", "overlap": "2"}


def test_a_manager_sees_every_project_a_reviewer_those_that_name_them(world: World) -> None:
    make_project(world.ines, world.workspace, world.now, name="Secret plans")
    seen = Reader(world.mara).get(BASE)
    assert "Secret plans" in seen
    assert "New project" in seen
    ana = Reader(world.ana).get(BASE)
    assert "Chat" in ana
    assert "Secret plans" not in ana
    assert "New project" not in ana


def test_a_project_is_made_from_its_domain(world: World) -> None:
    mara = Reader(world.mara)
    assert "Which brief would serve the client better?" in mara.get(NEW)
    seen = mara.post(NEW, ASKED)
    assert seen.to == "/w/northgate/p/appeals/"
    assert "The project is there." in mara.get(seen.to)
    made = Project.objects.get(slug="appeals")
    assert (made.domain, made.overlap, made.created_by) == ("legal_brief", 2, world.mara)
    assert made.forms.count() == made.guidelines.count() == 1


def test_the_same_form_sent_twice_makes_one_project(world: World) -> None:
    mara = Reader(world.mara)
    mara.post(NEW, ASKED)
    seen = mara.post(NEW, ASKED)
    assert seen.status == 422
    assert "This short name is taken, now or in the past; choose another." in seen
    assert Project.objects.filter(slug="appeals").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("slug", "no slashes/"), ("domain", "poetry"), ("overlap", "0")],
)
def test_what_does_not_fit_is_told_at_its_field(world: World, field: str, value: str) -> None:
    seen = Reader(world.mara).post(NEW, {**ASKED, field: value})
    assert seen.status == 422
    assert f'id="id_{field}_error"' in seen.source
    assert Project.objects.filter(workspace=world.workspace).count() == 1


def test_a_reviewer_makes_no_project(world: World) -> None:
    assert Reader(world.ana).get(NEW).status == 403
    assert Reader(world.ana).post(NEW, ASKED).status == 403


def test_the_list_asks_a_fixed_number_of_questions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        made = make_project(world.ines, world.workspace, world.now, name=f"More {number}")
        make_item(made)
    ines = Reader(world.ines)
    with django_assert_max_num_queries(6):
        ines.get(BASE)
