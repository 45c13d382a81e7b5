"""Reviewing by API: the next item, its draft, the review, and the ways out. The hot routes build their answers by hand."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import checks
from feedback.actions.claim import claim_next
from feedback.actions.disclosure import disclose
from feedback.actions.drafts import save_draft as save
from feedback.actions.flags import flag as tell
from feedback.actions.leases import hold, skip
from feedback.actions.submit import Sent, revise_review, submit_review
from feedback.bodies import form_shown
from feedback.errors import NotThere
from feedback.forms.slots import letters
from feedback.models import Assignment, CheckAnswer, Review, Scope
from feedback.policy.effort import Effort, read_effort
from feedback.queries.concerns import concerns_of
from feedback.queries.desk import DeskItem, desk_item
from feedback.queries.own import sent_as
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project, principal_of
from feedback.rest.reading import read, read_query

from .shapes import desk as shapes

TAG = "reviewing"
WRITE = Scope.REVIEWS_WRITE
ANSWER = {
    "answers": {
        "preference": [{"a": "A", "b": "B", "value": 2}],
        "accuracy": {"A": 4, "B": 2},
        "answers": {"A": 5, "B": 3},
        "why": "A names the mechanism and the condition under which it holds; B only restates the question.",
    },
    "cannot_judge": None,
}
CRITICISED = {
    "answers": {
        "marks": [
            {
                "id": "c1",
                "on": "A",
                "anchor": {"type": "quote", "exact": "Doe v. Roe, 12 F.4th 345"},
                "category": "fabricated",
                "severity": "critical",
                "comment": "There is no such case.",
            }
        ]
    },
    "cannot_judge": None,
}


@operation(
    TAG,
    takes=shapes.NextQuestion,
    gives=shapes.Desk,
    also={204: None},
    examples=[example("Have the item behind ready", {"ahead": True}, asked=True)],
)
def next_item(request: Request, workspace: str, project: str) -> Response:
    """The next item to review, held for the caller; 204 when nothing is left for them.

    Asked again, it is the same item until that is sent or skipped. With `ahead`, the one behind it.
    """
    place = at_project(request, workspace, project, scope=WRITE)
    said = read(shapes.NextQuestion, request)
    claim = claim_next(place=place, now=timezone.now(), ahead=said["ahead"])
    if claim is None:
        return Response(status=204)
    return Response(desk_payload(claim.made or access.assignment(place, claim.public_id)))


@operation(TAG, gives=shapes.Desk)
def read_assignment(
    request: Request, workspace: str, project: str, assignment: uuid.UUID
) -> Response:
    """An item that the caller has claimed, also after it was sent or its hold ran out."""
    place = at_project(request, workspace, project, scope=WRITE)
    return Response(desk_payload(access.assignment(place, assignment)))


@operation(TAG, gives=shapes.Desk, refuses_writing=True)
def disclose_item(
    request: Request, workspace: str, project: str, assignment: uuid.UUID
) -> Response:
    """The caller has seen whom the item concerns and can judge it: its texts. Twice is once."""
    _, row = _claimed(request, workspace, project, assignment)
    disclose(assignment=row, now=timezone.now())
    return Response(desk_payload(row))


@operation(TAG, takes=shapes.NewDraft, gives=shapes.SavedDraft)
def save_draft(request: Request, workspace: str, project: str, assignment: uuid.UUID) -> Response:
    """Save what there is so far, and hold the item a while longer. Refused with 409 when another tab has saved since."""
    place, row = _claimed(request, workspace, project, assignment)
    said = read(shapes.NewDraft, request)
    saved = save(
        place=place,
        assignment=row,
        slots=said["body"],
        based_on=said["based_on"],
        now=timezone.now(),
    )
    return Response(saved)


@operation(
    TAG,
    takes=shapes.NewReview,
    gives=shapes.SentReview,
    status=201,
    also={200: shapes.SentReview},
    examples=[
        example("A comparison", {"body": ANSWER, "active_ms": 148_000}, asked=True),
        example("A critique of a passage", {"body": CRITICISED}, asked=True),
    ],
)
@idempotent
def send_review(request: Request, workspace: str, project: str, assignment: uuid.UUID) -> Response:
    """Send the review of an item: counted once, stored always, however late. The same one again is the same review."""
    place, row = _claimed(request, workspace, project, assignment)
    said = read(shapes.NewReview, request)
    sent = submit_review(
        place=place,
        assignment=row,
        slots=said["body"],
        effort=_effort(said, row),
        now=timezone.now(),
    )
    return _sent(sent, status=200 if sent.repeated else 201)


@operation(TAG, takes=shapes.NewSkip)
@idempotent
def skip_item(request: Request, workspace: str, project: str, assignment: uuid.UUID) -> Response:
    """Give the item to somebody else, and say why. Twice is once."""
    _, row = _claimed(request, workspace, project, assignment)
    skip(assignment=row, now=timezone.now(), **read(shapes.NewSkip, request))
    return Response(status=204)


@operation(TAG, takes=shapes.NewFlag, gives=shapes.FlagMade, status=201)
@idempotent
def flag_item(request: Request, workspace: str, project: str, assignment: uuid.UUID) -> Response:
    """Tell the manager that something is wrong with the item. The same flag again keeps the first, with the new note."""
    place, row = _claimed(request, workspace, project, assignment)
    said = read(shapes.NewFlag, request)
    flag = tell(place=place, assignment=row, now=timezone.now(), **said)
    return Response(shapes.FlagMade(flag).data, status=201)


@operation(TAG, gives=shapes.Held, refuses_writing=True)
def hold_item(request: Request, workspace: str, project: str, assignment: uuid.UUID) -> Response:
    """Hold the item a while longer, or again after the hold ran out if a place is still free."""
    place, row = _claimed(request, workspace, project, assignment)
    return Response({"leased_until": hold(place=place, assignment=row, now=timezone.now())})


@operation(TAG, gives=page_of(shapes.OwnReview), query=PageQuery)
def list_own_reviews(request: Request) -> Response:
    """One's own current reviews over all projects, the latest first."""
    principal = principal_of(request)
    access.check_scope(principal, WRITE)
    access.check_second_factor(principal)
    rows, by = sent_as(principal), ("-submitted_at", "-public_id")
    return paged(read_query(PageQuery, request), rows, shapes.OwnReview, by=by)


