"""The desk: claim, read, answer, send, change."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from feedback import access
from feedback.access import ProjectPlace
from feedback.actions import checks, disclosure
from feedback.actions.agreements import AgreementNeeded
from feedback.actions.claim import Resting, claim_next
from feedback.actions.drafts import keep_lease, save_draft
from feedback.actions.leases import NotHeld, claim_again
from feedback.actions.submit import AlreadySent, Sent, revise_review, submit_review
from feedback.bodies import form_of
from feedback.errors import Invalid, NotThere, Refusal
from feedback.forms.fields import read_fields
from feedback.forms.slots import letters
from feedback.forms.words import in_words
from feedback.models import Assignment, CheckAnswer, Kind
from feedback.policy.effort import Effort, read_effort
from feedback.queries.progress import queue_of
from feedback.queries.reviews import review_of

from .desk_concerns import before_reading
from .desk_door import door, held, number, speaks_json, to_agreement
from .desk_page import Filled, last_sent, open_desk, sent_desk, time_in_words

LONGEST_MS = 24 * 3600 * 1000
MOST_SAID = 4000  # characters of what the desk measured


@door("GET", "HEAD")
def next_item(request: HttpRequest, place: ProjectPlace) -> HttpResponse:
    """The reviewer's next item, or word that nothing is left."""
    now = timezone.now()
    try:
        claim = claim_next(place=place, now=now)
    except Resting:
        here = {"workspace": place.workspace, "project": place.project}
        return render(request, "feedback/desk_paused.html", here)
    if claim is not None:
        return redirect("desk", place.workspace.slug, place.project.slug, claim.public_id)
    last = last_sent(place, now=now)
    asked = checks.ask(place=place, review=last, now=now) if last else None
    context = {
        "workspace": place.workspace,
        "project": place.project,
        "queue": queue_of(place.project, place.user, now=now),
        "undo": last,
        "asked": bool(asked and asked.findings and not asked.choice),
    }
    return render(request, "feedback/desk_done.html", context)


