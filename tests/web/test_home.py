"""The first page: what a reviewer and a manager find there, and everything one has sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from feedback.actions import projects
from feedback.actions.claim import claim_next
from feedback.actions.drafts import save_draft
from feedback.actions.submit import Effort, revise_review, submit_review
from feedback.models import Assignment, Review, User
from tests.web.pages import Reader
from tests.world import FULL, World, make_item, make_project

HOME, SENT = "/", "/reviews/"


def claim(world: World, user: User) -> Assignment:
    claimed = claim_next(place=world.place(user), now=world.now - dt.timedelta(minutes=5))
    assert claimed is not None
    return Assignment.objects.get(public_id=claimed.public_id)


def send(world: World, user: User, *, at: dt.datetime | None = None) -> Review:
    assignment = claim(world, user)
    sent = submit_review(
        place=world.place(user),
        assignment=assignment,
        slots=FULL,
        effort=Effort(231_000),
        now=at or world.now,
    )
    return Review.objects.get(public_id=sent.public_id)


def test_nobody_is_asked_to_sign_in(world: World) -> None:
    assert Reader().get(HOME).to == "/account/login/"
    assert Reader().get(SENT).to == f"/account/login/?next={SENT}"


def test_an_empty_house_says_how_the_first_owner_gets_in(db: None) -> None:
    seen = Reader().get(HOME)
    assert seen.status == 200
    assert "Nobody lives here yet" in seen
    assert "manage.py setup_link" in seen


def test_a_reviewer_sees_their_queue_and_what_they_sent(world: World) -> None:
    make_item(world.project, "Why is the sky blue?", wanted=2, rank=1)
    send(world, world.ana)
    seen = Reader(world.ana).get(HOME)
    assert seen.status == 200
    assert "1 of 1 item today" in seen
    assert f"/w/{world.workspace.slug}/p/{world.project.slug}/desk/" in seen.source
    assert "Why is the sky blue? Chat A better 3:51 Change" in seen
    assert "Your projects" not in seen


def test_where_one_left_off_is_offered_with_what_is_answered(world: World) -> None:
    make_item(world.project, "Why is the sea salt?", wanted=2)
    assignment = claim(world, world.ana)
    seen = Reader(world.ana).get(HOME)
    assert "Why is the sea salt?" in seen
    assert "nothing answered yet" in seen
    half = {"answers": {"accuracy": {"A": 4, "B": 2}}, "cannot_judge": None}
    save_draft(
        place=world.place(world.ana), assignment=assignment, slots=half, based_on=0, now=world.now
    )
    seen = Reader(world.ana).get(HOME)
    assert "1 of 6 questions answered" in seen
    assert f"/desk/{assignment.public_id}/" in seen.source


def test_a_new_guideline_is_told_to_those_who_review_there(world: World) -> None:
    assert "Said to you" not in Reader(world.ana).get(HOME)
    projects.publish_guideline(place=world.place(world.ines), text="Weigh more.", now=world.now)
    assert "Guideline, Chat v2" in Reader(world.ana).get(HOME)


def test_a_manager_sees_projects_at_a_glance_and_no_queue(world: World) -> None:
    make_item(world.project, wanted=3)
    seen = Reader(world.mara).get(HOME)
    assert "Northgate You are a data manager here" in seen
    assert "Chat Chat Open 1 0 0 of 3" in seen
    assert "Your queues" not in seen


def test_who_manages_and_reviews_sees_both(world: World) -> None:
    place = world.place(world.mara)
    projects.add_reviewer(place=place, membership=place.membership, now=world.now)
    seen = Reader(world.mara).get(HOME)
    assert "Your queues" in seen
    assert "You are a data manager here" in seen


def test_who_belongs_nowhere_is_told_how_to_join(db: None) -> None:
    user = User.objects.create_user(email="zoe@example.org", password="x", name="Zoe")
    assert "You belong to no workspace" in Reader(user).get(HOME)


def test_everything_one_sent_is_listed_in_pages_that_tell_no_serial_number(
    world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr("feedback.web.home.ROWS", 2)
    for number in range(3):
        make_item(world.project, f"Prompt {number}", wanted=1, rank=number)
        send(world, world.ana, at=world.now + dt.timedelta(minutes=number))
    ana = Reader(world.ana)
    first = ana.get(SENT)
    assert "Prompt 2" in first
    assert "Prompt 1" in first
    assert "Prompt 0" not in first
    after = first.source.split("after=")[1].split('"')[0]
    second = Reader(world.ana).get(f"{SENT}?after={after}")
    assert "Prompt 0" in second
    assert "Prompt 1" not in second


def test_a_foreign_cursor_is_refused_with_a_sentence(world: World) -> None:
    seen = Reader(world.ana).get(SENT, {"after": "made-up"})
    assert seen.status == 422
    assert "This page cursor is not one of ours" in seen


def test_a_change_is_counted_and_its_time_runs_from_the_first_answer(world: World) -> None:
    make_item(world.project, wanted=1)
    review = send(world, world.ana)
    other = {
        **FULL,
        "answers": {**FULL["answers"], "preference": [{"a": "A", "b": "B", "value": -3}]},
    }
    revise_review(
        place=world.place(world.ana), review=review, slots=other, effort=Effort(), now=world.now
    )
    seen = Reader(world.ana).get(SENT)
    assert "B much better revised once" in seen
    assert "Change" in seen
    projects.change_project(place=world.place(world.ines), changes={"edit_hours": 0})
    assert "Change your answer" not in Reader(world.ana).get(SENT)


def test_nobody_elses_reviews_are_listed(world: World) -> None:
    make_item(world.project, "Seen by Ben alone", wanted=1)
    send(world, world.ben)
    assert "Seen by Ben alone" not in Reader(world.ana).get(SENT)
    assert "Seen by Ben alone" not in Reader(world.ana).get(HOME)


def test_the_first_page_asks_a_fixed_number_of_questions(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        make_item(world.project, f"Prompt {number}", wanted=1, rank=number)
        send(world, world.ana)
        make_project(world.ines, world.workspace, world.now, name=f"More {number}")
    ana, ines = Reader(world.ana), Reader(world.ines)
    with django_assert_max_num_queries(13):
        ana.get(HOME)
    with django_assert_max_num_queries(8):
        ana.get(SENT)
    with django_assert_max_num_queries(11):
        ines.get(HOME)
