"""What is no longer needed goes: old idempotency keys, announcements that were heard, ended sessions, forgotten effort."""

from __future__ import annotations

import datetime as dt

from django.contrib.sessions.models import Session
from django.db.models import Q

from feedback.models import (
    Announcement,
    Assignment,
    IdempotencyKey,
    Review,
    ReviewEffort,
    Workspace,
)

KEEP_KEYS = dt.timedelta(days=2)
KEEP_ANNOUNCEMENTS = dt.timedelta(days=7)


def tidy(*, now: dt.datetime) -> None:
    """Delete what has served. Nothing here is anybody's work."""
    IdempotencyKey.objects.filter(created_at__lt=now - KEEP_KEYS).delete()
    Announcement.objects.filter(heard_at__lt=now - KEEP_ANNOUNCEMENTS).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    for workspace in Workspace.objects.all():
        forget_effort(workspace, before=now - dt.timedelta(days=workspace.effort_days))


def forget_effort(workspace: Workspace, *, before: dt.datetime) -> int:
    """Forget how people worked on what was received before then, and since when they saw it. Returns how many reviews."""
    known = Q(active_ms__isnull=False) | Q(shown_at__isnull=False)
    old = Review.objects.filter(known, workspace=workspace, received_at__lt=before)
    ReviewEffort.objects.filter(
        review__workspace=workspace, review__received_at__lt=before
    ).delete()
    Assignment.objects.filter(reviews__in=old, shown_at__isnull=False).update(shown_at=None)
    return old.update(active_ms=None, shown_at=None)
