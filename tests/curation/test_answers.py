"""Every kind of answer becomes votes: what reviewers marked, ticked, ranked and scored is pairs in the end."""

from __future__ import annotations

from typing import Any

import pytest

from curation.actions.recipes import save_recipe
from curation.actions.start_run import start_run
from curation.frames import read_reviews
from curation.models import Run, RunPair
from curation.queries.leaderboards import leaderboard_of, means_of
from curation.queries.votes import voices_of
from curation.scored import reading_of
from curation.stages.recipes import RECIPES
from feedback.actions import projects
from feedback.readers import preset
from tests.steps import import_content, import_rows, read_data, row, run_recipe
from tests.world import World

OPEN: dict[str, Any] = {"min_votes": {"min_votes": 1}}
MARKS = {"type": "critiques", "id": "marks", "title": "What is wrong", "required": False}
RUBRIC = {
    "type": "checklist",
    "id": "rubric",
    "title": "Rubric",
    "criteria": [
        {"value": "cites", "title": "Cites", "weight": 3},
        {"value": "clear", "title": "Is clear", "weight": 1},
    ],
}
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
ORDER = {"type": "ranking", "id": "order", "title": "Order", "required": False}
THREE = ["First answer here.", "Second answer here.", "Third answer here."]


def ask(world: World, *questions: dict[str, Any]) -> None:
    schema = {"desk": "compare", "responses": {"min": 1, "max": 6}, "usual_minutes": 5}
    place = world.place(world.mara)
    projects.publish_form(place=place, schema=schema | {"questions": [*questions]}, now=world.now)


def option(value: str) -> dict[str, str]:
    return {"value": value, "title": value.capitalize()}


def mark(on: int, category: str, severity: str) -> dict[str, Any]:
    anchor = {"type": "quote", "exact": "answer"}
    return {"on": on, "anchor": anchor, "category": category, "severity": severity, "comment": ""}


def curate(world: World, *answers: dict[str, Any], responses: Any = THREE, **params: Any) -> Run:
    """A run over one item on which raters r1, r2 … gave these answers."""
    reviews = [{"rater": f"r{n}", "answers": given} for n, given in enumerate(answers, start=1)]
    place = world.place(world.mara)
    job = import_rows(place, [row("i", responses=responses) | {"reviews": reviews}], world.now)
    assert job.reviews_created == len(answers)
    names = ("scores", "votes", "min_votes", "decided", "contested", "splits", "weights")
    stages = [{"stage": name, "params": {**OPEN, **params}.get(name, {})} for name in names]
    document = {"questions": [*answers[0]], "stages": stages}
    version = save_recipe(
        project=place.project, slug="mine", document=document, by=None, now=world.now
    )
    run = run_recipe(place, world.now, version)
    assert run.state == "finished", run.error
    return run


def by_positions(run: Run) -> dict[tuple[int, int], RunPair]:
    rows = RunPair.objects.filter(run=run).select_related("pair__response_lo", "pair__response_hi")
    return {(r.pair.response_lo.position, r.pair.response_hi.position): r for r in rows}


def test_critiques_weigh_what_the_recipe_says_and_the_lighter_response_wins(world: World) -> None:
    ask(world, MARKS | {"categories": [option("fact"), option("style")]})
    given = {
        "marks": [mark(1, "fact", "major"), mark(2, "style", "minor"), mark(2, "style", "minor")]
    }
    weights = "minor = 1, major = 5, style/minor = 0.1"
    found = by_positions(curate(world, given, scores={"weights": weights}))
    assert {key: (p.score_first, p.score_second, p.margin) for key, p in found.items()} == {
        (1, 2): (-5, -0.2, 2),
        (1, 3): (-5, 0, 3),
        (2, 3): (-0.2, 0, 1),
    }
    assert {p.chosen for p in found.values()} == {"second"}
    assert {p.method for p in found.values()} == {"majority/1"}


def test_without_weights_in_the_recipe_the_forms_severities_count_and_silence_may_be_unknown(
    world: World,
) -> None:
    severities = [{"value": "bad", "title": "Bad", "weight": 7}]
    ask(world, MARKS | {"categories": [option("fact")], "severities": severities})
    given = {"marks": [mark(1, "fact", "bad"), mark(2, "fact", "bad"), mark(2, "fact", "bad")]}
    found = by_positions(curate(world, given, scores={"unmarked": "unknown"}))
    assert [(key, p.score_first, p.score_second) for key, p in found.items()] == [((1, 2), -7, -14)]


def test_a_checklist_is_a_weighted_score_and_its_thirds_are_grades(world: World) -> None:
    ask(world, RUBRIC)
    given = {
        "rubric": {
            "1": {"cites": "yes", "clear": "yes"},
            "2": {"cites": "yes", "clear": "no"},
            "3": {"cites": "no", "clear": "na"},
        }
    }
    found = by_positions(curate(world, given))
    assert {key: (p.score_first, p.score_second, p.margin) for key, p in found.items()} == {
        (1, 2): (1, 0.75, 1),
        (1, 3): (1, 0, 3),
        (2, 3): (0.75, 0, 3),
    }


