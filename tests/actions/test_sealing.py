from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Sequence

import pgtrigger
import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from feedback.actions import erasure, sealing
from feedback.actions.sealing import SETTLE, broken_seals, edited_bodies, merkle_root, seal_reviews
from feedback.models import Review, ReviewBody, ReviewSeal
from tests.steps import claim, send
from tests.world import World, make_item

HOUR = dt.timedelta(hours=1)
# The leaves and roots of Certificate Transparency's reference tests (RFC 9162 §2.1.1; merkle/testonly of
# transparency-dev, Apache-2.0): root of the first n leaves, n = 0 … 8.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("count", range(9))
def test_roots_are_those_of_certificate_transparency(count: int) -> None:
    assert merkle_root(LEAVES[:count]).hex() == ROOTS[count]


def recursive(leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 9162 word for word: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + recursive(leaves[:k]) + recursive(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_any_tree_is_the_recursive_one(leaves: list[bytes]) -> None:
    assert merkle_root(leaves) == recursive(leaves)


@pytest.fixture
def start(now: dt.datetime) -> dt.datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def review_at(world: World, at: dt.datetime) -> Review:
    make_item(world.project, rank=Review.objects.count())
    sent = send(world, world.ana, claim(world, world.ana, now=at), now=at)
    return Review.objects.get(public_id=sent.public_id)


@pytest.fixture
def sealed(world: World, start: dt.datetime) -> dt.datetime:
    """Two reviews in the first hour, none in the second, one in the third; all sealed."""
    for at in (0, 0.5, 2.25):
        review_at(world, start + at * HOUR)
    assert seal_reviews(now=start + 4 * HOUR) == 2
    return start


def verify(*options: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_seals", *options, stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_hours_with_reviews_are_sealed_and_chained(sealed: dt.datetime) -> None:
    first, second = ReviewSeal.objects.order_by("hour")
    assert [(s.hour, s.reviews) for s in (first, second)] == [(sealed, 2), (sealed + 2 * HOUR, 1)]
    assert bytes(first.previous) == b"\x00" * 32
    chained = hashlib.sha256(bytes(first.previous) + bytes(first.root)).digest()
    assert bytes(second.previous) == chained
    assert broken_seals() == []


def test_sealing_again_adds_nothing(sealed: dt.datetime) -> None:
    assert seal_reviews(now=sealed + 5 * HOUR) == 0


def test_an_hour_is_sealed_only_when_its_last_transaction_must_have_ended(
    world: World, start: dt.datetime
) -> None:
    review_at(world, start)
    assert seal_reviews(now=start + HOUR + SETTLE - dt.timedelta(seconds=1)) == 0
    assert seal_reviews(now=start + HOUR + SETTLE) == 1


def test_an_edited_body_shows_even_without_its_hash(sealed: dt.datetime) -> None:
    body = ReviewBody.objects.first()
    assert body is not None
    with pgtrigger.ignore():
        ReviewBody.objects.filter(pk=body.pk).update(body={"answers": {}, "cannot_judge": None})
    assert edited_bodies() == [body.review.public_id]
    assert broken_seals() == []
    status, _, told = verify()
    assert status == 1
    assert str(body.review.public_id) in told


def test_an_edited_hash_breaks_its_hour(sealed: dt.datetime) -> None:
    with pgtrigger.ignore():
        review = Review.objects.order_by("received_at")[0]
        Review.objects.filter(pk=review.pk).update(body_sha256=b"\x07" * 32)
    assert broken_seals() == [sealed]
    assert verify()[0] == 1


def test_a_review_slipped_into_a_sealed_hour_breaks_it(world: World, sealed: dt.datetime) -> None:
    review_at(world, sealed + HOUR / 3)
    assert broken_seals() == [sealed]


def test_a_seal_made_anew_for_an_edited_hour_breaks_the_chain_behind_it(
    sealed: dt.datetime,
) -> None:
    kept = sealing.head(ReviewSeal.objects.latest("hour")).hex()
    assert verify("--head", kept)[0] == 0
    with pgtrigger.ignore():
        review = Review.objects.order_by("received_at")[0]
        Review.objects.filter(pk=review.pk).update(body_sha256=b"\x07" * 32)
        _, root = sealing.hour_root(sealed)
        ReviewSeal.objects.filter(hour=sealed).update(root=root)
    assert broken_seals() == [sealed + 2 * HOUR]
    # Whoever mends the chain as well is found out by a head that somebody kept.
    with pgtrigger.ignore():
        first = ReviewSeal.objects.get(hour=sealed)
        ReviewSeal.objects.exclude(hour=sealed).update(previous=sealing.head(first))
    assert broken_seals() == []
    status, _, told = verify("--head", kept)
    assert status == 1
    assert "rewritten" in told


def test_an_erased_body_breaks_nothing(world: World, sealed: dt.datetime) -> None:
    place = world.place(world.ines)
    review = Review.objects.first()
    assert review is not None
    erasure.erase_review(place=place, review=review, reason="asked", now=world.now)
    assert (broken_seals(), edited_bodies()) == ([], [])
    status, told, _ = verify()
    assert status == 0
    assert "2 hours with 3 reviews are sealed" in told
    assert "Nothing was edited." in told


def test_without_reviews_there_is_nothing_to_seal(world: World, now: dt.datetime) -> None:
    assert seal_reviews(now=now) == 0
    assert verify() == (0, "No hour is sealed yet.\nNothing was edited.\n", "")


def test_a_missing_body_shows(sealed: dt.datetime) -> None:
    review = Review.objects.first()
    assert review is not None
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM feedback_reviewbody WHERE review_id = %s", [review.pk])
    assert edited_bodies() == [review.public_id]
