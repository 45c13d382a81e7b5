"""By API as at the desk: the criteria that come with an item, no weights, and what is asked after the answer."""

from __future__ import annotations

import pytest

from feedback.actions import projects
from feedback.models import Membership, Scope
from tests.api.calls import Caller, by_key, faults, refused
from tests.steps import counts, import_rows, row
from tests.world import FULL, World, make_item, make_project


@pytest.fixture
def ana(world: World) -> Caller:
    return by_key(world, world.ana, Scope.REVIEWS_WRITE)


RUBRIC = {"type": "checklist", "id": "rubric", "title": "Rubric"}
CRITERIA = [
    {"value": "cites", "title": "Cites the statute", "weight": 7},
    {"value": "clear", "title": "Reads well"},
]


def asked_by(world: World, question: dict[str, object]) -> str:
    """A project that asks this of one response, with Ana as its reviewer and a rubric on its item."""
    project = make_project(world.ines, world.workspace, world.now, name="Rubrics")
    place = world.place(world.ines, project)
    form = {
        "desk": "compare",
        "responses": {"min": 1, "max": 1},
        "usual_minutes": 4,
        "questions": [question],
    }
    projects.publish_form(place=place, schema=form, now=world.now)
    context = [{"title": "Rubric", "kind": "rubric", "text": "10: Names the court\n-3: Rambles"}]
    given = row("1", responses=["It was decided."], context=context) | {"reviews": []}
    assert counts(import_rows(place, [given], world.now), "items")[0] == 1
    ana = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.add_reviewer(place=place, membership=ana, now=world.now)
    return "/projects/northgate/rubrics"


def test_the_criteria_that_come_with_an_item_are_in_its_form_without_weights(
    world: World, ana: Caller
) -> None:
    at = asked_by(world, RUBRIC)
    desk = ana.post(f"{at}/next").json()
    assert desk["form"]["questions"][0]["criteria"] == [
        {"value": "c1", "title": "Names the court"},
        {"value": "c2", "title": "Rambles"},
    ]
    assert desk["context"] == []
    body = {"answers": {"rubric": {"A": {"c1": "yes", "c2": "no"}}}, "cannot_judge": None}
    sent = ana.post(f"{at}/assignments/{desk['assignment']}/review", {"body": body})
    assert sent.status_code == 201


def test_weights_of_a_form_are_for_managers(world: World, ana: Caller) -> None:
    at = asked_by(world, {**RUBRIC, "criteria": CRITERIA})
    bare = [
        {"value": "cites", "title": "Cites the statute"},
        {"value": "clear", "title": "Reads well"},
    ]
    assert ana.post(f"{at}/next").json()["form"]["questions"][0]["criteria"] == bare
    theirs = ana.get(f"{at}/forms").json()["rows"][0]["schema"]["questions"][0]["criteria"]
    assert theirs == bare
    managers = by_key(world, world.mara).get(f"{at}/forms").json()["rows"][0]["schema"]
    assert managers["questions"][0]["criteria"][0]["weight"] == 7


def test_checks_are_asked_by_letter_and_answered_once(world: World, at: str, ana: Caller) -> None:
    long, short = "word " * 300, "word " * 20
    make_item(world.project, responses=(long, short))
    desk = ana.post(f"{at}/next").json()
    longer = "A" if len(desk["slots"][0]["messages"][0]["parts"][0]["text"]) > 200 else "B"
    value = 2 if longer == "A" else -2
    answers = FULL["answers"] | {"preference": [{"a": "A", "b": "B", "value": value}]}
    sent = ana.post(
        f"{at}/assignments/{desk['assignment']}/review", {"body": FULL | {"answers": answers}}
    )
    path = f"{at}/reviews/{sent.json()['review']}/checks"
    asked = ana.post(path).json()
    (found,) = asked["findings"]
    assert (found["check"], found["response"]) == ("length_gap", longer)
    assert found["evidence"]["than"] == ({"A", "B"} - {longer}).pop()
    assert asked["choice"] is None
    assert faults(ana.put(path, {"choice": "perhaps"})) == [("choice", "invalid_choice")]
    kept = ana.put(path, {"choice": "keep"}).json()
    assert kept["choice"] == "keep"
    assert ana.put(path, {"choice": "change"}).json() == kept == ana.post(path).json()
    refused(by_key(world, world.ben).post(path), 404, "not_found")
    refused(by_key(world, world.ines).put(path, {"choice": "keep"}), 404, "not_found")
