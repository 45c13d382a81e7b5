from __future__ import annotations

from feedback.models import Item, Scope
from tests.api.calls import by_key, faults, refused
from tests.world import World, make_item


def test_items_are_retired_by_filter_and_taken_back(world: World, at: str) -> None:
    make_item(world.project, purpose="gold")
    make_item(world.project)
    manager = by_key(world, world.mara, Scope.ITEMS_READ, Scope.ITEMS_WRITE)
    wish = {"action": "retire", "settings": {"reason": "pilot"}, "filter": {"purpose": "gold"}}
    made = manager.post(f"{at}/bulk", wish, Idempotency_Key="once")
    assert made.status_code == 202
    job = made.json()
    assert (job["state"], job["total"], job["changed"]) == ("finished", 1, 1)
    assert manager.post(f"{at}/bulk", wish, Idempotency_Key="once").json()["id"] == job["id"]
    assert Item.objects.filter(held=True).count() == 1
    undone = manager.post(f"{at}/bulk/{job['id']}/undo", {}).json()
    assert undone["undoes"] == job["id"]
    assert Item.objects.filter(held=True).count() == 0
    assert manager.get(f"{at}/bulk/{job['id']}").json()["undone_by"] == undone["id"]
    assert [row["id"] for row in manager.get(f"{at}/bulk").json()["rows"]] == [
        undone["id"],
        job["id"],
    ]
    refused(manager.post(f"{at}/bulk/{job['id']}/undo", {}), 409, "cannot_undo")


def test_a_choice_is_either_named_or_filtered_and_confirmed(world: World, at: str) -> None:
    item = make_item(world.project)
    manager = by_key(world, world.mara, Scope.ITEMS_WRITE)
    both = {"action": "restore", "items": [str(item.public_id)], "filter": {}}
    assert manager.post(f"{at}/bulk", both).status_code == 422
    assert manager.post(f"{at}/bulk", {"action": "restore"}).status_code == 422
    other = {"action": "restore", "filter": {}, "expected": 4}
    refused(manager.post(f"{at}/bulk", other), 409, "number_changed")
    wrong = {"action": "requeue", "settings": {"more": 0}, "items": [str(item.public_id)]}
    assert faults(manager.post(f"{at}/bulk", wrong)) == [("more", "bad_setting")]
    assert by_key(world, world.mara, Scope.ITEMS_READ).post(f"{at}/bulk", other).status_code == 403
