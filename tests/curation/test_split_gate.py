"""Nothing is published whose splits leak: near prompts are looked for anew, whatever the clusters say."""

from __future__ import annotations

import random
from typing import Any

import pytest

from curation.actions import clusters
from curation.actions.split_gate import SplitsLeak
from curation.models import Run
from exports.actions.datasets import make_dataset, publish
from feedback import access
from tests.steps import import_rows, recipe, row, run_recipe
from tests.world import World

WORDS = [f"word{n}" for n in range(300)]


def prompt(number: int) -> str:
    return " ".join(random.Random(number).choices(WORDS, k=25))


def run_over_twins(world: World) -> Run:
    """Sixty items; every second prompt is the one before with a word more."""
    rows = [
        row(
            f"i{n}", 1, 2, prompt=prompt(n // 2) + " please" * (n % 2), responses=[f"a{n}", f"b{n}"]
        )
        for n in range(60)
    ]
    place = world.place(world.mara)
    import_rows(place, rows, world.now, source="s")
    return run_recipe(place, world.now, recipe(world.project, world.now, "chat"))


def report(run: Run) -> dict[str, Any]:
    return run.reports.get(name="splits").body


def publish_it(world: World, run: Run) -> None:
    place = access.workspace(access.Principal(world.mara), world.workspace.slug)
    dataset = make_dataset(place=place, slug="pairs", now=world.now)
    publish(place=place, dataset=dataset, run=run, now=world.now)


def test_a_run_proves_that_no_near_prompts_are_in_different_splits(world: World) -> None:
    run = run_over_twins(world)
    found = report(run)
    assert (found["near"], found["shared_prompts"], found["shared_sources"]) == (0, 0, 0)
    assert found["prompts"] == 60
    publish_it(world, run)


def test_what_the_clusters_have_missed_keeps_a_run_from_being_published(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "NEAR", {"prompt": 1.1, "response": 0.9})
    run = run_over_twins(world)
    assert report(run)["near"] > 0
    assert len(report(run)["named"][0]) == 2
    with pytest.raises(SplitsLeak):
        publish_it(world, run)
