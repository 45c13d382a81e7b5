"""Before an item is disclosed: whom it concerns is told, none of its words are, and one key gives it back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from feedback.actions import projects
from feedback.models import Assignment, Item, ItemRecord, Review
from tests.api.calls import by_key, refused
from tests.steps import import_rows
from tests.web.pages import Reader
from tests.world import FULL, World, make_item

DESK = "/w/northgate/p/chat/desk/"
API = "/projects/northgate/chat"
CONCERNS = {"parties": ["Roe", "Wade Inc."], "source": "E-file 17", "author": "Team 4"}
SECRETS = ("Why is the sky blue?", "Scattering.", "It is not.", "answers the question")


@pytest.fixture
def item(world: World) -> Item:
    projects.change_project(place=world.place(world.ines), changes={"check_conflicts": True})
    made = make_item(world.project, wanted=1)
    ItemRecord.objects.filter(item=made).update(concerns={**CONCERNS, "model": "gpt-secret"})
    make_item(world.project, "Another question?", wanted=1, rank=2**62)
    return made


def opened(reader: Reader) -> str:
    return reader.get(DESK).to


def test_whom_it_concerns_is_told_and_none_of_its_words(world: World, item: Item) -> None:
    ana = Reader(world.ana)
    desk = opened(ana)
    seen = ana.get(desk)
    for words in ("Roe", "Wade Inc.", "E-file 17", "Team 4", "about 4 min", "1 of 2 today"):
        assert words in seen
    assert "gpt-secret" not in seen.source
    told = [seen, ana.get("/"), ana.post(desk, {"preference": "3"}), ana.post(DESK + "ahead/")]
    told += [ana.post(desk + "ask/", {"text": "What is it?"}), ana.get(desk + "skip/")]
    told += [ana.post(desk + "hold/"), ana.post(desk + "draft/", {"_based_on": "0"})]
    for page in told:
        assert not [words for words in SECRETS if words in page.source], page.words
    assert "An item that you have not opened yet" in ana.get("/")
    assert told[3].status == 204
    assert not Review.objects.exists()


def test_the_texts_come_and_the_time_begins_when_one_goes_on(world: World, item: Item) -> None:
    ana = Reader(world.ana)
    desk = opened(ana)
    Assignment.objects.update(shown_at=timezone.now() - dt.timedelta(minutes=9))
    for _ in range(2):
        assert ana.post(desk + "disclose/").to == desk
    assert "Why is the sky blue?" in ana.get(desk)
    row = Assignment.objects.get(item=item)
    assert row.disclosed_at is not None
    assert row.shown_at == row.disclosed_at
    assert timezone.now() - row.shown_at < dt.timedelta(minutes=1)


@pytest.mark.parametrize("reason", ["conflict_of_interest", "outside_expertise"])
def test_a_conflict_reopens_the_place_and_the_item_never_comes_again(
    world: World, item: Item, reason: str
) -> None:
    ana, ben = Reader(world.ana), Reader(world.ben)
    assert ana.post(opened(ana) + "skip/", {"reason": reason}).to == DESK
    row = Assignment.objects.get(item=item)
    assert (row.state, row.reason, row.disclosed_at) == ("skipped", reason, None)
    assert not Reader(world.ben).get(opened(ben)).source.count("Another question")
    assert Assignment.objects.get(rater__user=world.ben).item == item
    ana.post(opened(ana) + "skip/", {"reason": reason})
    assert ana.get(DESK).status == 200
    words = "A conflict of interest" if reason.startswith("conflict") else "Not their field"
    assert f"{words} 2" in Reader(world.mara).get("/w/northgate/p/chat/")
    assert ana.post(f"{DESK}{row.public_id}/disclose/").status == 409


def test_by_api_the_same(world: World, item: Item) -> None:
    ana = by_key(world, world.ana)
    told = ana.post(f"{API}/next").json()
    assert told["disclosed"] is False
    assert told["concerns"] == {**CONCERNS, "named": False}
    assert not {"prompt", "context", "slots", "draft"} & told.keys()
    at = f"{API}/assignments/{told['assignment']}"
    refused(ana.post(f"{at}/review", {"body": FULL}), 409, "not_disclosed")
    refused(ana.post(f"{at}/question", {"text": "What?"}), 409, "not_disclosed")
    assert "prompt" not in ana.get(at).json()
    whole = ana.post(f"{at}/disclosure").json()
    assert whole["disclosed"] is True
    assert len(whole["slots"]) == 2
    assert ana.post(f"{at}/review", {"body": FULL}).status_code == 201
    refused(ana.post(f"{at}/disclosure"), 409, "not_held")


def test_whoever_is_in_the_middle_of_an_item_is_not_asked(world: World) -> None:
    make_item(world.project)
    ana = Reader(world.ana)
    desk = opened(ana)
    for wish in (True, False, True):
        changes = {"check_conflicts": wish}
        projects.change_project(place=world.place(world.ines), changes=changes)
    assert "Why is the sky blue?" in ana.get(desk)


def test_legal_projects_ask_and_others_do_not(world: World) -> None:
    place = world.place(world.ines)
    asks = {
        domain: projects.create_project(
            place=place, name=f"New {domain}", domain=domain, now=world.now
        ).check_conflicts
        for domain in ("legal_brief", "brief_review", "chat", "code_pr")
    }
    assert asks == {"legal_brief": True, "brief_review": True, "chat": False, "code_pr": False}


def test_the_setting_is_a_manager_s(world: World) -> None:
    mara = Reader(world.mara)
    page = "/w/northgate/p/chat/settings/"
    assert "Ask about conflicts before the text is shown" in mara.get(page)
    told = by_key(world, world.mara).patch(API, {"check_conflicts": True}).json()
    assert told["check_conflicts"] is True


def test_an_import_names_whom_an_item_concerns(world: World) -> None:
    row: dict[str, Any] = {"prompt": "Why?", "responses": ["a", "b"]}
    rows = [
        {**row, "id": "one", "concerns": CONCERNS},
        {**row, "id": "two", "concerns": {"model": "gpt"}},
        {**row, "id": "three"},
    ]
    job = import_rows(world.place(world.mara), rows, world.now, source="file")
    found = dict(ItemRecord.objects.values_list("external_id", "concerns"))
    assert found == {"one": CONCERNS, "three": {}}
    assert [each.code for each in job.rejections.filter(scope="item")] == ["unknown_field"]
