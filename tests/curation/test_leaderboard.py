"""The same reviews rank the models, and show where each of them loses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from config.demo.known.models import LLMFAO, llmfao_rows, mqm_form
from curation.models import Run
from curation.queries.leaderboards import leaderboard_of, means_of, rankings_of
from feedback.actions import projects
from tests.steps import import_rows, recipe, row, run_recipe, work_off
from tests.world import World

STRENGTHS = {"alpha": 1.2, "beta": 0.0, "gamma": -0.6}


def votes(items: int = 60, *, seed: int = 3) -> list[dict[str, Any]]:
    """Items of two models with three votes each; on items tagged `contracts` gamma is the best."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(items):
        first, second = rng.choice(list(STRENGTHS), 2, replace=False)
        tags = ["contracts" if number % 3 == 0 else "chat"]
        odds = STRENGTHS[first] - STRENGTHS[second]
        if tags == ["contracts"]:
            odds = 3.0 * ((first == "gamma") - (second == "gamma"))
        cast = [2 if rng.random() < expit(odds) else -1 for _ in range(3)]
        responses = [
            {"text": f"Of {number} by {model}.", "model": str(model), "origin": "model"}
            for model in (first, second)
        ]
        rows.append(
            row(
                f"i{number}",
                *cast,
                prompt=f"Question {number} of {number * 7919}?",
                responses=responses,
            )
            | {"tags": tags}
        )
    return rows


@pytest.fixture
def run(world: World) -> Run:
    place = world.place(world.mara)
    import_rows(place, votes(), world.now)
    return run_recipe(place, world.now, recipe(place.project, world.now))


def test_models_stand_by_their_strength_with_intervals_over_prompts(run: Run) -> None:
    (ranking,) = rankings_of(leaderboard_of(run))
    assert (ranking.question, ranking.votes) == ("preference", 180)
    chat = ranking.by_tag["chat"]
    assert [each.model for each in chat.standings] == ["alpha", "beta", "gamma"]
    assert sum(each.votes for each in chat.standings) == 2 * chat.votes == 240
    for each in chat.standings:
        assert each.points.low is not None
        assert each.points.low < each.points.value < (each.points.high or 0)


def test_the_map_shows_where_a_model_loses(run: Run) -> None:
    (ranking,) = rankings_of(leaderboard_of(run))
    assert set(ranking.by_tag) == {"chat", "contracts"}
    lost = ranking.cells["contracts", "alpha"].share
    won = ranking.cells["chat", "alpha"].share
    assert lost.value < 0.5 < won.value
    assert lost.high is not None
    assert lost.high < (won.low or 0)
    votes_of = {tag: ranking.cells[tag, "gamma"].votes for tag in ("", "chat", "contracts")}
    assert votes_of[""] == votes_of["chat"] + votes_of["contracts"]


def test_the_same_reviews_rank_the_same_however_they_are_cut(world: World, run: Run) -> None:
    from curation.actions import start_run

    place = world.place(world.mara)
    before = start_run.CHUNK_REVIEWS
    start_run.CHUNK_REVIEWS = 20
    try:
        again = start_run.start_run(place=place, version=run.recipe_version, now=world.now)
    finally:
        start_run.CHUNK_REVIEWS = before
    assert again.chunks.count() > 5
    again = work_off(again, world.now, order=-1)
    assert leaderboard_of(again) == leaderboard_of(run)


def test_gold_and_what_a_reviewer_wrote_rank_nobody(world: World) -> None:
    place = world.place(world.mara)
    rows = votes(12)
    for each in rows[:6]:
        each["purpose"] = "gold"
    for each in rows[6:9]:
        each["responses"][0] = "Written by somebody."
    import_rows(place, rows, world.now)
    found = run_recipe(place, world.now, recipe(place.project, world.now))
    (ranking,) = rankings_of(leaderboard_of(found))
    assert ranking.votes == 9
    assert ranking.overall.standings[0].points.low is None  # three prompts tell too little
    assert ranking.overall.standings[0].best is None


def test_llmfao_imports_and_ranks_its_59_models(world: World) -> None:
    assert LLMFAO.is_file()
    place = world.place(world.mara)
    job = import_rows(place, llmfao_rows(), world.now)
    assert (job.items_created, job.reviews_created) == (2139, 8931)
    found = run_recipe(place, world.now, recipe(place.project, world.now))
    (ranking,) = rankings_of(leaderboard_of(found))
    assert (len(ranking.overall.standings), ranking.votes) == (59, 8931)
    assert ranking.overall.clusters == 13


def test_critiques_alone_rank_models_by_their_mean(world: World) -> None:
    place = world.place(world.mara)
    projects.publish_form(place=place, schema=mqm_form(), now=world.now)
    rows = [marked(number, number % 2) for number in range(24)]
    import_rows(place, rows, world.now)
    from curation.actions.recipes import save_recipe
    from curation.stages.recipes import RECIPES

    document = {**RECIPES["translation"].document(), "questions": ["errors"]}
    version = save_recipe(
        project=place.project, slug="translation", document=document, by=None, now=world.now
    )
    found = run_recipe(place, world.now, version)
    assert (found.state, found.n_pairs) == ("finished", 0)
    (means,) = means_of(leaderboard_of(found)).values()
    assert [(each.model, each.mean.value, each.responses) for each in means] == [
        ("careful", 0, 12),
        ("hasty", -5.1, 12),
    ]


def marked(number: int, hasty: int) -> dict[str, Any]:
    """A translation with one major error and a minor one of punctuation, or without."""
    anchor = {"type": "quote", "exact": "Satz"}
    errors = [
        {"on": 1, "anchor": anchor, "category": category, "severity": severity}
        for category, severity in (("accuracy_omission", "major"), ("fluency_punctuation", "minor"))
    ]
    answers = {"found": ["major"], "errors": errors} if hasty else {"found": ["no_error"]}
    model = "hasty" if hasty else "careful"
    return {
        "id": f"t{number}",
        "prompt": f"Sentence {number}.",
        "responses": [{"text": f"Satz {number}.", "model": model, "origin": "model"}],
        "reviews": [{"rater": "r", "answers": answers}],
    }
