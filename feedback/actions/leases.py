"""Items go back: skipped with a reason, expired, or claimed again after a long lunch."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from feedback.access import ProjectPlace
from feedback.errors import Invalid, Refusal
from feedback.models import Assignment
from feedback.statements import run

from .claim import sit

SKIP_REASONS = {
    "conflict_of_interest": "I have a conflict of interest",
    "outside_expertise": "It is not my field",
    "too_long": "It takes more time than I have",
    "unclear": "I do not understand what is asked",
    "other": "Another reason",
}
SWEEP_BATCH = 1000


class NotHeld(Refusal):
    """This item is no longer held for you: it was sent or skipped before."""

    code = "not_held"


class TakenMeanwhile(Refusal):
    """Others have reviewed this item in the meantime. What you wrote is kept, and you can still send it."""

    code = "taken_meanwhile"


_SKIP = """
WITH was AS (
    SELECT id, item_id, state FROM feedback_assignment
    WHERE id = %(assignment)s AND state IN ('open', 'expired') FOR NO KEY UPDATE
), freed AS (
    UPDATE feedback_item i SET leased = leased - 1, front = true FROM was
    WHERE i.id = was.item_id AND was.state = 'open'
)
UPDATE feedback_assignment a SET state = 'skipped', closed_at = %(now)s, reason = %(reason)s, note = %(note)s, ahead = false
FROM was WHERE a.id = was.id RETURNING a.id
"""

_SWEEP = """
WITH due AS (
    SELECT id, item_id FROM feedback_assignment WHERE state = 'open' AND leased_until < %(now)s
    ORDER BY leased_until LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
), expired AS (
    UPDATE feedback_assignment a SET state = 'expired', closed_at = %(now)s FROM due WHERE a.id = due.id RETURNING a.item_id
), freed AS (
    UPDATE feedback_item i SET leased = leased - n.n, front = true
    FROM (SELECT item_id, count(*)::smallint AS n FROM expired GROUP BY item_id) n WHERE i.id = n.item_id
)
SELECT count(*) FROM due
"""

# An open assignment has its place, even when its time has passed and nobody has swept it yet.
_HOLD = """
UPDATE feedback_assignment
SET leased_until = greatest(leased_until, %(until)s), ahead = false, shown_at = coalesce(shown_at, %(now)s)
WHERE id = %(assignment)s AND state = 'open' RETURNING leased_until
"""

_AGAIN = """
WITH was AS (
    SELECT id, item_id, state FROM feedback_assignment
    WHERE id = %(assignment)s AND (state = 'expired' OR state = 'open' AND leased_until <= %(now)s) FOR NO KEY UPDATE
), held AS (
    UPDATE feedback_item i SET leased = leased + (was.state = 'expired')::int FROM was
    WHERE i.id = was.item_id AND (was.state = 'open' OR NOT i.held AND i.wanted > i.given + i.leased) RETURNING i.id
)
UPDATE feedback_assignment a SET state = 'open', closed_at = NULL, leased_until = %(until)s
FROM was, held WHERE a.id = was.id RETURNING a.leased_until
"""


def skip(*, assignment: Assignment, reason: str, note: str, now: dt.datetime) -> None:
    """Give the item to somebody else, and say why. Twice is once."""
    if reason not in SKIP_REASONS:
        raise Invalid(
            "Say why you skip: " + "; ".join(SKIP_REASONS.values()) + ".",
            problems=[{"field": "reason", "code": "unknown_reason"}],
        )
    check_note(note)
    with transaction.atomic():
        if not run(
            _SKIP, {"assignment": assignment.pk, "now": now, "reason": reason, "note": note}
        ):
            assignment.refresh_from_db(fields=["state"])
            if assignment.state != Assignment.State.SKIPPED:
                raise NotHeld


def hold(*, place: ProjectPlace, assignment: Assignment, now: dt.datetime) -> dt.datetime:
    """Hold an item for its reviewer a while longer, or again if the hold ran out. Returns until when.

    Raises TakenMeanwhile, NotHeld, and what a claim raises.
    """
    until = now + dt.timedelta(minutes=place.project.lease_minutes)
    rows = run(_HOLD, {"assignment": assignment.pk, "until": until, "now": now})
    if not rows:
        return claim_again(place=place, assignment=assignment, now=now)
    held: dt.datetime = rows[0][0]
    return held


def claim_again(*, place: ProjectPlace, assignment: Assignment, now: dt.datetime) -> dt.datetime:
    """Hold an item again whose hold ran out, if a place is still free. Returns until when."""
    until = now + dt.timedelta(minutes=place.project.lease_minutes)
    with transaction.atomic():
        sit(place)
        rows = run(_AGAIN, {"assignment": assignment.pk, "until": until, "now": now})
    if rows:
        held: dt.datetime = rows[0][0]
        return held
    assignment.refresh_from_db(fields=["state", "leased_until"])
    if assignment.state == Assignment.State.OPEN:
        return assignment.leased_until
    raise TakenMeanwhile if assignment.state == Assignment.State.EXPIRED else NotHeld


def sweep_leases(*, now: dt.datetime) -> int:
    """Take back every item whose hold has run out; drafts stay. Returns how many."""
    total = 0
    while True:
        with transaction.atomic():
            count = int(run(_SWEEP, {"now": now, "batch": SWEEP_BATCH}, prepare=False)[0][0])
        total += count
        if count < SWEEP_BATCH:
            return total


def check_note(note: str) -> None:
    """Raise Invalid for a note that cannot be kept."""
    if "\x00" in note or len(note) > 2000:
        raise Invalid(
            "A note has at most 2,000 characters and no NUL byte.",
            problems=[{"field": "note", "code": "bad_note"}],
        )
