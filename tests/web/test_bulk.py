"""Bulk actions from the list of items: chosen by tick or by filter, confirmed with the exact number, done once, undone."""

from __future__ import annotations

import re

from feedback.models import BulkJob, Item
from tests.web.pages import ONCE, Reader, Seen
from tests.world import World, make_item

ITEMS = "/w/northgate/p/chat/items/"
BULK = ITEMS + "bulk/"


def fields(seen: Seen, action: str) -> dict[str, object]:
    """The hidden fields of the form of one action, as a browser would send them."""
    form = next(
        part for part in seen.source.split("<form")[1:] if f'name="action" value="{action}"' in part
    ).split("</form>")[0]
    found: dict[str, object] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form):
        found[name] = [*found.get(name, []), value] if name == "item" else value  # type: ignore[misc]
    assert ONCE.search(form)
    return found


def test_ticked_items_are_retired_and_taken_back(world: World) -> None:
    first, second = (make_item(world.project, f"Prompt {n}", rank=n) for n in (1, 2))
    mara = Reader(world.mara)
    assert str(first.public_id) in mara.get(ITEMS).source
    seen = mara.get(BULK, {"which": "ticked", "item": str(first.public_id)})
    assert "1 item Choose one thing to do with it" in seen
    assert "Retire 1 item" in seen
    sent = {**fields(seen, "retire"), "reason": "broken texts"}
    done = mara.follow(BULK, sent)
    assert "Take out of the queue: broken texts" in done
    assert "1 item changed" in done
    assert Item.objects.get(pk=first.pk).held
    assert not Item.objects.get(pk=second.pk).held
    assert "broken texts" in mara.get(f"{ITEMS}{first.public_id}/")
    assert "is done once" in mara.follow(BULK, sent)
    job = BulkJob.objects.get()
    undone = mara.follow(f"{BULK}{job.public_id}/undo/")
    assert "Taken back: Take out of the queue: broken texts" in undone
    assert not Item.objects.get(pk=first.pk).held
    listed = mara.get(BULK + "jobs/")
    assert "Taken back: Take out" in listed
    assert "This cannot be taken back" in mara.follow(f"{BULK}{job.public_id}/undo/")


def test_all_that_match_a_filter_are_counted_and_changed(world: World) -> None:
    for number in range(7):
        make_item(world.project, rank=number, purpose="gold" if number % 2 else "train")
    mara = Reader(world.mara)
    seen = mara.get(BULK, {"which": "all", "purpose": "gold"})
    assert "3 items" in seen
    assert "purpose “gold”" in seen
    done = mara.follow(BULK, {**fields(seen, "priority"), "priority": "7"})
    assert "Set the priority to 7" in done
    assert "3 items changed" in done


def test_a_refused_action_shows_why_and_keeps_what_was_chosen(world: World) -> None:
    item = make_item(world.project)
    mara = Reader(world.mara)
    seen = mara.get(BULK, {"which": "ticked", "item": str(item.public_id)})
    refused = mara.post(BULK, {**fields(seen, "tag"), "add": "a", "remove": "a"})
    assert refused.status == 422
    assert "Nothing was done A tag cannot be added and removed at once." in refused
    assert "Tag 1 item" in refused
    make_item(world.project, rank=3)
    everything = mara.get(BULK, {"which": "all"})
    make_item(world.project, rank=4)
    moved = mara.post(BULK, {**fields(everything, "restore")})
    assert moved.status == 409
    assert "number of items has changed" in moved
    assert "Put 3 items back" in moved


def test_nothing_chosen_says_what_to_do(world: World) -> None:
    assert "No item is chosen" in Reader(world.mara).get(BULK, {"which": "ticked", "item": "x"})
    assert "Nothing yet" in Reader(world.mara).get(BULK + "jobs/")


def test_a_reviewer_does_nothing_to_items(world: World) -> None:
    assert Reader(world.ana).get(BULK).status == 403
    assert Reader(world.ana).post(BULK).status == 403
