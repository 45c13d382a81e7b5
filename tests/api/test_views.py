"""Saved views by API: kept, listed with the shared ones of others, removed; for managers alone."""

from __future__ import annotations

from feedback.models import SavedView
from tests.api.calls import by_key, faults, refused
from tests.world import World


def test_views_are_kept_replaced_listed_and_removed(world: World, at: str) -> None:
    mara, ines = by_key(world, world.mara), by_key(world, world.ines)
    made = mara.post(f"{at}/views", {"name": "Gold", "purpose": "gold", "sort": "queue"})
    assert made.status_code == 201
    assert made.json()["query"] == {"purpose": "gold", "sort": "queue"}
    again = mara.post(f"{at}/views", {"name": "Gold", "tag": "civil", "shared": True}).json()
    assert again["id"] == made.json()["id"]
    mara.post(f"{at}/views", {"name": "Mine"})
    rows = mara.get(f"{at}/views").json()["rows"]
    assert [(row["name"], row["own"]) for row in rows] == [("Gold", True), ("Mine", True)]
    rows = ines.get(f"{at}/views").json()["rows"]
    assert [(row["name"], row["own"], row["query"]) for row in rows] == [
        ("Gold", False, {"tag": "civil"})
    ]
    mine = SavedView.objects.get(name="Mine").public_id
    refused(ines.delete(f"{at}/views/{mine}"), 404, "not_found")
    assert mara.delete(f"{at}/views/{mine}").status_code == 204
    assert ines.delete(f"{at}/views/{again['id']}").status_code == 204
    assert not SavedView.objects.exists()


def test_a_view_that_is_none_is_refused(world: World, at: str) -> None:
    mara = by_key(world, world.mara)
    assert faults(mara.post(f"{at}/views", {"name": "x", "state": "lost"})) == [
        ("state", "invalid_choice")
    ]
    assert faults(mara.post(f"{at}/views", {"state": "waiting"}))[0][0] == "name"
    refused(by_key(world, world.ana).get(f"{at}/views"), 403, "not_allowed")
