"""How a project goes: reviews given and wanted, day by day, and how its reviewers work."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from statistics import median

from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import Greatest, TruncDate
from django.utils import timezone

from feedback.bodies import form_of
from feedback.forms.questions import Preference
from feedback.models import Item, Project, Review
from feedback.policy.forecast import MOST

from .people import raters_of

DAYS_SHOWN = 42
PACED = 500  # the latest reviews whose time is looked at
LATEST = 10_000  # the latest reviews whose shown order is looked at
MOST_RATERS = 50


@dataclass(frozen=True, slots=True)
class Totals:
    """Reviews that count, and how many are wanted in all."""

    given: int
    wanted: int

    @property
    def left(self) -> int:
        return max(0, self.wanted - self.given)

    @property
    def percent(self) -> float:
        """Rounded down to a decimal: 100 is only said when all are there."""
        return 1000 * self.given // self.wanted / 10 if self.wanted else 0.0


def totals(project: Project) -> Totals:
    """One scan of the small queue rows. What was given beyond what is wanted is wanted too, so that done is 100 %."""
    sums = Item.objects.filter(project=project).aggregate(
        n_given=Sum("given"), n_wanted=Sum(Greatest("wanted", "given"))
    )
    return Totals(sums["n_given"] or 0, sums["n_wanted"] or 0)


@dataclass(frozen=True, slots=True)
class Day:
    """Reviews received on a day, and together with those of all days before."""

    date: dt.date
    received: int
    together: int


def days_of(project: Project, *, now: dt.datetime) -> list[Day]:
    """The last 42 days in the reader's time zone, from the first review on; empty without a review."""
    today = timezone.localdate(now)
    start = today - dt.timedelta(days=DAYS_SHOWN - 1)
    first_moment = timezone.make_aware(dt.datetime.combine(start, dt.time.min))
    rows = Review.objects.filter(project=project, revision=1)
    before = rows.filter(received_at__lt=first_moment).count()
    found = rows.filter(received_at__gte=first_moment).annotate(day=TruncDate("received_at"))
    received = dict(found.order_by().values_list("day").annotate(n=Count("pk")))
    if not before:
        start = min(received, default=today)
    days, together = [], before
    for number in range((today - start).days + 1):
        date = start + dt.timedelta(days=number)
        together += received.get(date, 0)
        days.append(Day(date, received.get(date, 0), together))
    return days if together else []


def recent_days(project: Project, *, now: dt.datetime) -> list[int]:
    """Reviews made at the desk in each of the last seven times 24 hours, oldest first, from the first review on."""
    made = Review.objects.filter(project=project, revision=1, assignment__isnull=False)
    oldest = now - dt.timedelta(days=MOST)
    windows = {
        f"day{n}": Count(
            "pk", filter=Q(received_at__gt=_ago(now, n), received_at__lte=_ago(now, n - 1))
        )
        for n in range(MOST, 0, -1)
    }
    counts = list(made.filter(received_at__gt=oldest).aggregate(**windows).values())
    if made.filter(received_at__lte=oldest).exists():
        return counts
    while counts and counts[0] == 0:
        counts.pop(0)
    return counts


def _ago(now: dt.datetime, days: int) -> dt.datetime:
    return now - dt.timedelta(days=days)


def usual_seconds(project: Project) -> float | None:
    """The median active time of the latest reviews, in seconds; None where none was measured."""
    latest = Review.objects.filter(project=project).exclude(active_ms=None).order_by("-pk")
    times = [ms for ms in latest.values_list("active_ms", flat=True)[:PACED] if ms is not None]
    return median(times) / 1000 if times else None


@dataclass(frozen=True, slots=True)
class RaterLine:
    """A rater in a project: reviews, median active seconds, and how often the response shown first was picked."""

    name: str
    kind: str
    reviews: int
    last: dt.datetime | None
    median: float | None
    decided: int
    first: int

    @property
    def first_percent(self) -> float:
        return 100 * self.first / self.decided if self.decided else 0.0


# Of every review only the current revision; of every vote only those that prefer one of two responses.
_HABITS = """
WITH latest AS (
    SELECT DISTINCT ON (item_id, rater_id, kind, occasion) id, rater_id, order_known, order_shown, active_ms
    FROM (SELECT * FROM feedback_review WHERE project_id = %(project)s ORDER BY id DESC LIMIT %(limit)s) recent
    ORDER BY item_id, rater_id, kind, occasion, revision DESC
), picks AS (
    SELECT l.rater_id, (CASE WHEN v.outcome > 0 THEN lo.position ELSE hi.position END) = l.order_shown[1] AS first
    FROM latest l
    JOIN feedback_vote v ON v.review_id = l.id AND v.outcome <> 0 AND v.question = ANY(%(questions)s)
    JOIN feedback_response lo ON lo.id = v.response_lo_id
    JOIN feedback_response hi ON hi.id = v.response_hi_id
    WHERE l.order_known AND cardinality(l.order_shown) = 2
), times AS (
    SELECT rater_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY active_ms) / 1000 AS median
    FROM latest WHERE active_ms IS NOT NULL GROUP BY rater_id
)
SELECT r.rater_id, t.median, count(p.first), count(p.first) FILTER (WHERE p.first)
FROM (SELECT DISTINCT rater_id FROM latest) r
LEFT JOIN times t ON t.rater_id = r.rater_id
LEFT JOIN picks p ON p.rater_id = r.rater_id
GROUP BY r.rater_id, t.median
"""


def rater_lines(project: Project) -> list[RaterLine]:
    """The fifty raters with the most reviews, and how they work in the latest 10,000 reviews: two queries and the form."""
    form = form_of(project.forms.latest("version"))
    preferences = [each.id for each in form.questions if isinstance(each, Preference)]
    with connection.cursor() as cursor:
        cursor.execute(_HABITS, {"project": project.pk, "limit": LATEST, "questions": preferences})
        habits = {row[0]: row[1:] for row in cursor.fetchall()}
    lines = []
    for rater in raters_of(project)[:MOST_RATERS]:
        middle, decided, first = habits.get(rater.pk, (None, 0, 0))
        name = str(rater.user) if rater.user else rater.external_key or "unnamed"
        kind = rater.get_rater_kind_display()
        lines.append(RaterLine(name, kind, rater.n_reviews, rater.last, middle, decided, first))  # type: ignore[attr-defined]
    return lines
