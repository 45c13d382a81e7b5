"""Items: found by filters, page by page; one item with its texts, models and reviews side by side."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from feedback.actions import agreements, projects
from feedback.actions.claim import claim_next
from feedback.actions.submit import submit_review
from feedback.models import Assignment, Item, ItemRevision, Provenance, Response, User
from feedback.policy.effort import Effort
from feedback.queries.items import STATES
from tests.web.pages import Reader
from tests.world import FULL, World, make_item, say

BASE = "/w/northgate/p/chat/items/"


def give(world: World, user: User, value: int = 2, why: str = "") -> None:
    claimed = claim_next(place=world.place(user), now=world.now)
    assert claimed is not None
    assignment = Assignment.objects.get(public_id=claimed.public_id)
    value = value if assignment.order_shown == [1, 2] else -value
    answers = {**FULL["answers"], "preference": [{"a": "A", "b": "B", "value": value}]}
    answers["why"] = why or answers["why"]
    submit_review(
        place=world.place(user),
        assignment=assignment,
        slots={**FULL, "answers": answers},
        effort=Effort(60_000),
        now=world.now + dt.timedelta(minutes=5),
    )


def test_items_are_listed_with_where_they_stand(world: World) -> None:
    make_item(world.project, "Why is the sky blue?", wanted=1, rank=1)
    make_item(world.project, "Why is the sea salt?", wanted=2, rank=2)
    give(world, world.ana)
    seen = Reader(world.mara).get(BASE)
    assert "Why is the sky blue? Settled 1 of 1 2 Training" in seen
    assert "Why is the sea salt? Waiting 0 of 2 2 Training" in seen
    assert "2 in all" in seen


def test_every_state_that_can_be_filtered_is_the_state_that_is_shown(world: World) -> None:
    make_item(world.project, wanted=1, rank=1, given=1)
    make_item(world.project, wanted=2, rank=2, leased=1)
    make_item(world.project, wanted=2, rank=3, given=1)
    make_item(world.project, wanted=2, rank=4)
    make_item(world.project, wanted=0, rank=5)
    mara = Reader(world.mara)
    for state, (words, _) in STATES.items():
        seen = mara.get(BASE, {"state": state})
        assert f"{words} " in seen.words.split("External id")[-1]
        assert "1 in all" in seen, state


def test_filters_narrow_the_list_and_stay_while_paging(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("feedback.web.items.ROWS", 1)
    for number in range(3):
        item = make_item(world.project, f"Prompt {number}", purpose="evaluation", rank=number)
        item.record.tags = ["civil"]
        item.record.external_id = f"brief-{number}"
        item.record.save()
    make_item(world.project, "Another", rank=9)
    mara = Reader(world.mara)
    seen = mara.get(BASE, {"tag": "civil", "purpose": "evaluation"})
    assert "Prompt 2" in seen
    assert "tag=civil" in seen.source.split('rel="next"')[1]
    following = seen.source.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Prompt 1" in mara.get(BASE + following)
    found = mara.get(BASE, {"external_id": "brief-0"})
    assert "Prompt 0" in found
    assert "1 in all" in found
    assert "No item is like that" in mara.get(BASE, {"state": "nowhere"})
    assert "No item is like that" in mara.get(BASE, {"tag": "criminal"})


def test_an_empty_project_says_what_to_do(world: World) -> None:
    assert "No items yet" in Reader(world.mara).get(BASE)


def test_an_item_shows_its_texts_and_where_they_came_from(world: World) -> None:
    item = make_item(
        world.project, "Why **so** blue?\n\nSay it briefly.", ("Scattering.", "No <i>idea</i>.")
    )
    named = Provenance.objects.create(
        workspace=world.workspace,
        digest=b"\x01" * 32,
        origin="model",
        model="alpha-2",
        licence="MIT",
    )
    Response.objects.filter(revision=item.revision, position=1).update(provenance=named)
    seen = Reader(world.mara).get(f"{BASE}{item.public_id}/")
    assert "Why **so** blue?" in seen
    assert "Response A alpha-2 , origin a model, MIT" in seen
    assert "Response B origin unknown, licence unknown" in seen
    assert "&lt;i&gt;idea&lt;/i&gt;" in seen.source
    assert "No reviews yet" in seen


def test_reviews_stand_side_by_side_and_what_differs_is_marked(world: World) -> None:
    item = make_item(world.project, wanted=3)
    give(world, world.ana, 2)
    give(world, world.ben, 2)
    give_as_mara(world, -3)
    seen = Reader(world.mara).get(f"{BASE}{item.public_id}/")
    table = seen.words.split("Question Ana")[1]
    assert table.startswith(" Ben Mara")
    assert "Which response is better overall? they differ A better A better B much better" in table
    assert re.search(r"<mark><span class=\"said\"><span [^>]*>B</span> much better", seen.source)
    assert not re.search(r"<mark><span class=\"said\"><span [^>]*>A</span> better", seen.source)
    assert "Why The first answers the question" in table
    assert "1 min 1 min 1 min" in table


def give_as_mara(world: World, value: int) -> None:
    place = world.place(world.mara)
    projects.add_reviewer(place=place, membership=place.membership, now=world.now)
    agreements.accept_agreement(place=place, version=1, now=world.now)
    give(world, world.mara, value)


def test_letters_are_the_order_of_import_whatever_a_reviewer_saw(world: World) -> None:
    for rank in range(8):
        make_item(world.project, wanted=1, rank=rank)
    for _ in range(8):
        give(world, world.ana, 3)
    orders = set()
    for item in Item.objects.filter(project=world.project):
        seen = Reader(world.mara).get(f"{BASE}{item.public_id}/")
        assert "A much better" in seen
        orders.add("Saw them as B, A" in seen)
    assert orders == {True, False}


def test_an_older_revision_can_be_read_and_reviews_say_which_they_saw(world: World) -> None:
    item = make_item(world.project, "The first wording", wanted=2)
    give(world, world.ana)
    fresh = ItemRevision.objects.create(
        workspace=world.workspace,
        item=item,
        number=2,
        prompt=say("user", "The second wording"),
        content_hash=b"\x02" * 32,
    )
    Item.objects.filter(pk=item.pk).update(revision=fresh)
    mara, path = Reader(world.mara), f"{BASE}{item.public_id}/"
    latest = mara.get(path)
    assert "The second wording" in latest
    assert "saw revision 1" in latest
    old = mara.get(path, {"revision": "1"})
    assert "The first wording" in old
    assert "saw revision" not in old
    assert mara.get(path, {"revision": "7"}).status == 404


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "javascript:alert(1)", "\u202egpj.exe"]
)
def test_texts_are_shown_and_never_run(world: World, text: str) -> None:
    item = make_item(world.project, text, (text, text))
    source = Reader(world.mara).get(f"{BASE}{item.public_id}/").source
    assert "<script>alert" not in source
    assert "\u202e" not in source.split('<section class="section" aria-labelledby="prompt-h">')[1]


def test_a_reviewer_never_opens_an_items_page(world: World) -> None:
    item = make_item(world.project)
    give(world, world.ana)
    for path in (BASE, f"{BASE}{item.public_id}/"):
        assert Reader(world.ana).get(path).status == 403


def test_both_pages_ask_a_fixed_number_of_questions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for rank in range(6):
        make_item(world.project, rank=rank, wanted=2)
    give(world, world.ana)
    give(world, world.ben)
    item = Item.objects.get(given=2) if Item.objects.filter(given=2) else Item.objects.first()
    assert item is not None
    mara = Reader(world.mara)
    with django_assert_max_num_queries(9):
        mara.get(BASE)
    with django_assert_max_num_queries(14):
        mara.get(f"{BASE}{item.public_id}/")
