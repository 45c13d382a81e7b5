from __future__ import annotations

from tests.api.calls import by_key, by_session, faults, refused
from tests.world import World


def test_one_sees_the_workspaces_one_belongs_to_and_ones_role(world: World, ws: str) -> None:
    page = by_session(world.ana).get("/workspaces").json()
    assert page["after"] is None
    assert [(row["slug"], row["role"]) for row in page["rows"]] == [("northgate", "reviewer")]
    assert by_key(world, world.ines).get(ws).json()["role"] == "owner"


def test_a_workspace_one_does_not_belong_to_is_not_there(world: World) -> None:
    refused(by_session(world.ana).get("/workspaces/elsewhere"), 404, "not_found")
    refused(by_session(world.ana).get("/workspaces/nowhere"), 404, "not_found")


def test_one_reads_and_changes_ones_own_settings(world: World) -> None:
    ana = by_session(world.ana)
    assert ana.get("/me/settings").json()["keys"] == {}
    changes = {"panes": "stacked", "time_zone": "Asia/Tokyo", "keys": {"s": "z", "d": "d"}}
    told = ana.patch("/me/settings", changes).json()
    assert (told["panes"], told["time_zone"], told["keys"]) == ("stacked", "Asia/Tokyo", {"s": "z"})
    assert told["theme"] == "system"
    clash = ana.patch("/me/settings", {"keys": {"s": "d"}})
    assert faults(clash) == [("keys.s", "key_taken")]
    assert faults(ana.patch("/me/settings", {"keys": {"é": "d"}})) == [("keys.é", "unknown_act")]
    assert faults(ana.patch("/me/settings", {"time_zone": "Mars"})) == [
        ("time_zone", "unknown_value")
    ]
    world.ana.refresh_from_db()
    assert (world.ana.keys, world.ana.time_zone) == ({"s": "z"}, "Asia/Tokyo")


def test_a_key_does_not_change_how_its_person_reads(world: World) -> None:
    ana = by_key(world, world.ana)
    refused(ana.get("/me/settings"), 403, "not_allowed")
    refused(ana.patch("/me/settings", {"theme": "dark"}), 403, "not_allowed")
