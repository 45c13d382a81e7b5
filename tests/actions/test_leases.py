from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from feedback.actions import drafts, leases
from feedback.errors import Invalid
from feedback.models import Assignment, Draft, Item
from tests.steps import claim, send
from tests.world import FULL, World, make_item, make_world

MINUTE = dt.timedelta(minutes=1)


def held(world: World, count: int) -> list[Assignment]:
    """So many assignments of Ana's that nobody works on, in one item each."""
    made = []
    for _ in range(count):
        item = make_item(world.project)
        made.append(
            Assignment(
                workspace=world.workspace,
                project=world.project,
                item=item,
                revision=item.revision,
                rater=world.ana.raters.get(),
                form=world.project.forms.get(),
                order_shown=[1, 2],
                leased_until=world.now,
            )
        )
    Item.objects.update(leased=1)
    return Assignment.objects.bulk_create(made)


def test_the_sweep_goes_in_batches_until_nothing_is_due(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(world, 7)
    monkeypatch.setattr(leases, "SWEEP_BATCH", 3)
    later = world.now + MINUTE
    assert leases.sweep_leases(now=later) == 7
    assert set(Item.objects.values_list("leased", "front")) == {(0, True)}
    assert set(Assignment.objects.values_list("state", flat=True)) == {"expired"}
    assert leases.sweep_leases(now=later) == 0


def test_what_is_still_held_is_not_swept(world: World) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    assert leases.sweep_leases(now=assignment.leased_until) == 0
    assert leases.sweep_leases(now=assignment.leased_until + MINUTE) == 1


def test_a_draft_outlives_its_hold(world: World) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    place = world.place(world.ana)
    drafts.save_draft(place=place, assignment=assignment, slots=FULL, based_on=0, now=world.now)
    late = world.now + 60 * MINUTE
    leases.sweep_leases(now=late)
    assert claim(world, world.ana, now=late).public_id == assignment.public_id
    assert Draft.objects.get().assignment_id == assignment.pk


def test_a_sent_item_cannot_be_skipped_or_held(world: World) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    send(world, world.ana, assignment)
    with pytest.raises(leases.NotHeld):
        leases.skip(assignment=assignment, reason="too_long", note="", now=world.now)
    with pytest.raises(leases.NotHeld):
        leases.hold(place=world.place(world.ana), assignment=assignment, now=world.now)
    assert Assignment.objects.get().state == "submitted"


def test_a_skip_needs_a_reason_and_keeps_the_note(world: World) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    for reason, note in (("", ""), ("bored", ""), ("other", "x" * 2001), ("other", "\x00")):
        with pytest.raises(Invalid):
            leases.skip(assignment=assignment, reason=reason, note=note, now=world.now)
    leases.skip(assignment=assignment, reason="other", note="My cousin wrote it.", now=world.now)
    row = Assignment.objects.get()
    assert (row.state, row.reason, row.note) == ("skipped", "other", "My cousin wrote it.")
    assert row.closed_at == world.now


def test_a_hold_is_renewed_and_never_shortened(world: World) -> None:
    make_item(world.project)
    place = world.place(world.ana)
    assignment = claim(world, world.ana)
    later = world.now + 20 * MINUTE
    assert leases.hold(place=place, assignment=assignment, now=later) == later + 30 * MINUTE
    assert leases.hold(place=place, assignment=assignment, now=world.now) == later + 30 * MINUTE


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_give_each_place_back_once(now: dt.datetime) -> None:
    world = make_world(now)
    held(world, 40)

    def sweep(_: int) -> int:
        try:
            return leases.sweep_leases(now=now + MINUTE)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(sweep, range(3))) == 40
    assert set(Item.objects.values_list("leased", flat=True)) == {0}
