"""The desk's questions on the way: why an item is skipped, what is wrong with it, and what one asks the managers."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions import flags, leases, threads
from feedback.errors import Invalid
from feedback.models import Assignment, Flag
from feedback.queries.threads import thread_on

from .desk_door import door, speaks_json

ASKED = "Asked. The answer comes to your first page."
FLAGGED = "Flagged. The manager sees it; you can go on."


@door("GET", "HEAD", "POST")
def skip(request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """Give the item to somebody else, and say why."""
    row = access.assignment(place, assignment)
    refusal = None
    if request.method == "POST":
        try:
            reason, note = _reasoned(request)
            leases.skip(assignment=row, reason=reason, note=note, now=timezone.now())
        except Invalid as invalid:
            refusal = invalid
        else:
            messages.success(request, "Skipped. Somebody else gets it.")
            return redirect("desk-next", place.workspace.slug, place.project.slug)
    return _ask(request, place, row, "skip", list(leases.SKIP_REASONS.items()), refusal)


@door("GET", "HEAD", "POST")
def flag(request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """Tell the manager that something is wrong with the item; one goes on reviewing it."""
    row = access.assignment(place, assignment)
    refusal = None
    if request.method == "POST":
        try:
            reason, note = _reasoned(request)
            now = timezone.now()
            flags.flag(place=place, assignment=row, reason=reason, note=note, now=now)
        except Invalid as invalid:
            if speaks_json(request):
                raise
            refusal = invalid
        else:
            return _flagged(request, place, row)
    return _ask(request, place, row, "flag", Flag.Reason.choices, refusal)


@door("GET", "HEAD", "POST")
def ask(request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """Ask those who manage the project about the item; what was asked and answered before stands above."""
    row = access.assignment(place, assignment)
    refusal, token = None, request.POST.get("token", "")
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            threads.ask(place=place, assignment=row, text=text, token=token, now=timezone.now())
        except Invalid as invalid:
            if speaks_json(request):
                raise
            refusal = invalid
        else:
            return _asked(request, place, row)
    context = {
        "workspace": place.workspace,
        "project": place.project,
        "assignment": row.public_id,
        **asking(row),
        "text": request.POST.get("text", ""),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "feedback/desk_question.html", context, status=status)


def asking(row: Assignment) -> dict[str, Any]:
    """What the form for a question shows: the thread so far, and a name for what is asked next."""
    return {"thread": thread_on(row), "token": uuid.uuid4()}


def _asked(request: HttpRequest, place: ProjectPlace, row: Assignment) -> HttpResponse:
    if speaks_json(request):
        return render(request, "feedback/desk/thread.html", asking(row))
    messages.success(request, ASKED)
    return redirect("desk", place.workspace.slug, place.project.slug, row.public_id)


def _flagged(request: HttpRequest, place: ProjectPlace, row: Assignment) -> HttpResponse:
    if speaks_json(request):
        return JsonResponse({"said": FLAGGED})
    messages.success(request, FLAGGED)
    return redirect("desk", place.workspace.slug, place.project.slug, row.public_id)


def _reasoned(request: HttpRequest) -> tuple[str, str]:
    note = request.POST.get("note", "").replace("\r\n", "\n").strip()
    return request.POST.get("reason", ""), note


def _ask(
    request: HttpRequest,
    place: ProjectPlace,
    row: Assignment,
    what: str,
    reasons: list[tuple[str, str]],
    refusal: Invalid | None,
) -> HttpResponse:
    """The dialog as a page, for whom the dialog does not open."""
    context = {
        "workspace": place.workspace,
        "project": place.project,
        "assignment": row.public_id,
        "what": what,
        "reasons": reasons,
        "chosen": request.POST.get("reason", ""),
        "note": request.POST.get("note", ""),
        "refusal": refusal,
    }
    status = refusal.status if refusal else 200
    return render(request, "feedback/desk_ask.html", context, status=status)
