"""Bulk actions of a project: which items, what to do with them, how far it is, what it changed, and taking it back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions.bulk import CannotUndo, start_bulk, undo_bulk, undoable
from feedback.actions.bulk_settings import FIELDS
from feedback.errors import Invalid, Refusal
from feedback.models import BulkJob, Membership
from feedback.queries.bulk import Chosen, bulk_jobs_of, chosen_items
from feedback.queries.items import prompt_line
from feedback.queries.pages import page as page_of
from feedback.queries.people import reviewers_of
from feedback.rooms.doors import ROWS, at_project, first_time, page, show

from .item_filters import asked_filters

FIRST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A job in a list: what it did in words, and whether it can be taken back."""

    job: BulkJob
    words: str
    undoable: bool


@page("GET", "POST")
def bulk(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """What to do with the chosen items, and how many they are; sent, it is done."""
    place = at_project(request, workspace, project)
    if request.method == "POST":
        return _do(request, place)
    return _choose(request, place, request.GET, None)


@page()
def jobs(request: HttpRequest, workspace: str, project: str) -> HttpResponse:
    """Everything that was done to many items, the latest first."""
    place = at_project(request, workspace, project)
    found = page_of(bulk_jobs_of(place.project), after=request.GET.get("after", ""), limit=ROWS)
    names = names_of(place)
    told = [Told(job, in_words(job, names), undoable(job)) for job in found.rows]
    return show(request, "feedback/bulk_jobs.html", place, told=told, page=found, current="items")


@page()
def job(request: HttpRequest, workspace: str, project: str, bulk: uuid.UUID) -> HttpResponse:
    """One job: how far it is, what it changed. htmx asks for the middle part alone."""
    place = at_project(request, workspace, project)
    found = access.bulk_job(place, bulk)
    context: dict[str, Any] = {
        "job": found,
        "words": in_words(found, names_of(place)),
        "running": found.state in {BulkJob.State.WAITING, BulkJob.State.RUNNING},
        "undoable": undoable(found),
        "as_they_were": found.seen - found.changed,
    }
    if request.headers.get("HX-Request"):
        frame = {"workspace": place.workspace, "project": place.project}
        return render(request, "feedback/bulk_job.html#progress", {**frame, **context})
    return show(request, "feedback/bulk_job.html", place, current="items", **context)


@page("POST")
def undo(request: HttpRequest, workspace: str, project: str, bulk: uuid.UUID) -> HttpResponse:
    """Take a job back."""
    place = at_project(request, workspace, project)
    found = access.bulk_job(place, bulk)
    try:
        made = undo_bulk(place=place, job=found, now=timezone.now())
    except CannotUndo as refusal:
        messages.error(request, refusal.sentence)
        return redirect("bulk-job", workspace, project, found.public_id)
    return redirect("bulk-job", workspace, project, made.public_id)


def in_words(job: BulkJob, names: Mapping[str, str]) -> str:
    """What a job does, as in "Take out of the queue: broken texts"."""
    said: dict[str, Any] = job.settings
    member = names.get(str(said.get("member") or ""), "somebody who has left")
    match job.action:
        case BulkJob.Action.REQUEUE:
            words = f"Ask for {said['more']} more review{'s' if said['more'] > 1 else ''}"
        case BulkJob.Action.RETIRE:
            words = f"Take out of the queue: {said['reason']}"
        case BulkJob.Action.RELEASE:
            words = f"Take back from {member if said['member'] else 'whoever holds them'}"
        case BulkJob.Action.ASSIGN:
            days = f"{said['days']} day{'s' if said['days'] > 1 else ''}"
            words = f"Give to {member} for {days}"
        case BulkJob.Action.PRIORITY:
            words = f"Set the priority to {said['priority']}"
        case BulkJob.Action.TAG:
            marks = [f"+{tag}" for tag in said["add"]] + [f"−{tag}" for tag in said["remove"]]
            words = f"Change tags: {', '.join(marks)}"
        case _:
            words = job.get_action_display()
    return f"Taken back: {words}" if job.undoes_id else words


def _do(request: HttpRequest, place: ProjectPlace) -> HttpResponse:
    at = (place.workspace.slug, place.project.slug)
    if not first_time(request, request.POST.get("once", "")):
        messages.info(request, "This was sent before, and is done once.")
        return redirect("bulk-jobs", *at)
    action = request.POST.get("action", "")
    settings = {name: request.POST[name] for name in FIELDS.get(action, ()) if name in request.POST}
    number = request.POST.get("expected", "")
    try:
        made = start_bulk(
            place=place,
            action=action,
            settings=settings,
            chosen=_chosen(request.POST),
            expected=int(number) if number.isdigit() and len(number) < 10 else -1,
            now=timezone.now(),
        )
    except Refusal as refusal:
        return _choose(request, place, request.POST, refusal)
    return redirect("bulk-job", *at, made.public_id)


def _choose(
    request: HttpRequest, place: ProjectPlace, fields: Any, refusal: Refusal | None
) -> HttpResponse:
    """The page of what can be done; with a refusal, what was asked for and why not."""
    chosen = _chosen(fields)
    rows = chosen_items(place.project, chosen)
    filters = chosen.filters or {}
    problems = refusal.problems if isinstance(refusal, Invalid) else []
    return show(
        request,
        "feedback/bulk.html",
        place,
        status=refusal.status if refusal else 200,
        refused=refusal.sentence if refusal else "",
        wrong={p["field"]: p.get("sentence", "") for p in problems if "field" in p},
        given=fields,
        total=rows.count(),
        first=[prompt_line(item, 90) for item in rows.order_by("-pk")[:FIRST_SHOWN]],
        chosen=chosen,
        filters={name: value for name, value in filters.items() if value},
        back=urlencode({name: value for name, value in filters.items() if value}),
        reviewers=[
            (str(row.membership.public_id), str(row.membership.user), row.paused_at)
            for row in reviewers_of(place.project)
        ],
        once=uuid.uuid4().hex,
        current="items",
    )


def _chosen(fields: Any) -> Chosen:
    """The items that a form names: those ticked, or all that its filters match."""
    if fields.get("which") == "all":
        return Chosen(filters=asked_filters(fields))
    ids = []
    for raw in fields.getlist("item"):
        try:
            ids.append(uuid.UUID(raw))
        except ValueError:
            continue  # names nothing, as an unknown one would
    return Chosen(items=tuple(dict.fromkeys(ids)))


def names_of(place: ProjectPlace) -> dict[str, str]:
    """Members of the workspace, those who left too, by their outside names."""
    rows = Membership.objects.filter(workspace=place.workspace).select_related("user")
    return {str(row.public_id): str(row.user) for row in rows}
