"""A project's overview: figures that add up, a chart with its numbers, what needs somebody, who works how."""

from __future__ import annotations

import datetime as dt
from typing import Any

from feedback.actions import flags, projects
from feedback.actions.claim import claim_next
from feedback.actions.importing.start import Incoming, start_import
from feedback.actions.submit import submit_review
from feedback.models import Assignment, Flag, ImportJob, User
from feedback.policy.effort import Effort
from tests.web.pages import Reader
from tests.world import FULL, World, add_reviewer, make_item, make_project

BASE = "/w/northgate/p/chat/"
FIVE_MINUTES = dt.timedelta(minutes=5)


def give(world: World, user: User, *, days_ago: int = 0, first: bool | None = None) -> None:
    """A review by this person, so long ago; `first`: whether they pick what they are shown first."""
    at = world.now - dt.timedelta(days=days_ago)
    claimed = claim_next(place=world.place(user), now=at - FIVE_MINUTES)
    assert claimed is not None
    slots: dict[str, Any] = FULL
    if first is not None:
        prefers = [{"a": "A", "b": "B", "value": 2 if first else -2}]
        slots = {**FULL, "answers": {**FULL["answers"], "preference": prefers}}
    submit_review(
        place=world.place(user),
        assignment=Assignment.objects.get(public_id=claimed.public_id),
        slots=slots,
        effort=Effort(200_000),
        now=at,
    )


def fill(world: World, count: int, wanted: int = 1) -> None:
    for rank in range(count):
        make_item(world.project, f"Prompt {rank}", wanted=wanted, rank=rank)


def test_the_figures_say_how_far_the_project_is(world: World) -> None:
    fill(world, 4, wanted=2)
    give(world, world.ana)
    give(world, world.ben)
    seen = Reader(world.mara).get(BASE)
    assert seen.status == 200
    assert "Reviews 2 of 8, 25.0 %" in seen
    assert "Items settled 1 of 4" in seen
    assert "Median on an item 3 min 20 s" in seen
    for line in ("Waiting 3", "With a reviewer 0", "Needs more reviews 0", "Settled 1", "All 4"):
        assert line in seen


def test_the_chart_has_its_numbers_in_a_table(world: World) -> None:
    fill(world, 6)
    for days_ago in (3, 3, 1, 0):
        give(world, world.ana, days_ago=days_ago)
    seen = Reader(world.mara).get(BASE)
    assert '<polyline class="line"' in seen.source
    assert '<title id="bu-t">Reviews received day by day: 4 of 6' in seen.source
    numbers = seen.words.split("Day Received Together")[1]
    order = [
        numbers.index(f"{received} {together}") for received, together in ((1, 4), (1, 3), (2, 2))
    ]
    assert order == sorted(order)


def test_a_steady_pace_gives_a_date(world: World) -> None:
    fill(world, 40)
    for days_ago in range(7):
        give(world, world.ana, days_ago=days_ago)
        give(world, world.ben, days_ago=days_ago)
    seen = Reader(world.mara).get(BASE)
    assert "Pace, 7 days 2.0 a day" in seen
    assert "80 % sure" in seen
    assert "if it goes on like this" in seen.source
    assert 'class="line plan"' in seen.source


def test_a_project_without_items_says_what_to_do(world: World) -> None:
    seen = Reader(world.mara).get(BASE)
    assert "There are no items yet" in seen
    assert "No reviews yet" in seen
    empty = make_project(world.ines, world.workspace, world.now, name="Empty")
    projects.change_project(place=world.place(world.ines, empty), changes={"state": "paused"})
    seen = Reader(world.mara).get("/w/northgate/p/empty/")
    assert "Nobody reviews here" in seen
    assert "The project is paused" in seen


def test_imports_that_failed_wait_for_somebody(world: World) -> None:
    place = world.place(world.ines)
    start_import(place=place, incoming=Incoming("broken.bin", [b"\x00"]), now=world.now)
    ImportJob.objects.update(state="failed", error="The file is neither this nor that.")
    seen = Reader(world.mara).get(BASE)
    assert "broken.bin could not be read The file is neither this nor that. See why" in seen


def test_a_flag_is_shown_until_it_is_settled_and_settling_twice_is_once(world: World) -> None:
    make_item(world.project, "Who wrote this?", wanted=2)
    claimed = claim_next(place=world.place(world.ana), now=world.now)
    assert claimed is not None
    raised = flags.flag(
        place=world.place(world.ana),
        assignment=Assignment.objects.get(public_id=claimed.public_id),
        reason="names_model",
        note="It says <b>so</b> itself.",
        now=world.now,
    )
    mara = Reader(world.mara)
    seen = mara.get(BASE)
    assert "A response names its own model Who wrote this? It says <b>so</b> itself. Ana" in seen
    path = f"{BASE}flags/{raised.public_id}/settle/"
    assert "The flag is settled." in mara.follow(path)
    first = Flag.objects.get().settled_at
    assert mara.post(path, {"next": "https://evil.example/"}).to == BASE
    assert Flag.objects.get().settled_at == first
    assert "Nothing waits for you" in mara.get(BASE)


def test_who_always_picks_the_first_shown_is_marked(world: World) -> None:
    fill(world, 60)
    for _ in range(30):
        give(world, world.ana, first=True)
    for number in range(30):
        give(world, world.ben, first=number % 2 == 0)
    seen = Reader(world.mara).get(BASE)
    assert "Ana Member 30 3 min 20 s 100 % of 30" in seen
    assert "Ben Member 30 3 min 20 s 50 % of 30" in seen
    assert seen.words.count("Leans to a side") == 1


def test_a_reviewer_is_told_what_it_needs_and_a_stranger_nothing(world: World) -> None:
    assert Reader(world.ana).get(BASE).status == 403
    assert Reader(world.eve).get(BASE).status == 404
    assert Reader().get(BASE).to == f"/account/login/?next={BASE}"


def test_the_overview_asks_a_fixed_number_of_questions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    fill(world, 12, wanted=5)
    for number in range(4):
        user = User.objects.create_user(email=f"n{number}@example.org", password="x")
        add_reviewer(world, user)
        give(world, user)
    mara = Reader(world.mara)
    with django_assert_max_num_queries(24):
        mara.get(BASE)
