"""What a run does one after another: read, in a large run look for near texts in partitions, decide. Each phase is leased in chunks."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from curation import parts
from curation.models import Run, RunChunk
from feedback import jobs

from .start_run import WAITING

Kind = RunChunk.Kind
ORDER = tuple(Kind)
JOINING = ORDER[1:-1]
READS_PER_SORT = 8  # chunks of about 15,000 reviews: their band rows together take some 200 MB
PARTITION_TEXTS = (
    1_000_000  # in partitions, distinct texts of the whole over the number of partitions
)
ALONE = {Kind.SHARED, Kind.LABELS}
SORTS = {Kind.SORT_PROMPTS, Kind.SORT_RESPONSES}


def is_ready(chunk: RunChunk) -> bool:
    """Whether everything before it is done; a decision also waits until the run says so."""
    if chunk.kind == Kind.DECIDE:
        return chunk.run.state == Run.State.DECIDING
    before = ORDER[: ORDER.index(Kind(chunk.kind))]
    undone = RunChunk.objects.filter(run=chunk.run, kind__in=before)
    return not undone.exclude(state=RunChunk.State.DONE).exists()


def finish(
    chunk: RunChunk, lease: uuid.UUID, output: str, *, n_texts: int = 0, now: dt.datetime
) -> bool:
    """The chunk is done, and its output the one that counts; after the last of its phase call for the next.

    False: the lease was lost, so the output is nobody's and is deleted.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update().get(pk=chunk.run_id)
        done = RunChunk.objects.filter(pk=chunk.pk, lease=lease).update(
            state=RunChunk.State.DONE,
            output=output,
            n_texts=n_texts,
            finished_at=now,
            lease=None,
            leased_until=None,
        )
        phase = RunChunk.objects.filter(run=run, kind=chunk.kind)
        if done and not phase.exclude(state=RunChunk.State.DONE).exists():
            _go_on(run, Kind(chunk.kind), now)
    if not done:
        parts.forget(output)
    return bool(done)


def _go_on(run: Run, done: Kind, now: dt.datetime) -> None:
    """Call the workers for what comes after a phase."""
    if done == Kind.READ and _is_large(run):
        Run.objects.filter(pk=run.pk).update(state=Run.State.JOINING)
        RunChunk.objects.bulk_create(_joining(run))
    rows = RunChunk.objects.filter(run=run, kind__in=ORDER[ORDER.index(done) + 1 :])
    kinds = set(rows.values_list("kind", flat=True))
    following = next(kind for kind in ORDER if kind in kinds)
    if following == Kind.DECIDE:
        Run.objects.filter(pk=run.pk).update(state=Run.State.DECIDING)
    for row in rows.filter(kind=following):
        jobs.announce(WAITING, workspace_id=run.workspace_id, now=now, chunk_id=row.pk)


def _texts(run: Run) -> int:
    """Distinct texts of its chunks added up; what several chunks have counts several times."""
    read = RunChunk.objects.filter(run=run, kind=Kind.READ)
    return read.aggregate(n=Sum("n_texts"))["n"] or 0


def _is_large(run: Run) -> bool:
    most: int = settings.JOIN_IN_MEMORY
    return _texts(run) > most


def _joining(run: Run) -> Iterator[RunChunk]:
    """The chunks of every phase between reading and deciding. How many partitions there are is settled here, for all of them."""
    read = RunChunk.objects.filter(run=run, kind=Kind.READ).count()
    sorts = -(-read // READS_PER_SORT)
    partitions = 1 << max(_texts(run) // PARTITION_TEXTS, 1).bit_length()
    for kind in JOINING:
        count = 1 if kind in ALONE else sorts if kind in SORTS else partitions
        for number in range(1, count + 1):
            yield RunChunk(workspace_id=run.workspace_id, run=run, kind=kind, number=number)