@door("GET", "HEAD", "POST")
def desk(request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """One's own assignment: read it, and send it."""
    row = access.assignment(place, assignment)
    if request.method == "POST":
        return _send(request, place, row)
    if row.state == Assignment.State.SUBMITTED and row.kind == Kind.PRACTICE:
        return redirect("desk-practised", place.workspace.slug, place.project.slug, assignment)
    if row.state == Assignment.State.SUBMITTED:
        return redirect(_change_url(place, row))
    return _show(request, place, _writable(row))


@door("POST")
def disclose(_request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """The reviewer has seen whom the item concerns and can judge it."""
    row = _writable(access.assignment(place, assignment))
    disclosure.disclose(assignment=row, now=timezone.now())
    return redirect("desk", place.workspace.slug, place.project.slug, assignment)


@door("POST")
def draft(request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """Save what is there so far."""
    return _save(request, place, _writable(access.assignment(place, assignment)))


@door("POST")
def hold(request: HttpRequest, place: ProjectPlace, assignment: uuid.UUID) -> HttpResponse:
    """Hold the item a while longer; with `_again`, claim it again after its hold ran out."""
    row, now = _writable(access.assignment(place, assignment)), timezone.now()
    until = keep_lease(place, row, now=now)
    if until is None and request.POST.get("_again"):
        until = claim_again(place=place, assignment=row, now=now)
    return JsonResponse(held(until, now))


@door("POST")
def ahead(request: HttpRequest, place: ProjectPlace) -> HttpResponse:
    """The desk of the item behind the current one, held for ten minutes, to be on the screen at once; 204 for none."""
    now = timezone.now()
    # Where one is asked first, nothing is fetched before one has answered.
    asked_first = place.project.check_conflicts
    claim = None if asked_first else claim_next(place=place, now=now, ahead=True)
    if claim is None:
        return HttpResponse(status=204)
    row = access.assignment(place, claim.public_id)
    return render(request, "feedback/desk.html#desk", open_desk(place, row, None, now=now))


@door("GET", "HEAD", "POST")
def change(request: HttpRequest, place: ProjectPlace, review: uuid.UUID) -> HttpResponse:
    """One's own sent review, on the desk it was written at; changed within the time for changes."""
    row = _assignment_of(place, review)
    if request.method == "POST":
        return _revise(request, place, row)
    return render(request, "feedback/desk.html", sent_desk(place, row, None, now=timezone.now()))


@door("POST")
def change_draft(request: HttpRequest, place: ProjectPlace, review: uuid.UUID) -> HttpResponse:
    """Save a change that is not sent yet."""
    return _save(request, place, _assignment_of(place, review))


def _show(request: HttpRequest, place: ProjectPlace, row: Assignment) -> HttpResponse:
    now = timezone.now()
    if row.withheld:
        context = before_reading(place, row, now=now)
        return render(request, "feedback/desk_concerns.html", context)
    row.leased_until = keep_lease(place, row, now=now) or row.leased_until
    return render(request, "feedback/desk.html", open_desk(place, row, None, now=now))


def _send(request: HttpRequest, place: ProjectPlace, row: Assignment) -> HttpResponse:
    slots, now = _slots(request, row), timezone.now()
    try:
        sent = submit_review(
            place=place, assignment=row, slots=slots, effort=_effort(request, row), now=now
        )
    except Refusal as refusal:
        if speaks_json(request) or row.withheld:
            raise
        # What was typed is in this request alone: it is shown again, whatever was refused.
        filled = _refilled(request, place, row, refusal)
        context = open_desk(place, row, filled, now=now)
        return render(request, "feedback/desk.html", context, status=refusal.status)
    return _sent(request, place, row, slots, sent, "Sent")


def _revise(request: HttpRequest, place: ProjectPlace, row: Assignment) -> HttpResponse:
    review, slots, now = review_of(row), _slots(request, row), timezone.now()
    assert review is not None
    try:
        sent = revise_review(
            place=place, review=review, slots=slots, effort=_effort(request, row), now=now
        )
    except Refusal as refusal:
        if speaks_json(request):
            raise
        filled = _refilled(request, place, row, refusal)
        context = sent_desk(place, row, filled, now=now)
        return render(request, "feedback/desk.html", context, status=refusal.status)
    return _sent(request, place, row, slots, sent, "Unchanged" if sent.repeated else "Changed")


def _sent(
    request: HttpRequest,
    place: ProjectPlace,
    row: Assignment,
    slots: dict[str, Any],
    sent: Sent,
    verb: str,
) -> HttpResponse:
    at = (place.workspace.slug, place.project.slug)
    said = f"{verb}: {in_words(form_of(row.form), slots)}."
    if sent.surplus:
        said += " Enough reviews had come in before; yours is kept as one more."
    next_url = reverse("desk-next", args=at)
    if row.kind == Kind.PRACTICE:
        next_url = reverse("desk-practised", args=[*at, row.public_id])
    if not speaks_json(request):
        messages.success(request, said)
        asked = _asked(place, sent)
        if asked.findings and not asked.choice:
            return redirect("desk-checks", *at, sent.public_id)
        return redirect(next_url)
    answer = {
        "review": sent.public_id,
        "said": said,
        "change_url": reverse("desk-change", args=[*at, sent.public_id]),
        "checks_url": reverse("desk-checks", args=[*at, sent.public_id])
        if place.project.checks
        else "",
        "next_url": next_url,
    }
    return JsonResponse(answer)


def _asked(place: ProjectPlace, sent: Sent) -> CheckAnswer:
    """What automatic checks found; a script asks for it itself, when the next item is on the screen."""
    review = access.own_review(place, sent.public_id)
    return checks.ask(place=place, review=review, now=timezone.now())


def _save(request: HttpRequest, place: ProjectPlace, row: Assignment) -> HttpResponse:
    slots, based_on, now = _slots(request, row), number(request, "_based_on"), timezone.now()
    saved = save_draft(place=place, assignment=row, slots=slots, based_on=based_on, now=now)
    answer = {
        "revision": saved.revision,
        "saved_at": saved.saved_at.isoformat(),
        "said": time_in_words(saved.saved_at, now=now),
        **held(saved.leased_until, now),
    }
    return JsonResponse(answer)


def _refilled(
    request: HttpRequest, place: ProjectPlace, row: Assignment, refusal: Refusal
) -> Filled:
    """The form as it was sent, with what was wrong with it and where one can help oneself."""
    problems = refusal.problems if isinstance(refusal, Invalid) else []
    way_out = ("", "")
    if isinstance(refusal, AgreementNeeded):
        way_out = (to_agreement(request, place.workspace.slug), "Read it")
    elif isinstance(refusal, AlreadySent):
        way_out = (_change_url(place, row), "Open what you sent")
    return Filled(dict(request.POST.lists()), problems, refusal.sentence, way_out)


def _writable(row: Assignment) -> Assignment:
    """An assignment that can still be written for; what was sent is changed at its own address."""
    if row.state not in (Assignment.State.OPEN, Assignment.State.EXPIRED):
        raise NotHeld
    return row


def _assignment_of(place: ProjectPlace, review: uuid.UUID) -> Assignment:
    found = access.own_review(place, review)
    if found.assignment is None:
        raise NotThere
    return access.assignment(place, found.assignment.public_id)


def _change_url(place: ProjectPlace, row: Assignment) -> str:
    review = review_of(row)
    assert review is not None
    at = (place.workspace.slug, place.project.slug, review.public_id)
    return reverse("desk-change", args=at)


def _slots(request: HttpRequest, row: Assignment) -> dict[str, Any]:
    shown = letters(len(row.order_shown))
    slots: dict[str, Any] = read_fields(form_of(row.form), dict(request.POST.lists()), shown)
    return slots


def _effort(request: HttpRequest, row: Assignment) -> Effort:
    """What the desk's script measured; without one nothing is known."""
    active = min(number(request, "_active_ms"), LONGEST_MS) or None
    try:
        said = orjson.loads(request.POST.get("_effort", "")[:MOST_SAID])
    except orjson.JSONDecodeError:
        said = None
    return read_effort(said, active, letters(len(row.order_shown)))
