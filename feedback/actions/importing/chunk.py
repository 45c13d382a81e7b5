"""One chunk of an import: a transaction that writes its rows, its rejections and the job's new counts together."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
from django.db import connection, transaction
from django.db.models import F

from feedback import jobs, ports
from feedback.bodies import form_of
from feedback.errors import Refusal
from feedback.forms.schema import Form
from feedback.models import FormVersion, ImportJob, ImportRejection, Project
from feedback.readers.rows import Row

from .items import Arrived, arrived, count_twins, key_fault, settle_fates, write_items
from .raters import Provenances, Raters
from .reviews import reject, take_reviews

LEASE_MINUTES = 2.0


class LeaseLost(Refusal):
    """Another worker has taken over this import."""

    code = "lease_lost"


@dataclass(slots=True)
class Importing:
    """What stays the same over the chunks of one job in one worker."""

    job: ImportJob
    lease: uuid.UUID
    project: Project
    version: FormVersion
    raters: Raters
    provenances: Provenances
    form: Form = field(init=False)

    def __post_init__(self) -> None:
        self.form = form_of(self.version)


def write_chunk(
    importing: Importing, rows: list[Row], *, bytes_read: int, now: dt.datetime
) -> None:
    """Write the rows and move the job's progress behind them. Raises LeaseLost, with nothing written."""
    job = importing.job
    with transaction.atomic():
        # One chunk at a time in a project: two imports must not both find an item new.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(727001, %s)", [job.project_id])
        changes = _write(importing, rows, now)
        kept = jobs.keep(
            ImportJob.objects.filter(pk=job.pk),
            lease=importing.lease,
            now=now,
            minutes=LEASE_MINUTES,
            # Who gets further has not failed: only deaths at one and the same place are counted.
            attempts=1,
            rows_read=rows[-1].number,
            bytes_read=bytes_read,
            **{name: F(name) + number for name, number in changes.items() if number},
        )
        if not kept:
            raise LeaseLost


def _write(importing: Importing, rows: list[Row], now: dt.datetime) -> dict[str, int]:
    job = importing.job
    read = [arrived(row) for row in rows if row.item is not None]
    unfit = {id(each): fault for each in read if (fault := key_fault(importing.form, each.item))}
    here = [each for each in read if id(each) not in unfit]
    writing = settle_fates(job, here)
    write_items(job, importing.project, importing.form, writing, importing.provenances, now)
    ports.similar_items()(project_id=job.project_id, job_id=job.pk, items=list(_arriving(writing)))
    staying = [each for each in here if each.fate != "conflict"]
    tally, refused = take_reviews(
        job, importing.version, importing.form, staying, importing.raters, now
    )
    conflicts = [each for each in here if each.fate == "conflict"]
    rejections = [
        *(rejection for row in rows for rejection in _of_reader(job, row)),
        *(reject(job, each, None, "external_id_conflict", _CONFLICT) for each in conflicts),
        *(reject(job, each, None, *unfit[id(each)]) for each in read if id(each) in unfit),
        *refused,
    ]
    ImportRejection.objects.bulk_create(_raw_once(rejections))
    unread = [row for row in rows if row.item is None]
    out = [*conflicts, *(each for each in read if id(each) in unfit)]
    return {
        "items_created": _count(here, "new"),
        "items_revised": _count(here, "revised"),
        "items_duplicate": _count(here, "duplicate"),
        "items_rejected": len(unread) + len(out),
        "responses_created": _responses(here, "new") + _responses(here, "revised"),
        "responses_duplicate": _responses(here, "duplicate"),
        "responses_rejected": sum(row.rejected_responses for row in rows)
        + sum(len(each.item.responses) for each in out),
        "reviews_created": tally.created,
        "reviews_duplicate": tally.duplicate,
        "reviews_rejected": sum(row.rejected_reviews for row in rows)
        + tally.rejected
        + sum(len(each.item.reviews) for each in out),
        "twins": count_twins(job, writing),
    }


def _arriving(writing: list[Arrived]) -> Iterator[ports.Arriving]:
    """The items as they are now, each once: the last row of an identity has the last word."""
    latest = {each.item_id: each.item for each in writing}
    for item_id, item in sorted(latest.items()):
        yield ports.Arriving(
            item_id, msgspec.to_builtins(item.prompt), msgspec.to_builtins(item.context)
        )


_CONFLICT = (
    "An item with this id is there already and its content is different. "
    "Import again and allow revisions if the new content is meant."
)


def _of_reader(job: ImportJob, row: Row) -> list[ImportRejection]:
    return [
        ImportRejection(
            workspace_id=job.workspace_id,
            job=job,
            row=row.number,
            scope=problem.scope,
            number=problem.index,
            code=problem.code,
            sentence=(f"{problem.path}: " if problem.path else "")[:300] + problem.sentence[:690],
            raw=row.raw,
        )
        for problem in row.problems
    ]


def _raw_once(rejections: list[ImportRejection]) -> list[ImportRejection]:
    """A row's text stands with its first rejection; the others of the same row point to it by number."""
    ordered = sorted(rejections, key=lambda rejection: rejection.row)
    before = None
    for rejection in ordered:
        if rejection.row == before:
            rejection.raw = ""
        before = rejection.row
    return ordered


def _count(here: list[Arrived], fate: str) -> int:
    return sum(each.fate == fate for each in here)


def _responses(here: list[Arrived], fate: str) -> int:
    return sum(len(each.item.responses) for each in here if each.fate == fate)
