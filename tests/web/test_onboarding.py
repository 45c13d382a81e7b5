"""A reviewer's first steps in a project: remembered, seen by managers, and practice with its key behind the answer."""

from __future__ import annotations

from typing import Any

import pytest

from feedback.actions import people, projects
from feedback.models import (
    Assignment,
    Item,
    ItemRecord,
    Membership,
    ProjectReviewer,
    Review,
    Role,
    Vote,
)
from tests.api.calls import by_key, refused
from tests.steps import counts, import_rows, rejections
from tests.web.pages import Reader
from tests.world import FULL, PASSWORD, WHY, World, make_item

DESK = "/w/northgate/p/chat/desk/"
START = DESK + "start/"
PEOPLE = "/w/northgate/p/chat/people/"
API = "/projects/northgate/chat"
SECRET = "Because the mechanism is named only once."
KEY = {
    "answers": {"preference": [{"a": 1, "b": 2, "value": 1}], "accuracy": {"1": 5, "2": 1}},
    "explanation": SECRET,
}
ANSWER = {
    "preference": "2",
    "accuracy.A": "4",
    "accuracy.B": "2",
    "answers.A": "5",
    "answers.B": "3",
    "why": WHY,
}


@pytest.fixture
def practice(world: World) -> list[Item]:
    items = [
        make_item(world.project, f"Practice {n}?", wanted=0, rank=n, purpose="practice")
        for n in range(2)
    ]
    ItemRecord.objects.filter(item__in=items).update(key=KEY)
    make_item(world.project, "In earnest?", rank=9)
    return items


def newcomer(world: World) -> Reader:
    """Somebody who opens the link of an invitation."""
    place = world.place(world.ines)
    _, token = people.invite(
        place=place, role=Role.REVIEWER, projects=[world.project], now=world.now
    )
    reader = Reader()
    made = reader.post(
        f"/invite/{token}/", {"name": "Nia", "email": "nia@example.org", "password": PASSWORD}
    )
    assert made.to == START
    return reader


def test_an_invitation_leads_through_every_step(world: World, practice: list[Item]) -> None:
    nia = newcomer(world)
    assert "0 of 4 steps done" in nia.get(START)
    assert "Begin here" in nia.get("/")
    agreed = nia.post(f"/w/northgate/agreement/?next={START}", {"version": "1", "next": START})
    assert agreed.to == START
    assert "1 of 4 steps done" in nia.get(START)
    nia.post(START, {"guideline": "1"})
    for n in range(2):
        desk = nia.post(DESK + "practice/").to
        seen = nia.get(desk)
        assert f"Practice {n}?" in seen
        assert "practice: nothing of it counts" in seen
        assert SECRET not in seen.source
        assert "Your hold" not in seen
        expected = nia.post(desk, ANSWER).to
        assert expected == f"{DESK}practice/{desk.split('/')[-2]}/"
        assert SECRET in nia.get(expected)
        assert nia.get(desk).to == expected
    assert nia.post(DESK + "practice/").to == START
    nia.post(START, {"keys": "1"})
    assert "You have been through every step." in nia.get(START)
    assert "Begin here" not in nia.get("/")
    listed = Reader(world.mara).get(PEOPLE)
    assert "all steps, read v1" in listed
    assert "1 of 4 steps" in listed  # Ana and Ben have accepted the agreement


def test_practice_counts_for_nothing(world: World, practice: list[Item]) -> None:
    ana = Reader(world.ana)
    desk = ana.post(DESK + "practice/").to
    assert ana.post(DESK + "practice/").to == desk  # the same until it is sent
    ana.post(desk, ANSWER)
    review = Review.objects.get()
    assert (review.kind, review.surplus) == ("practice", False)
    item = practice[0]
    item.refresh_from_db()
    assert (item.given, item.leased) == (0, 0)
    assert "0 of 1 item today" in ana.get("/")
    assert "Nothing sent yet" in ana.get("/reviews/")
    assert "In earnest?" in ana.get(ana.get(DESK).to)
    assert not Vote.objects.exclude(review=review).exists()
    change = f"{DESK}sent/{review.public_id}/"
    assert ana.post(change, {**ANSWER, "preference": "6"}).status == 409


def test_the_key_is_nobodys_before_the_answer(world: World, practice: list[Item]) -> None:
    ana = Reader(world.ana)
    desk = ana.post(DESK + "practice/").to
    key_page = f"{DESK}practice/{desk.split('/')[-2]}/"
    assert ana.get(key_page).to == desk
    told = [ana.get(path).source for path in ("/", START, desk, DESK)]
    assert not any(SECRET in page for page in told)
    assert Reader(world.ben).get(key_page).status == 404