@operation(TAG, takes=shapes.NewReview, gives=shapes.SentReview)
def change_review(request: Request, workspace: str, project: str, review: uuid.UUID) -> Response:
    """Change a review of one's own while that is possible: a new revision, the old one stays."""
    place = at_project(request, workspace, project, scope=WRITE)
    row = access.own_review(place, review)
    said = read(shapes.NewReview, request)
    sent = revise_review(
        place=place,
        review=row,
        slots=said["body"],
        effort=_effort(said, row),
        now=timezone.now(),
    )
    return _sent(sent, status=200)


@operation(TAG, gives=shapes.Checks, refuses_writing=True)
def ask_checks(request: Request, workspace: str, project: str, review: uuid.UUID) -> Response:
    """What automatic checks find in a review of one's own, once it is sent. Asked again it is the same."""
    return Response(_checked(_asked(request, workspace, project, review)))


@operation(TAG, takes=shapes.CheckChoice, gives=shapes.Checks)
def answer_checks(request: Request, workspace: str, project: str, review: uuid.UUID) -> Response:
    """Keep the review as it is, or say that it is opened again. The first word counts; a change is sent as any other."""
    asked = _asked(request, workspace, project, review)
    checks.answer(asked=asked, now=timezone.now(), **read(shapes.CheckChoice, request))
    asked.refresh_from_db()
    return Response(_checked(asked))


def _asked(request: Request, workspace: str, project: str, review: uuid.UUID) -> CheckAnswer:
    place = at_project(request, workspace, project, scope=WRITE)
    found = access.own_review(place, review)
    if found.assignment is None:
        raise NotThere
    return checks.ask(place=place, review=found, now=timezone.now())


def _checked(asked: CheckAnswer) -> dict[str, Any]:
    """By letters, as its writer saw the responses."""
    order = asked.review.order_shown
    names = dict(zip(order, letters(len(order)), strict=True))
    found = [
        {
            "check": each["check"],
            "response": names.get(each["position"]),
            "evidence": {
                key: names[value] if key == "than" else value
                for key, value in each["evidence"].items()
            },
        }
        for each in asked.findings
    ]
    return {"findings": found, "choice": asked.choice or None, "answered_at": asked.answered_at}


def _effort(said: dict[str, Any], row: Assignment | Review) -> Effort:
    return read_effort(said["effort"], said["active_ms"], letters(len(row.order_shown)))


def _claimed(
    request: Request, workspace: str, project: str, assignment: uuid.UUID
) -> tuple[access.ProjectPlace, Assignment]:
    place = at_project(request, workspace, project, scope=WRITE)
    return place, access.assignment(place, assignment)


def desk_payload(assignment: Assignment) -> dict[str, Any]:
    """The blind payload, field by field; without a word of the item while that is withheld."""
    if assignment.withheld:
        return _before_reading(assignment)
    item: DeskItem = desk_item(assignment)
    return {
        "disclosed": True,
        "assignment": item.assignment,
        "state": item.state,
        "leased_until": item.leased_until,
        "form_version": item.form_version,
        "form": form_shown(assignment.form, item.form),
        "prompt": item.prompt,
        "context": item.context,
        "slots": item.slots,
        "draft": {
            "body": item.draft,
            "revision": item.draft_revision,
            "saved_at": item.draft_saved_at,
        },
    }


def _before_reading(assignment: Assignment) -> dict[str, Any]:
    concerns = concerns_of(assignment)
    return {
        "disclosed": False,
        "assignment": assignment.public_id,
        "state": assignment.state,
        "leased_until": assignment.leased_until,
        "form_version": assignment.form.version,
        "form": form_shown(assignment.form),
        "concerns": {
            "parties": concerns.parties,
            "source": concerns.source,
            "author": concerns.author,
            "named": concerns.named,
        },
    }


def _sent(sent: Sent, *, status: int) -> Response:
    answer = {"review": str(sent.public_id), "surplus": sent.surplus, "repeated": sent.repeated}
    return Response(answer, status=status)
