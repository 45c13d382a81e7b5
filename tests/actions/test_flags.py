from __future__ import annotations

import datetime as dt
import uuid

import pytest

from feedback.actions import flags
from feedback.errors import Invalid, NotThere
from feedback.models import Flag
from tests.steps import claim
from tests.world import World, make_item


def test_the_same_flag_again_keeps_the_first_with_the_new_note(world: World) -> None:
    make_item(world.project)
    place, assignment = world.place(world.ana), claim(world, world.ana)
    first = flags.flag(
        place=place, assignment=assignment, reason="broken", note="cut off", now=world.now
    )
    later = world.now + dt.timedelta(hours=1)
    again = flags.flag(
        place=place, assignment=assignment, reason="broken", note="cut off twice", now=later
    )
    assert (again.pk, again.note, again.created_at) == (first.pk, "cut off twice", world.now)
    flags.flag(place=place, assignment=assignment, reason="unsafe", note="", now=later)
    assert Flag.objects.count() == 2


def test_a_flag_needs_a_reason_that_exists(world: World) -> None:
    make_item(world.project)
    place, assignment = world.place(world.ana), claim(world, world.ana)
    for reason, note in (("bored", ""), ("other", "\x00"), ("other", "x" * 2001)):
        with pytest.raises(Invalid):
            flags.flag(place=place, assignment=assignment, reason=reason, note=note, now=world.now)
    assert not Flag.objects.exists()


def test_a_flag_is_settled_once_and_only_in_its_project(world: World) -> None:
    make_item(world.project)
    row = flags.flag(
        place=world.place(world.ana),
        assignment=claim(world, world.ana),
        reason="other",
        note="",
        now=world.now,
    )
    elsewhere = world.place(world.eve, world.their_project)
    with pytest.raises(NotThere):
        flags.settle_flag(place=elsewhere, public_id=row.public_id, now=world.now)
    with pytest.raises(NotThere):
        flags.settle_flag(place=world.place(world.mara), public_id=uuid.uuid4(), now=world.now)
    for hour in (0, 1):
        now = world.now + dt.timedelta(hours=hour)
        flags.settle_flag(place=world.place(world.mara), public_id=row.public_id, now=now)
    row.refresh_from_db()
    assert row.settled_at == world.now
