"""Every way to answer beyond ratings and texts, at the desk's doors without a script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from feedback.actions import projects
from feedback.models import Draft, ItemRevision, Membership, Project, Review, Vote
from tests.world import World, make_item, make_project

from .test_desk import JSON, body_of, claimed, signed_in

RANK = {"type": "ranking", "id": "order", "title": "Put them in order"}
TASK = {
    "type": "choice",
    "id": "task",
    "title": "The task itself",
    "options": [{"value": "fair", "title": "Fair"}, {"value": "vague", "title": "Too vague"}],
}
WHY = {
    "type": "text",
    "id": "why",
    "title": "What is missing?",
    "when": {"question": "task", "is": ["vague"]},
}


@pytest.fixture
def ana(world: World) -> Client:
    return signed_in(world.ana)


def asking(world: World, *questions: dict[str, Any], low: int, high: int) -> Project:
    """A project whose form asks these questions, with Ana as its reviewer."""
    project = make_project(world.ines, world.workspace, world.now, name="Asking")
    place = world.place(world.ines, project)
    schema = {
        "desk": "compare",
        "responses": {"min": low, "max": high},
        "usual_minutes": 4,
        "questions": list(questions),
    }
    projects.publish_form(place=place, schema=schema, now=world.now)
    membership = Membership.objects.get(user=world.ana, workspace=world.workspace)
    projects.add_reviewer(place=place, membership=membership, now=world.now)
    return project


def test_a_ranking_of_plain_numbers_becomes_its_votes(world: World, ana: Client) -> None:
    project = asking(world, RANK, low=2, high=16)
    make_item(project, responses=("One.", "Two.", "Three.", "Four."))
    address = claimed(ana, project)
    page = body_of(ana.get(address))
    assert "Rank 4 responses" in page
    assert 'name="order.D"' in page
    sent = {"order.A": "2", "order.B": "", "order.C": "2", "order.D": "1"}
    assert "Sent: D over A = C." in body_of(ana.post(address, sent, follow=True))
    review = Review.objects.get()
    a, b, c, d = review.order_shown
    assert review.body.body["answers"]["order"] == [[d], [a, c]]
    positions = Vote.objects.values_list(
        "response_lo__position", "response_hi__position", "outcome"
    )
    votes = {(lo, hi): outcome for lo, hi, outcome in positions}
    assert {pair: abs(outcome) for pair, outcome in votes.items()} == {
        tuple(sorted((a, c))): 0,
        tuple(sorted((a, d))): 1,
        tuple(sorted((c, d))): 1,
    }
    assert all(b not in pair for pair in votes)


def test_one_ranked_response_is_refused_and_shown_again(world: World, ana: Client) -> None:
    project = asking(world, RANK, low=2, high=16)
    make_item(project, responses=("One.", "Two.", "Three."))
    response = ana.post(claimed(ana, project), {"order.B": "1"})
    assert response.status_code == 422
    page = body_of(response)
    assert "Rank at least two" in page
    assert page.count('<option value="1" selected>') == 1


def test_a_question_with_a_condition_is_on_the_page_and_bound_only_if_it_holds(
    world: World, ana: Client
) -> None:
    project = asking(world, TASK, WHY, low=1, high=2)
    make_item(project, responses=("One.",))
    address = claimed(ana, project)
    page = body_of(ana.get(address))
    assert "Only if “The task itself” is Too vague." in page
    assert "data-unasked" in page
    assert "0 of 1" in page
    hidden = {"task": "fair", "why": "Kept in the draft."}
    assert (
        ana.post(f"{address}draft/", hidden | {"_based_on": "0"}, headers=JSON).status_code == 200
    )
    assert Draft.objects.get().body["answers"]["why"] == "Kept in the draft."
    refused = ana.post(address, {"task": "vague"}, headers=JSON)
    assert [each["path"] for each in refused.json()["problems"]] == ["answers.why"]
    assert ana.post(address, hidden).status_code == 302
    assert Review.objects.get().body.body["answers"] == {"task": ["fair"]}


IDEAL = {"type": "rewrite", "id": "ideal", "title": "Write it as it should be"}


def test_a_rewrite_is_sent_by_a_plain_form_and_shown_again_when_it_is_opened(
    world: World, ana: Client
) -> None:
    project = asking(world, IDEAL, low=1, high=1)
    make_item(project, responses=("  The <b>original</b>.",))
    address = claimed(ana, project)
    page = body_of(ana.get(address))
    assert '<template data-source="A">  The &lt;b&gt;original&lt;/b&gt;.</template>' in page
    sent = {"ideal": "The\r\nrewrite.", "ideal.from": "A"}
    assert ana.post(address, sent).status_code == 302
    review = Review.objects.get()
    assert review.body.body["answers"]["ideal"] == {"from": 1, "text": "The\nrewrite."}
    again = body_of(ana.get(f"/w/northgate/p/asking/desk/sent/{review.public_id}/"))
    assert "The\nrewrite.</textarea>" in again
    assert 'name="ideal.from" value="A" checked' in again


STEPS = {"type": "steps", "id": "steps", "title": "Label each step", "split": "line"}


def test_a_response_is_labelled_step_by_step_by_a_plain_form(world: World, ana: Client) -> None:
    project = asking(world, STEPS, low=1, high=1)
    make_item(project, responses=("2 + 2 = 4\n\n<b>é́</b> 4 + 4 = 9\nSo 9.",))
    address = claimed(ana, project)
    page = body_of(ana.get(address))
    assert 'name="steps.A" value="0-9 11-30 31-36"' in page
    assert "&lt;b&gt;é́&lt;/b&gt; 4 + 4 = 9" in page
    sent = {"steps.A": "0-9 11-30 31-36", "steps.A.0": "1", "steps.A.1": "-1"}
    refused = ana.post(address, sent)
    assert "Label step 3 of response A as well." in body_of(refused)
    assert 'name="steps.A.1" value="-1" checked' in body_of(refused)
    behind = sent | {"steps.A": "0-9 11-30 31-99", "steps.A.2": "0"}
    assert "ends behind its text" in body_of(ana.post(address, behind))
    assert ana.post(address, sent | {"steps.A.2": "0"}).status_code == 302
    review = Review.objects.get()
    assert [step["label"] for step in review.body.body["answers"]["steps"]["1"]["steps"]] == [
        1,
        -1,
        0,
    ]
    assert review.answers.get().choice == "error"


def test_an_items_own_rubric_is_marked_and_its_weights_stay_on_the_server(
    world: World, ana: Client
) -> None:
    project = asking(
        world, {"type": "checklist", "id": "rubric", "title": "Go through it"}, low=1, high=1
    )
    item = make_item(project, responses=("Held so.",))
    text = "+77 States the <holding>\n-66 Invents an authority"
    rubric = {"title": "", "kind": "rubric", "parts": [{"type": "text", "text": text}]}
    ItemRevision.objects.filter(item=item).update(context=[rubric])
    address = claimed(ana, project)
    page = body_of(ana.get(address))
    assert "States the &lt;holding&gt;" in page
    asked = page.split('data-question="rubric"')[1].split("</fieldset>")[0]
    assert not {"77", "66"} & set(re.findall(r"[0-9]+", asked))
    assert "+77" not in page
    partly = ana.post(address, {"rubric.A.c1": "yes"})
    assert "Mark “Invents an authority” for response A as well." in body_of(partly)
    assert ana.post(address, {"rubric.A.c1": "yes", "rubric.A.c9": "no"}).status_code == 422
    assert ana.post(address, {"rubric.A.c1": "yes", "rubric.A.c2": "no"}).status_code == 302
    review = Review.objects.get()
    assert review.body.body["answers"]["rubric"] == {"1": {"c1": "yes", "c2": "no"}}
    assert review.answers.get().number == 1.0
