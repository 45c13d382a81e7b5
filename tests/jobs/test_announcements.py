from __future__ import annotations

import datetime as dt
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction

from feedback import jobs
from feedback.models import Announcement
from tests.world import World

NAME = "tests.something_happened"
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def queue() -> Iterator[redis.Redis]:
    """The broker's own database, with our queue empty."""
    socket, _, number = settings.CELERY_BROKER_URL.partition("?virtual_host=")
    client = redis.Redis(
        unix_socket_path=socket.removeprefix("redis+socket://"), db=int(number or 0)
    )
    client.delete(settings.CELERY_TASK_DEFAULT_QUEUE)
    yield client
    client.close()


def rings(queue: redis.Redis) -> list[tuple[str, dict[str, Any]]]:
    """Name and arguments of every message that waits, the oldest first."""
    found = []
    for message in reversed(queue.lrange(settings.CELERY_TASK_DEFAULT_QUEUE, 0, -1)):
        sent = json.loads(message)
        _, kwargs, _ = json.loads(b64decode(sent["body"]))
        found.append((sent["headers"]["task"], kwargs))
    return found


@pytest.fixture
def dead_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens where the broker was."""
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis+socket:///nowhere.sock")
    monkeypatch.setattr(current_app.amqp, "_producer_pool", None)


def announce(world: World, **payload: Any) -> Announcement:
    jobs.announce(NAME, workspace_id=world.workspace.pk, now=world.now, **payload)
    return Announcement.objects.latest("pk")


@pytest.fixture
def commit(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """A block after which the transaction is as good as committed."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_the_row_is_written_at_once_and_the_bell_rings_after_the_commit(
    world: World, queue: redis.Redis, commit: Callable[..., Any]
) -> None:
    with commit():
        row = announce(world, job_id=7)
        assert rings(queue) == []
    assert rings(queue) == [
        (
            NAME,
            {
                "job_id": 7,
                "announcement_id": row.pk,
                "workspace_id": world.workspace.pk,
                "request_id": "",
            },
        )
    ]
    row.refresh_from_db()
    assert (row.rings, row.rung_at, row.heard_at) == (1, world.now, None)


def test_what_was_rolled_back_never_happened(
    world: World, queue: redis.Redis, commit: Callable[..., Any]
) -> None:
    with commit(), transaction.atomic():
        announce(world)
        transaction.set_rollback(True)
    assert rings(queue) == []
    assert not Announcement.objects.exists()


def test_a_broker_that_is_down_loses_nothing(
    world: World, queue: redis.Redis, dead_broker: None, commit: Callable[..., Any]
) -> None:
    with commit():
        row = announce(world)
    row.refresh_from_db()
    assert (row.rings, row.rung_at) == (0, None)


def test_beat_rings_for_what_could_not_be_rung(world: World, queue: redis.Redis) -> None:
    row = announce(world)  # the callback after commit is not run: as if the process had died
    assert jobs.ring_again(now=world.now + 59 * SECOND) == 0
    assert jobs.ring_again(now=world.now + 61 * SECOND) == 1
    assert [name for name, _ in rings(queue)] == [NAME]
    row.refresh_from_db()
    assert row.rings == 1


def test_each_ring_waits_twice_as_long_as_the_one_before_and_at_most_an_hour(
    world: World, queue: redis.Redis
) -> None:
    row = announce(world)
    Announcement.objects.filter(pk=row.pk).update(rings=1, rung_at=world.now)
    pauses, last, now = [], world.now, world.now
    while len(pauses) < 8:
        now += 30 * SECOND
        if jobs.ring_again(now=now):
            pauses.append(round((now - last) / dt.timedelta(minutes=1)))
            last = now
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


def test_what_nobody_hears_does_not_keep_others_from_being_rung(
    world: World, queue: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_AT_ONCE", 3)
    late = world.now + 10 * 60 * SECOND
    for _ in range(5):
        announce(world)
    Announcement.objects.update(rings=9, rung_at=late - 60 * SECOND)
    fresh = announce(world, fresh=True)
    assert jobs.ring_again(now=late) == 1
    assert [kwargs["announcement_id"] for _, kwargs in rings(queue)] == [fresh.pk]


def test_what_was_heard_is_not_rung_again(world: World, queue: redis.Redis) -> None:
    row = announce(world)
    Announcement.objects.filter(pk=row.pk).update(heard_at=world.now)
    assert jobs.ring_again(now=world.now + 3600 * SECOND) == 0


def test_the_request_that_announced_is_named_in_the_message(
    world: World, queue: redis.Redis, commit: Callable[..., Any]
) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-1"), commit():
        row = announce(world)
    assert row.request_id == "req-1"
    assert rings(queue)[0][1]["request_id"] == "req-1"


class TestAListener:
    @pytest.fixture
    def heard(self) -> Iterator[list[Any]]:
        """What a listener has heard; it breaks at the word “break”."""
        said: list[Any] = []

        def listen(*, word: str, workspace_id: int) -> None:
            said.append((word, structlog.contextvars.get_contextvars().get("request_id")))
            if word == "break":
                raise ValueError(word)

        jobs.hears(NAME)(listen)
        yield said
        del jobs.LISTENERS[NAME]
        current_app.tasks.unregister(NAME)

    def call(self, row: Announcement) -> None:
        """As a worker calls it with the message's arguments."""
        current_app.tasks[NAME](
            **row.payload,
            announcement_id=row.pk,
            workspace_id=row.workspace_id,
            request_id=row.request_id,
        )

    def test_marks_the_row_heard_when_it_is_done(self, world: World, heard: list[Any]) -> None:
        row = announce(world, word="hello")
        self.call(row)
        row.refresh_from_db()
        assert heard == [("hello", None)]
        assert row.heard_at is not None

    def test_that_fails_leaves_the_row_unheard(self, world: World, heard: list[Any]) -> None:
        row = announce(world, word="break")
        with pytest.raises(ValueError, match="break"):
            self.call(row)
        row.refresh_from_db()
        assert row.heard_at is None

    def test_logs_under_the_request_that_announced(self, world: World, heard: list[Any]) -> None:
        with structlog.contextvars.bound_contextvars(request_id="req-2"):
            row = announce(world, word="hello")
        structlog.contextvars.clear_contextvars()
        self.call(row)
        structlog.contextvars.clear_contextvars()
        assert heard == [("hello", "req-2")]
