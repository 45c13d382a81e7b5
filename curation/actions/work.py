"""A worker takes a chunk of a run: it reads its reviews, or decides over all of them once everything is read."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import structlog
from django.db import transaction

from curation import frames, parts
from curation.models import Run, RunChunk
from curation.scored import reading_of
from feedback import jobs
from feedback.errors import Refusal

from .decide import decide
from .increment import Wider, went_on
from .outcome import write_outcome
from .reading import prepared, store
from .recipes import recipe_of
from .signals import read_chunk
from .start_run import WAITING, widen
from .states import forget_states
from .texts import code_view_of

log = structlog.get_logger(__name__)
LEASE_MINUTES = {RunChunk.Kind.READ: 5.0, RunChunk.Kind.DECIDE: 30.0}
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
    if chunk is None or not _is_ready(chunk):
        return
    open_rows = RunChunk.objects.filter(pk=chunk_id, state__in=["waiting", "running"])
    lease = jobs.take(
        open_rows,
        now=now,
        minutes=LEASE_MINUTES[RunChunk.Kind(chunk.kind)],
        state=RunChunk.State.RUNNING,
    )
    if lease is None:
        return
    if chunk.attempts >= MOST_ATTEMPTS:
        fail(chunk.run, "gave_up", "Five workers have died over this run.", now)
        return
    try:
        if chunk.kind == RunChunk.Kind.READ:
            _read(chunk, lease, clock)
        else:
            _decide(chunk, lease, clock)
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


def _is_ready(chunk: RunChunk) -> bool:
    """There is nothing to decide on before every chunk is read."""
    return chunk.kind == RunChunk.Kind.READ or chunk.run.state == Run.State.DECIDING


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
    working = Run.objects.filter(state__in=[Run.State.READING, Run.State.DECIDING])
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
    found = frames.read_reviews(chunk.review_ids, reading_of(run))
    read_chunk(run, found.pairs)
    output = f"{parts.folder_of(run)}/{chunk.number:05d}-{lease}"
    view = code_view_of(recipe_of(run.recipe_version))
    store(prepared(found, run.project, view), output)
    now = clock()
    with transaction.atomic():
        Run.objects.select_for_update().get(pk=run.pk)
        done = RunChunk.objects.filter(pk=chunk.pk, lease=lease).update(
            state=RunChunk.State.DONE,
            output=output,
            finished_at=now,
            lease=None,
            leased_until=None,
        )
        left = RunChunk.objects.filter(run=run, kind=RunChunk.Kind.READ)
        if done and not left.exclude(state=RunChunk.State.DONE).exists():
            Run.objects.filter(pk=run.pk).update(state=Run.State.DECIDING)
            decision = RunChunk.objects.get(run=run, kind=RunChunk.Kind.DECIDE)
            jobs.announce(WAITING, workspace_id=run.workspace_id, now=now, chunk_id=decision.pk)
    if not done:
        parts.forget(output)
    log.info("run_chunk_read", run=run.pk, chunk=chunk.number, pairs=len(found.pairs))
