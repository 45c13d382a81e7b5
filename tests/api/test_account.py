from __future__ import annotations

from tests.api.calls import by_key, by_session, refused
from tests.world import World


def test_one_sees_the_workspaces_one_belongs_to_and_ones_role(world: World, ws: str) -> None:
    page = by_session(world.ana).get("/workspaces").json()
    assert page["after"] is None
    assert [(row["slug"], row["role"]) for row in page["rows"]] == [("northgate", "reviewer")]
    assert by_key(world, world.ines).get(ws).json()["role"] == "owner"


def test_a_workspace_one_does_not_belong_to_is_not_there(world: World) -> None:
    refused(by_session(world.ana).get("/workspaces/elsewhere"), 404, "not_found")
    refused(by_session(world.ana).get("/workspaces/nowhere"), 404, "not_found")
