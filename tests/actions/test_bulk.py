"""One thing done to many items: exactly those chosen, once, written down, and taken back where nothing else has changed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from feedback.actions import bulk
from feedback.actions.bulk import CannotUndo, NumberChanged, run_bulk, start_bulk, undo_bulk
from feedback.actions.claim import claim_next
from feedback.errors import Invalid
from feedback.models import Announcement, Assignment, BulkChange, BulkJob, Item, Membership
from feedback.policy.rank import rank
from feedback.queries.bulk import Chosen
from tests.steps import claim, send
from tests.world import World, make_item

ALL = Chosen(filters={})


def do(world: World, action: str, chosen: Chosen = ALL, **settings: Any) -> BulkJob:
    place = world.place(world.mara)
    return start_bulk(place=place, action=action, settings=settings, chosen=chosen, now=world.now)


def undo(world: World, job: BulkJob) -> BulkJob:
    fresh = BulkJob.objects.get(pk=job.pk)
    return undo_bulk(place=world.place(world.mara), job=fresh, now=world.now)


def member(world: World, user: Any) -> str:
    return str(Membership.objects.get(user=user, workspace=world.workspace).public_id)


def columns(world: World) -> list[tuple[Any, ...]]:
    rows = Item.objects.filter(project=world.project).order_by("pk")
    return list(rows.values_list("wanted", "given", "leased", "held", "rank", "record__tags"))


def test_settled_items_want_more_and_come_first(world: World) -> None:
    settled = make_item(world.project, wanted=1, rank=1, given=1)
    other = make_item(world.project, wanted=2, rank=2)
    job = do(world, "requeue", Chosen(filters={"state": "settled"}), more=2)
    assert (job.state, job.total, job.changed) == ("finished", 1, 1)
    settled.refresh_from_db()
    other.refresh_from_db()
    assert (settled.wanted, settled.cap, settled.front) == (3, 5, True)
    assert (other.wanted, other.front) == (2, False)
    change = BulkChange.objects.get()
    assert (change.before, change.after) == ({"wanted": 1}, {"wanted": 3})


def test_what_the_form_cannot_show_is_not_requeued(world: World) -> None:
    make_item(world.project, responses=("a", "b", "c"), wanted=0)
    assert do(world, "requeue").changed == 0


def test_retired_items_are_given_to_nobody_and_come_back(world: World) -> None:
    item = make_item(world.project, wanted=1)
    assert do(world, "retire", Chosen((item.public_id,)), reason="broken").changed == 1
    assert claim_next(place=world.place(world.ana), now=world.now) is None
    assert do(world, "retire", reason="again").changed == 0
    assert do(world, "restore").changed == 1
    later = world.now + dt.timedelta(seconds=11)
    assert claim_next(place=world.place(world.ana), now=later) is not None


@pytest.mark.parametrize(
    ("action", "settings"),
    [
        ("requeue", {"more": 3}),
        ("retire", {"reason": "pilot"}),
        ("priority", {"priority": 40}),
        ("tag", {"add": ["hard"], "remove": ["old"]}),
        ("assign", {"member": "ben", "days": 2}),
    ],
)
def test_everything_but_a_release_can_be_taken_back_once(
    world: World, action: str, settings: dict[str, Any]
) -> None:
    for number in range(3):
        item = make_item(world.project, wanted=1, rank=rank(0, number + 5))
        item.record.tags = ["old", "civil"]
        item.record.save()
    before = columns(world)
    if "member" in settings:
        settings = {**settings, "member": member(world, world.ben)}
    job = do(world, action, **settings)
    assert job.changed == 3
    assert columns(world) != before
    taken_back = undo(world, job)
    assert (taken_back.state, taken_back.changed) == ("finished", 3)
    assert columns(world) == before
    with pytest.raises(CannotUndo):
        undo(world, job)
    with pytest.raises(CannotUndo):
        undo(world, taken_back)


def test_what_has_changed_since_is_left_alone_by_an_undo(world: World) -> None:
    first, second = (make_item(world.project, wanted=1, rank=n) for n in (1, 2))
    job = do(world, "requeue", more=1)
    Item.objects.filter(pk=second.pk).update(wanted=4)
    assert undo(world, job).changed == 1
    assert list(Item.objects.order_by("rank").values_list("wanted", flat=True)) == [1, 4]
    assert first.pk


def test_a_higher_priority_is_claimed_first_even_behind_a_cursor(world: World) -> None:
    early, late = (make_item(world.project, wanted=5, rank=rank(0, n)) for n in (1, 2))
    send(world, world.ana, claim(world, world.ana))
    third = make_item(world.project, wanted=5, rank=rank(-10, 3))
    do(world, "priority", Chosen((third.public_id,)), priority=50)
    assert claim(world, world.ana).item_id == third.pk
    assert {early.pk, late.pk}


def test_held_items_go_back_and_a_late_review_is_kept(world: World) -> None:
    item = make_item(world.project, wanted=1)
    held = claim(world, world.ana)
    job = do(world, "release", member=member(world, world.ben))
    assert job.changed == 0
    job = do(world, "release")
    assert job.changed == 1
    item.refresh_from_db()
    assert (item.leased, item.front) == (0, True)
    assert claim(world, world.ben).item_id == item.pk
    send(world, world.ana, Assignment.objects.get(pk=held.pk))
    with pytest.raises(CannotUndo):
        undo(world, job)


def test_items_given_to_a_person_are_theirs_and_come_first(world: World) -> None:
    make_item(world.project, wanted=1, rank=1)
    given = make_item(world.project, wanted=1, rank=2, given=1)
    job = do(world, "assign", Chosen((given.public_id,)), member=member(world, world.ben), days=2)
    assert job.changed == 1
    given.refresh_from_db()
    assert (given.leased, given.wanted) == (1, 2)
    assert claim(world, world.ana).item_id != given.pk
    mine = claim(world, world.ben)
    assert mine.item_id == given.pk
    assert mine.leased_until == world.now + dt.timedelta(days=2)
    assert sorted(mine.order_shown) == [1, 2]
    again = do(world, "assign", Chosen((given.public_id,)), member=member(world, world.ben))
    assert again.changed == 0


def test_who_does_not_review_here_is_given_nothing(world: World) -> None:
    make_item(world.project)
    with pytest.raises(Invalid, match="do not review in this project"):
        do(world, "assign", member=member(world, world.mara))
    with pytest.raises(Invalid, match="Choose a reviewer"):
        do(world, "assign", member=str(uuid.uuid4()))


@pytest.mark.parametrize(
    ("action", "settings", "field"),
    [
        ("requeue", {"more": 11}, "more"),
        ("retire", {"reason": " "}, "reason"),
        ("retire", {"reason": "x" * 201}, "reason"),
        ("priority", {"priority": "high"}, "priority"),
        ("priority", {}, "priority"),
        ("tag", {}, "add"),
        ("tag", {"add": "a", "remove": "a"}, "remove"),
        ("restore", {"reason": "x"}, "reason"),
        ("delete", {}, "action"),
    ],
)
def test_settings_that_do_not_fit_are_told_with_their_field(
    world: World, action: str, settings: dict[str, Any], field: str
) -> None:
    make_item(world.project)
    with pytest.raises(Invalid) as refused:
        do(world, action, **settings)
    assert refused.value.problems[0]["field"] == field
    assert not BulkJob.objects.exists()


def test_another_number_than_was_confirmed_does_nothing(world: World) -> None:
    make_item(world.project)
    with pytest.raises(NumberChanged):
        start_bulk(
            place=world.place(world.mara),
            action="restore",
            settings={},
            chosen=ALL,
            expected=2,
            now=world.now,
        )
    with pytest.raises(Invalid, match="No item"):
        do(world, "restore", Chosen((uuid.uuid4(),)))


def test_many_items_are_a_background_job_that_any_worker_carries_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    for number in range(5):
        make_item(world.project, rank=number)
    job = do(world, "tag", add=["one"])
    assert (job.state, job.seen) == ("waiting", 0)
    assert Announcement.objects.get().payload == {"bulk_id": job.pk}
    late = make_item(world.project, rank=9)
    done = []
    real = bulk._do
    monkeypatch.setattr(bulk, "_do", lambda *a: done.append(1) or _die(len(done)) or real(*a))
    with pytest.raises(RuntimeError):
        run_bulk(workspace_id=job.workspace_id, job_id=job.pk, clock=lambda: world.now)
    job.refresh_from_db()
    assert (job.state, job.seen, job.changed) == ("running", 2, 2)
    run_bulk(workspace_id=job.workspace_id, job_id=job.pk, clock=lambda: world.now)
    job.refresh_from_db()
    assert job.seen == 2  # the dead worker's lease still runs
    later = world.now + dt.timedelta(minutes=6)
    run_bulk(workspace_id=job.workspace_id, job_id=job.pk, clock=lambda: later)
    job.refresh_from_db()
    assert (job.state, job.seen, job.changed) == ("finished", 5, 5)
    late.record.refresh_from_db()
    assert late.record.tags == []


def _die(calls: int) -> None:
    if calls == 2:
        raise RuntimeError("killed")


def test_a_job_in_another_workspace_is_not_run(world: World) -> None:
    make_item(world.project)
    job = do(world, "restore")
    BulkJob.objects.filter(pk=job.pk).update(state="waiting", lease=None, leased_until=None)
    run_bulk(workspace_id=world.elsewhere.pk, job_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    assert job.state == "waiting"
