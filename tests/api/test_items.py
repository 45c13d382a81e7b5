from __future__ import annotations

import uuid

import pytest

from feedback import access
from feedback.actions.claim import claim_next
from feedback.actions.flags import flag
from feedback.actions.submit import Effort, submit_review
from feedback.models import Flag, Item, ItemRecord, Provenance, Rater, Response, User
from tests.api.calls import by_key, by_session, faults, refused
from tests.world import FULL, World, make_item


def send(world: World, user: User) -> None:
    place = world.place(user)
    claim = claim_next(place=place, now=world.now)
    assert claim is not None
    assignment = access.assignment(place, claim.public_id)
    submit_review(
        place=place, assignment=assignment, slots=FULL, effort=Effort(4000), now=world.now
    )


def test_items_are_listed_with_where_they_stand(world: World, at: str) -> None:
    item = make_item(world.project, "Why is the sky blue?", wanted=2)
    send(world, world.ana)
    row = by_key(world, world.mara).get(f"{at}/items").json()["rows"][0]
    assert row["id"] == str(item.public_id)
    assert (row["state"], row["wanted"], row["given"], row["leased"]) == ("more", 2, 1, 0)
    assert (row["n_responses"], row["revision"], row["prompt_line"]) == (
        2,
        1,
        "Why is the sky blue?",
    )
    assert row["source"] == "tests"
    assert "pk" not in row


def test_items_are_filtered(world: World, at: str) -> None:
    gold, plain = make_item(world.project, purpose="gold"), make_item(world.project)
    ItemRecord.objects.filter(item=plain).update(tags=["hard", "law"], external_id="q-7")
    send(world, world.ana)
    manager = by_key(world, world.mara)

    def found(**query: str) -> set[str]:
        return {row["id"] for row in manager.get(f"{at}/items", **query).json()["rows"]}

    assert found() == {str(gold.public_id), str(plain.public_id)}
    assert found(purpose="gold") == {str(gold.public_id)}
    assert found(tag="law") == found(external_id="q-7") == {str(plain.public_id)}
    assert found(tag="easy") == set()
    assert len(found(state="settled")) == len(found(state="waiting")) == 1
    assert found(state="out") == set()


@pytest.mark.parametrize(
    "query",
    [
        {"state": "lost"},
        {"purpose": "fun"},
        {"limit": "0"},
        {"limit": "many"},
        {"purpos": "gold"},
        {"tag": "\x00"},
        {"after": "é"},
    ],
)
def test_a_filter_that_is_none_is_refused(world: World, at: str, query: dict[str, str]) -> None:
    found = faults(by_key(world, world.mara).get(f"{at}/items", **query))
    assert [place for place, _ in found] == list(query)


def test_every_item_comes_once_over_the_pages(world: World, at: str) -> None:
    made = {str(make_item(world.project).public_id) for _ in range(7)}
    manager, seen, after = by_key(world, world.mara), [], ""
    while after is not None:
        page = manager.get(f"{at}/items", limit=3, after=after).json()
        seen += [row["id"] for row in page["rows"]]
        after = page["after"]
    assert len(seen) == 7
    assert set(seen) == made


def test_a_cursor_of_another_list_or_nobody_is_refused(world: World, at: str) -> None:
    for _ in range(3):
        make_item(world.project)
    manager = by_key(world, world.mara)
    cursor = manager.get(f"{at}/items", limit=1).json()["after"]
    assert faults(manager.get(f"{at}/forms", after=cursor)) == [("after", "bad_cursor")]
    assert faults(manager.get(f"{at}/items", after="made-up")) == [("after", "bad_cursor")]


def test_an_item_shows_its_texts_their_origin_and_its_reviews_to_a_manager(
    world: World, at: str
) -> None:
    item = make_item(world.project, wanted=2)
    provenance = Provenance.objects.create(
        workspace=world.workspace, digest=b"1" * 32, origin="model", model="alpaca-7b"
    )
    Response.objects.filter(revision=item.revision, position=1).update(provenance=provenance)
    for user in (world.ana, world.ben):
        send(world, user)
    body = by_key(world, world.mara).get(f"{at}/items/{item.public_id}").json()
    assert body["prompt"][0]["parts"][0]["text"] == "Why is the sky blue?"
    assert [row["position"] for row in body["responses"]] == [1, 2]
    assert body["responses"][0]["provenance"]["model"] == "alpaca-7b"
    assert len(body["content_hash"]) == 64
    assert len(body["reviews"]) == 2
    review = body["reviews"][0]
    assert review["rater"]["kind"] == "member"
    assert sorted(review["order_shown"]) == [1, 2]
    vote = review["body"]["answers"]["preference"][0]
    assert {vote["a"], vote["b"]} == {1, 2}
    assert "ana@" not in str(body)


def test_only_managers_see_items_and_reviews(world: World, at: str) -> None:
    item = make_item(world.project)
    for path in (f"{at}/items", f"{at}/items/{item.public_id}", f"{at}/reviews", f"{at}/flags"):
        refused(by_session(world.ana).get(path), 403, "not_allowed")
    refused(by_key(world, world.mara).get(f"{at}/items/{uuid.uuid4()}"), 404, "not_found")


def test_every_revision_of_every_review_is_listed(world: World, at: str) -> None:
    make_item(world.project, wanted=2)
    send(world, world.ana)
    send(world, world.ben)
    manager = by_key(world, world.mara)
    rows = manager.get(f"{at}/reviews", limit=1).json()
    assert len(rows["rows"]) == 1
    rest = manager.get(f"{at}/reviews", after=rows["after"]).json()
    both = rows["rows"] + rest["rows"]
    raters = {
        str(rater.public_id) for rater in Rater.objects.filter(user__in=[world.ana, world.ben])
    }
    assert {row["rater"]["id"] for row in both} == raters
    assert all(row["body"]["answers"]["preference"] for row in both)
    assert all(len(row["body_sha256"]) == 64 for row in both)


def test_a_flag_waits_until_a_manager_settles_it(world: World, at: str) -> None:
    item = make_item(world.project)
    place = world.place(world.ana)
    assignment = access.assignment(place, claim_next(place=place, now=world.now).public_id)
    flag(place=place, assignment=assignment, reason="broken", note="It ends mid-", now=world.now)
    manager = by_key(world, world.mara)
    row = manager.get(f"{at}/flags").json()["rows"][0]
    assert (row["item"], row["reason"], row["note"]) == (
        str(item.public_id),
        "broken",
        "It ends mid-",
    )
    for _ in range(2):
        assert manager.post(f"{at}/flags/{row['id']}/settle").status_code == 204
    assert manager.get(f"{at}/flags").json()["rows"] == []
    assert Flag.objects.get().settled_at is not None
    refused(manager.post(f"{at}/flags/{uuid.uuid4()}/settle"), 404, "not_found")


def test_lists_cost_the_same_for_many_rows(
    world: World, at: str, django_assert_max_num_queries
) -> None:
    for _ in range(12):
        make_item(world.project, wanted=2)
    for _ in range(12):
        send(world, world.ana)
    manager = by_key(world, world.mara)
    manager.get("/me")
    with django_assert_max_num_queries(1):
        assert len(manager.get(f"{at}/items").json()["rows"]) == 12
    with django_assert_max_num_queries(1):
        assert len(manager.get(f"{at}/reviews").json()["rows"]) == 12
    one = Item.objects.latest("pk")
    with django_assert_max_num_queries(5):
        manager.get(f"{at}/items/{one.public_id}")
