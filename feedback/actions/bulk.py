"""Doing one thing to many items: counted and confirmed, done in chunks, written down item by item, and taken back.

A few items are done at once; more are a background job whose progress is committed with each chunk, so that a killed
worker's successor goes on behind it.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.db.models import F, Max

from feedback import jobs
from feedback.access import ProjectPlace
from feedback.bodies import form_of
from feedback.errors import Invalid, Refusal
from feedback.models import BulkJob, Item, Membership, Rater
from feedback.policy.order import shown_order
from feedback.policy.rank import CHANCE, rank
from feedback.queries.bulk import Chosen, chosen_items, items_of_job
from feedback.statements import run

from .archiving import refuse_archived
from .bulk_settings import checked
from .bulk_steps import STEPS, UNDO

AT_ONCE = 500
LEASE_MINUTES = 5
MOST_ATTEMPTS = 5
WAITING = "feedback.bulk_waiting"


class NumberChanged(Refusal):
    """The number of items has changed since you looked. Look again before you go on."""

    code = "number_changed"


class CannotUndo(Refusal):
    """This cannot be taken back: it is still under way, was taken back before, or leaves nothing to take back."""

    code = "cannot_undo"


class LeaseLost(Exception):
    """Another worker has the job."""


def start_bulk(
    *,
    place: ProjectPlace,
    action: str,
    settings: Mapping[str, Any],
    chosen: Chosen,
    now: dt.datetime,
    expected: int | None = None,
) -> BulkJob:
    """Do something to the chosen items: at once where they are few, else by a worker.

    `expected` is the number that the person has confirmed. Raises Invalid, NumberChanged.
    """
    refuse_archived(place.project)
    given = checked(place, action, settings)
    rows = chosen_items(place.project, chosen)
    total = rows.count()
    if expected is not None and expected != total:
        raise NumberChanged(total=total)
    if not total:
        raise Invalid("No item is chosen.", problems=[{"field": "items", "code": "empty"}])
    selection: dict[str, Any] = {"items": [str(each) for each in chosen.items]}
    if chosen.filters is not None:
        up_to = rows.order_by().aggregate(n=Max("pk"))["n"]
        selection = {"filters": dict(chosen.filters), "up_to": up_to}
    job = BulkJob(action=action, settings=given, selection=selection, total=total)
    return _begin(place, job, now)


def undo_bulk(*, place: ProjectPlace, job: BulkJob, now: dt.datetime) -> BulkJob:
    """Take a job back, item by item, wherever the item still stands as the job left it. Raises CannotUndo."""
    refuse_archived(place.project)
    if not undoable(job):
        raise CannotUndo
    taken_back = BulkJob(
        action=job.action, settings=job.settings, undoes=job, selection={}, total=job.changed
    )
    try:
        return _begin(place, taken_back, now)
    except IntegrityError as error:  # somebody else was faster
        raise CannotUndo from error


def undoable(job: BulkJob) -> bool:
    """Whether a job can be taken back."""
    done = job.state == BulkJob.State.FINISHED and job.changed > 0 and job.action in UNDO
    return done and job.undoes_id is None and not hasattr(job, "undone_by")


def run_bulk(*, workspace_id: int, job_id: int, clock: Callable[[], dt.datetime]) -> None:
    """Carry a job on from where it stands. Boring when it is finished, and when another worker has it."""
    rows = BulkJob.objects.filter(
        pk=job_id, workspace_id=workspace_id, state__in=["waiting", "running"]
    )
    lease = jobs.take(rows, now=clock(), minutes=LEASE_MINUTES, state=BulkJob.State.RUNNING)
    if lease is None:
        return
    job = BulkJob.objects.select_related("project", "undoes").get(pk=job_id)
    if job.attempts > MOST_ATTEMPTS:
        rows.filter(lease=lease).update(state=BulkJob.State.FAILED, finished_at=clock(), lease=None)
        return
    with suppress(LeaseLost):
        while _chunk(job, lease, clock()):
            pass


def resume_bulk(*, now: dt.datetime) -> int:
    """Call a new worker for every job whose worker has died. Returns how many."""
    running = BulkJob.objects.filter(state=BulkJob.State.RUNNING)
    return jobs.resume(running, now=now, name=WAITING, key="bulk_id")


def _begin(place: ProjectPlace, job: BulkJob, now: dt.datetime) -> BulkJob:
    with transaction.atomic():
        job.workspace, job.project = place.workspace, place.project
        job.created_at, job.created_by = now, place.user
        job.save()
        if job.total > AT_ONCE:
            jobs.announce(WAITING, workspace_id=place.workspace.pk, now=now, bulk_id=job.pk)
    if job.total <= AT_ONCE:
        run_bulk(workspace_id=place.workspace.pk, job_id=job.pk, clock=lambda: now)
        job.refresh_from_db()
    return job


@transaction.atomic
def _chunk(job: BulkJob, lease: uuid.UUID, now: dt.datetime) -> bool:
    """The next items of a job, and its progress with them. False when that was the last."""
    left = items_of_job(job).filter(pk__gt=job.at_item).order_by("pk")
    items = list(left.values_list("pk", flat=True)[:AT_ONCE])
    changed = _do(job, items, now) if items else 0
    last = len(items) < AT_ONCE
    progress: dict[str, Any] = {"seen": F("seen") + len(items), "changed": F("changed") + changed}
    if items:
        progress["at_item"] = job.at_item = items[-1]
    if last:
        progress |= {"state": BulkJob.State.FINISHED, "finished_at": now}
    rows = BulkJob.objects.filter(pk=job.pk)
    if not jobs.keep(rows, lease=lease, now=now, minutes=LEASE_MINUTES, **progress):
        raise LeaseLost
    return not last


def _do(job: BulkJob, items: list[int], now: dt.datetime) -> int:
    values = {"items": items, "job": job.pk, "workspace": job.workspace_id, "now": now}
    if job.undoes_id is not None:
        return len(run(UNDO[job.action], {**values, "of": job.undoes_id}, prepare=False))
    return len(run(STEPS[job.action], {**values, **_values(job, items, now)}, prepare=False))


def _values(job: BulkJob, items: list[int], now: dt.datetime) -> dict[str, Any]:
    """What the statement of an action takes besides its items."""
    said: dict[str, Any] = job.settings
    match job.action:
        case BulkJob.Action.RETIRE | BulkJob.Action.RESTORE:
            return {"held": job.action == BulkJob.Action.RETIRE}
        case BulkJob.Action.PRIORITY:
            return {"base": rank(said["priority"], 0), "chance": CHANCE}
        case BulkJob.Action.REQUEUE:
            return {**_span(job), "more": said["more"]}
        case BulkJob.Action.RELEASE:
            return {"rater": _rater(job, said["member"]) if said["member"] else None}
        case BulkJob.Action.ASSIGN:
            return {**_span(job), **_named(job, items, now)}
        case _:
            return {"add": said["add"], "remove": said["remove"]}


def _span(job: BulkJob) -> dict[str, int]:
    span = form_of(job.project.forms.latest("version")).responses
    return {"fewest": span.min, "most": span.max}


def _named(job: BulkJob, items: list[int], now: dt.datetime) -> dict[str, Any]:
    """What an assignment for a person says, each item with an order of its own."""
    counts = Item.objects.filter(pk__in=items).values_list("pk", "responses")
    orders = {str(pk): shown_order(count, secrets.randbits(63)) for pk, count in counts}
    return {
        "rater": _rater(job, job.settings["member"]),
        "project": job.project_id,
        "form": job.project.forms.latest("version").pk,
        "orders": orjson.dumps(orders).decode(),
        "until": now + dt.timedelta(days=job.settings["days"]),
    }


def _rater(job: BulkJob, member: str) -> int:
    """Under which rater a member's assignments stand."""
    membership = Membership.objects.get(workspace_id=job.workspace_id, public_id=member)
    return Rater.objects.get(
        workspace_id=job.workspace_id, user_id=membership.user_id, rater_kind=Rater.Kind.MEMBER
    ).pk
