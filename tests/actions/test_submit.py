from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest

from feedback.actions import agreements, drafts
from feedback.actions.agreements import AgreementNeeded
from feedback.actions.claim import claim_next
from feedback.actions.submit import AlreadySent
from feedback.bodies import form_of
from feedback.errors import Invalid
from feedback.forms.derive import derive
from feedback.models import (
    Answer,
    Assignment,
    Draft,
    Item,
    Response,
    Review,
    ReviewBody,
    ReviewEffort,
    Vote,
)
from feedback.readers.identity import body_hash
from tests.steps import claim, send
from tests.world import FULL, WHY, World, make_item

CANNOT = {"answers": {}, "cannot_judge": {"reason": "missing_context", "note": "Where is it?"}}


def other() -> dict[str, Any]:
    changed = copy.deepcopy(FULL)
    changed["answers"]["preference"][0]["value"] = -3
    return changed


def positions(review: Review) -> dict[int, int]:
    rows = Response.objects.filter(revision_id=review.item_revision_id)
    return dict(rows.values_list("pk", "position"))


def test_the_same_review_three_times_is_one_review(world: World) -> None:
    item = make_item(world.project, wanted=2)
    assignment = claim(world, world.ana)
    first, *again = [send(world, world.ana, assignment) for _ in range(3)]
    assert not first.repeated
    assert {(each.public_id, each.repeated) for each in again} == {(first.public_id, True)}
    assert (Review.objects.count(), ReviewBody.objects.count(), Vote.objects.count()) == (1, 1, 3)
    item.refresh_from_db()
    assert (item.given, item.leased) == (1, 0)


def test_another_answer_for_a_sent_item_is_refused_and_the_first_stays(world: World) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    sent = send(world, world.ana, assignment)
    with pytest.raises(AlreadySent):
        send(world, world.ana, assignment, other())
    review = Review.objects.get()
    assert review.public_id == sent.public_id
    assert Vote.objects.filter(question="preference", outcome__in=[2, -2]).count() == 1


def test_an_incomplete_review_is_refused_with_every_fault_and_nothing_is_stored(
    world: World,
) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    with pytest.raises(Invalid) as refusal:
        send(world, world.ana, assignment, {"answers": {"why": "short"}, "cannot_judge": None})
    asked = {problem["question"] for problem in refusal.value.problems}
    assert {"preference", "accuracy", "answers", "why"} <= asked
    assert not Review.objects.exists()
    assert Assignment.objects.get().state == "open"


def test_votes_and_answers_are_what_the_form_derives_on_the_items_own_positions(
    world: World,
) -> None:
    for rank in range(6):
        make_item(world.project, rank=rank)
        send(world, world.ana, claim(world, world.ana))
    orders = set()
    for review in Review.objects.select_related("form", "body"):
        place = positions(review)
        orders.add(tuple(review.order_shown))
        derived = derive(form_of(review.form), review.body.body)
        votes = {
            (v.question, place[v.response_lo_id], place[v.response_hi_id], v.outcome)
            for v in review.votes.all()
        }
        assert votes == {(v.question, v.lo, v.hi, v.outcome) for v in derived.votes}
        answers = {
            (a.question, place.get(a.response_id), a.number, a.choice) for a in review.answers.all()
        }
        assert answers == {(a.question, a.position, a.number, a.choice) for a in derived.answers}
        # Slot A is what was shown first, whatever its position.
        preferred = next(o for q, _, _, o in votes if q == "preference")
        assert preferred == (2 if review.order_shown == [1, 2] else -2)
    assert Vote.objects.count() == 18


def test_the_skeleton_says_who_saw_what_how_and_under_which_terms(world: World) -> None:
    item = make_item(world.project)
    assignment, seen = claim(world, world.ana), world.now
    sent_at = world.now + dt.timedelta(minutes=3)
    sent = send(world, world.ana, assignment, now=sent_at)
    review = Review.objects.get(public_id=sent.public_id)
    assert review.rater.user == world.ana
    assert review.item_revision_id == item.revision_id
    assert (review.kind, review.occasion, review.revision) == ("primary", 1, 1)
    assert (review.order_shown, review.order_known) == (assignment.order_shown, True)
    assert (review.shown_at, review.submitted_at, review.received_at) == (seen, sent_at, sent_at)
    assert review.agreement.version == 1
    assert review.form == world.project.forms.get()
    assert bytes(review.body_sha256).hex() == body_hash(review.body.body)
    assert review.body.body["answers"]["why"] == WHY


def test_a_review_names_the_agreement_in_force_when_it_was_sent(world: World) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    agreements.publish_agreement(
        workspace=world.workspace, text="New terms", by=world.ines, now=world.now
    )
    with pytest.raises(AgreementNeeded):
        send(world, world.ana, assignment)
    agreements.accept_agreement(place=world.place(world.ana), version=2, now=world.now)
    send(world, world.ana, assignment)
    assert Review.objects.get().agreement.version == 2


