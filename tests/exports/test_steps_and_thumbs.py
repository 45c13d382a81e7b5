"""Labelled steps and thumbs leave the house as rows that trainers read."""

from __future__ import annotations

from typing import Any

from exports.formats import FORMATS, Sources
from exports.frames import sources_of
from feedback.actions import projects
from tests.steps import import_rows, recipe, row, run_recipe
from tests.world import World

STEPS = {"type": "steps", "id": "process", "title": "Each step", "split": "line", "required": False}
THUMB = {
    "type": "choice",
    "id": "thumb",
    "title": "Of use?",
    "per": "response",
    "required": False,
    "options": [{"value": "up", "title": "Yes"}, {"value": "down", "title": "No"}],
    "good": ["up"],
    "bad": ["down"],
}
PREFERENCE = {"type": "preference", "id": "preference", "title": "Better", "required": False}
TEXT = "Two and two are four.\nFour and four are nine."


def sources(world: World, *answers: dict[str, Any], **more: Any) -> Sources:
    """What a run over one item gives to the formats; everybody prefers the first response."""
    place = world.place(world.mara)
    schema = {"desk": "compare", "responses": {"min": 1, "max": 4}, "usual_minutes": 5}
    questions = [PREFERENCE, STEPS, THUMB]
    projects.publish_form(place=place, schema=schema | {"questions": questions}, now=world.now)
    voted = {"preference": [{"a": 1, "b": 2, "value": 1}]}
    reviews = [{"rater": f"r{n}", "answers": voted | given} for n, given in enumerate(answers)]
    item = row("i", responses=[TEXT, "Nine, at once."], **more) | {"reviews": reviews}
    job = import_rows(place, [item], world.now)
    assert job.reviews_created == len(answers)
    return sources_of(run_recipe(place, world.now, recipe(place.project, world.now)))


def rows(of: Sources, name: str) -> list[dict[str, Any]]:
    (format,) = (each for each in FORMATS if each.name == name)
    built = format.build(of)
    assert built.table.schema == format.schema(of.options)
    found: list[dict[str, Any]] = built.table.to_pylist()
    return found


def labelled(*labels: int | None) -> dict[str, Any]:
    places = ((0, 21), (22, 45))
    steps = [
        {"start": start, "end": end, "label": label}
        for (start, end), label in zip(places, labels, strict=True)
    ]
    return {"process": {"1": {"steps": steps}}}


def test_labelled_steps_are_what_trainers_of_process_reward_models_read(world: World) -> None:
    (found,) = rows(sources(world, labelled(1, -1), labelled(0, -1)), "trl_prm")
    assert found["prompt"] == "Why is the sky blue?"
    assert found["completions"] == ["Two and two are four.", "Four and four are nine."]
    assert found["labels"] == [True, False]
    assert (found["n"], found["question"]) == (2, "process")


def test_steps_that_are_judged_half_and_half_end_the_list(world: World) -> None:
    (found,) = rows(sources(world, labelled(1, -1), labelled(1, 1)), "trl_prm")
    assert (found["completions"], found["labels"]) == (["Two and two are four."], [True])


def test_a_conversation_is_left_out_and_counted(world: World) -> None:
    turns = [{"role": role, "content": "Hm."} for role in ("user", "assistant", "user")]
    of = sources(world, labelled(1, None), prompt=turns)
    (format,) = (each for each in FORMATS if each.name == "trl_prm")
    assert format.build(of).left_out == {"several_turns": 1}


def test_thumbs_are_labels_of_single_responses(world: World) -> None:
    up, down = {"thumb": {"1": ["up"], "2": ["up"]}}, {"thumb": {"1": ["up"], "2": ["down"]}}
    of = sources(world, up, down, down)
    found = {each["completion"][0]["content"]: each for each in rows(of, "trl_kto")}
    assert {text: (each["label"], each["basis"], each["n"]) for text, each in found.items()} == {
        TEXT: (True, "rating", 3),
        "Nine, at once.": (False, "rating", 3),
    }
    assert [each["messages"][-1]["content"] for each in rows(of, "sft")] == [TEXT]
