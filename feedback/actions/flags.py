"""Flags: a reviewer tells the manager that something is wrong with an item; the manager settles it."""

from __future__ import annotations

import datetime as dt
import uuid

from feedback.access import ProjectPlace
from feedback.errors import Invalid, NotThere
from feedback.models import Assignment, Flag

from .leases import check_note


def flag(
    *, place: ProjectPlace, assignment: Assignment, reason: str, note: str, now: dt.datetime
) -> Flag:
    """Tell the manager that something is wrong with an item. The same flag again keeps the first, with the new note."""
    if reason not in Flag.Reason.values:
        raise Invalid(
            "Say what is wrong: " + "; ".join(Flag.Reason.labels) + ".",
            problems=[{"field": "reason", "code": "unknown_reason"}],
        )
    check_note(note)
    row, _ = Flag.objects.update_or_create(
        workspace=place.workspace,
        item_id=assignment.item_id,
        rater_id=assignment.rater_id,
        reason=reason,
        defaults={"note": note},
        create_defaults={"note": note, "project": place.project, "created_at": now},
    )
    return row


def settle_flag(*, place: ProjectPlace, public_id: uuid.UUID, now: dt.datetime) -> None:
    """The manager has dealt with it. Twice is once."""
    rows = Flag.objects.filter(project=place.project, public_id=public_id)
    if not rows.exists():
        raise NotThere
    rows.filter(settled_at=None).update(settled_at=now)
