from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.db.models import QuerySet

from feedback import jobs
from feedback.models import Announcement, ImportJob
from tests.steps import begin_import
from tests.world import World

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def job(world: World) -> ImportJob:
    return begin_import(world.place(world.mara), b"{}", world.now)


def rows(job: ImportJob) -> QuerySet[ImportJob]:
    return ImportJob.objects.filter(pk=job.pk)


def take(job: ImportJob, now: dt.datetime) -> uuid.UUID | None:
    return jobs.take(rows(job), now=now, minutes=2, state="running")


def resume(now: dt.datetime) -> int:
    running = ImportJob.objects.filter(state="running")
    return jobs.resume(running, now=now, name="feedback.import_waiting", key="job_id")


def test_a_row_is_taken_by_one_until_its_lease_runs_out(job: ImportJob, world: World) -> None:
    first = take(job, world.now)
    assert first is not None
    assert take(job, world.now + 2 * MINUTE) is None
    second = take(job, world.now + 2 * MINUTE + dt.timedelta(seconds=1))
    assert second not in (None, first)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease) == ("running", 2, second)


def test_whoever_keeps_a_lease_writes_progress_with_it_and_nobody_else(
    job: ImportJob, world: World
) -> None:
    lease = take(job, world.now)
    assert lease is not None
    later = world.now + MINUTE
    assert jobs.keep(rows(job), lease=lease, now=later, minutes=2, rows_read=5)
    assert not jobs.keep(rows(job), lease=uuid.uuid4(), now=later, minutes=9, rows_read=99)
    job.refresh_from_db()
    assert (job.rows_read, job.leased_until) == (5, later + 2 * MINUTE)


def test_a_lost_lease_calls_a_new_worker_once(job: ImportJob, world: World) -> None:
    take(job, world.now)
    before = Announcement.objects.count()
    assert resume(world.now + 2 * MINUTE) == 0
    assert resume(world.now + 3 * MINUTE) == 1
    assert resume(world.now + 3 * MINUTE) == 0
    job.refresh_from_db()
    assert (job.state, job.lease, job.leased_until, job.attempts) == ("waiting", None, None, 1)
    called = Announcement.objects.latest("pk")
    assert Announcement.objects.count() == before + 1
    assert (called.name, called.payload) == ("feedback.import_waiting", {"job_id": job.pk})


def test_a_row_that_nobody_holds_is_not_resumed(job: ImportJob, world: World) -> None:
    assert resume(world.now + 60 * MINUTE) == 0


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_eight_workers_one_gets_the_row(self, job: ImportJob, world: World) -> None:
        leases = together(*[lambda: take(job, world.now)] * 8)
        assert sum(lease is not None for lease in leases) == 1
        job.refresh_from_db()
        assert (job.lease, job.attempts) == (next(filter(None, leases)), 1)

    def test_of_eight_beats_one_calls_a_worker(self, job: ImportJob, world: World) -> None:
        take(job, world.now)
        before = Announcement.objects.count()
        assert sum(together(*[lambda: resume(world.now + 3 * MINUTE)] * 8)) == 1
        assert Announcement.objects.count() == before + 1

    def test_who_keeps_a_lost_lease_and_who_gives_it_away_do_not_both_win(
        self, world: World
    ) -> None:
        """A worker that wakes up late, and beat that calls another one: whoever comes first has the row."""
        late = world.now + 3 * MINUTE
        for _ in range(5):
            job = begin_import(world.place(world.mara), b"{}", world.now)
            lease = take(job, world.now)
            assert lease is not None
            kept, resumed = together(partial(keep, job, lease, late), partial(resume, late))
            job.refresh_from_db()
            assert bool(kept) != bool(resumed)
            assert (job.lease == lease) == bool(kept)
            rows(job).update(state="failed")


def keep(job: ImportJob, lease: uuid.UUID, now: dt.datetime) -> bool:
    return jobs.keep(rows(job), lease=lease, now=now, minutes=2)


def together(*works: Callable[[], Any]) -> list[Any]:
    def one(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))
