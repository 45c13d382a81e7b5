from __future__ import annotations

import copy
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from feedback import access
from feedback.actions.submit import AlreadySent, TooLateToChange, revise_review
from feedback.models import Item, Review, User, Vote
from feedback.policy.effort import Effort
from feedback.queries.reviews import current
from tests.steps import claim, send
from tests.world import FULL, World, make_item, make_world

HOUR = dt.timedelta(hours=1)


def changed(value: int) -> dict[str, Any]:
    slots = copy.deepcopy(FULL)
    slots["answers"]["preference"][0]["value"] = value
    return slots


def sent_review(world: World, user: User) -> Review:
    make_item(world.project)
    sent = send(world, user, claim(world, user))
    return Review.objects.get(public_id=sent.public_id)


def revise(world: World, user: User, review: Review, slots: Any, now: dt.datetime):
    place = world.place(user)
    own = access.own_review(place, review.public_id)
    return revise_review(place=place, review=own, slots=slots, effort=Effort(1000), now=now)


def test_a_change_within_the_window_is_a_new_revision_and_the_old_one_stays(world: World) -> None:
    first = sent_review(world, world.ana)
    given = Item.objects.get().given
    sent = revise(world, world.ana, first, changed(-1), world.now + HOUR)
    second = Review.objects.get(public_id=sent.public_id)
    assert (first.revision, second.revision) == (1, 2)
    assert second.order_shown == first.order_shown
    assert (second.item_revision_id, second.form_id) == (first.item_revision_id, first.form_id)
    outcomes = Vote.objects.filter(question="preference").values_list("review_id", "outcome")
    assert {abs(outcome) for _, outcome in outcomes} == {1, 2}
    assert list(current(Review.objects.all())) == [second]
    assert Item.objects.get().given == given


def test_after_the_window_nothing_changes(world: World) -> None:
    first = sent_review(world, world.ana)
    inside, outside = world.now + 24 * HOUR - HOUR, world.now + 24 * HOUR
    revise(world, world.ana, first, changed(1), inside)
    with pytest.raises(TooLateToChange):
        # The window is counted from the first revision, not from the latest.
        revise(world, world.ana, first, changed(3), outside)
    assert Review.objects.count() == 2


def test_the_same_answer_again_is_no_revision_however_late(world: World) -> None:
    first = sent_review(world, world.ana)
    sent = revise(world, world.ana, first, FULL, world.now + 100 * HOUR)
    assert (sent.public_id, sent.repeated) == (first.public_id, True)
    assert Review.objects.count() == 1


def test_a_repeated_change_is_one_revision(world: World) -> None:
    first = sent_review(world, world.ana)
    once = revise(world, world.ana, first, changed(1), world.now + HOUR)
    twice = revise(world, world.ana, first, changed(1), world.now + HOUR)
    assert (twice.public_id, twice.repeated) == (once.public_id, True)
    assert Review.objects.count() == 2


def test_a_revision_of_a_surplus_review_is_surplus(world: World) -> None:
    from feedback.actions.leases import sweep_leases

    item = make_item(world.project, wanted=1)
    assignment, late = claim(world, world.ana), world.now + 2 * HOUR
    sweep_leases(now=late)
    send(world, world.ben, claim(world, world.ben, now=late), now=late)
    sent = send(world, world.ana, assignment, now=late)
    review = Review.objects.get(public_id=sent.public_id)
    assert revise(world, world.ana, review, changed(1), late + HOUR).surplus
    assert Review.objects.filter(item=item, surplus=True).count() == 2


def test_nobody_changes_somebody_elses_review(world: World) -> None:
    review = sent_review(world, world.ana)
    with pytest.raises(Exception, match="nothing here"):
        revise(world, world.ben, review, changed(1), world.now)


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_is_stored_and_the_other_is_told(now: dt.datetime) -> None:
    world = make_world(now)
    review = sent_review(world, world.ana)
    ready = [access.own_review(world.place(world.ana), review.public_id) for _ in range(2)]
    place = world.place(world.ana)

    def change(number: int) -> str:
        try:
            revise_review(
                place=place,
                review=ready[number],
                slots=changed(-3 if number else 3),
                effort=Effort(),
                now=now + HOUR,
            )
        except AlreadySent:
            return "told"
        finally:
            connections.close_all()
        return "stored"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(change, range(2)))
    revisions = sorted(Review.objects.values_list("revision", flat=True))
    # Whoever comes second either collides with the first or follows it; never is one lost without a word.
    assert (outcomes, revisions) in [
        (["stored", "told"], [1, 2]),
        (["stored", "stored"], [1, 2, 3]),
    ]
