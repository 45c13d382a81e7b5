from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from feedback import access
from feedback.actions import agreements, leases
from feedback.actions.claim import ProjectClosed, claim_next
from feedback.actions.submit import submit_review
from feedback.errors import NotAllowed
from feedback.models import Assignment, Item, Project, Rater, Response, Review, User
from feedback.policy.effort import Effort
from tests.world import FULL, World, add_reviewer, make_item


def send(world: World, user: User, claim, now: dt.datetime | None = None):
    place = world.place(user)
    assignment = access.assignment(place, claim.public_id)
    return submit_review(
        place=place, assignment=assignment, slots=FULL, effort=Effort(4000), now=now or world.now
    )


def test_a_claim_leases_the_first_item_and_the_same_one_until_it_is_sent(world: World) -> None:
    later, first = make_item(world.project, rank=9), make_item(world.project, rank=4)
    claim = claim_next(place=world.place(world.ana), now=world.now)
    assert claim is not None
    again = claim_next(place=world.place(world.ana), now=world.now)
    assert again is not None
    assert again.public_id == claim.public_id
    first.refresh_from_db()
    later.refresh_from_db()
    assert (first.leased, later.leased) == (1, 0)


def test_two_people_never_get_the_same_place(world: World) -> None:
    make_item(world.project, wanted=1)
    assert claim_next(place=world.place(world.ana), now=world.now) is not None
    assert claim_next(place=world.place(world.ben), now=world.now) is None


def test_the_item_behind_is_claimed_ahead_and_then_becomes_the_current_one(world: World) -> None:
    for rank in range(3):
        make_item(world.project, rank=rank)
    place = world.place(world.ana)
    current = claim_next(place=place, now=world.now)
    ahead = claim_next(place=place, now=world.now, ahead=True)
    assert current is not None
    assert ahead is not None
    assert ahead.public_id != current.public_id
    assert ahead.leased_until < current.leased_until
    assert claim_next(place=place, now=world.now, ahead=True).public_id == ahead.public_id
    send(world, world.ana, current)
    following = claim_next(place=place, now=world.now)
    assert following.public_id == ahead.public_id
    assert following.leased_until == current.leased_until


def test_the_order_shown_is_stored_and_stays(world: World) -> None:
    orders = Counter()
    for rank in range(40):
        make_item(world.project, rank=rank)
    for _ in range(40):
        claim = claim_next(place=world.place(world.ana), now=world.now)
        orders[tuple(Assignment.objects.get(public_id=claim.public_id).order_shown)] += 1
        send(world, world.ana, claim)
    assert set(orders) == {(1, 2), (2, 1)}
    assert sum(orders.values()) == 40


def test_who_has_not_accepted_the_agreement_gets_no_item(world: World) -> None:
    make_item(world.project)
    agreements.publish_agreement(
        workspace=world.workspace, text="New terms", by=world.ines, now=world.now
    )
    with pytest.raises(agreements.AgreementNeeded):
        claim_next(place=world.place(world.ana), now=world.now)
    agreements.accept_agreement(place=world.place(world.ana), version=2, now=world.now)
    assert claim_next(place=world.place(world.ana), now=world.now) is not None


def test_a_manager_who_does_not_review_is_told_how_to(world: World) -> None:
    make_item(world.project)
    with pytest.raises(NotAllowed, match="Add yourself under People"):
        claim_next(place=world.place(world.mara), now=world.now)


def test_a_paused_project_hands_out_nothing(world: World) -> None:
    make_item(world.project)
    Project.objects.filter(pk=world.project.pk).update(state="paused")
    with pytest.raises(ProjectClosed):
        claim_next(place=world.place(world.ana), now=world.now)


def test_nobody_gets_an_item_with_a_response_of_their_own(world: World) -> None:
    item = make_item(world.project)
    rater = Rater.objects.get(user=world.ana, workspace=world.workspace)
    Response.objects.filter(revision=item.revision, position=1).update(author=rater)
    assert claim_next(place=world.place(world.ana), now=world.now) is None
    assert claim_next(place=world.place(world.ben), now=world.now) is not None


def test_an_expired_hold_goes_to_the_front_and_its_writer_can_still_send(world: World) -> None:
    item = make_item(world.project, wanted=1)
    claim = claim_next(place=world.place(world.ana), now=world.now)
    late = world.now + dt.timedelta(hours=2)
    assert leases.sweep_leases(now=late) == 1
    item.refresh_from_db()
    assert (item.leased, item.front) == (0, True)
    other = claim_next(place=world.place(world.ben), now=late)
    assert other is not None
    assert send(world, world.ben, other, late).surplus is False
    assert send(world, world.ana, claim, late).surplus is True
    item.refresh_from_db()
    assert (item.given, item.leased) == (1, 0)
    assert Review.objects.filter(item=item).count() == 2


