"""Threads: a reviewer asks about an item, a manager or an adjudicator answers, and an answer may become guideline."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction

from feedback.access import ProjectPlace
from feedback.errors import Invalid
from feedback.models import Assignment, Guideline, Remark, Thread
from feedback.queries.concerns import check_disclosed

from .projects import publish_guideline

LONGEST = 4000
LONGEST_TOKEN = 64


@transaction.atomic
def ask(
    *, place: ProjectPlace, assignment: Assignment, text: str, token: str = "", now: dt.datetime
) -> Thread:
    """Ask the managers about the item of one's assignment; the same `token` again is the same question.

    Raises Invalid, and NotDisclosed before they have read it.
    """
    check_disclosed(assignment)
    said = _checked(text, token)
    thread, _ = Thread.objects.select_for_update().get_or_create(
        workspace=place.workspace,
        item_id=assignment.item_id,
        rater_id=assignment.rater_id,
        defaults={"project": place.project, "asked_at": now},
    )
    _say(thread, place, said, token, now)
    return thread


@transaction.atomic
def say(
    *, place: ProjectPlace, thread: Thread, text: str, token: str = "", now: dt.datetime
) -> Thread:
    """Say more in a thread: its reviewer asks on, everybody else answers."""
    said = _checked(text, token)
    locked = Thread.objects.select_for_update().get(pk=thread.pk)
    _say(locked, place, said, token, now)
    return locked


def settle(*, thread: Thread) -> None:
    """Nothing is to be answered. Twice is once."""
    Thread.objects.filter(pk=thread.pk).update(waits=False)


def seen(*, thread: Thread, now: dt.datetime) -> None:
    """Its reviewer has read what was answered."""
    Thread.objects.filter(pk=thread.pk).update(seen_at=now)


@transaction.atomic
def publish_answer(
    *, place: ProjectPlace, thread: Thread, text: str, now: dt.datetime
) -> Guideline:
    """A new version of the guideline that says what a thread has cleared; its reviewer is told which."""
    made = publish_guideline(place=place, text=text, now=now)
    Thread.objects.filter(pk=thread.pk).update(guideline_version=made.version, waits=False)
    return made


def _say(thread: Thread, place: ProjectPlace, text: str, token: str, now: dt.datetime) -> None:
    asks = thread.rater.user_id == place.user.pk
    _, fresh = Remark.objects.get_or_create(
        workspace_id=thread.workspace_id,
        thread=thread,
        token=token or secrets.token_urlsafe(16),
        defaults={"author": place.user, "by_reviewer": asks, "text": text, "said_at": now},
    )
    if not fresh:
        return
    thread.waits = asks
    if asks:
        thread.asked_at = thread.seen_at = now
    else:
        thread.answered_at = now
    thread.save(update_fields=["waits", "asked_at", "seen_at", "answered_at"])


def _checked(text: str, token: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if not 0 < len(said) <= LONGEST or "\x00" in said:
        raise Invalid(
            f"Say it in at most {LONGEST:,} characters.",
            problems=[{"field": "text", "code": "bad_text"}],
        )
    if len(token) > LONGEST_TOKEN or "\x00" in token:
        raise Invalid(
            f"A token has at most {LONGEST_TOKEN} characters.",
            problems=[{"field": "token", "code": "bad_token"}],
        )
    return said
