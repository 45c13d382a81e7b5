from __future__ import annotations

import datetime as dt
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.db import models

from curation.actions.start_run import start_run
from curation.models import RunPair
from exports.actions.datasets import make_dataset, publish
from exports.models import VersionFile
from feedback import access, jobs
from feedback.models import Announcement, Item, Review
from tests.steps import begin_import, carry_on, counts, lines, recipe, row, work_off
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [
    row(f"i{n}", 2, 1, -1, prompt=f"Prompt {n}", responses=[f"a{n}", f"b{n}"]) for n in range(30)
]
ENDS = {"finished", "failed", "published", "withdrawn"}


def until(done: Callable[[], Any], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "the worker has not done it in time"
        time.sleep(0.02)


def followed(row: models.Model) -> Any:
    """The row when a worker has brought it to its end."""

    def ended() -> bool:
        row.refresh_from_db()
        return row.state in ENDS

    until(ended)
    return row


def office(world: World) -> access.Place:
    return access.workspace(access.Principal(world.mara), world.workspace.slug)


def test_a_worker_takes_a_file_to_a_published_version(
    world: World, worker: subprocess.Popen[bytes]
) -> None:
    place = world.place(world.mara)
    job = followed(begin_import(place, lines(*ROWS), world.now))
    assert (job.state, job.error) == ("finished", "")
    assert counts(job, "items") == (30, 0, 0, 0)
    run = followed(start_run(place=place, version=recipe(world.project, world.now), now=world.now))
    assert (run.state, run.n_pairs, run.n_out) == ("finished", 30, 30)
    dataset = make_dataset(place=office(world), slug="pairs", now=world.now)
    version = publish(place=office(world), dataset=dataset, run=run, now=world.now)
    assert followed(version).state == "published"
    assert VersionFile.objects.filter(version=version, config="trl_dpo").exists()
    until(lambda: not Announcement.objects.filter(heard_at=None).exists())


def test_the_same_message_twice_is_boring(world: World, worker: subprocess.Popen[bytes]) -> None:
    place = world.place(world.mara)
    job = begin_import(place, lines(*ROWS), world.now)
    ring(world, "feedback.import_waiting", job_id=job.pk)
    followed(job)
    ring(world, "feedback.import_waiting", job_id=job.pk)
    run = start_run(place=place, version=recipe(world.project, world.now), now=world.now)
    for chunk in run.chunks.all():
        ring(world, "curation.chunk_waiting", chunk_id=chunk.pk)
    followed(run)
    for chunk in run.chunks.all():
        ring(world, "curation.chunk_waiting", chunk_id=chunk.pk)
    all_heard(world)
    job.refresh_from_db()
    assert counts(job, "items") == (30, 0, 0, 0)
    assert (Item.objects.count(), Review.objects.count()) == (30, 90)
    assert RunPair.objects.filter(run=run).count() == 30
    assert job.attempts == 1


def test_a_task_that_names_another_workspace_does_nothing(
    world: World, worker: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "ring", lambda *args, **named: None)  # only our own messages arrive
    place, strangers = world.place(world.mara), world.elsewhere.pk
    job = begin_import(place, lines(*ROWS), world.now)
    ring(world, "feedback.import_waiting", workspace_id=strangers, job_id=job.pk)
    all_heard(world)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("waiting", 0)
    carry_on(job, world.now)
    run = start_run(place=place, version=recipe(world.project, world.now), now=world.now)
    chunk = run.chunks.get(kind="read")
    ring(world, "curation.chunk_waiting", workspace_id=strangers, chunk_id=chunk.pk)
    all_heard(world)
    chunk.refresh_from_db()
    assert (chunk.state, chunk.attempts) == ("waiting", 0)
    work_off(run, world.now)
    dataset = make_dataset(place=office(world), slug="pairs", now=world.now)
    version = publish(place=office(world), dataset=dataset, run=run, now=world.now)
    ring(world, "exports.version_waiting", workspace_id=strangers, version_id=version.pk)
    all_heard(world)
    version.refresh_from_db()
    assert (version.state, version.attempts) == ("building", 0)


def ring(world: World, name: str, **payload: Any) -> None:
    """A message as jobs.ring sends it, with a row that says when it was heard."""
    heard = Announcement.objects.create(
        workspace=world.workspace, name=name, payload={}, created_at=world.now
    )
    asked = {"workspace_id": world.workspace.pk, "announcement_id": heard.pk, "request_id": ""}
    current_app.send_task(name, kwargs=asked | payload)


def all_heard(world: World) -> None:
    """Every message of ours; announcements whose bell was kept from ringing stay unheard."""
    until(lambda: not Announcement.objects.filter(heard_at=None, payload={}).exists())


def test_beat_finds_what_was_never_rung(world: World, worker: subprocess.Popen[bytes]) -> None:
    """The web process died between its commit and the bell: the row alone is enough."""
    job = begin_import(world.place(world.mara), lines(*ROWS), world.now)
    past = world.now - dt.timedelta(minutes=5)
    Announcement.objects.update(created_at=past, rung_at=None, rings=0)
    current_app.send_task("feedback.ring_again")
    assert followed(job).state == "finished"
