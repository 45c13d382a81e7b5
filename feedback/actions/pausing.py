"""A reviewer pauses in a project: what they hold goes to others, their drafts stay; and goes on when they like."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from feedback.access import ProjectPlace
from feedback.models import ProjectReviewer
from feedback.statements import run

from .claim import Resting, sit

# As a hold that has run out: the place is free at once, the draft waits, and what is sent late is stored.
_LET_GO = """
WITH due AS (
    SELECT id, item_id FROM feedback_assignment
    WHERE rater_id = %(rater)s AND project_id = %(project)s AND state = 'open' ORDER BY id FOR NO KEY UPDATE
), closed AS (
    UPDATE feedback_assignment a SET state = 'expired', closed_at = %(now)s, ahead = false
    FROM due WHERE a.id = due.id RETURNING a.item_id
), freed AS (
    UPDATE feedback_item i SET leased = leased - n.n, front = true
    FROM (SELECT item_id, count(*)::smallint AS n FROM closed GROUP BY item_id) n WHERE i.id = n.item_id
)
SELECT count(*) FROM due
"""


@transaction.atomic
def pause(*, place: ProjectPlace, now: dt.datetime) -> int:
    """Take a rest from a project. Returns how many items were let go. Twice is once. Raises NotAllowed, AgreementNeeded."""
    try:
        seat = sit(place)
    except Resting:
        return 0
    own = ProjectReviewer.objects.filter(project=place.project, membership=place.membership)
    own.update(resting_since=now)
    found = run(_LET_GO, {"rater": seat.rater_id, "project": place.project.pk, "now": now})
    return int(found[0][0])


def go_on(*, place: ProjectPlace) -> None:
    """The rest is over. Twice is once."""
    own = ProjectReviewer.objects.filter(project=place.project, membership=place.membership)
    own.update(resting_since=None)
