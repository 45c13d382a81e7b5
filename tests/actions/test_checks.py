"""After the answer: checks are asked once, of the first revision, never of gold; both answers are stored."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError

from feedback.actions import checks, erasure, projects
from feedback.actions.submit import revise_review
from feedback.errors import Invalid
from feedback.models import CheckAnswer, Item, Review
from feedback.policy.effort import Effort
from tests.steps import claim, send
from tests.world import FULL, World, make_item

LONG, SHORT = "word " * 300, "word " * 20
MINUTE = dt.timedelta(minutes=1)


def sent(world: World, responses: tuple[str, str] = (LONG, SHORT)) -> Review:
    """Ana prefers the first response that was imported, wherever she sees it."""
    item = make_item(world.project, responses=responses)
    assignment = claim(world, world.ana)
    value = 2 if assignment.order_shown[0] == 1 else -2
    answers = FULL["answers"] | {"preference": [{"a": "A", "b": "B", "value": value}]}
    send(world, world.ana, assignment, FULL | {"answers": answers})
    return Review.objects.get(item=item)


def asked(world: World, review: Review) -> CheckAnswer:
    return checks.ask(place=world.place(world.ana), review=review, now=world.now + MINUTE)


def test_what_was_found_is_stored_once_with_places_and_numbers(world: World) -> None:
    review = sent(world)
    found = asked(world, review)
    (only,) = found.findings
    assert (only["check"], only["position"]) == ("length_gap", 1)
    assert only["evidence"] == {"words": 300, "than": 2, "its_words": 20}
    assert asked(world, review) == found
    assert CheckAnswer.objects.count() == 1


def test_keeping_is_a_record_and_changing_a_second_revision(world: World) -> None:
    review = sent(world)
    found = asked(world, review)
    for choice in ("change", "keep"):  # the first word counts
        checks.answer(asked=found, choice=choice, now=world.now + MINUTE)
    changed = FULL | {"answers": FULL["answers"] | {"accuracy": {"A": 1, "B": 1}}}
    place, later = world.place(world.ana), world.now + 2 * MINUTE
    revise_review(place=place, review=review, slots=changed, effort=Effort(), now=later)
    found.refresh_from_db()
    assert (found.choice, found.answered_at, found.review_id) == (
        "change",
        world.now + MINUTE,
        review.pk,
    )
    assert [each.revision for each in Review.objects.order_by("revision")] == [1, 2]
    assert asked(world, Review.objects.get(revision=2)) == found
    with pytest.raises(Invalid):
        checks.answer(asked=found, choice="perhaps", now=later)


@pytest.mark.parametrize("purpose", ["gold", "practice"])
def test_gold_is_never_checked(world: World, purpose: str) -> None:
    review = sent(world)
    Item.objects.update(purpose=purpose)
    found = asked(world, review)
    assert (found.checks, found.findings) == ([], [])


def test_a_project_chooses_its_checks(world: World) -> None:
    place = world.place(world.ines)
    projects.change_project(place=place, changes={"checks": ["names_own_model"]})
    review = sent(world, (LONG + "As ChatGPT, I", SHORT))
    found = asked(world, review)
    assert found.checks == ["names_own_model"]
    assert [each["check"] for each in found.findings] == ["names_own_model"]
    with pytest.raises(Invalid):
        projects.change_project(place=place, changes={"checks": ["astrology"]})


def test_who_cannot_judge_lets_nothing_stand(world: World) -> None:
    make_item(world.project, responses=(LONG, SHORT))
    body = {"answers": {}, "cannot_judge": {"reason": "outside_expertise", "note": ""}}
    send(world, world.ana, claim(world, world.ana), body)
    assert asked(world, Review.objects.get()).findings == []


def test_an_erasure_takes_what_was_found_with_it(world: World) -> None:
    review = sent(world)
    asked(world, review)
    place = world.place(world.ines)
    done = erasure.erase_review(place=place, review=review, reason="asked", now=world.now)
    assert done.erasure.erased["checks"] == 1
    assert not CheckAnswer.objects.exists()
    assert asked(world, review).findings == []


def test_an_answer_without_its_time_is_refused_by_the_database(world: World) -> None:
    found = asked(world, sent(world))
    with pytest.raises(IntegrityError):
        CheckAnswer.objects.filter(pk=found.pk).update(choice="keep")
