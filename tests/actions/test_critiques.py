"""Critiques on their way in: made sure of against the texts that the reviewer saw, and given back on their characters."""

from __future__ import annotations

from typing import Any

import pytest

from feedback.actions import projects
from feedback.errors import Invalid
from feedback.forms.anchors import span
from feedback.models import Answer, Response, Review
from feedback.readers import preset
from tests.steps import claim, counts, import_content, read_data, send
from tests.world import World, make_item

TEXT = "Il a dit : « שלום, e\u0301te\u0301 » 👩🏽‍⚖️.\r\nEt puis rien."
QUESTION = {"type": "critiques", "id": "marks", "title": "What is wrong", "required": False}


def ask(world: World, *questions: dict[str, Any]) -> None:
    schema = {"desk": "compare", "responses": {"min": 1, "max": 4}, "usual_minutes": 5}
    place = world.place(world.mara)
    projects.publish_form(place=place, schema=schema | {"questions": [*questions]}, now=world.now)


def option(value: str) -> dict[str, str]:
    return {"value": value, "title": value.replace("_", " ").capitalize()}


def critique(anchor: dict[str, Any], on: str = "A") -> dict[str, Any]:
    made = {"id": "c1", "on": on, "anchor": anchor, "comment": "Why?"}
    return {"answers": {"marks": [made | {"category": "wrong", "severity": "major"}]}}


def test_a_critique_is_stored_on_exactly_its_characters(world: World) -> None:
    ask(world, QUESTION | {"categories": [option("wrong")]})
    make_item(world.project, responses=("Nothing.", TEXT))
    assignment = claim(world, world.ana)
    letter = "AB"[assignment.order_shown.index(2)]
    send(world, world.ana, assignment, critique(span([TEXT], 0, 13, 30), letter))
    review = Review.objects.select_related("body").get()
    (stored,) = review.body.body["answers"]["marks"]
    assert stored["on"] == 2
    assert TEXT[stored["anchor"]["start"] : stored["anchor"]["end"]] == TEXT[13:30]
    assert stored["anchor"]["prefix"] == TEXT[:13]
    rows = Answer.objects.filter(review=review).order_by("pk")
    assert list(rows.values_list("response__position", "choice", "number")) == [
        (2, "wrong", None),
        (2, None, 5.0),
    ]


def test_a_critique_of_words_that_are_not_there_is_refused_and_a_quotation_is_found(
    world: World,
) -> None:
    ask(world, QUESTION | {"categories": [option("wrong")]})
    make_item(world.project, responses=(TEXT,))
    assignment = claim(world, world.ana)
    elsewhere = span([TEXT], 0, 13, 30) | {"start": 14, "end": 31}
    with pytest.raises(Invalid) as refused:
        send(world, world.ana, assignment, critique(elsewhere))
    assert [problem["code"] for problem in refused.value.problems] == ["anchor_lost"]
    assert not Review.objects.exists()
    send(world, world.ana, assignment, critique({"type": "quote", "exact": "👩🏽‍⚖️. Et puis"}))
    (stored,) = Review.objects.select_related("body").get().body.body["answers"]["marks"]
    assert stored["anchor"] == span([TEXT], 0, TEXT.index("👩"), TEXT.index(" rien"))


def test_the_critiques_of_mqm_are_imported_each_on_its_characters(world: World) -> None:
    mapping = preset("mqm_ted_ende")
    answers = mapping["reviews"][0]["answers"]
    found = answers["found"]["choices"]["values"].values()
    categories = answers["errors"]["critiques"][0]["category"]["values"].values()
    ask(
        world,
        {"type": "choice", "id": "found", "title": "Found"} | {"options": [*map(option, found)]},
        QUESTION | {"id": "errors", "categories": [option(each) for each in categories if each]},
    )
    content = read_data("spans/mqm_ted_ende.tsv.gz")
    place = world.place(world.mara)
    job = import_content(place, content, world.now, mapping=mapping, name="mqm.tsv")
    assert counts(job, "items") == (7406, 0, 1029, 0)
    assert counts(job, "reviews") == (8435, 0, 0, 0)
    spans = [
        (review.item_revision_id, each["anchor"])
        for review in Review.objects.select_related("body")
        for each in review.body.body["answers"].get("errors", ())
    ]
    messages = Response.objects.values_list("revision_id", "messages")
    texts = {revision: found[0]["parts"][0]["text"] for revision, found in messages}
    assert len(spans) == 4031
    assert all(texts[of][a["start"] : a["end"]] == a["exact"] for of, a in spans)
