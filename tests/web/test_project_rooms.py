"""Who reviews in a project, and its settings."""

from __future__ import annotations

from typing import Any

import pytest

from feedback.models import Membership, ProjectReviewer, User
from tests.web.pages import Reader
from tests.world import World, make_item

BASE = "/w/northgate/p/chat/"
PEOPLE, SETTINGS = BASE + "people/", BASE + "settings/"


def member(world: World, user: User) -> str:
    return str(Membership.objects.get(workspace=world.workspace, user=user).public_id)


def test_somebody_is_named_paused_and_named_again(world: World) -> None:
    ines, who = Reader(world.ines), member(world, world.mara)
    assert "Mara reviews here." in ines.follow(PEOPLE, {"act": "add", "member": who})
    seen = ines.follow(PEOPLE, {"act": "pause", "member": who})
    assert "Mara gets no new items here. What they sent stays." in seen
    assert "Mara Data manager" in seen
    assert "paused since" in seen
    ines.post(PEOPLE, {"act": "add", "member": who})
    assert ProjectReviewer.objects.get(membership__user=world.mara).paused_at is None


def test_naming_twice_is_once(world: World) -> None:
    for _ in range(2):
        Reader(world.ines).post(PEOPLE, {"act": "add", "member": member(world, world.mara)})
    assert ProjectReviewer.objects.filter(membership__user=world.mara).count() == 1


def test_nobody_from_elsewhere_is_named(world: World) -> None:
    foreign = str(Membership.objects.get(user=world.eve).public_id)
    ines = Reader(world.ines)
    for who in (foreign, "not an id", ""):
        assert ines.post(PEOPLE, {"act": "add", "member": who}).status == 404
    assert not ProjectReviewer.objects.filter(membership__user=world.eve).exists()


def test_a_paused_reviewer_loses_the_project_from_sight(world: World) -> None:
    Reader(world.ines).post(PEOPLE, {"act": "pause", "member": member(world, world.ana)})
    assert Reader(world.ana).get(BASE + "guideline/").status == 404


def test_settings_are_changed_and_reach_the_items(world: World) -> None:
    item = make_item(world.project, wanted=1)
    mara = Reader(world.mara)
    fields = {
        "name": "Chat, round two",
        "state": "open",
        "overlap": "4",
        "lease_minutes": "20",
        "edit_hours": "48",
        "daily_goal": "15",
    }
    assert "Saved." in mara.follow(SETTINGS, fields)
    world.project.refresh_from_db()
    assert (world.project.name, world.project.daily_goal) == ("Chat, round two", 15)
    item.refresh_from_db()
    assert item.wanted == 4
    assert "Nothing was changed." in mara.follow(SETTINGS, fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("state", "burning"),
        ("overlap", "0"),
        ("overlap", "21"),
        ("lease_minutes", "1"),
        ("edit_hours", "-1"),
        ("daily_goal", "many"),
    ],
)
def test_a_setting_that_cannot_be_is_told_at_its_field(
    world: World, field: str, value: str
) -> None:
    fields: dict[str, Any] = {
        "name": "Chat",
        "state": "open",
        "overlap": "3",
        "lease_minutes": "30",
        "edit_hours": "24",
        "daily_goal": "40",
    }
    seen = Reader(world.mara).post(SETTINGS, {**fields, field: value})
    assert seen.status == 422
    assert f'id="id_{field}_error"' in seen.source
    world.project.refresh_from_db()
    assert world.project.overlap == 3


def test_a_reviewer_opens_neither(world: World) -> None:
    ana = Reader(world.ana)
    for path in (PEOPLE, SETTINGS):
        assert ana.get(path).status == 403
        assert ana.post(path, {"member": member(world, world.ana), "act": "add"}).status == 403


def test_the_list_of_people_asks_a_fixed_number_of_questions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    mara = Reader(world.mara)
    with django_assert_max_num_queries(14):
        mara.get(PEOPLE)
