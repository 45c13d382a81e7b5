"""A reviewer rests from a project: nothing is held for them, drafts stay, and they go on when they like."""

from __future__ import annotations

from feedback.actions import projects
from feedback.models import Assignment, Draft, Item, Membership
from tests.api.calls import by_key, refused
from tests.web.pages import Reader
from tests.web.test_onboarding import ANSWER
from tests.world import WHY, World, make_item

DESK = "/w/northgate/p/chat/desk/"


def test_what_is_held_goes_to_others_and_drafts_stay(world: World) -> None:
    item = make_item(world.project)
    ana = Reader(world.ana)
    desk = ana.get(DESK).to
    ana.post(desk + "draft/", {"_based_on": "0", "why": WHY})
    assert "What you held goes to others" in ana.follow(DESK + "pause/")
    item.refresh_from_db()
    assert (item.leased, item.front) == (0, True)
    assert Draft.objects.count() == 1
    assert "You have paused" in ana.get(DESK)
    assert ana.post(DESK + "ahead/", Accept="application/json").status == 409
    assert "paused Go on with Chat" in ana.get("/")
    ana.follow(DESK + "pause/")
    assert ana.post(DESK + "go-on/").to == DESK
    assert ana.get(DESK).to == desk
    assert WHY in ana.get(desk)


def test_what_is_written_while_resting_is_still_taken(world: World) -> None:
    make_item(world.project)
    ana = Reader(world.ana)
    desk = ana.get(DESK).to
    ana.post(DESK + "pause/")
    ana.post(desk, ANSWER)
    assert Assignment.objects.get().state == "submitted"
    assert Item.objects.get().given == 1


def test_ones_own_rest_and_a_managers_pause_are_apart(world: World) -> None:
    make_item(world.project)
    ana = Reader(world.ana)
    ana.post(DESK + "pause/")
    people = Reader(world.mara).get("/w/northgate/p/chat/people/")
    assert "resting since" in people
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.pause_reviewer(place=world.place(world.ines), membership=membership, now=world.now)
    assert ana.post(DESK + "go-on/").status in {302, 404}
    assert ana.get(DESK).status in {403, 404}


def test_by_api_the_same(world: World) -> None:
    make_item(world.project)
    ana = by_key(world, world.ana)
    at = "/projects/northgate/chat"
    assert ana.post(f"{at}/next").status_code == 200
    for _ in range(2):
        assert ana.post(f"{at}/pause").status_code == 204
    refused(ana.post(f"{at}/next"), 409, "resting")
    assert ana.delete(f"{at}/pause").status_code == 204
    assert ana.post(f"{at}/next").status_code == 200


def test_ones_reviews_are_found_by_project_and_by_words(world: World) -> None:
    for rank, prompt in enumerate(("Why is the sky blue?", "Why is the sea salt?")):
        make_item(world.project, prompt, rank=rank)
    ana = Reader(world.ana)
    for words in (WHY, WHY + " Zirconium."):
        ana.post(ana.get(DESK).to, {**ANSWER, "why": words})
    mine = "/reviews/"
    both = ana.get(mine)
    assert "sky blue" in both
    assert "sea salt" in both
    for query, found in (
        ({"words": "the sky"}, True),
        ({"words": "zirconium"}, False),
        ({"project": str(world.project.public_id), "words": "sky"}, True),
    ):
        seen = ana.get(mine, query)
        assert ("Why is the sky blue?" in seen) is found
        assert ("Why is the sea salt?" in seen) is not found
    assert "No review is like that" in ana.get(mine, {"words": "nothing says this"})
    assert "No review is like that" in ana.get(mine, {"project": "nonsense"})
    assert "Zirconium" not in Reader(world.ben).get(mine, {"words": "zirconium"}).source.replace(
        'value="zirconium"', ""
    )