def test_expected_answers_stand_beside_ones_own_by_the_letters_one_saw(
    world: World, practice: list[Item]
) -> None:
    ana = Reader(world.ana)
    desk = ana.post(DESK + "practice/").to
    Assignment.objects.update(order_shown=[2, 1])
    seen = ana.get(ana.post(desk, ANSWER).to)
    assert "A better B slightly better" in seen  # position 1 is B here
    assert "A 1" in seen
    assert "B 5" in seen


def test_a_key_that_the_form_does_not_know_still_explains(
    world: World, practice: list[Item]
) -> None:
    ItemRecord.objects.update(key={"answers": {"nothing": 1}, "explanation": SECRET})
    ana = Reader(world.ana)
    seen = ana.get(ana.post(ana.post(DESK + "practice/").to, ANSWER).to)
    assert SECRET in seen
    assert "as you see it" in seen


def test_what_was_skipped_in_practice_comes_again(world: World, practice: list[Item]) -> None:
    ana = Reader(world.ana)
    desk = ana.post(DESK + "practice/").to
    ana.post(desk + "skip/", {"reason": "too_long"})
    assert ana.post(DESK + "practice/").to == desk
    assert ana.get(desk).status == 200


def test_without_practice_items_there_is_no_such_step(world: World) -> None:
    ana = Reader(world.ana)
    seen = ana.get(START)
    assert "1 of 3 steps done" in seen
    assert "Practice" not in seen
    assert "The guideline has changed" in ana.follow(START, {"guideline": "7"})
    assert ProjectReviewer.objects.get(membership__user=world.ana).guideline_read is None


def test_who_reviews_already_is_not_led(world: World) -> None:
    make_item(world.project)
    ana = Reader(world.ana)
    assert "Begin here" in ana.get("/")
    ana.post(ana.get(DESK).to, ANSWER)
    assert "Begin here" not in ana.get("/")


def test_who_does_not_review_here_has_no_beginning(world: World) -> None:
    assert Reader(world.mara).get(START).status == 404
    assert Reader(world.mara).post(DESK + "practice/").status == 403


def test_by_api_the_same(world: World, practice: list[Item]) -> None:
    ana = by_key(world, world.ana)
    assert ana.get(f"{API}/beginning").json() == {
        "agreed": True,
        "guideline": 1,
        "guideline_read": None,
        "practised": 0,
        "practice": 2,
        "finished": False,
    }
    assert ana.post(f"{API}/beginning", {"guideline": 1}).json()["guideline_read"] == 1
    refused(ana.post(f"{API}/beginning", {"guideline": 2}), 409, "guideline_changed")
    desk = ana.post(f"{API}/practice")
    assert SECRET not in desk.content.decode()
    at = f"{API}/assignments/{desk.json()['assignment']}"
    nothing = {"answers": None, "explanation": None, "order": None}
    assert ana.get(f"{at}/key").json() == nothing
    assert ana.post(f"{at}/review", {"body": FULL}).status_code == 201
    key: dict[str, Any] = ana.get(f"{at}/key").json()
    assert (key["explanation"], key["answers"]) == (SECRET, KEY["answers"])
    refused(by_key(world, world.ben).get(f"{at}/key"), 404, "not_found")
    assert ana.post(f"{API}/practice").status_code == 200


def test_a_key_is_imported_and_reviewers_get_nothing_of_it(world: World) -> None:
    row = {"id": "one", "prompt": "Why?", "responses": ["a", "b"], "purpose": "practice"}
    import_rows(world.place(world.mara), [{**row, "key": KEY}], world.now, source="file")
    record = ItemRecord.objects.get()
    assert (record.key, record.item.wanted) == (KEY, 0)
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.add_reviewer(place=world.place(world.ines), membership=membership, now=world.now)
    told = by_key(world, world.ana).post(f"{API}/practice")
    assert SECRET not in told.content.decode()


def test_a_key_that_is_no_answer_to_the_form_rejects_its_item_with_the_reason(world: World) -> None:
    row = {"id": "one", "prompt": "Why?", "responses": ["a", "b"], "purpose": "practice"}
    wrong = {"answers": {"accuracy": {"1": 9}}}
    unknown = {"answers": {"length": "short"}}
    rows = [
        {**row, "key": wrong},
        {**row, "id": "two", "key": unknown},
        {**row, "id": "three", "key": KEY},
    ]
    job = import_rows(world.place(world.mara), rows, world.now, source="file")
    assert counts(job, "items") == (1, 0, 0, 2)
    assert [each[:3] for each in rejections(job)] == [(1, "item", None), (2, "item", None)]
    sentences = list(job.rejections.order_by("row").values_list("sentence", flat=True))
    assert sentences[0].startswith("key, accuracy: ")
    assert ItemRecord.objects.get().external_id == "three"
