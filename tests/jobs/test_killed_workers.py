from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pgtrigger
import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model

from curation.actions.start_run import start_run
from curation.actions.work import resume_runs
from curation.models import Run, RunChunk, RunPair
from exports import blobs
from exports.actions.build import resume_versions
from exports.actions.datasets import make_dataset, publish
from exports.models import DatasetVersion, VersionFile
from feedback import access
from feedback.actions.importing.run import resume_imports
from feedback.models import ImportJob, ImportRejection, Item, Project, Response, Review, Vote
from tests.steps import (
    begin_import,
    files_root,
    import_content,
    lines,
    publish_run,
    read_data,
    recipe,
    row,
    run_recipe,
)
from tests.workers import running
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def file() -> bytes:
    """2,499 items without reviews, then PandaLM's 999 with three votes each, then a row that is none: two chunks."""
    values = {"1": 1, "2": -1, "0": 0}
    fillers = (row(f"f{n}", prompt=f"Filler {n}") for n in range(2499))
    pandalm = (
        row(
            str(each["idx"]),
            *(values[str(each[f"annotator{n}"])] for n in (1, 2, 3)),
            prompt=f"{each['instruction']}\n\n{each['input']}",
            responses=[str(each["response1"]), str(each["response2"])],
        )
        for each in orjson.loads(read_data("pandalm_testset-v1.json.gz"))
    )
    return lines(*fillers, *pandalm, {"id": "bad"})


@contextmanager
def closed(table: type[Model]) -> Iterator[None]:
    """Who comes to this table waits there, and so is in the middle when it is killed, however quick it is."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table._meta.db_table}")
        yield
    finally:
        other.rollback()
        other.close()


def kill_when(busy: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the worker while it is in the middle, and wait until its pool is gone too."""
    deadline = time.monotonic() + 120
    while not busy():
        assert time.monotonic() < deadline, "the work never began"
        time.sleep(0.002)
    children = children_of(worker.pid)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    while any(_alive(child) for child in children):
        assert time.monotonic() < deadline, "a process of the pool outlived its worker"
        time.sleep(0.01)


def children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 180
    while not done():
        assert time.monotonic() < deadline, "the second worker has not done it in time"
        time.sleep(0.05)


def state_of(row: Any) -> str:
    row.refresh_from_db(fields=["state"])
    return str(row.state)


def whats_in(project: Project) -> dict[str, Any]:
    items = Item.objects.filter(project=project)
    return {
        "items": sorted(items.values_list("record__external_id", "given", "leased", "wanted")),
        "texts": sorted(
            bytes(digest)
            for digest in Response.objects.filter(revision__item__in=items).values_list(
                "text_hash", flat=True
            )
        ),
        "votes": sorted(
            Vote.objects.filter(review__project=project).values_list(
                "review__item__record__external_id", "review__rater__external_key", "outcome"
            )
        ),
        "reviews": Review.objects.filter(project=project).count(),
        "rejected": ImportRejection.objects.filter(job__project=project).count(),
    }


def test_four_workers_killed_on_the_way_leave_what_an_undisturbed_one_does(
    world: World, tmp_path: Path
) -> None:
    """A file becomes a version. A worker dies in the import, in reading, in deciding, in writing; each next one goes on."""
    content, place = file(), world.place(world.mara)
    expected = undisturbed(world, content)
    job = begin_import(place, content, world.now)

    with closed(ImportRejection), running(tmp_path / "1", 1) as worker:
        kill_when(lambda: has_read_some_of(job), worker)
    assert resume_imports(now=world.now + DAY) == 1

    with running(tmp_path / "2", 1):
        until(lambda: state_of(job) == "finished")
    assert whats_in(world.project) == expected.items
    run = start_run(place=place, version=recipe(world.project, world.now), now=world.now)

    with closed(Response), running(tmp_path / "3", 1) as worker:
        kill_when(lambda: is_at_work(run, "read"), worker)
    assert resume_runs(now=world.now + DAY) == 1

    with closed(RunPair), running(tmp_path / "4", 1) as worker:
        kill_when(lambda: is_at_work(run, "decide"), worker)
    assert RunPair.objects.filter(run=run).count() == 0
    assert resume_runs(now=world.now + DAY) == 1

    with running(tmp_path / "5", 1):
        until(lambda: state_of(run) == "finished")
    run.refresh_from_db()
    assert bytes(run.result_sha256) == expected.result
    assert RunPair.objects.filter(run=run).count() == run.n_pairs == 900  # 99 are twins
    assert not (files_root() / "runs" / str(run.public_id)).exists()
    dataset = make_dataset(place=office(world), slug="pairs", now=world.now)
    version = publish(place=office(world), dataset=dataset, run=run, now=world.now)

    with closed(VersionFile), running(tmp_path / "6", 1) as worker:
        kill_when(lambda: is_writing(version), worker)
    assert not VersionFile.objects.exists()
    assert resume_versions(now=world.now + DAY) == 1

    with running(tmp_path / "7", 1):
        until(lambda: state_of(version) == "published")
    assert files_of(version) == expected.files


@dataclass(frozen=True)
class Expected:
    """What comes of a file when nobody is killed: what is in the tables, the run's hash, the version's files."""

    items: dict[str, Any]
    result: bytes
    files: dict[str, str]


def undisturbed(world: World, content: bytes) -> Expected:
    """The same way taken in this process, and every trace of it removed."""
    place, now = world.place(world.mara), world.now
    import_content(place, content, now)
    items = whats_in(world.project)
    run = run_recipe(place, now, recipe(world.project, now))
    files = files_of(publish_run(office(world), run, now))
    shutil.rmtree(files_root() / "blobs")
    with pgtrigger.ignore(), connection.cursor() as cursor:
        for app in ("exports", "curation"):
            tables = [m._meta.db_table for m in apps.get_app_config(app).get_models()]
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        cursor.execute("TRUNCATE feedback_item, feedback_rater, feedback_importjob CASCADE")
    return Expected(items, bytes(run.result_sha256), files)


def office(world: World) -> access.Place:
    return access.workspace(access.Principal(world.mara), world.workspace.slug)


def has_read_some_of(job: ImportJob) -> bool:
    job.refresh_from_db(fields=["state", "rows_read"])
    assert job.state != "finished", "the worker was too quick to be killed"
    return job.rows_read > 0


def is_at_work(run: Run, kind: str) -> bool:
    rows = RunChunk.objects.filter(run=run, kind=kind)
    assert not rows.filter(state="done").exists(), "the worker was too quick to be killed"
    return rows.filter(state="running").exists()


def is_writing(version: DatasetVersion) -> bool:
    version.refresh_from_db(fields=["state", "lease"])
    assert version.state == "building", "the worker was too quick to be killed"
    return version.lease is not None


def files_of(version: DatasetVersion) -> dict[str, str]:
    """Path → SHA-256, each checked against the bytes in storage."""
    found = {}
    for file in version.files.all():
        sha256 = bytes(file.sha256).hex()
        content = b"".join(blobs.pieces(sha256, 0, file.size + 1))
        assert hashlib.sha256(content).hexdigest() == sha256
        found[file.path] = sha256
    return found
