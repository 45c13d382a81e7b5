"""The desk's two questions on the way: why an item is skipped, and what is wrong with it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions import flags, leases
from feedback.errors import Invalid
from feedback.models import Assignment, Flag

from .desk_door import door, speaks_json

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
