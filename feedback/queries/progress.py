"""A reviewer's day: what is done, what is left at their pace, and what lies open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.utils import timezone

from feedback.models import Assignment, Project, ProjectReviewer, User
from feedback.policy.pace import RECENT, left_in_words, median_seconds
from feedback.statements import run


@dataclass(frozen=True, slots=True)
class Queue:
    """One project of a reviewer's day. `median` is in seconds, None while there are too few reviews.

    `goal` is the project's daily goal, or less where it has less to give.
    """

    project: Project
    done_today: int
    goal: int
    median: float | None
    left: str
    usual_minutes: int
    resting_since: dt.datetime | None = None

    @property
    def open_today(self) -> int:
        return max(0, self.goal - self.done_today)


def queue_of(project: Project, user: User, *, now: dt.datetime) -> Queue:
    """How a reviewer stands in one project: a few bounded queries, the same at any size of the project."""
    values = {"project": project.pk, "user": user.pk, "today": start_of_day(now), "recent": RECENT}
    done, paces, usual = run(_DAY, values)[0]
    seconds = [ms / 1000 for ms in reversed(paces)]
    left = _within_reach(project, user, max(0, project.daily_goal - done))
    return Queue(
        project,
        done,
        done + left,
        median_seconds(seconds),
        left_in_words(left, seconds, usual),
        usual,
    )


# What is on every desk: how many are done today, how long the latest ones took, and how long the form says one takes.
_DAY = """
WITH me AS (SELECT id FROM feedback_rater WHERE user_id = %(user)s)
SELECT
    (SELECT count(*) FROM feedback_review v JOIN me ON me.id = v.rater_id WHERE v.project_id = %(project)s
        AND v.revision = 1 AND v.kind <> 'practice' AND v.submitted_at >= %(today)s),
    ARRAY(SELECT v.active_ms FROM feedback_review v JOIN me ON me.id = v.rater_id WHERE v.project_id = %(project)s
        AND v.revision = 1 AND v.kind <> 'practice' AND v.active_ms IS NOT NULL ORDER BY v.submitted_at DESC LIMIT %(recent)s),
    (SELECT (schema->>'usual_minutes')::int FROM feedback_formversion WHERE project_id = %(project)s ORDER BY version DESC LIMIT 1)
"""

# First behind the reviewer's cursor, where nothing is theirs yet; then among the first open items before it, where others'
# places have reopened. No more than a few hundred rows are looked at, whatever the project holds.
_REACH = """
WITH me AS (
    SELECT r.id, coalesce((SELECT at_rank FROM feedback_seat WHERE project_id = %(project)s AND rater_id = r.id), -1) AS rank
    FROM feedback_rater r
    WHERE r.workspace_id = %(workspace)s AND r.user_id = %(user)s AND r.rater_kind = 'member'
), reach AS (
    (SELECT i.id FROM feedback_item i, me WHERE i.project_id = %(project)s AND NOT i.held
        AND i.wanted > i.given + i.leased AND i.rank > me.rank ORDER BY i.rank LIMIT %(most)s)
    UNION ALL
    (SELECT i.id FROM feedback_item i, me WHERE i.project_id = %(project)s AND NOT i.held
        AND i.wanted > i.given + i.leased AND i.rank <= me.rank ORDER BY i.rank LIMIT 300)
)
SELECT
    (SELECT count(*) FROM reach WHERE NOT EXISTS (SELECT 1 FROM feedback_assignment a, me
        WHERE a.item_id = reach.id AND a.rater_id = me.id AND a.kind = 'primary' AND a.state <> 'expired'))
    + (SELECT count(*) FROM feedback_assignment a, me
        WHERE a.rater_id = me.id AND a.project_id = %(project)s AND a.state = 'open')
"""


def _within_reach(project: Project, user: User, most: int) -> int:
    """How many items the project still has for this person, what they hold included, counted up to `most`."""
    if not most:
        return 0
    values = {
        "project": project.pk,
        "workspace": project.workspace_id,
        "user": user.pk,
        "most": most,
    }
    return min(most, int(run(_REACH, values)[0][0]))


def queues_of(user: User, *, now: dt.datetime) -> list[Queue]:
    """Every open project that names this person as a reviewer, by name."""
    rows = (
        ProjectReviewer.objects.filter(
            membership__user=user,
            membership__ended_at=None,
            paused_at=None,
            project__state=Project.State.OPEN,
        )
        .select_related("project", "project__workspace")
        .order_by("project__name", "pk")
    )
    return [
        replace(queue_of(row.project, user, now=now), resting_since=row.resting_since)
        for row in rows
    ]


def where_left_off(user: User, *, now: dt.datetime) -> Assignment | None:
    """The open assignment that a person was last in, with its item and draft."""
    return (
        Assignment.objects.filter(
            rater__user=user, state=Assignment.State.OPEN, ahead=False, leased_until__gt=now
        )
        .select_related("project", "project__workspace", "item", "revision", "form", "draft")
        .order_by("-claimed_at")
        .first()
    )


def start_of_day(now: dt.datetime) -> dt.datetime:
    """Midnight of today in the zone in which the person reads."""
    local = timezone.localtime(now)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
