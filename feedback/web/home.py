"""The first page: a reviewer's day, a manager's projects, or both; and everything one has sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from feedback.bodies import form_of
from feedback.forms.body import says_nothing
from feedback.forms.words import in_words
from feedback.models import Assignment, Item, Membership, Project, Review, Role, User
from feedback.policy.pace import roughly
from feedback.queries.checks import MOST_OPEN, unanswered
from feedback.queries.desk import sent_answer
from feedback.queries.items import prompt_line
from feedback.queries.onboarding import beginnings
from feedback.queries.own import found_in, new_guidelines, projects_of, sent_by
from feedback.queries.pages import page as page_of
from feedback.queries.progress import Queue, queues_of, start_of_day, where_left_off
from feedback.queries.rooms import Glance, glances, memberships_of
from feedback.queries.threads import unread, with_remarks
from feedback.rooms.doors import ROWS, everywhere, page

from .check_words import check_words
from .threads import line_of

SENT_TODAY = 20
MANAGERS = {Role.MANAGER, Role.OWNER}
MOST_PROJECTS = 30
ANSWERS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Sent:
    """A sent review as its writer looks back on it."""

    review: Review
    prompt: str
    words: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class LeftOff:
    """The item somebody was last in. `answered` is None before the first draft."""

    assignment: Assignment
    prompt: str
    answered: int | None
    questions: int


@dataclass(frozen=True, slots=True)
class Day:
    """A reviewer's day in numbers: done, planned, and what the rest takes, in words; empty when nothing is left."""

    done: int
    goal: int
    left: str


def home(request: HttpRequest) -> HttpResponse:
    """Whoever is signed in sees their work; whoever is not is asked to sign in."""
    if isinstance(request.user, User):
        return _home(request)
    if not User.objects.exists():
        return render(request, "feedback/unowned.html")
    return redirect(settings.LOGIN_URL)


@page()
def _home(request: HttpRequest) -> HttpResponse:
    user, now = everywhere(request).user, timezone.now()
    memberships = list(memberships_of(user))
    queues, left_off = queues_of(user, now=now), _left_off(user, now)
    context = {
        "now": now,
        "queues": [(queue, _left([queue])) for queue in queues],
        "day": _day(queues),
        "left_off": left_off,
        "sent": _sent_today(user, now) if _reviews(queues, memberships) else [],
        "news": new_guidelines(user, now=now),
        "asked": [
            (each, prompt_line(each.review.item), check_words(each))
            for each in unanswered(user)[:MOST_OPEN]
        ],
        "answers": [line_of(thread) for thread in with_remarks(unread(user))[:ANSWERS_SHOWN]],
        "reviews": _reviews(queues, memberships),
        "beginnings": [] if left_off else beginnings(user),  # one thing to do first
        "rooms": _rooms(memberships),
        "alone": not memberships,
        "keeps_words": any(each.workspace.device_outbox_allowed for each in memberships),
    }
    return render(request, "feedback/home.html", context)


@page()
def reviews(request: HttpRequest) -> HttpResponse:
    """Everything one has sent, latest first; of one project, or with some words in it."""
    user, now = everywhere(request).user, timezone.now()
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("project", "words")}
    found = page_of(
        found_in(sent_by(user), **asked),
        after=request.GET.get("after", ""),
        limit=ROWS,
        by=("-submitted_at",),
    )
    rows = [sent(review, now) for review in found.rows]
    context = {
        "rows": rows,
        "page": found,
        "asked": asked,
        "projects": projects_of(user),
        "kept": urlencode({name: value for name, value in asked.items() if value}),
    }
    return render(request, "feedback/my_reviews.html", context)


def sent(review: Review, now: dt.datetime) -> Sent:
    """A review that knows `first_sent`."""
    first: dt.datetime = review.first_sent  # type: ignore[attr-defined]
    until = first + dt.timedelta(hours=review.project.edit_hours)
    body = sent_answer(review)
    words = "Erased" if says_nothing(body) else in_words(form_of(review.form), body)
    return Sent(
        review, prompt_line(review.item), words, review.assignment_id is not None and now < until
    )


def _reviews(queues: list[Queue], memberships: list[Membership]) -> bool:
    """Whether this is somebody's page for reviewing: they have a queue, or they are here to get one."""
    return bool(queues) or any(Role(each.role) not in MANAGERS for each in memberships)


def _day(queues: list[Queue]) -> Day:
    return Day(
        done=sum(queue.done_today for queue in queues),
        goal=sum(queue.goal for queue in queues),
        left=_left(queues),
    )


def _left(queues: list[Queue]) -> str:
    """What the rest of the day takes at one's own pace, at the usual one where there is none yet."""
    seconds = sum(queue.open_today * (queue.median or queue.usual_minutes * 60) for queue in queues)
    return roughly(seconds) if seconds else ""


def _left_off(user: User, now: dt.datetime) -> LeftOff | None:
    assignment = where_left_off(user, now=now)
    if assignment is None:
        return None
    draft = getattr(assignment, "draft", None)
    answered = sum(1 for value in draft.body["answers"].values() if value) if draft else None
    unread = "An item that you have not opened yet"
    line = unread if assignment.withheld else prompt_line(Item(revision=assignment.revision))
    return LeftOff(assignment, line, answered, len(form_of(assignment.form).questions))


def _sent_today(user: User, now: dt.datetime) -> list[Sent]:
    rows = sent_by(user).filter(submitted_at__gte=start_of_day(now)).order_by("-submitted_at")
    return [sent(review, now) for review in rows[:SENT_TODAY]]


def _rooms(memberships: list[Membership]) -> list[tuple[Membership, list[Glance]]]:
    """The workspaces that somebody manages, each with its projects at a glance."""
    managed = [each for each in memberships if Role(each.role) in MANAGERS]
    projects = Project.objects.filter(workspace__in=[each.workspace_id for each in managed])
    lines = (
        glances(
            projects.exclude(state=Project.State.ARCHIVED).order_by("name", "pk")[:MOST_PROJECTS]
        )
        if managed
        else []
    )
    return [
        (each, [line for line in lines if line.project.workspace_id == each.workspace_id])
        for each in managed
    ]
