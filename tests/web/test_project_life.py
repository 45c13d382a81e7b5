"""A project is cloned, archived and restored from its settings."""

from __future__ import annotations

from feedback.models import Project
from tests.api.calls import by_key
from tests.web.pages import Reader
from tests.world import World

SETTINGS = "/w/northgate/p/chat/settings/"


def test_a_project_is_cloned_on_a_page_and_by_api(world: World) -> None:
    mara = Reader(world.mara)
    assert "Chat, again" in mara.get(SETTINGS + "clone/").source
    made = mara.follow(SETTINGS + "clone/", {"name": "Round two", "people": "on"})
    assert "The project is there, without items" in made
    refused = mara.post(SETTINGS + "clone/", {"name": "Again", "slug": "round-two"})
    assert refused.status == 422
    api = by_key(world, world.mara)
    sent = api.post("/projects/northgate/chat/clone", {"name": "Round three", "people": False})
    assert (sent.status_code, sent.json()["slug"]) == (201, "round-three")
    assert Reader(world.ana).post(SETTINGS + "clone/", {"name": "x"}).status == 403


def test_an_archived_project_says_so_everywhere_and_is_restored_paused(world: World) -> None:
    mara = Reader(world.mara)
    assert "Archived. It can be read as before" in mara.follow(SETTINGS + "archive/")
    assert "This project is archived" in mara.get("/w/northgate/p/chat/items/")
    refused = mara.post("/w/northgate/p/chat/form/json/", {"schema": "{}"})
    assert refused.status in {409, 422}
    assert "Restored, and paused" in mara.follow(SETTINGS + "restore/")
    assert Project.objects.get(pk=world.project.pk).state == "paused"
    assert "This project is archived" not in mara.get(SETTINGS)
