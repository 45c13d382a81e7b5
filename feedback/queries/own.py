"""What a reviewer looks back on: the reviews they sent, and guidelines that changed since."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from feedback.access import Principal
from feedback.models import Guideline, Project, Review, User
from feedback.statements import loaded, run

from .reviews import own_reviews

NEWS_DAYS = 14
MOST_NEWS = 5


def sent_by(user: User) -> QuerySet[Review]:
    """A person's own current reviews with `first_sent`, from which the time for changes is counted."""
    first = Review.objects.filter(
        item_id=OuterRef("item_id"),
        rater_id=OuterRef("rater_id"),
        kind=OuterRef("kind"),
        occasion=OuterRef("occasion"),
        revision=1,
    )
    return own_reviews(user).annotate(first_sent=Subquery(first.values("submitted_at")[:1]))


_LATEST = """
SELECT v.id, v.public_id, v.workspace_id, v.assignment_id,
    (SELECT f.submitted_at FROM feedback_review f WHERE f.item_id = v.item_id AND f.rater_id = v.rater_id
        AND f.kind = v.kind AND f.occasion = v.occasion AND f.revision = 1)
FROM feedback_review v JOIN feedback_rater r ON r.id = v.rater_id AND r.user_id = %(user)s AND r.rater_kind = 'member'
WHERE v.project_id = %(project)s AND v.kind <> 'practice' AND NOT EXISTS (
    SELECT 1 FROM feedback_review l WHERE l.item_id = v.item_id AND l.rater_id = v.rater_id
        AND l.kind = v.kind AND l.occasion = v.occasion AND l.revision > v.revision)
ORDER BY v.submitted_at DESC LIMIT 1
"""


def latest_sent(project: Project, user: User) -> tuple[Review, dt.datetime] | None:
    """The current revision of what a member sent last in a project, and when its first one was sent: a prepared query."""
    rows = run(_LATEST, {"user": user.pk, "project": project.pk})
    if not rows:
        return None
    *columns, first = rows[0]
    return loaded(Review, ("id", "public_id", "workspace_id", "assignment_id"), columns), first


def found_in(rows: QuerySet[Review], *, project: str, words: str) -> QuerySet[Review]:
    """Those of one project (by its public id) and with these words in the prompt or in what one wrote."""
    if project:
        try:
            rows = rows.filter(project__public_id=uuid.UUID(project))
        except ValueError:
            return rows.none()
    if words:
        rows = rows.filter(
            Q(item__revision__prompt__icontains=words) | Q(body__body__icontains=words)
        )
    return rows


def projects_of(user: User) -> QuerySet[Project]:
    """The projects in which a person has sent something, by name."""
    sent = Review.objects.filter(rater__user=user).values("project")
    return Project.objects.filter(pk__in=sent).order_by("name", "pk")


def changeable_until(review: Any) -> dt.datetime:
    """Until when the writer of a review of `sent_by` may change it."""
    until: dt.datetime = review.first_sent + dt.timedelta(hours=review.project.edit_hours)
    return until


def sent_as(principal: Principal) -> QuerySet[Review]:
    """The same for who asks: a key sees what was sent in its own workspace."""
    rows = sent_by(principal.user)
    return rows.filter(workspace_id=principal.key.workspace_id) if principal.key else rows


def new_guidelines(user: User, *, now: dt.datetime) -> QuerySet[Guideline]:
    """New versions of the guidelines of one's projects in the last 14 days, latest first; first versions are no news."""
    return (
        Guideline.objects.filter(
            version__gt=1,
            published_at__gt=now - dt.timedelta(days=NEWS_DAYS),
            project__reviewers__membership__user=user,
            project__reviewers__membership__ended_at=None,
            project__reviewers__paused_at=None,
        )
        .select_related("project", "project__workspace")
        .order_by("-published_at")[:MOST_NEWS]
    )
