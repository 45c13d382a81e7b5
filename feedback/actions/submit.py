"""A review is sent: counted once, stored always, however often and however late it arrives."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, LiteralString

import orjson
from django.db import IntegrityError, transaction

from feedback.access import ProjectPlace
from feedback.bodies import Stored, form_of, whole_body
from feedback.errors import Refusal
from feedback.forms.slots import letters
from feedback.models import Assignment, Draft, Kind, Review
from feedback.policy.effort import Effort
from feedback.queries.concerns import check_disclosed
from feedback.statements import run

from .agreements import ACCEPTED, AgreementNeeded, accepted
from .rewrites import Desk, keep_rewrites


class AlreadySent(Refusal):
    """You have already sent a different answer for this item. Open that review and change it there."""

    code = "already_sent"


class TooLateToChange(Refusal):
    """The time in which you could change this review has passed. Write to the manager instead."""

    code = "too_late_to_change"


@dataclass(frozen=True, slots=True)
class Sent:
    """A stored review: its outside name, and whether it counts toward the item."""

    public_id: uuid.UUID
    surplus: bool
    repeated: bool = False


# An open lease holds a place, so its review counts. A late one counts if a place is free, else it is surplus.
# Nothing is stored for somebody who has not accepted the agreement in force.
_SUBMIT = f"""
WITH agreed AS (
    {ACCEPTED}
), was AS (
    SELECT id, workspace_id, project_id, item_id, revision_id, rater_id, form_id, kind, occasion, order_shown, shown_at, state
    FROM feedback_assignment
    WHERE id = %(assignment)s AND state IN ('open', 'expired') AND EXISTS (SELECT 1 FROM agreed) FOR NO KEY UPDATE
), closed AS (
    UPDATE feedback_assignment a SET state = 'submitted', closed_at = %(now)s, ahead = false FROM was WHERE a.id = was.id
), counted AS (
    UPDATE feedback_item i SET given = given + 1, leased = leased - (was.state = 'open')::int FROM was
    WHERE i.id = was.item_id AND (was.state = 'open' OR i.given + i.leased < i.wanted)
    RETURNING i.id
), review AS (
    INSERT INTO feedback_review (public_id, workspace_id, project_id, item_id, item_revision_id, rater_id, form_id,
        agreement_id, assignment_id, kind, occasion, revision, order_shown, order_known, surplus, shown_at, submitted_at,
        received_at, active_ms, body_sha256)
    SELECT %(public_id)s, workspace_id, project_id, item_id, revision_id, rater_id, form_id, (SELECT id FROM agreed), id, kind,
        occasion, 1, order_shown, true, kind <> 'practice' AND NOT EXISTS (SELECT 1 FROM counted), shown_at, %(now)s, %(now)s, %(active_ms)s,
        %(sha256)s
    FROM was RETURNING id, workspace_id, item_revision_id, surplus
), body AS (
    INSERT INTO feedback_reviewbody (review_id, workspace_id, body) SELECT id, workspace_id, %(body)s::jsonb FROM review
), forget AS (
    DELETE FROM feedback_draft d USING was WHERE d.assignment_id = was.id
)
"""  # noqa: S608  (put together from constants)

_REVISE = """
WITH review AS (
    INSERT INTO feedback_review (public_id, workspace_id, project_id, item_id, item_revision_id, rater_id, form_id,
        agreement_id, assignment_id, kind, occasion, revision, order_shown, order_known, surplus, shown_at, submitted_at,
        received_at, active_ms, body_sha256)
    SELECT %(public_id)s, workspace_id, project_id, item_id, item_revision_id, rater_id, form_id, %(agreement)s,
        assignment_id, kind, occasion, revision + 1, order_shown, order_known, surplus, shown_at, %(now)s, %(now)s,
        %(active_ms)s, %(sha256)s
    FROM feedback_review WHERE id = %(review)s
    RETURNING id, workspace_id, item_revision_id, surplus
), body AS (
    INSERT INTO feedback_reviewbody (review_id, workspace_id, body) SELECT id, workspace_id, %(body)s::jsonb FROM review
), forget AS (
    DELETE FROM feedback_draft WHERE assignment_id = %(assignment)s
)
"""

_DERIVED = """
, worked AS (
    INSERT INTO feedback_revieweffort (workspace_id, review_id, first_input_ms, typed, pasted, reading)
    SELECT workspace_id, id, %(first_input_ms)s, %(typed)s, %(pasted)s, %(reading)s::jsonb FROM review WHERE %(detailed)s
), voted AS (
    INSERT INTO feedback_vote (workspace_id, review_id, question, response_lo_id, response_hi_id, outcome, both_unacceptable)
    SELECT review.workspace_id, review.id, v.question, lo.id, hi.id, v.outcome, v.bad
    FROM review
    CROSS JOIN unnest(%(questions)s::text[], %(los)s::smallint[], %(his)s::smallint[], %(outcomes)s::smallint[],
        %(boths)s::boolean[]) AS v(question, lo, hi, outcome, bad)
    JOIN feedback_response lo ON lo.revision_id = review.item_revision_id AND lo.position = v.lo
    JOIN feedback_response hi ON hi.revision_id = review.item_revision_id AND hi.position = v.hi
), answered AS (
    INSERT INTO feedback_answer (workspace_id, review_id, question, response_id, number, choice)
    SELECT review.workspace_id, review.id, n.question, r.id, n.number, n.choice
    FROM review
    CROSS JOIN unnest(%(asked)s::text[], %(places)s::smallint[], %(numbers)s::float8[], %(choices)s::text[])
        AS n(question, place, number, choice)
    LEFT JOIN feedback_response r ON r.revision_id = review.item_revision_id AND r.position = n.place
)
SELECT surplus FROM review
"""


def submit_review(
    *,
    place: ProjectPlace,
    assignment: Assignment,
    slots: object,
    effort: Effort,
    now: dt.datetime,
) -> Sent:
    """Store the review of an assignment. The same one again is the same review; a late one is stored too.

    `slots` is the body by letters. Raises Invalid, AlreadySent, AgreementNeeded, NotDisclosed.
    """
    check_disclosed(assignment)
    whole = whole_body(
        form_of(assignment.form), slots, assignment.order_shown, assignment.revision_id
    )
    public_id = uuid.uuid4()
    values: dict[str, Any] = {
        "assignment": assignment.pk,
        "membership": place.membership.pk,
        "workspace": place.workspace.pk,
        "public_id": public_id,
    }
    # A hold is renewed by whoever works, so what came after it ran out was no work on this item.
    since = assignment.shown_at or assignment.claimed_at
    measured = effort.between(since, min(now, assignment.leased_until))
    values |= _worked(measured, assignment.order_shown)
    desk = Desk(assignment.workspace_id, assignment.revision_id, assignment.rater_id)
    surplus = _write(_SUBMIT, whole, desk, values, now)
    if surplus is None:
        if accepted(place.membership) is None:
            raise AgreementNeeded
        return _sent_before(assignment, whole)
    return Sent(public_id, surplus)


def revise_review(
    *, place: ProjectPlace, review: Review, slots: object, effort: Effort, now: dt.datetime
) -> Sent:
    """Change one's review within the edit window: a new revision, the old one stays. The same answer is no revision."""
    current = _current(review)
    whole = whole_body(form_of(current.form), slots, current.order_shown, current.item_revision_id)
    if whole.sha256 == bytes(current.body_sha256):
        Draft.objects.filter(assignment=current.assignment).delete()
        return Sent(current.public_id, current.surplus, repeated=True)
    if not changeable(place, current, now=now):
        raise TooLateToChange
    agreement = accepted(place.membership)
    if agreement is None:
        raise AgreementNeeded
    public_id = uuid.uuid4()
    values: dict[str, Any] = {
        "review": current.pk,
        "assignment": current.assignment_id,
        "agreement": agreement,
        "public_id": public_id,
    }
    try:
        values |= _worked(effort.between(current.submitted_at, now), current.order_shown)
        desk = Desk(current.workspace_id, current.item_revision_id, current.rater_id)
        surplus = _write(_REVISE, whole, desk, values, now)
    except IntegrityError as error:
        # Two tabs sent a change at once; the other one is stored, this one is for its writer to look at.
        raise AlreadySent from error
    return Sent(public_id, bool(surplus))


