from __future__ import annotations

import gzip
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import orjson
import pytest

from config.demo import parts
from curation.models import Run, RunPair
from tests.steps import import_content, lines, read_data, recipe, run_recipe
from tests.world import World, make_project

NAME = "pandalm_testset-v1.json.gz"
DEMO = Path(parts.__file__).parent / "data"


def held(run: Run) -> dict[str, int]:
    return dict(
        Counter(RunPair.objects.filter(run=run, held=True).values_list("reason", flat=True))
    )


@pytest.fixture
def pandalm(world: World) -> World:
    content = read_data(NAME)
    place = world.place(world.mara)
    import_content(place, content, world.now, name="p.json", mapping_name="pandalm")
    return world


def votes_of(each: dict[str, Any]) -> Counter[int]:
    return Counter(int(each[f"annotator{n}"]) for n in (1, 2, 3))


def test_pandalm_with_the_decided_filter_alone_gives_894_pairs_and_105_ties(
    pandalm: World,
) -> None:
    run = run_recipe(pandalm.place(pandalm.mara), pandalm.now, recipe(pandalm.project, pandalm.now))
    assert (run.n_items, run.n_reviews, run.n_votes) == (999, 2997, 2997)
    assert (run.n_pairs, run.n_out, run.n_held) == (999, 894, 105)
    assert held(run) == {"no_preference": 105}
    # What the file says, counted by hand: the majority of each row.
    told = Counter(votes_of(each).most_common(1)[0][0] for each in orjson.loads(read_data(NAME)))
    assert told == {1: 422, 2: 472, 0: 105}
    chosen = Counter(RunPair.objects.filter(run=run, held=False).values_list("chosen", flat=True))
    assert chosen == {"first": 422, "second": 472}
    unanimous = sum(len(votes_of(each)) == 1 for each in orjson.loads(read_data(NAME)))
    contested = RunPair.objects.filter(run=run).exclude(n_first=3).exclude(n_second=3)
    assert (unanimous, contested.exclude(n_tie=3).count()) == (879, 120)


def test_pandalm_with_the_default_recipe_keeps_744_and_says_why_255_are_held(
    pandalm: World,
) -> None:
    run = run_recipe(pandalm.place(pandalm.mara), pandalm.now)
    assert (run.recipe_version.recipe.slug, run.n_out, run.n_held) == ("chat", 744, 255)
    assert held(run) == {
        "empty_response": 54,
        "repeat_pair": 123,
        "conflict": 2,
        "no_preference": 76,
    }
    kept = RunPair.objects.filter(run=run, held=False)
    assert kept.filter(contested=True).exists()  # contested pairs are kept and marked
    assert not kept.filter(split="").exists()


def test_pandalm_agreement_is_what_its_authors_published(pandalm: World) -> None:
    run = run_recipe(pandalm.place(pandalm.mara), pandalm.now)
    [entry] = run.reports.get(name="agreement").body
    kappas = sorted(two["kappa"]["value"] for two in entry["raters"])
    assert kappas == pytest.approx([0.8520, 0.8617, 0.8789], abs=5e-5)
    assert entry["as_imported"]["alpha_nominal"]["value"] == pytest.approx(0.8642, abs=5e-5)
    figures = [two["kappa"] for two in entry["raters"]]
    assert all(f["low"] < f["value"] < f["high"] and f["clusters"] == 170 for f in figures)


def test_a_label_studio_export_of_the_same_votes_gives_the_same_894(world: World) -> None:
    content = read_data("label_studio/pandalm_as_label_studio_export.json.gz")
    place = world.place(world.mara)
    named = {"name": "export.json", "mapping_name": "pandalm_label_studio"}
    job = import_content(place, content, world.now, **named)
    assert (job.state, job.items_created, job.reviews_created) == ("finished", 999, 2997)
    run = run_recipe(place, world.now, recipe(world.project, world.now))
    assert (run.n_votes, run.n_out) == (2997, 894)


class TestOneRaterAnItem:
    """CRScore: ten comments on each of 81 diffs, rated by one person; sixteen diffs by two."""

    @pytest.fixture
    def rows(self) -> list[dict[str, Any]]:
        content = gzip.decompress((DEMO / "code" / "crscore.jsonl.gz").read_bytes())
        return [orjson.loads(line) for line in content.splitlines()]

    @pytest.fixture
    def run(self, world: World, rows: list[dict[str, Any]]) -> Run:
        project = make_project(
            world.ines, world.workspace, world.now, name="Code", domain="code_review"
        )
        place = world.place(world.mara, project)
        import_content(place, lines(*rows), world.now)
        return run_recipe(place, world.now)

    def test_every_two_rated_comments_of_a_diff_make_a_vote(
        self, run: Run, rows: list[dict[str, Any]]
    ) -> None:
        votes: Counter[tuple[str, int, int]] = Counter()
        ties = 0
        for row in rows:
            seen = set()
            for review in row["reviews"]:
                rated = {int(p): v for p, v in review["answers"]["relevance"].items()}
                for lo, hi in combinations(sorted(rated), 2):
                    votes[row["id"], lo, hi] += 1
                    if (row["id"], lo, hi) not in seen and review is row["reviews"][0]:
                        ties += rated[lo] == rated[hi]
                    seen.add((row["id"], lo, hi))
        assert (run.n_votes, run.n_pairs) == (sum(votes.values()), len(votes)) == (3715, 3555)
        assert Counter(votes.values()) == {1: 3395, 2: 160}
        assert ties == 1351

    def test_with_one_vote_there_is_no_probability_and_the_pair_says_so(self, run: Run) -> None:
        single = RunPair.objects.filter(run=run, n_votes=1)
        basis = set(single.values_list("p_basis", "p_next", "p_true"))
        assert basis == {("prior", None, None)}
        double = RunPair.objects.filter(run=run, n_votes=2, held=False)
        assert set(double.values_list("p_basis", flat=True)) == {"votes"}

    def test_ties_are_held_and_a_prompt_gives_six_pairs_at_most(self, run: Run) -> None:
        assert set(held(run)) == {"empty_response", "no_preference", "over_cap"}
        assert run.n_pairs == run.n_held + run.n_out
        kept = RunPair.objects.filter(run=run, held=False)
        most = Counter(kept.values_list("cluster", flat=True)).most_common(1)[0][1]
        assert most <= 6
        ties = RunPair.objects.filter(run=run, reason="no_preference", n_votes=1)
        assert set(ties.values_list("n_tie", flat=True)) == {1}
