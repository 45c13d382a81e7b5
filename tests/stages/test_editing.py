"""A recipe in the fields of an editor: sent back as it was, and changed one thing at a time."""

from __future__ import annotations

import pytest

from curation.stages import STAGES
from curation.stages.editing import (
    added,
    completed,
    from_fields,
    moved,
    offered,
    removable,
    to_fields,
    without,
)
from curation.stages.recipes import RECIPES, BadRecipe, parse_recipe

PLAIN = {"questions": ["preference"], "stages": [{"stage": "votes"}, {"stage": "decided"}]}


def names(document):
    return [entry["stage"] for entry in document["stages"]]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_the_fields_of_a_recipe_say_the_recipe(recipe):
    document = recipe.document()
    back = from_fields(to_fields(document))
    assert back == {"questions": document["questions"], "stages": document["stages"]}


def test_settings_that_are_left_out_are_shown_with_their_defaults():
    whole = completed(PLAIN)
    assert [entry["params"] for entry in whole["stages"]] == [
        stage.defaults for stage in STAGES if stage.name in names(PLAIN)
    ]


def test_a_new_stage_comes_where_it_usually_runs():
    assert names(added(PLAIN, "min_votes")) == ["votes", "min_votes", "decided"]
    assert names(added(PLAIN, "purpose")) == ["purpose", "votes", "decided"]
    assert names(added(PLAIN, "splits")) == ["votes", "decided", "splits"]
    assert "votes" not in {stage.name for stage in offered(PLAIN)}


def test_stages_are_moved_as_far_as_it_goes_and_removed():
    assert names(moved(PLAIN, 0, 1)) == ["decided", "votes"]
    assert names(moved(PLAIN, 0, -5)) == names(moved(PLAIN, 1, 9)) == ["votes", "decided"]
    assert names(without(PLAIN, 0)) == ["decided"]
    assert not removable("by_hand")


@pytest.mark.parametrize("typed", ["", "many", "1e3", "٣", "2.5", "-1"])
def test_what_is_typed_wrongly_is_kept_and_refused_at_its_place(typed):
    fields = to_fields({"questions": [], "stages": [{"stage": "votes"}, {"stage": "min_votes"}]})
    document = from_fields({**fields, "s.1.min_votes": [typed]})
    assert str(document["stages"][1]["params"]["min_votes"]) == typed
    with pytest.raises(BadRecipe) as refused:
        parse_recipe({"name": "mine", **document})
    assert [problem.path for problem in refused.value.problems] == ["stages.1.params.min_votes"]


def test_what_is_no_stage_is_not_read():
    fields = {"s.0.stage": ["polish"], "s.1.stage": ["votes"], "s.900.stage": ["decided"]}
    assert names(from_fields(fields)) == ["votes"]


def test_every_recipe_has_the_stage_of_what_people_decide():
    steps = parse_recipe({"name": "mine", **PLAIN}).steps
    assert [step.stage for step in steps] == ["votes", "decided", "by_hand"]
    late = {"stages": [{"stage": name} for name in ("votes", "cap_per_prompt", "weights")]}
    steps = parse_recipe({"name": "mine", **late}).steps
    assert [step.stage for step in steps] == ["votes", "by_hand", "cap_per_prompt", "weights"]
