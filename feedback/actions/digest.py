"""The digest by mail: what waits for a person, in numbers. No text of an item, no answer, no name but a project's."""

from __future__ import annotations

import datetime as dt
import smtplib
import zoneinfo
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db.models import Count, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from feedback.errors import Refusal
from feedback.models import Project, Role, User
from feedback.queries.own import new_guidelines
from feedback.queries.progress import Queue, queues_of
from feedback.queries.threads import unread

log = structlog.get_logger(__name__)
SALT = "touchstone.digest"
MORNING = 7  # o'clock, where the person reads
MONDAY = 0


class DeadLink(Refusal):
    """This link does not work. You can stop the mail on your settings page."""

    code = "dead_link"
    status = 410


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits for a person: as a reviewer, and in the projects that they manage (project, questions, flags)."""

    queues: list[Queue]
    answers: int
    guidelines: list[str]
    managed: list[tuple[Project, int, int]]

    def __bool__(self) -> bool:
        return bool(self.queues or self.answers or self.guidelines or self.managed)


def send_digests(*, now: dt.datetime) -> int:
    """Mail everybody whose digest is due and for whom something waits. Returns how many; none without configured mail."""
    if not settings.EMAIL_CONFIGURED:
        return 0
    wanting = User.objects.filter(is_active=True).exclude(digest=User.Digest.OFF)
    return sum(_send(user, now) for user in wanting.order_by("pk").iterator() if due(user, now))


def due(user: User, now: dt.datetime) -> bool:
    """Once a day in the morning, or on Monday's, by the person's own clock."""
    local = now.astimezone(zoneinfo.ZoneInfo(user.time_zone))
    if local.hour < MORNING or user.digest == User.Digest.OFF:
        return False
    if user.digest == User.Digest.WEEKLY and local.weekday() != MONDAY:
        return False
    return user.digest_at is None or user.digest_at.astimezone(local.tzinfo).date() < local.date()


def waits_for(user: User, *, now: dt.datetime) -> Waits:
    """Counted where the person reads; what they are resting from does not wait."""
    with timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
        queues = queues_of(user, now=now)
    mine = Q(
        workspace__memberships__user=user,
        workspace__memberships__ended_at=None,
        workspace__memberships__role__in=[Role.MANAGER, Role.OWNER],
    )
    managed = (
        Project.objects.filter(mine, state=Project.State.OPEN)
        .annotate(
            questions=Count("threads", filter=Q(threads__waits=True), distinct=True),
            unsettled=Count("flags", filter=Q(flags__settled_at=None), distinct=True),
        )
        .order_by("name", "pk")
    )
    return Waits(
        queues=[queue for queue in queues if queue.open_today and not queue.resting_since],
        answers=unread(user).count(),
        guidelines=[f"{row.project}, v{row.version}" for row in new_guidelines(user, now=now)],
        managed=[
            (row, row.questions, row.unsettled) for row in managed if row.questions + row.unsettled
        ],
    )


def stop_token(user: User) -> str:
    """Proof that whoever has it was sent the mail; it stops the mail and does nothing else."""
    return signing.dumps(user.pk, salt=SALT)


def user_of(token: str) -> User:
    """Whose mail a token stops. Raises DeadLink."""
    try:
        found = User.objects.filter(pk=signing.loads(token, salt=SALT)).first()
    except signing.BadSignature as error:
        raise DeadLink from error
    if found is None:
        raise DeadLink
    return found


def stop_digest(*, token: str) -> None:
    """No more mail. Twice is once. Raises DeadLink."""
    User.objects.filter(pk=user_of(token).pk).update(digest=User.Digest.OFF)


def _send(user: User, now: dt.datetime) -> bool:
    """Send one, unless another worker has taken it. What could not be sent is tried again."""
    before = user.digest_at
    if not User.objects.filter(pk=user.pk, digest_at=before).update(digest_at=now):
        return False
    waits = waits_for(user, now=now)
    if not waits:
        return False
    try:
        _message(user, waits).send()
    except (OSError, smtplib.SMTPException) as error:
        User.objects.filter(pk=user.pk, digest_at=now).update(digest_at=before)
        log.warning("digest_not_sent", user=user.pk, error=type(error).__name__)
        return False
    return True


def _message(user: User, waits: Waits) -> EmailMultiAlternatives:
    stop = settings.PUBLIC_URL + reverse("digest-stop", args=[stop_token(user)])
    context = {"waits": waits, "home": settings.PUBLIC_URL + "/", "stop": stop}
    context["every"] = "day" if user.digest == User.Digest.DAILY else "week"
    headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    text = render_to_string("email/digest.txt", context)
    message = EmailMultiAlternatives(
        "What waits for you", text, None, [user.email], headers=headers
    )
    message.attach_alternative(render_to_string("email/digest.html", context), "text/html")
    return message
