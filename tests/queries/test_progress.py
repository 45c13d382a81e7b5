from __future__ import annotations

import datetime as dt

from feedback import access
from feedback.actions import leases
from feedback.actions.claim import claim_next
from feedback.models import Item
from feedback.queries.progress import Queue, queue_of
from tests.world import World, make_item


def queue(world: World, at: dt.datetime | None = None) -> Queue:
    return queue_of(world.project, world.ana, now=at or world.now)


def test_the_goal_of_the_day_is_no_more_than_the_project_has_to_give(world: World) -> None:
    assert queue(world).goal == 0
    for _ in range(3):
        make_item(world.project)
    assert queue(world).goal == 3
    for _ in range(40):
        make_item(world.project)
    assert queue(world).goal == world.project.daily_goal == 40


def test_what_one_holds_counts_and_what_one_skipped_does_not(world: World) -> None:
    for rank in range(3):
        make_item(world.project, rank=rank)
    place = world.place(world.ana)
    claim = claim_next(place=place, now=world.now)
    assert claim is not None
    assert queue(world).goal == 3
    assignment = access.assignment(place, claim.public_id)
    leases.skip(assignment=assignment, reason="unclear", note="", now=world.now)
    assert queue(world).goal == 2


def test_an_item_that_reopens_behind_the_cursor_is_within_reach(world: World) -> None:
    first = make_item(world.project, rank=1)
    make_item(world.project, rank=2)
    Item.objects.filter(pk=first.pk).update(held=True)
    assert claim_next(place=world.place(world.ana), now=world.now) is not None
    Item.objects.filter(pk=first.pk).update(held=False)
    assert queue(world).goal == 2
