"""Drafts: what a reviewer has so far, saved against the revision it was based on; saving keeps the lease alive."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import transaction

from feedback.access import ProjectPlace
from feedback.bodies import draft_body, form_of
from feedback.errors import Refusal
from feedback.models import Assignment, Draft
from feedback.statements import run


class DraftMoved(Refusal):
    """This item is open in another tab or on another device, and what you wrote there is newer. This one only reads."""

    code = "draft_moved"


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved draft: its new revision, when, and whether the item is still held for its writer."""

    revision: int
    saved_at: dt.datetime
    leased_until: dt.datetime | None


_SAVE = """
INSERT INTO feedback_draft (assignment_id, workspace_id, revision, body, saved_at)
VALUES (%(assignment)s, %(workspace)s, 1, %(body)s::jsonb, %(now)s)
ON CONFLICT (assignment_id) DO UPDATE
    SET body = excluded.body, saved_at = excluded.saved_at, revision = feedback_draft.revision + 1
    WHERE feedback_draft.revision = %(based_on)s
RETURNING revision
"""

_KEEP = """
UPDATE feedback_assignment
SET leased_until = greatest(leased_until, %(until)s), ahead = false, shown_at = coalesce(shown_at, %(now)s)
WHERE id = %(assignment)s AND state = 'open' AND leased_until > %(now)s RETURNING leased_until
"""


def save_draft(
    *, place: ProjectPlace, assignment: Assignment, slots: object, based_on: int, now: dt.datetime
) -> Saved:
    """Save what is there so far. `based_on` is the revision it was edited from, 0 for none.

    A repeated request is answered as the first was. Raises DraftMoved when another tab has saved since, and Invalid.
    """
    body = draft_body(form_of(assignment.form), slots, assignment.order_shown)
    with transaction.atomic():
        rows = run(
            _SAVE,
            {
                "assignment": assignment.pk,
                "workspace": place.workspace.pk,
                "body": orjson.dumps(body).decode(),
                "based_on": based_on,
                "now": now,
            },
        )
        revision = rows[0][0] if rows else _same(assignment, body, based_on)
        return Saved(revision, now, keep_lease(place, assignment, now=now))


def keep_lease(
    place: ProjectPlace, assignment: Assignment, *, now: dt.datetime
) -> dt.datetime | None:
    """Hold the item for its active reviewer a while longer; the first time says since when they see it.

    None: the hold has run out.
    """
    until = now + dt.timedelta(minutes=place.project.lease_minutes)
    rows = run(_KEEP, {"assignment": assignment.pk, "until": until, "now": now})
    return rows[0][0] if rows else None


def _same(assignment: Assignment, body: dict[str, Any], based_on: int) -> int:
    """The answer to a save that came twice; anything else is a conflict."""
    draft = Draft.objects.get(assignment=assignment)
    if draft.revision == based_on + 1 and draft.body == body:
        return draft.revision
    raise DraftMoved(revision=draft.revision, saved_at=draft.saved_at.isoformat())