def test_a_late_review_takes_a_free_place(world: World) -> None:
    item = make_item(world.project, wanted=2)
    claim = claim_next(place=world.place(world.ana), now=world.now)
    late = world.now + dt.timedelta(hours=2)
    leases.sweep_leases(now=late)
    assert send(world, world.ana, claim, late).surplus is False
    item.refresh_from_db()
    assert (item.given, item.leased) == (1, 0)


def test_after_lunch_the_item_can_be_claimed_again_unless_others_took_it(world: World) -> None:
    make_item(world.project, wanted=1)
    place = world.place(world.ana)
    claim = claim_next(place=place, now=world.now)
    late = world.now + dt.timedelta(hours=2)
    leases.sweep_leases(now=late)
    assignment = access.assignment(place, claim.public_id)
    assert leases.claim_again(place=place, assignment=assignment, now=late) > late
    leases.sweep_leases(now=late + dt.timedelta(hours=2))
    other = claim_next(place=world.place(world.ben), now=late + dt.timedelta(hours=2))
    assert other is not None
    with pytest.raises(leases.TakenMeanwhile):
        leases.claim_again(place=place, assignment=assignment, now=late + dt.timedelta(hours=2))


def test_a_skipped_item_goes_to_somebody_else_and_not_back(world: World) -> None:
    item = make_item(world.project, wanted=1)
    claim = claim_next(place=world.place(world.ana), now=world.now)
    assignment = access.assignment(world.place(world.ana), claim.public_id)
    for _ in range(2):
        leases.skip(assignment=assignment, reason="outside_expertise", note="", now=world.now)
    item.refresh_from_db()
    assert (item.leased, item.front) == (0, True)
    assert claim_next(place=world.place(world.ana), now=world.now) is None
    assert claim_next(place=world.place(world.ben), now=world.now) is not None


def test_a_reviewer_far_ahead_wraps_to_what_opened_behind(world: World) -> None:
    first, second = make_item(world.project, rank=1), make_item(world.project, rank=2)
    Item.objects.filter(pk=first.pk).update(held=True)
    place = world.place(world.ana)
    send(world, world.ana, claim_next(place=place, now=world.now))
    Item.objects.filter(pk=first.pk).update(held=False)
    claim = claim_next(place=place, now=world.now)
    assert Assignment.objects.get(public_id=claim.public_id).item_id == first.pk
    second.refresh_from_db()
    assert second.given == 1


def test_wrapping_again_waits_ten_seconds(world: World) -> None:
    make_item(world.project, rank=5)
    place = world.place(world.ana)
    send(world, world.ana, claim_next(place=place, now=world.now))
    assert claim_next(place=place, now=world.now) is None
    make_item(world.project, rank=1)
    Assignment.objects.filter(state="open").delete()
    seat = place.project.seats.get()
    seat.at_rank = 5
    seat.save()
    assert claim_next(place=place, now=world.now + dt.timedelta(seconds=5)) is None
    assert claim_next(place=place, now=world.now + dt.timedelta(seconds=11)) is not None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wanted", [1, 3])
def test_eight_reviewers_racing_leave_no_item_short_and_none_over(
    wanted: int, now: dt.datetime
) -> None:
    """The seat, the skip-locked pick and the wrap together: exact overlap, however the threads fall."""
    from tests.world import make_world

    world = make_world(now)
    people = [User.objects.create_user(email=f"r{i}@example.org", password="x") for i in range(8)]
    for user in people:
        add_reviewer(world, user)
    items = 60
    for _ in range(items):
        make_item(world.project, wanted=wanted)

    def work(user: User) -> int:
        done = idle = 0
        try:
            while idle < 20:
                at = now + dt.timedelta(seconds=11 * (done + idle))
                claim = claim_next(place=world.place(user), now=at)
                if claim is None:
                    idle += 1
                    time.sleep(0.01)  # somebody may hold a row for that long
                    continue
                idle = 0
                send(world, user, claim, at)
                done += 1
        finally:
            connections.close_all()
        return done

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(work, people))
    assert sum(done) == items * wanted
    counts = Item.objects.filter(project=world.project).values_list("given", "leased")
    assert set(counts) == {(wanted, 0)}
    assert Review.objects.filter(project=world.project, surplus=False).count() == items * wanted
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_of_one_person_get_the_same_item(now: dt.datetime) -> None:
    from tests.world import make_world

    world = make_world(now)
    for _ in range(5):
        make_item(world.project, wanted=3)

    def tab(_: int) -> object:
        try:
            return claim_next(place=world.place(world.ana), now=now).public_id
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(tab, range(6)))) == 1
    assert Assignment.objects.count() == 1
