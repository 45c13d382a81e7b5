"""A rewrite becomes a response that beats its parent: once, seen by no reviewer, a pair in a run, erased with its review."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from curation.models import RunPair
from feedback import access
from feedback.actions import erasure, projects
from feedback.actions.claim import claim_next
from feedback.actions.submit import AlreadySent, revise_review
from feedback.models import (
    Assignment,
    ImportJob,
    Item,
    Membership,
    Project,
    Rater,
    Response,
    Review,
    User,
    Vote,
)
from feedback.policy.effort import Effort
from feedback.queries.desk import desk_item
from tests.steps import claim, import_rows, rejections, row, run_recipe, send
from tests.world import World, make_item, make_project, make_world

HOUR = dt.timedelta(hours=1)
QUESTIONS = [
    {"type": "rating", "id": "fit", "title": "Fit", "min": 1, "max": 5, "required": False},
    {"type": "rewrite", "id": "ideal", "title": "Your version", "required": False},
]


def asking(world: World, low: int, high: int) -> Project:
    project = make_project(world.ines, world.workspace, world.now, name="Briefs")
    place = world.place(world.ines, project)
    schema: dict[str, Any] = {"desk": "compare", "responses": {"min": low, "max": high}}
    schema |= {"usual_minutes": 9, "questions": QUESTIONS if low else QUESTIONS[1:]}
    projects.publish_form(place=place, schema=schema, now=world.now)
    for user in (world.ana, world.ben):
        membership = Membership.objects.get(user=user, workspace=world.workspace)
        projects.add_reviewer(place=place, membership=membership, now=world.now)
    return project


def saying(text: str, source: str | None = "A", fit: int = 2) -> dict[str, Any]:
    rewrite = {"from": source, "text": text}
    answers = {"fit": {"A": fit}, "ideal": rewrite}
    return {"answers": answers, "cannot_judge": None}


def written() -> list[Response]:
    return list(Response.objects.exclude(author=None).order_by("position"))


def revise(world: World, user: User, slots: Any) -> Any:
    review = Review.objects.filter(rater__user=user).latest("revision")
    place = world.place(user, review.project)
    own = access.own_review(place, review.public_id)
    return revise_review(
        place=place, review=own, slots=slots, effort=Effort(1000), now=world.now + HOUR
    )


def test_a_rewrite_is_a_response_with_parent_author_and_a_vote(world: World) -> None:
    project = asking(world, 1, 1)
    item = make_item(project, responses=("The court held it so.",))
    Response.objects.update(
        messages=[
            {
                "role": "assistant",
                "parts": [{"text": "The court held it so.", "format": "markdown"}],
            }
        ]
    )
    assignment = claim(world, world.ana, project=project)
    for _ in range(2):
        send(world, world.ana, assignment, saying("The court did *not* hold it."))
    (made,) = written()
    review = Review.objects.get()
    assert made.messages == [
        {
            "role": "assistant",
            "parts": [
                {"type": "text", "text": "The court did *not* hold it.", "format": "markdown"}
            ],
        }
    ]
    assert (made.position, made.parent and made.parent.position) == (2, 1)
    assert made.author == review.rater
    assert made.provenance.origin == "mixed"
    vote = Vote.objects.get(question="ideal")
    assert (vote.response_lo, vote.response_hi, vote.outcome) == (made.parent, made, -1)
    assert list(review.answers.filter(question="ideal").values_list("response", "choice")) == [
        (made.pk, "written")
    ]
    item.refresh_from_db()
    assert item.responses == 1


def test_a_rewrite_that_is_imported_is_a_response_as_well(world: World) -> None:
    project = asking(world, 1, 1)
    place = world.place(world.mara, project)
    reviews = [
        {"rater": rater, "answers": {"fit": {"1": 2}, "ideal": {"from": 1, "text": text}}}
        for rater, text in (("r1", "It did not hold it."), ("r2", "The court held it so."))
    ]
    given = row("a", responses=["The court held it so."]) | {"reviews": reviews}
    for _ in range(2):
        import_rows(place, [given], world.now, source="s")
    assert rejections(ImportJob.objects.latest("pk")) == []
    (made,) = written()  # what says the same as its parent is no rewrite
    assert made.messages[0]["parts"][0]["text"] == "It did not hold it."
    assert (made.position, made.parent and made.parent.position) == (2, 1)
    assert made.author
    assert made.author.external_key == "r1"
    vote = Vote.objects.get(question="ideal")
    assert (vote.response_lo, vote.response_hi, vote.outcome) == (made.parent, made, -1)
    assert vote.review.answers.get(question="ideal").response == made
    item = Item.objects.get()
    assert (item.responses, item.given) == (1, 2)


def test_changing_another_answer_makes_no_second_response_and_a_changed_text_does(
    world: World,
) -> None:
    project = asking(world, 1, 1)
    make_item(project, responses=("It is so.",))
    send(world, world.ana, claim(world, world.ana, project=project), saying("My own."))
    revise(world, world.ana, saying("My own.", fit=4))
    assert len(written()) == 1
    assert Vote.objects.filter(question="ideal", response_hi=written()[0]).count() == 2
    revise(world, world.ana, saying("My own, mended."))
    assert [each.position for each in written()] == [2, 3]
    run = run_recipe(world.place(world.mara, project), world.now + 2 * HOUR)
    assert [row.pair.response_hi.position for row in RunPair.objects.filter(run=run)] == [3]


def test_a_second_answer_that_is_refused_leaves_no_response(world: World) -> None:
    project = asking(world, 1, 1)
    make_item(project, responses=("It is so.",))
    assignment = claim(world, world.ana, project=project)
    send(world, world.ana, assignment, saying("First."))
    with pytest.raises(AlreadySent):
        send(world, world.ana, assignment, saying("Second."))
    assert [each.messages[0]["parts"][0]["text"] for each in written()] == ["First."]


def test_the_same_text_is_no_rewrite_and_one_from_nothing_beats_nobody(world: World) -> None:
    project = asking(world, 1, 1)
    make_item(project, responses=("It is so.",), rank=1)
    send(world, world.ana, claim(world, world.ana, project=project), saying(" It is so.\n"))
    assert written() == []
    make_item(project, responses=("It is so.",), rank=2)
    send(world, world.ana, claim(world, world.ana, project=project), saying("No.", source=None))
    (made,) = written()
    assert (made.parent, made.provenance.origin) == (None, "human")
    assert not Vote.objects.filter(question="ideal").exists()


def test_a_demonstration_is_the_first_response_of_its_item(world: World) -> None:
    project = asking(world, 0, 0)
    make_item(project, responses=())
    slots = {"answers": {"ideal": {"from": None, "text": "As I would say it."}}}
    send(world, world.ana, claim(world, world.ana, project=project), slots)
    assert [(each.position, each.parent) for each in written()] == [(1, None)]


def test_nobody_is_shown_a_rewrite_and_its_author_is_not_given_the_item_again(
    world: World,
) -> None:
    project = asking(world, 1, 2)
    make_item(project, responses=("One.", "Two."), wanted=2)
    send(world, world.ana, claim(world, world.ana, project=project), saying("Three."))
    ben = claim(world, world.ben, project=project)
    assert sorted(ben.order_shown) == [1, 2]
    shown = desk_item(access.assignment(world.place(world.ben, project), ben.public_id))
    assert "Three." not in str(shown)
    Assignment.objects.filter(rater__user=world.ana).update(state="expired")
    assert claim_next(place=world.place(world.ana, project), now=world.now) is None


def test_a_run_makes_the_pair_rewrite_over_original(world: World) -> None:
    project = asking(world, 1, 1)
    make_item(project, responses=("The original says little.",))
    send(world, world.ana, claim(world, world.ana, project=project), saying("Mine says all of it."))
    run = run_recipe(world.place(world.mara, project), world.now + HOUR)
    assert run.state == "finished", run.error
    row = RunPair.objects.get(run=run)
    assert (row.chosen, row.held, row.n_votes) == ("second", False, 1)
    assert row.pair.response_hi == written()[0]


def test_a_rewrite_is_erased_with_its_review(world: World) -> None:
    project = asking(world, 1, 1)
    make_item(project, responses=("It is so.",))
    send(world, world.ana, claim(world, world.ana, project=project), saying("Planted words."))
    place = access.workspace(access.Principal(world.ines), world.workspace.slug)
    before = bytes(written()[0].text_hash)
    done = erasure.erase_review(
        place=place, review=Review.objects.get(), reason="Asked.", now=world.now
    )
    (made,) = written()
    assert (made.messages, bytes(made.text_hash)) == ([], before)
    assert done.erasure.erased["rewrites"] == 1
    rater = Rater.objects.get(user=world.ana)
    again = erasure.erase_rater(place=place, rater=rater, reason="Asked.", now=world.now)
    assert again.erasure.erased["rewrites"] == 0


@pytest.mark.django_db(transaction=True)
def test_two_people_who_rewrite_one_item_at_once_draw_two_positions(now: dt.datetime) -> None:
    world = make_world(now)
    project = asking(world, 1, 1)
    make_item(project, responses=("It is so.",), wanted=2)
    claims = [(user, claim(world, user, project=project)) for user in (world.ana, world.ben)]

    def submit(each: tuple[User, Assignment]) -> None:
        try:
            send(world, each[0], each[1], saying(f"By {each[0].name}."))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(submit, claims))
    assert [each.position for each in written()] == [2, 3]
    assert Item.objects.get().given == 2
