from __future__ import annotations

import datetime as dt

from feedback.actions.tidying import KEEP_ANNOUNCEMENTS, KEEP_KEYS, tidy
from feedback.models import (
    Announcement,
    Assignment,
    IdempotencyKey,
    Review,
    ReviewEffort,
    Workspace,
)
from tests.steps import claim, send
from tests.world import World, make_item

DAY = dt.timedelta(days=1)


def test_old_answers_to_repeated_requests_go(world: World) -> None:
    for hours in (0, 1):
        at = world.now - KEEP_KEYS + hours * dt.timedelta(hours=2) - dt.timedelta(hours=1)
        IdempotencyKey.objects.create(
            principal="user:1", route="/x", key=str(hours), body_sha256=b"", created_at=at
        )
    tidy(now=world.now)
    assert [row.key for row in IdempotencyKey.objects.all()] == ["1"]


def test_announcements_go_when_they_were_heard_and_never_before(world: World) -> None:
    old = world.now - KEEP_ANNOUNCEMENTS - DAY
    for name, heard in (("heard", old), ("unheard", None)):
        Announcement.objects.create(
            workspace=world.workspace, name=name, created_at=old, heard_at=heard
        )
    tidy(now=world.now)
    assert [row.name for row in Announcement.objects.all()] == ["unheard"]


def test_effort_is_forgotten_when_its_workspace_says_so_and_nothing_else(world: World) -> None:
    make_item(world.project)
    send(world, world.ana, claim(world, world.ana), typed=7)
    Workspace.objects.filter(pk=world.workspace.pk).update(effort_days=30)
    before = Review.objects.values().get()
    assert before["active_ms"] is not None
    tidy(now=world.now + 30 * DAY)
    assert Review.objects.values().get() == before
    assert ReviewEffort.objects.get().typed == 7
    for _ in range(2):
        tidy(now=world.now + 30 * DAY + dt.timedelta(minutes=1))
    after = Review.objects.values().get()
    assert after == {**before, "active_ms": None, "shown_at": None}
    assert Assignment.objects.get().shown_at is None
    assert not ReviewEffort.objects.exists()
