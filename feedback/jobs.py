"""Work in the background: announcements through an outbox, and leases taken by compare-and-set.

A row is the truth; the broker only rings. Whoever announces writes a row in its own transaction and rings after commit;
a task that listens marks the row heard when it is done; beat rings again for rows nobody heard.
"""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from celery import current_app, shared_task
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from .models import Announcement

log = structlog.get_logger(__name__)
RING_AGAIN_AFTER = dt.timedelta(seconds=60)
LONGEST_PAUSE = dt.timedelta(hours=1)
MOST_AT_ONCE = 500
LISTENERS: dict[str, str] = {}


def announce(name: str, *, workspace_id: int, now: dt.datetime, **payload: Any) -> None:
    """Write down that `name` happened, in the caller's transaction, and ring for it after commit."""
    row = Announcement.objects.create(
        workspace_id=workspace_id,
        name=name,
        payload=payload,
        created_at=now,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )
    transaction.on_commit(functools.partial(ring, row, now=now))


def ring(row: Announcement, *, now: dt.datetime) -> None:
    """Send the message. A broker that is down loses nothing: beat finds the row again."""
    try:
        current_app.send_task(
            row.name,
            kwargs={
                **row.payload,
                "announcement_id": row.pk,
                "workspace_id": row.workspace_id,
                "request_id": row.request_id,
            },
        )
    except OperationalError:
        log.warning("broker_unreachable", announcement=row.pk, name=row.name)
        return
    Announcement.objects.filter(pk=row.pk).update(rung_at=now, rings=F("rings") + 1)


def ring_again(*, now: dt.datetime) -> int:
    """Ring for every announcement that nobody heard in time; later rings wait longer. Returns how many."""
    unheard = Announcement.objects.filter(heard_at=None, created_at__lt=now - RING_AGAIN_AFTER)
    # Those that wait for their next turn must not keep the others out of the batch.
    due = list(unheard.filter(_due(now)).order_by("created_at")[:MOST_AT_ONCE])
    for row in due:
        ring(row, now=now)
    return len(due)


def _due(now: dt.datetime) -> Q:
    """Never rung, or last rung longer ago than the pause after so many rings: 1, 2, 4 … minutes, at most an hour."""
    due, rings, pause = Q(rung_at=None), 0, RING_AGAIN_AFTER
    while pause < LONGEST_PAUSE:
        due |= Q(rings=rings, rung_at__lt=now - pause)
        rings, pause = rings + 1, pause * 2
    return due | Q(rings__gte=rings, rung_at__lt=now - LONGEST_PAUSE)


def hears(name: str) -> Callable[[Callable[..., None]], Any]:
    """Register a task as the listener of an announced name. The row is marked heard when the task returns."""

    def register(listen: Callable[..., None]) -> Any:
        LISTENERS[name] = f"{listen.__module__}.{listen.__qualname__}"

        @shared_task(name=name)
        @functools.wraps(listen)
        def task(
            *, announcement_id: int | None = None, request_id: str = "", **payload: Any
        ) -> None:
            if request_id:
                structlog.contextvars.bind_contextvars(request_id=request_id)
            listen(**payload)
            if announcement_id is not None:
                Announcement.objects.filter(pk=announcement_id).update(heard_at=timezone.now())

        return task

    return register


def take(
    rows: models.QuerySet[Any], *, now: dt.datetime, minutes: float, **changes: Any
) -> uuid.UUID | None:
    """Lease the one row of `rows` by compare-and-set. None: somebody else has it, or it is not to be had.

    The model is `Leased`. Whoever holds the lease passes it to `keep` and to its last write.
    `rows` asks about its own columns alone: what a join says is not looked at again after waiting for somebody else's
    lock, and two would win.
    """
    lease = uuid.uuid4()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    won = rows.filter(free).update(
        lease=lease,
        leased_until=now + dt.timedelta(minutes=minutes),
        attempts=F("attempts") + 1,
        **changes,
    )
    return lease if won else None


def resume(rows: models.QuerySet[Any], *, now: dt.datetime, name: str, key: str) -> int:
    """Call a new worker for every row of `rows` whose worker has let its lease run out, by announcing `name` once more.

    `rows` are at work; they go back to waiting. `key` is the row's name in the payload. Returns how many.
    """
    resumed = 0
    for row in rows.filter(leased_until__lt=now).order_by("pk")[:500]:
        with transaction.atomic():
            lost = rows.filter(pk=row.pk, lease=row.lease, leased_until__lt=now)
            if lost.update(state="waiting", lease=None, leased_until=None):
                announce(name, workspace_id=row.workspace_id, now=now, **{key: row.pk})
                resumed += 1
    return resumed


def keep(
    rows: models.QuerySet[Any],
    *,
    lease: uuid.UUID,
    now: dt.datetime,
    minutes: float,
    **changes: Any,
) -> bool:
    """Renew a lease and write progress with it. False: it was lost, stop."""
    until = now + dt.timedelta(minutes=minutes)
    return bool(rows.filter(lease=lease).update(leased_until=until, **changes))
