"""A worker takes an import and carries it on from where it stands, chunk by chunk, until it is finished or has failed."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce

from feedback import jobs
from feedback.actions.citing import asks_for_authorities
from feedback.models import ImportJob
from feedback.readers.confined import Reading, read
from feedback.readers.problems import ReadingFailed
from feedback.readers.rows import Row

from .chunk import LEASE_MINUTES, Importing, LeaseLost, write_chunk
from .raters import Provenances, Raters

log = structlog.get_logger(__name__)
CHUNK_ROWS = 2000
CHUNK_BYTES = 8 * 1024 * 1024
MOST_ATTEMPTS = 5


def run_import(*, workspace_id: int, job_id: int, clock: Callable[[], dt.datetime]) -> None:
    """Carry on an import. Boring when it is finished, and when another worker has it."""
    rows = ImportJob.objects.filter(
        pk=job_id, workspace_id=workspace_id, state__in=["waiting", "running"]
    )
    now = clock()
    lease = jobs.take(
        rows,
        now=now,
        minutes=LEASE_MINUTES,
        state=ImportJob.State.RUNNING,
        started_at=Coalesce("started_at", Value(now)),
    )
    if lease is None:
        return
    job = ImportJob.objects.select_related("project", "source").get(pk=job_id)
    if job.attempts > MOST_ATTEMPTS:
        _fail(
            job,
            lease,
            "gave_up",
            "Five workers have died at the same place of this file. What is in stays in; split the file and try again.",
            clock(),
        )
        return
    importing = Importing(
        job,
        lease,
        job.project,
        job.project.forms.latest("version"),
        Raters(job, now),
        Provenances(job.workspace_id),
    )
    with suppress(LeaseLost):
        try:
            _carry_on(importing, clock)
        except ReadingFailed as failure:
            _fail(job, lease, failure.code, failure.sentence, clock())


def resume_imports(*, now: dt.datetime) -> int:
    """Call a new worker for every import whose worker has died. Returns how many."""
    return jobs.resume(
        ImportJob.objects.filter(state=ImportJob.State.RUNNING),
        now=now,
        name="feedback.import_waiting",
        key="job_id",
    )


def _carry_on(importing: Importing, clock: Callable[[], dt.datetime]) -> None:
    job = importing.job
    with (
        _local(job.stored_at) as path,
        read(
            path,
            format=job.format or None,
            mapping=job.mapping,
            name=job.file_name,
            skip_rows=job.rows_read,
        ) as reading,
    ):
        for rows in _chunks(reading):
            write_chunk(importing, rows, bytes_read=reading.bytes_done, now=clock())
            log.info("import_chunk", job=job.pk, rows=rows[-1].number)
    _finish(importing, clock())


@transaction.atomic
def _finish(importing: Importing, now: dt.datetime) -> None:
    job = importing.job
    done = ImportJob.objects.filter(pk=job.pk, lease=importing.lease).update(
        state=ImportJob.State.FINISHED,
        finished_at=now,
        bytes_read=job.file_bytes,
        lease=None,
        leased_until=None,
    )
    if done:
        jobs.announce(
            "feedback.import_finished",
            workspace_id=job.workspace_id,
            now=now,
            project_id=job.project_id,
        )
    if done and asks_for_authorities(importing.form):
        jobs.announce(
            "feedback.citations_wanted", workspace_id=job.workspace_id, now=now, job_id=job.pk
        )


def _chunks(reading: Reading) -> Iterator[list[Row]]:
    """At most so many rows and about so many bytes at a time."""
    rows: list[Row] = []
    size = 0
    for row in reading:
        rows.append(row)
        size += len(row.content)
        if len(rows) >= CHUNK_ROWS or size >= CHUNK_BYTES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _fail(job: ImportJob, lease: uuid.UUID, code: str, sentence: str, now: dt.datetime) -> None:
    """The import ends with what it has; unless it is another worker's by now, who may have better luck."""
    ImportJob.objects.filter(pk=job.pk, lease=lease).update(
        state=ImportJob.State.FAILED,
        error_code=code,
        error=sentence[:1000],
        finished_at=now,
        lease=None,
        leased_until=None,
    )


@contextmanager
def _local(name: str) -> Iterator[Path]:
    """The stored file as a path: itself where storage is a disk, else a copy that goes away."""
    try:
        yield Path(default_storage.path(name))
    except NotImplementedError:
        with tempfile.NamedTemporaryFile() as copy, default_storage.open(name) as stored:
            for piece in stored.chunks():
                copy.write(piece)
            copy.flush()
            yield Path(copy.name)