def test_the_draft_is_forgotten_with_the_review(world: World) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    place = world.place(world.ana)
    drafts.save_draft(place=place, assignment=assignment, slots=FULL, based_on=0, now=world.now)
    assert Draft.objects.count() == 1
    send(world, world.ana, assignment)
    assert Draft.objects.count() == 0


def test_cannot_judge_is_a_review_without_votes(world: World) -> None:
    item = make_item(world.project, wanted=1)
    send(world, world.ana, claim(world, world.ana), CANNOT)
    assert (Vote.objects.count(), Answer.objects.count()) == (0, 0)
    assert ReviewBody.objects.get().body["cannot_judge"]["reason"] == "missing_context"
    item.refresh_from_db()
    assert item.given == 1


def test_a_surplus_review_is_stored_whole_and_does_not_count(world: World) -> None:
    item = make_item(world.project, wanted=1)
    late = world.now + dt.timedelta(hours=2)
    assignment = claim(world, world.ana)
    send(world, world.ben, claim(world, world.ben, now=late), now=late) if _swept(late) else None
    sent = send(world, world.ana, assignment, now=late)
    assert sent.surplus
    review = Review.objects.get(public_id=sent.public_id)
    assert review.surplus
    assert review.votes.count() == 3
    item.refresh_from_db()
    assert (item.given, item.wanted, item.leased) == (1, 1, 0)


def _swept(now: dt.datetime) -> int:
    from feedback.actions.leases import sweep_leases

    return sweep_leases(now=now)


@pytest.mark.parametrize(
    ("said", "minutes", "counted"),
    [
        (None, 5, None),
        (4000, 5, 4000),
        (10**9, 5, 300_000),  # no more than has passed
        (10**13, 5, 300_000),
        (-5, 5, 0),
        (10**9, 90, 30 * 60_000),  # nor than the item was held: the lease is 30 minutes
    ],
)
def test_active_time_is_clamped_to_clock_and_lease(
    world: World, said: int | None, minutes: int, counted: int | None
) -> None:
    make_item(world.project)
    at = world.now + dt.timedelta(minutes=minutes)
    send(world, world.ana, claim(world, world.ana), now=at, active_ms=said)
    assert Review.objects.get().active_ms == counted


def test_effort_is_stored_beside_each_revision_by_position(world: World) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    at = world.now + dt.timedelta(minutes=1)
    said = {
        "first_input_ms": 2000,
        "typed": 90,
        "pasted": 0,
        "reading": {"A": 3000, "prompt": 10**9},
    }
    send(world, world.ana, assignment, now=at, active_ms=40_000, **said)
    effort = ReviewEffort.objects.get(review__assignment=assignment)
    assert (effort.first_input_ms, effort.typed, effort.pasted) == (2000, 90, 0)
    assert effort.reading == {str(assignment.order_shown[0]): 3000, "prompt": 40_000}


def test_where_nothing_was_measured_there_is_no_effort(world: World) -> None:
    make_item(world.project)
    send(world, world.ana, claim(world, world.ana), active_ms=None)
    assert not ReviewEffort.objects.exists()


def test_a_renewed_hold_counts_for_active_time(world: World) -> None:
    make_item(world.project)
    assignment = claim(world, world.ana)
    at = world.now + dt.timedelta(minutes=25)
    drafts.keep_lease(world.place(world.ana), assignment, now=at)
    sent_at = world.now + dt.timedelta(minutes=50)
    send(world, world.ana, assignment, now=sent_at, active_ms=45 * 60_000)
    assert Review.objects.get().active_ms == 45 * 60_000


def test_time_in_which_an_item_only_waited_behind_another_is_no_active_time(world: World) -> None:
    for rank in range(2):
        make_item(world.project, rank=rank)
    first = claim(world, world.ana)
    ahead = claim_next(place=world.place(world.ana), now=world.now, ahead=True)
    assert ahead is not None
    shown = world.now + dt.timedelta(minutes=4)
    send(world, world.ana, first, now=shown)
    second = claim(world, world.ana, now=shown)
    assert second.public_id == ahead.public_id
    send(world, world.ana, second, now=shown + dt.timedelta(minutes=1), active_ms=10**7)
    review = Review.objects.get(assignment=second)
    assert (review.shown_at, review.active_ms) == (shown, 60_000)


def test_nobody_sends_a_review_for_somebody_else(world: World) -> None:
    make_item(world.project, wanted=2)
    assignment = claim(world, world.ana)
    with pytest.raises(Exception, match="nothing here"):
        send(world, world.ben, assignment)


def test_counts_stay_right_when_the_item_was_held_meanwhile(world: World) -> None:
    item = make_item(world.project)
    assignment = claim(world, world.ana)
    Item.objects.filter(pk=item.pk).update(held=True)
    assert send(world, world.ana, assignment).surplus is False
    item.refresh_from_db()
    assert (item.given, item.leased) == (1, 0)