def test_thumbs_are_votes_without_a_grade(world: World) -> None:
    ask(world, THUMB)
    given = {"thumb": {"1": ["up"], "2": ["down"], "3": ["down"]}}
    run = curate(world, given)
    found = by_positions(run)
    assert {key: (p.margin, p.reason) for key, p in found.items()} == {
        (1, 2): (1, ""),
        (1, 3): (1, ""),
        (2, 3): (0, "no_preference"),
    }
    (voice,) = voices_of(found[1, 2])
    assert (voice.rater, voice.words, voice.side) == ("r1", "A 1, B 0", "A")


def test_a_ranking_is_expanded_within_its_reviewer_and_its_votes_weigh_one_in_k_less_one(
    world: World,
) -> None:
    ask(world, ORDER)
    run = curate(world, {"order": [[2], [1, 3]]}, {"order": [[2], [1]]}, weights={"by": "votes"})
    found = by_positions(run)
    votes = {key: (p.n_first, p.n_tie, p.n_second) for key, p in found.items()}
    assert votes == {(1, 2): (0, 0, 2), (1, 3): (0, 1, 0), (2, 3): (1, 0, 0)}
    # The first ranked three, the second two.
    assert found[1, 2].weight == pytest.approx((1 / 2 + 1) / 2)
    assert found[2, 3].weight == pytest.approx(1 / 2)
    assert len({p.group_id for p in found.values()}) == 1
    assert all(len(p.group_id) == 64 for p in found.values())


def test_the_pairs_of_a_prompt_share_its_weight_as_their_votes_weigh(world: World) -> None:
    ask(world, ORDER)
    found = by_positions(curate(world, {"order": [[2], [1], [3]]}, {"order": [[2], [1]]}))
    weights = {key: p.weight for key, p in found.items()}
    assert weights == {(1, 2): 0.428571, (1, 3): 0.285714, (2, 3): 0.285714}


def test_mqm_gives_the_published_scores_of_its_fourteen_systems(world: World) -> None:
    mapping = preset("mqm_ted_ende")
    answers = mapping["reviews"][0]["answers"]
    found = answers["found"]["choices"]["values"].values()
    categories = answers["errors"]["critiques"][0]["category"]["values"].values()
    ask(
        world,
        {"type": "choice", "id": "found", "title": "Found", "options": [*map(option, found)]},
        MARKS | {"id": "errors", "categories": [option(each) for each in categories if each]},
    )
    place = world.place(world.mara)
    content = read_data("spans/mqm_ted_ende.tsv.gz")
    import_content(place, content, world.now, mapping=mapping, name="mqm.tsv")
    scores = means_by_model(world)
    assert {model: round(-mean, 3) + 0.0 for model, mean in scores.items()} == MQM_SCORES


MQM_SCORES = {
    "ref": 0.912, "Facebook-AI": 1.056, "Online-W": 1.122, "VolcTrans-AT": 1.241, "metricsystem3": 1.436,
    "VolcTrans-GLAT": 1.494, "HuaweiTSC": 1.498, "metricsystem1": 1.629, "metricsystem2": 1.694,
    "metricsystem5": 1.716, "UEdin": 1.772, "metricsystem4": 1.776, "eTranslation": 1.969, "Nemo": 2.141,
}  # fmt: skip


def means_by_model(world: World) -> dict[str, float]:
    """What a run with the weights of MQM reads: the mean over segments of the mean over raters."""
    place = world.place(world.mara)
    document = {**RECIPES["translation"].document(), "questions": ["errors"]}
    version = save_recipe(
        project=place.project, slug="translation", document=document, by=None, now=world.now
    )
    run = start_run(place=place, version=version, now=world.now)
    reviews = [pk for chunk in run.chunks.all() for pk in chunk.review_ids]
    found = read_reviews(reviews, reading_of(run)).ratings
    raters = found.groupby(["model", "revision_id", "rater"])["value"].mean()
    segments = raters.groupby(["model", "revision_id"]).mean()
    means: dict[str, float] = segments.groupby("model").mean().to_dict()
    return means


def test_critiques_are_read_from_the_first_that_anybody_makes_and_what_has_none_is_faultless(
    world: World,
) -> None:
    marks = MARKS | {"categories": [option("fact")]}
    ask(world, ORDER, marks)
    ranked = {"order": [[1], [2], [3]]}
    before = curate(world, ranked, ranked)
    assert "marks" in before.frozen["silent"]
    assert means_of(leaderboard_of(before)) == {}
    place = world.place(world.mara)
    given = [{"rater": "r1", "answers": ranked | {"marks": [mark(1, "fact", "major")]}}]
    spoken = [{"text": text, "model": f"m{n}"} for n, text in enumerate(THREE)]
    import_rows(place, [row("j", responses=spoken) | {"reviews": given}], world.now)
    after = run_recipe(place, world.now, before.recipe_version)
    assert "marks" not in after.frozen["silent"]
    (means,) = means_of(leaderboard_of(after)).values()
    assert {each.model: each.mean.value for each in means} == {"m0": -5, "m1": 0, "m2": 0}
