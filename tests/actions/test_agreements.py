from __future__ import annotations

import datetime as dt
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from feedback import access
from feedback.actions import agreements
from feedback.actions.agreements import FIRST_TEXT, AgreementChanged
from feedback.models import Acceptance, Agreement, Membership
from tests.world import World, make_world


def test_the_first_version_says_what_it_must(world: World) -> None:
    first = agreements.latest_agreement(world.workspace)
    assert (first.version, first.text) == (1, FIRST_TEXT.read_text())
    assert bytes(first.sha256) == hashlib.sha256(first.text.encode()).digest()
    for matter in ("train", "Licence", "What is recorded", "Pay", "Withdrawal"):
        assert matter in first.text


def test_accepting_twice_is_accepting_once(world: World) -> None:
    place = world.place(world.ana)
    first = agreements.accept_agreement(place=place, version=1, now=world.now)
    again = agreements.accept_agreement(
        place=place, version=1, now=world.now + dt.timedelta(days=1)
    )
    assert (again.pk, again.accepted_at) == (first.pk, world.now)


def test_nobody_accepts_what_they_have_not_read(world: World) -> None:
    place = world.place(world.ana)
    agreements.publish_agreement(
        workspace=world.workspace, text="Second", by=world.ines, now=world.now
    )
    for version in (1, 3):
        with pytest.raises(AgreementChanged):
            agreements.accept_agreement(place=place, version=version, now=world.now)
    assert agreements.accepted(place.membership) is None
    agreements.accept_agreement(place=place, version=2, now=world.now)
    assert agreements.accepted(place.membership) is not None
    assert Acceptance.objects.filter(membership=place.membership).count() == 2


def test_an_acceptance_elsewhere_is_none_here(world: World) -> None:
    theirs = Membership.objects.get(user=world.eve)
    there = access.workspace(access.Principal(world.eve), world.elsewhere.slug)
    agreements.accept_agreement(place=there, version=1, now=world.now)
    assert agreements.accepted(theirs) is not None
    ben = Membership.objects.get(user=world.ben)
    assert agreements.accepted(ben) != agreements.accepted(theirs)


@pytest.mark.django_db(transaction=True)
def test_versions_published_at_once_are_numbered_one_after_another(now: dt.datetime) -> None:
    world = make_world(now)

    def publish(number: int) -> int:
        try:
            return agreements.publish_agreement(
                workspace=world.workspace, text=f"Text {number}", by=world.ines, now=now
            ).version
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(publish, range(4))) == [2, 3, 4, 5]
    assert Agreement.objects.filter(workspace=world.workspace).count() == 5
