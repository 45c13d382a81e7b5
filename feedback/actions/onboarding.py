"""A reviewer comes into a project: reads the guideline, practises, sees the keys; each step is remembered."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction
from django.db.models import QuerySet

from feedback.access import ProjectPlace
from feedback.errors import Refusal
from feedback.models import Assignment, Kind, ProjectReviewer, Rater
from feedback.policy.order import shown_order
from feedback.queries.onboarding import next_practice

from .claim import sit


class GuidelineChanged(Refusal):
    """The guideline has changed since you opened it. Read the new version first."""

    code = "guideline_changed"


def acknowledge_guideline(*, place: ProjectPlace, version: int) -> None:
    """The reviewer has read the version in force. Raises GuidelineChanged for another one."""
    if place.project.guidelines.latest("version").version != version:
        raise GuidelineChanged
    _own(place).update(guideline_read=version)


def acknowledge_keys(*, place: ProjectPlace, now: dt.datetime) -> None:
    """The reviewer has seen the key card."""
    _own(place).update(keys_seen_at=now)


@transaction.atomic
def practise(*, place: ProjectPlace, now: dt.datetime) -> Assignment | None:
    """The reviewer's next practice item, or None when every one is done. Raises AgreementNeeded, NotAllowed.

    It holds no place in the queue, as an assignment does whose hold ran out: that is the state it is in until it is sent.
    """
    rater = Rater.objects.get(pk=sit(place).rater_id)
    item = next_practice(place.project, rater)
    if item is None or item.revision_id is None:
        return None
    row, _ = Assignment.objects.get_or_create(
        workspace=place.workspace,
        item=item,
        rater=rater,
        kind=Kind.PRACTICE,
        occasion=1,
        defaults={
            "project": place.project,
            "revision_id": item.revision_id,
            "form": place.project.forms.latest("version"),
            "state": Assignment.State.EXPIRED,
            "order_shown": shown_order(item.responses, secrets.randbits(63)),
            "leased_until": now,
            "claimed_at": now,
            "shown_at": now,
            "closed_at": now,
        },
    )
    if row.state == Assignment.State.SKIPPED:  # who comes back to it has thought better of it
        row.state = Assignment.State.EXPIRED
        row.save(update_fields=["state"])
    return row


def _own(place: ProjectPlace) -> QuerySet[ProjectReviewer]:
    return ProjectReviewer.objects.filter(project=place.project, membership=place.membership)
