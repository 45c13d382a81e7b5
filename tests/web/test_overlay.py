"""Critiques laid over the text: on exactly the characters that were criticised, in layers, whatever the script."""

from __future__ import annotations

import re
from typing import Any

import pytest

from feedback.actions import projects
from feedback.actions.submit import submit_review
from feedback.forms.anchors import span
from feedback.models import CheckAnswer, Review, ReviewEffort, User
from feedback.policy.effort import Effort
from tests.steps import claim
from tests.web.pages import Reader
from tests.world import World, make_item

TEXT = "Der Himmel 👩‍🔬 ist blau, weil e\u0301in Licht streut. שלום עולם <b>."
FORM = {
    "desk": "compare",
    "responses": {"min": 1, "max": 1},
    "usual_minutes": 4,
    "questions": [
        {
            "type": "critiques",
            "id": "marks",
            "title": "What is wrong",
            "categories": [{"value": "wrong", "title": "Wrong claim"}],
        }
    ],
}


@pytest.fixture
def one(world: World) -> str:
    """The address of an item with one response, under a form that asks for critiques."""
    projects.publish_form(place=world.place(world.mara), schema=FORM, now=world.now)
    item = make_item(world.project, "Why?", (TEXT,), wanted=2)
    return f"/w/northgate/p/chat/items/{item.public_id}/"


def criticise(world: World, user: User, *passages: tuple[str, str]) -> None:
    critiques: list[dict[str, Any]] = []
    for number, (exact, comment) in enumerate(passages, start=1):
        start = TEXT.index(exact)
        critiques.append(
            {
                "id": f"c{number}",
                "on": "A",
                "anchor": span([TEXT], 0, start, start + len(exact)),
                "category": "wrong",
                "severity": "major",
                "comment": comment,
            }
        )
    submit_review(
        place=world.place(user),
        assignment=claim(world, user),
        slots={"answers": {"marks": critiques}, "cannot_judge": None},
        effort=Effort(),
        now=world.now,
    )


def test_marks_stand_on_the_characters_that_were_criticised(world: World, one: str) -> None:
    criticise(world, world.ana, ("e\u0301in Licht", "Which light?"), ("שלום", "Greeting"))
    criticise(world, world.ben, ("Licht streut", "Says who?"))
    source = Reader(world.mara).get(one).source
    text = source.split('<div class="marked prose"')[1].split(">", 1)[1].split("</div>")[0]
    plain = re.sub(r"<a class=\"to-note\".*?</a>", "", text)
    both = '<mark data-by="1"><mark data-by="2">Licht</mark></mark>'
    assert f'<mark data-by="1">e\u0301in </mark>{both}<mark data-by="2"> streut</mark>' in plain
    assert '<mark data-by="1">שלום</mark>' in plain
    assert "&lt;b&gt;" in plain
    seen = Reader(world.mara).get(one)
    assert "3 by 2 reviewers" in seen
    assert "Wrong claim Major Ana" in seen
    assert "Says who?" in seen


def test_without_critiques_there_is_nothing_laid_over(world: World) -> None:
    item = make_item(world.project)
    seen = Reader(world.mara).get(f"/w/northgate/p/chat/items/{item.public_id}/")
    assert "Critiques on the text" not in seen


def test_effort_stands_under_the_answers(world: World, one: str) -> None:
    criticise(world, world.ana, ("Licht", "Which light?"))
    review = Review.objects.get()
    ReviewEffort.objects.update_or_create(
        review=review,
        defaults={
            "workspace": world.workspace,
            "first_input_ms": 20_000,
            "typed": 310,
            "pasted": 90,
            "reading": {"1": 65_000, "prompt": 30_000},
        },
    )
    seen = Reader(world.mara).get(one)
    assert "First answer after" in seen
    assert re.search(r"Read A [^,]+, prompt ", seen.words)
    assert "310 characters typed, 22 % of the text pasted" in seen


def test_what_checks_found_stands_under_the_answers_of_its_review(world: World, one: str) -> None:
    criticise(world, world.ana, ("Licht", "Which light?"))
    criticise(world, world.ben, ("Licht", "Which light?"))
    found = [{"check": "names_own_model", "position": 1, "evidence": {}}] * 2
    review = Review.objects.get(rater__user=world.ana)
    CheckAnswer.objects.create(
        review=review, workspace=world.workspace, checks=["names_own_model"], findings=found
    )
    seen = Reader(world.mara).get(one)
    assert re.search(r"Automatic checks [^.]+ \(2\)\. Not answered yet not asked", seen.words)
    CheckAnswer.objects.update(choice="keep", answered_at=world.now)
    assert re.search(
        r"Automatic checks [^.]+ \(2\)\. Kept not asked", Reader(world.mara).get(one).words
    )


def test_what_was_found_in_ones_answers_waits_on_the_first_page(world: World, one: str) -> None:
    criticise(world, world.ana, ("Licht", "Which light?"))
    review = Review.objects.get()
    assert "Asked after your answer" not in Reader(world.ana).get("/")
    asked = CheckAnswer.objects.create(
        review=review,
        workspace=world.workspace,
        checks=["length_gap"],
        findings=[{"check": "length_gap", "position": 1, "evidence": {}}],
    )
    seen = Reader(world.ana).get("/")
    assert "Asked after your answer" in seen
    assert f"/desk/sent/{review.public_id}/checks/" in seen.source
    assert "Asked after your answer" not in Reader(world.ben).get("/")
    CheckAnswer.objects.filter(pk=asked.pk).update(choice="keep", answered_at=world.now)
    assert "Asked after your answer" not in Reader(world.ana).get("/")
