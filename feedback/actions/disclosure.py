"""Disclosure: a reviewer says that they can judge an item, and only then its texts are shown to them."""

from __future__ import annotations

import datetime as dt

from feedback.models import Assignment
from feedback.statements import run

from .leases import NotHeld

# From here on one sees the item, so the time on it begins here.
_DISCLOSE = """
UPDATE feedback_assignment SET disclosed_at = %(now)s, shown_at = %(now)s
WHERE id = %(assignment)s AND disclosed_at IS NULL AND state IN ('open', 'expired') RETURNING id
"""


def disclose(*, assignment: Assignment, now: dt.datetime) -> None:
    """The reviewer goes on to the texts. Twice is once. Raises NotHeld for what was given back or sent."""
    if assignment.state not in (Assignment.State.OPEN, Assignment.State.EXPIRED):
        raise NotHeld
    if run(_DISCLOSE, {"assignment": assignment.pk, "now": now}):
        assignment.disclosed_at = assignment.shown_at = now
