"""Recipes as documents, and the figures that whole recipes give on real data."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256

import pytest

from curation.stages import STAGES
from curation.stages.contested import CONTESTED
from curation.stages.effort import EFFORT
from curation.stages.mixture import MIXTURE
from curation.stages.recipes import (
    CHAT,
    CODE,
    DECIDED_ONLY,
    RECIPES,
    BadRecipe,
    curate,
    parse_recipe,
)
from curation.stages.votes import VOTES
from curation.stages.waterfall import waterfall
from tests.stages.samples import crscore, pandalm

FINGERPRINT = """
import sys
sys.path.insert(0, ".")
from tests.stages.test_recipes import fingerprint
print(fingerprint())
"""


def falls(recipe, pairs):
    found = waterfall(pairs, [step.does for step in recipe.steps])
    return found, {fall.stage: fall.reasons for fall in found.falls if fall.held}


def fingerprint():
    pairs = curate(CHAT, *pandalm()).pairs
    return sha256(pairs.to_csv(float_format="%.6f").encode()).hexdigest()


def test_pandalm_gives_894_decided_pairs_with_the_decided_filter_alone():
    pairs, facts = pandalm()
    found, reasons = falls(DECIDED_ONLY, curate(DECIDED_ONLY, pairs, facts).pairs)
    assert (found.pairs, found.held, found.kept) == (999, 105, 894)
    assert reasons == {"decided": {"no_preference": 105}}


def test_pandalms_chosen_sides_are_the_published_majorities():
    pairs, facts = pandalm()
    found = CONTESTED(VOTES(pairs, facts), facts)
    assert found["chosen"].value_counts().to_dict() == {"second": 472, "first": 422}
    assert found["contested"].sum() == 120
    assert (~found["contested"]).sum() == 879


def test_the_default_recipe_holds_pandalms_empty_and_repeated_pairs_and_says_so():
    run = curate(CHAT, *pandalm())
    found, reasons = falls(CHAT, run.pairs)
    assert reasons == {
        "degenerate": {"empty_response": 54},
        "repeats": {"conflict": 2, "repeat_pair": 123},
        "decided": {"no_preference": 76},
    }
    assert found.kept == 744
    kept = run.pairs[~run.pairs["held"]]
    assert kept["contested"].sum() == 87
    assert kept["p_next"].between(0.5, 1).all()
    assert (1 - kept["p_next"]).mean() == pytest.approx(0.057, abs=0.001)
    assert kept["weight"].sum() == pytest.approx(kept["cluster_key"].nunique(), abs=0.001)
    assert kept.groupby("cluster_key")["split"].nunique().eq(1).all()
    assert set(run.ledger) == set(run.pairs["item"])  # every training item is placed, held or not
    assert run.raters["accuracy"].between(0.9, 1).all()


def test_crscores_single_ratings_give_pairs_without_chances():
    pairs, facts = crscore()
    run = curate(CODE, pairs, facts)
    found, reasons = falls(CODE, run.pairs)
    assert found.pairs == 3_555
    assert (run.pairs["n_tie"] == 1).sum() == 1_351
    assert reasons == {
        "degenerate": {"empty_response": 351},
        "decided": {"no_preference": 1_180},
        "cap_per_prompt": {"over_cap": 1_550},
    }
    assert run.raters["shared"].tolist() == [0, 0]
    kept = run.pairs[~run.pairs["held"]]
    assert kept.groupby("prompt_cluster").size().max() == 6
    assert kept["p_next"].isna().all()
    assert set(kept["p_basis"]) == {"prior"}
    assert kept["margin"].between(1, 3).all()


def test_a_run_gives_the_same_bytes_whatever_the_processor_offers():
    import numpy as np

    umath = np._core._multiarray_umath
    features = [f for f in umath.__cpu_dispatch__ if umath.__cpu_features__.get(f)]
    plain = subprocess.run(
        [sys.executable, "-c", FINGERPRINT],
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(features)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert plain.stdout.strip() == fingerprint()


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_a_recipe_survives_its_document_with_every_setting_written_out(recipe):
    document = recipe.document()
    back = parse_recipe(document)
    assert back.document() == document
    assert (back.name, back.questions) == (recipe.name, recipe.questions)
    for step, written in zip(recipe.steps, document["stages"], strict=True):
        assert written["params"] == {**step.does.defaults, **step.params}


def test_the_recipe_of_each_domain_uses_every_stage_in_order_but_those_that_must_be_asked_for():
    usual = [stage for stage in STAGES if stage not in (EFFORT, MIXTURE)]
    for name in ("chat", "code", "legal"):
        assert [step.does for step in RECIPES[name].steps] == usual


FORM = {"preference": "preference", "relevance": "rating", "tone": "rating", "why": "text"}


@pytest.mark.parametrize(
    ("recipe", "kinds", "questions"),
    [
        (CHAT, FORM, ("preference",)),
        (CHAT, {k: v for k, v in FORM.items() if v != "preference"}, ("relevance", "tone")),
        (CHAT, {**FORM, "order": "ranking"}, ("preference", "order")),
        (CHAT, {"order": "ranking", "tone": "rating"}, ("order",)),
        (CHAT, {**FORM, "ideal": "rewrite"}, ("preference", "ideal")),
        (CHAT, {"tone": "rating", "ideal": "rewrite"}, ("tone", "ideal")),
        (CHAT, {"ideal": "rewrite", "why": "text"}, ("ideal",)),
        (CHAT, {"marks": "critiques", "rubric": "checklist", "thumb": "thumbs"}, ("rubric",)),
        (CHAT, {"marks": "critiques", "thumb": "thumbs"}, ("marks",)),
        (CHAT, {"thumb": "thumbs", "found": "choice"}, ("thumb",)),
        (CHAT, {"why": "text", "found": "choice"}, ()),
        (CODE, FORM, ("relevance",)),
        (CODE, {"preference": "preference"}, ()),
    ],
)
def test_a_recipe_takes_its_own_questions_or_the_forms_preferences(recipe, kinds, questions):
    assert recipe.questions_of(kinds) == questions


def changed(**more):
    return {"name": "mine", "stages": [{"stage": "votes"}]} | more


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ({}, "name", "no_name"),
        (changed(name=""), "name", "no_name"),
        (changed(questions="relevance"), "questions", "not_questions"),
        (changed(stages=[]), "stages", "no_stages"),
        (changed(stages=[{"stage": "polish"}]), "stages.0", "unknown_stage"),
        (changed(stages=["votes"]), "stages.0", "unknown_stage"),
        (changed(stages=[{"stage": ["votes"]}]), "stages.0", "unknown_stage"),
        (changed(stages=[{"stage": "votes"}] * 2), "stages.1", "repeated_stage"),
        (changed(stages=[{"stage": "decided"}]), "stages.0", "stage_too_early"),
        (changed(stages=[{"stage": "votes", "params": 3}]), "stages.0.params", "not_params"),
        (
            changed(stages=[{"stage": "votes", "params": {"method": "dice"}}]),
            "stages.0.params.method",
            "not_a_choice",
        ),
    ],
)
def test_a_bad_recipe_is_refused_with_path_code_and_sentence(document, path, code):
    with pytest.raises(BadRecipe) as refused:
        parse_recipe(document)
    assert (path, code) in [(problem.path, problem.code) for problem in refused.value.problems]
    assert str(refused.value).endswith(".")


def test_a_stage_too_early_names_the_one_it_waits_for():
    with pytest.raises(BadRecipe, match="“No preference” needs “Votes” before it"):
        parse_recipe(changed(stages=[{"stage": "decided"}]))
