"""A project's overview: how far it is, when it will be done, who works on it, and what needs somebody."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from feedback.access import ProjectPlace
from feedback.actions.flags import settle_flag
from feedback.forms.domains import DOMAINS
from feedback.models import Flag, ImportJob, Project
from feedback.policy.forecast import Forecast, forecast
from feedback.policy.pace import duration
from feedback.policy.position import leans
from feedback.queries.concerns import given_back
from feedback.queries.imports import imports_of
from feedback.queries.items import STATES, prompt_line, standing
from feedback.queries.overview import (
    RaterLine,
    days_of,
    rater_lines,
    recent_days,
    totals,
    usual_seconds,
)
from feedback.queries.people import reviewers_of
from feedback.queries.rooms import open_flags
from feedback.queries.threads import waiting
from feedback.rooms.doors import at_project, page, safe_next, show

from .chart import progress_chart

FLAGS_SHOWN = 5
RECENT_IMPORTS = 5


@dataclass(frozen=True, slots=True)
class Ends:
    """A forecast as dates."""

    likely: dt.date
    soonest: dt.date
    latest: dt.date | None


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for somebody: what, why, and where to go."""

    tone: str
    what: str
    why: str
    link: str
    act: str


@dataclass(frozen=True, slots=True)
class Worker:
    """A reviewer's line of the table."""

    line: RaterLine
    median: str
    leans: bool

    @property
    def bar(self) -> float:
        """How far the share of first picks is from half, on a bar from −30 to 30."""
        return round(abs(self.line.first_percent - 50) * 0.6, 1)

    @property
    def bar_from(self) -> float:
        return 30 if self.line.first_percent >= 50 else 30 - self.bar


@page()
def project(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The overview, for those who manage the project."""
    place = at_project(request, workspace, project)
    here, now = place.project, timezone.now()
    states, sums = standing(here), totals(here)
    recent = recent_days(here, now=now)
    ahead = forecast(sums.left, recent)
    days = days_of(here, now=now)
    usual = usual_seconds(here)
    return show(
        request,
        "feedback/project.html",
        place,
        domain=DOMAINS[here.domain],
        standing=[(name, words, states[name]) for name, (words, _) in STATES.items()],
        items=states["all"],
        settled=states["settled"],
        given_back=given_back(here),
        totals=sums,
        pace=sum(recent) / len(recent) if recent else None,
        ends=_ends(ahead, now),
        days=list(reversed(days)),
        chart=progress_chart(days, sums.wanted, ahead),
        median=duration(usual) if usual is not None else "",
        workers=[_worker(line) for line in rater_lines(here)],
        flags=[(flag, prompt_line(flag.item, 90)) for flag in open_flags(here)[:FLAGS_SHOWN]],
        n_flags=Flag.objects.filter(project=here, settled_at=None).count(),
        needs=list(_needs(place, states)),
        current="overview",
    )


@page("POST")
def settle(request: HttpRequest, workspace: str, project: str, flag: uuid.UUID) -> HttpResponse:
    """Somebody has dealt with a flag."""
    place = at_project(request, workspace, project)
    settle_flag(place=place, public_id=flag, now=timezone.now())
    messages.success(request, "The flag is settled.")
    return redirect(safe_next(request, reverse("project", args=[workspace, project])))


def _ends(ahead: Forecast | None, now: dt.datetime) -> Ends | None:
    if ahead is None:
        return None
    today = timezone.localdate(now)
    return Ends(
        today + dt.timedelta(days=ahead.days),
        today + dt.timedelta(days=ahead.soonest),
        today + dt.timedelta(days=ahead.latest) if ahead.latest is not None else None,
    )


def _worker(line: RaterLine) -> Worker:
    median = duration(line.median) if line.median is not None else ""
    return Worker(line, median, leans(line.first, line.decided))


def _needs(place: ProjectPlace, states: dict[str, int]) -> list[Need]:
    """What keeps the project from going on, most urgent first."""
    at = [place.workspace.slug, place.project.slug]
    needs = []
    for job in imports_of(place.project).order_by("-pk")[:RECENT_IMPORTS]:
        if job.state == ImportJob.State.FAILED:
            link = reverse("import", args=[*at, job.public_id])
            needs.append(
                Need("danger", f"{job.file_name} could not be read", job.error, link, "See why")
            )
    if asked := waiting(place.project):
        why = "Reviewers go on meanwhile, but may judge otherwise once they know."
        what = f"{asked} question{'' if asked == 1 else 's'} wait{'s' if asked == 1 else ''}"
        needs.append(Need("act", what, why, reverse("threads", args=at), "Answer"))
    if place.project.state != Project.State.OPEN:
        words = place.project.get_state_display().lower()
        why = "Nobody gets an item until it is open again."
        needs.append(
            Need(
                "warn",
                f"The project is {words}",
                why,
                reverse("project-settings", args=at),
                "Settings",
            )
        )
    if not states["all"]:
        why = "Bring a file of prompts and responses, or send them through the API."
        needs.append(
            Need("act", "There are no items yet", why, reverse("imports", args=at), "Import")
        )
    if not reviewers_of(place.project).filter(paused_at=None).exists():
        why = "Items wait until somebody is named."
        needs.append(
            Need(
                "warn",
                "Nobody reviews here",
                why,
                reverse("project-people", args=at),
                "Name reviewers",
            )
        )
    return needs
