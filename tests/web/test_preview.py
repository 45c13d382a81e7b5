"""The desk as a manager tries it: the reviewer's own page, blind, with nothing claimed, saved or sent."""

from __future__ import annotations

from feedback.models import Assignment, Item, Provenance, Response
from tests.web.pages import Reader
from tests.world import World, make_item

BASE = "/w/northgate/p/chat/items/"


def test_an_item_is_seen_as_a_reviewer_sees_it(world: World) -> None:
    item = make_item(world.project, "Why is the sky blue?")
    seen = Reader(world.mara).get(f"{BASE}{item.public_id}/preview/")
    assert seen.status == 200
    assert "a preview: nothing is saved or sent" in seen
    assert "Compare two responses" in seen
    assert "Which response is better overall?" in seen
    assert 'type="submit" data-send' not in seen.source
    assert "skip-dialog" not in seen.source
    assert not Assignment.objects.exists()
    assert Item.objects.get(pk=item.pk).leased == 0
    assert "See it as a reviewer" in Reader(world.mara).get(f"{BASE}{item.public_id}/")


def test_the_preview_is_as_blind_as_the_desk(world: World) -> None:
    item = make_item(world.project)
    named = Provenance.objects.create(
        workspace=world.workspace, digest=b"\x01" * 32, origin="model", model="alpha-2"
    )
    Response.objects.filter(revision=item.revision).update(provenance=named)
    item.record.external_id = "gpt4_12"
    item.record.save()
    source = Reader(world.mara).get(f"{BASE}{item.public_id}/preview/").source
    assert "alpha-2" not in source
    assert "gpt4_12" not in source.replace(f"{BASE}{item.public_id}/", "")


def test_an_item_that_the_form_cannot_show_says_so(world: World) -> None:
    item = make_item(world.project, responses=("one", "two", "three"), wanted=0)
    seen = Reader(world.mara).get(f"{BASE}{item.public_id}/preview/")
    assert "No reviewer is given this item It has 3 responses" in seen


def test_a_reviewer_has_no_preview(world: World) -> None:
    item = make_item(world.project)
    assert Reader(world.ana).get(f"{BASE}{item.public_id}/preview/").status == 403