def changeable(place: ProjectPlace, review: Review, *, now: dt.datetime) -> bool:
    """Whether the edit window, counted from the first revision, is still open. What was practised stays as it is."""
    if review.kind == Kind.PRACTICE:
        return False
    first = (
        Review.objects.filter(
            item_id=review.item_id,
            rater_id=review.rater_id,
            kind=review.kind,
            occasion=review.occasion,
        )
        .order_by("revision")
        .values_list("submitted_at", flat=True)
        .first()
    )
    return first is not None and now < first + dt.timedelta(hours=place.project.edit_hours)


def _write(
    statement: LiteralString,
    whole: Stored,
    desk: Desk,
    values: dict[str, Any],
    now: dt.datetime,
) -> bool | None:
    """Run the one statement that stores everything. None: there was nothing to store it for, and nothing is."""
    # One statement is whole by itself; rewrites are rows of their own, stored with it or not at all.
    with transaction.atomic() if whole.written else nullcontext():
        whole = keep_rewrites(whole, desk, now=now)
        rows = run(
            statement + _DERIVED,
            {
                **values,
                **whole.votes,
                **whole.answers,
                "body": whole.body,
                "sha256": whole.sha256,
                "now": now,
            },
        )
        if not rows and whole.written:
            transaction.set_rollback(True)
    return bool(rows[0][0]) if rows else None


def _worked(effort: Effort, order: list[int]) -> dict[str, Any]:
    reading = effort.by_position(letters(len(order)), order)
    return {
        "active_ms": effort.active_ms,
        "detailed": effort.is_detailed,
        "first_input_ms": effort.first_input_ms,
        "typed": effort.typed,
        "pasted": effort.pasted,
        "reading": orjson.dumps(reading).decode(),
    }


def _sent_before(assignment: Assignment, whole: Stored) -> Sent:
    review = Review.objects.filter(assignment=assignment).order_by("-revision").first()
    if review is None or bytes(review.body_sha256) != whole.sha256:
        raise AlreadySent
    return Sent(review.public_id, review.surplus, repeated=True)


def _current(review: Review) -> Review:
    return (
        Review.objects.select_related("form")
        .filter(
            item_id=review.item_id,
            rater_id=review.rater_id,
            kind=review.kind,
            occasion=review.occasion,
        )
        .latest("revision")
    )
