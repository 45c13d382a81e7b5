"""Questions and answers: one's own, those of a project for who answers, and one thread."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions import threads as actions
from feedback.errors import Invalid
from feedback.models import Role, Thread
from feedback.queries.items import prompt_line
from feedback.queries.pages import page as page_of
from feedback.queries.threads import (
    assignment_on,
    own_threads,
    waiting,
    with_remarks,
)
from feedback.rooms.doors import ROWS, at_project, everywhere, page, show


@dataclass(frozen=True, slots=True)
class Line:
    """A thread in a list: the beginning of its item's prompt, and the beginning of the last question."""

    thread: Thread
    prompt: str
    asked: str
    unread: bool


@page()
def own(request: HttpRequest) -> HttpResponse:
    """Everything that one has asked, latest first."""
    rows = with_remarks(own_threads(everywhere(request).user))
    found = page_of(rows, after=request.GET.get("after", ""), limit=ROWS)
    lines = [line_of(thread) for thread in found.rows]
    return render(request, "feedback/my_threads.html", {"rows": lines, "page": found})


@page()
def threads(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """The questions of a project: those that wait, or all."""
    place = at_project(request, workspace, project, Role.ADJUDICATOR)
    every = request.GET.get("show") == "all"
    rows = access.threads(place)
    found = page_of(
        with_remarks(rows if every else rows.filter(waits=True)),
        after=request.GET.get("after", ""),
        limit=ROWS,
    )
    return show(
        request,
        "feedback/threads.html",
        place,
        rows=[line_of(thread) for thread in found.rows],
        page=found,
        every=every,
        waiting=waiting(place.project),
        current="questions",
    )


@page("GET", "POST")
def thread(request: HttpRequest, workspace: str, project: str, thread: uuid.UUID) -> HttpResponse:
    """One thread, for its reviewer and for who answers: read it, say more."""
    place = at_project(request, workspace, project, Role.REVIEWER)
    found, now = access.thread(place, thread), timezone.now()
    refusal = None
    if request.method == "POST":
        token = request.POST.get("token", "")
        try:
            actions.say(
                place=place, thread=found, text=request.POST.get("text", ""), token=token, now=now
            )
        except Invalid as invalid:
            refusal = invalid
        else:
            messages.success(request, "Said.")
            return redirect("thread", workspace, project, thread)
    return _show(request, place, found, refusal)


@page("POST")
def settle(request: HttpRequest, workspace: str, project: str, thread: uuid.UUID) -> HttpResponse:
    """Nothing is to be answered."""
    place = at_project(request, workspace, project, Role.ADJUDICATOR)
    actions.settle(thread=access.thread(place, thread))
    messages.success(request, "The question no longer waits.")
    return redirect("threads", workspace, project)


def line_of(thread: Thread) -> Line:
    """A thread that was fetched with its item and its remarks."""
    asked = [remark.text for remark in thread.remarks.all() if remark.by_reviewer]
    answered, seen = thread.answered_at, thread.seen_at
    unread = answered is not None and (seen is None or seen < answered)
    return Line(thread, prompt_line(thread.item, 90), asked[-1] if asked else "", unread)


def _show(
    request: HttpRequest, place: ProjectPlace, found: Thread, refusal: Invalid | None
) -> HttpResponse:
    mine = found.rater.user_id == place.user.pk
    if mine:
        actions.seen(thread=found, now=timezone.now())
    return show(
        request,
        "feedback/thread.html",
        place,
        status=refusal.status if refusal else 200,
        thread=found,
        remarks=list(found.remarks.select_related("author")),
        prompt=prompt_line(found.item),
        mine=mine,
        assignment=assignment_on(found) if mine else None,
        refusal=refusal,
        text=request.POST.get("text", ""),
        token=uuid.uuid4(),
        current="questions",
    )
