"""A worker takes a chunk of a run: it reads its reviews, or decides over all of them once everything is read."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable
from dataclasses import replace

import structlog
from django.db import transaction

from curation import frames, parts
from curation.memory import at_hand
from curation.models import Run, RunChunk
from curation.scored import reading_of
from feedback import jobs
from feedback.errors import Refusal

from . import partitions
from .decide import decide
from .increment import Wider, went_on
from .outcome import write_outcome
from .phases import finish, is_ready
from .reading import prepared, store
from .recipes import recipe_of
from .signals import read_chunk
from .start_run import WAITING, widen
from .states import forget_states
from .texts import code_view_of

log = structlog.get_logger(__name__)
READ_MINUTES, LEASE_MINUTES = 5.0, 30.0
MOST_ATTEMPTS = 5


def work_on_chunk(*, workspace_id: int, chunk_id: int, clock: Callable[[], dt.datetime]) -> None:
    """Do a chunk. Boring when it is done, when another worker has it, and when there is nothing to decide on yet."""
    now = clock()
    chunk = (
        RunChunk.objects.select_related(
            "run__base", "run__project__workspace", "run__recipe_version__recipe"
        )
        .filter(pk=chunk_id, workspace_id=workspace_id)
        .first()
    )
    if chunk is None or not is_ready(chunk):
        return
    open_rows = RunChunk.objects.filter(pk=chunk_id, state__in=["waiting", "running"])
    lease = jobs.take(
        open_rows,
        now=now,
        minutes=READ_MINUTES if chunk.kind == RunChunk.Kind.READ else LEASE_MINUTES,
        state=RunChunk.State.RUNNING,
    )
    if lease is None:
        return
    if chunk.attempts >= MOST_ATTEMPTS:
        fail(chunk.run, "gave_up", "Five workers have died over this run.", now)
        return
    try:
        if chunk.kind == RunChunk.Kind.READ:
            with at_hand():
                _read(chunk, lease, clock)
        elif chunk.kind == RunChunk.Kind.DECIDE:
            _decide(chunk, lease, clock)
        else:
            _join(chunk, lease, clock)
    except Refusal as refusal:
        fail(chunk.run, refusal.code, refusal.sentence, clock())


def _decide(chunk: RunChunk, lease: uuid.UUID, clock: Callable[[], dt.datetime]) -> None:
    """Over what is new, if the run goes on from another and that is enough; else over everything."""
    run = chunk.run
    if run.base_id is None:
        decide(chunk, lease, clock)
        return
    try:
        decided = went_on(run, recipe_of(run.recipe_version))
    except Wider:
        log.info("run_reads_all", run=run.pk)
        widen(run, lease=lease, now=clock())
        return
    write_outcome(chunk, lease, decided, now=clock())


def _join(chunk: RunChunk, lease: uuid.UUID, clock: Callable[[], dt.datetime]) -> None:
    """A part of the search for near texts."""
    began = time.perf_counter()
    output = f"{parts.folder_of(chunk.run)}/{chunk.kind}-{chunk.number:05d}-{lease}"
    try:
        partitions.do(chunk, output)
    except partitions.Gone:
        if RunChunk.objects.filter(pk=chunk.pk, lease=lease).exists():
            raise
        parts.forget(output)
        return
    finish(chunk, lease, output, now=clock())
    seconds = round(time.perf_counter() - began, 3)
    log.info(
        "run_chunk_joined",
        run=chunk.run_id,
        kind=chunk.kind,
        chunk=chunk.number,
        seconds=seconds,
    )


def resume_runs(*, now: dt.datetime) -> int:
    """Call a new worker for every chunk whose worker has died. Returns how many."""
    return jobs.resume(
        RunChunk.objects.filter(state=RunChunk.State.RUNNING),
        now=now,
        name=WAITING,
        key="chunk_id",
    )


def forget_frames() -> int:
    """Delete what ended runs have left in storage, as when a worker was killed just then. Returns of how many runs."""
    names = parts.left_over()
    working = Run.objects.filter(state__in=Run.AT_WORK)
    at_work = {str(public_id) for public_id in working.values_list("public_id", flat=True)}
    ended = [name for name in names if name not in at_work]
    for name in ended:
        parts.forget(f"{parts.FOLDER}/{name}")
    return len(ended) + forget_states()


def fail(run: Run, code: str, sentence: str, now: dt.datetime) -> None:
    """The run ends without a result, and says why; its chunks are closed."""
    with transaction.atomic():
        open_run = Run.objects.filter(pk=run.pk).exclude(state=Run.State.FINISHED)
        open_run.update(
            state=Run.State.FAILED, error_code=code, error=sentence[:1000], finished_at=now
        )
        RunChunk.objects.filter(run=run).update(
            state=RunChunk.State.DONE, lease=None, leased_until=None
        )
    parts.forget(parts.folder_of(run))


def _read(chunk: RunChunk, lease: uuid.UUID, clock: Callable[[], dt.datetime]) -> None:
    """Read the chunk's reviews into frames, with bands of their texts, and ring for the decision after the last one."""
    run = chunk.run
    found = frames.read_reviews(
        chunk.review_ids, replace(reading_of(run), silent=frozenset(run.frozen.get("silent", ())))
    )
    found = replace(found, pairs=read_chunk(run, found.pairs))
    output = f"{parts.folder_of(run)}/{chunk.number:05d}-{lease}"
    view = code_view_of(recipe_of(run.recipe_version))
    read = prepared(found, run.project, view)
    store(read, output)
    n_texts = len(read.prompts) + len(read.responses)
    finish(chunk, lease, output, n_texts=n_texts, now=clock())
    log.info("run_chunk_read", run=run.pk, chunk=chunk.number, pairs=len(found.pairs))
