"""Recipes by API: what they are made of, looked at before they are saved, compared, tried on a sample."""

from __future__ import annotations

import pytest
from django.utils import timezone

from curation.actions.dry_run import work_on_dry_run
from curation.models import DryRun, Pair, RecipeVersion
from curation.stages import STAGES
from feedback.models import Scope
from tests.api.calls import by_key, refused
from tests.curated import import_votes, rows
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

PLAIN = [{"stage": "votes"}, {"stage": "decided"}]


def test_the_catalogue_names_every_stage_with_its_settings(world: World, at: str) -> None:
    found = by_key(world, world.mara, Scope.RUNS_READ).get(f"{at}/recipes/stages").json()
    assert [stage["name"] for stage in found["stages"]] == [stage.name for stage in STAGES]
    least = next(stage for stage in found["stages"] if stage["name"] == "min_votes")["params"][0]
    assert (least["kind"], least["default"], least["least"]) == ("integer", 2, 1.0)
    assert {recipe["name"] for recipe in found["recipes"]} >= {"chat", "code", "legal"}


def test_a_recipe_is_looked_at_without_being_saved(world: World, at: str) -> None:
    mara = by_key(world, world.mara, Scope.RUNS_WRITE)
    bad = mara.post(f"{at}/recipes/check", {"stages": [{"stage": "decided"}]}).json()
    assert [problem["path"] for problem in bad["problems"]] == ["stages.0"]
    mara.post(f"{at}/recipes", {"recipe": "plain", "stages": PLAIN})
    more = [*PLAIN, {"stage": "splits", "params": {"test": 0.2}}]
    good = mara.post(f"{at}/recipes/check", {"recipe": "plain", "stages": more}).json()
    assert good["problems"] == []
    assert good["changes"] == ["“Splits” is new."]
    assert good["stages"][-1]["params"] == {
        "validation": 0.05,
        "test": 0.2,
        "strata": "all",
    }
    assert RecipeVersion.objects.count() == 1


def test_versions_are_read_and_compared(world: World, at: str) -> None:
    mara = by_key(world, world.mara, Scope.RUNS_WRITE)
    mara.post(f"{at}/recipes", {"recipe": "plain", "stages": PLAIN})
    mara.post(f"{at}/recipes", {"recipe": "plain", "stages": [*PLAIN, {"stage": "weights"}]})
    assert mara.get(f"{at}/recipes/plain/2").json()["version"] == 2
    refused(mara.get(f"{at}/recipes/plain/3"), 404, "not_found")
    found = mara.get(f"{at}/recipes/compare", a="plain:2", b="plain:1").json()
    assert found == {"changes": ["“Weights” is gone."]}
    refused(mara.get(f"{at}/recipes/compare", a="plain:9"), 404, "not_found")
    refused(mara.get(f"{at}/recipes/compare", a="plain"), 422, "invalid")


def test_a_recipe_is_tried_on_a_sample(world: World, at: str) -> None:
    import_votes(world)
    mara = by_key(world, world.mara, Scope.RUNS_WRITE)
    begun = mara.post(f"{at}/recipes/dry-runs", {"stages": PLAIN, "sample": 50})
    assert (begun.status_code, begun.json()["state"]) == (202, "waiting")
    row = DryRun.objects.get()
    work_on_dry_run(workspace_id=row.workspace_id, dry_run_id=row.pk, clock=timezone.now)
    found = mara.get(f"{at}/recipes/dry-runs/{begun.json()['id']}").json()
    assert (found["state"], found["n_pairs"]) == ("finished", len(rows()))
    assert [stage["stage"] for stage in found["stages"]] == ["votes", "decided", "by_hand"]
    assert found["stages"][1]["reasons"] == {"no_preference": 1}
    assert not Pair.objects.exists()
    refused(mara.post(f"{at}/recipes/dry-runs", {"stages": []}), 422, "invalid")
    weak = by_key(world, world.mara, Scope.RUNS_READ)
    refused(weak.post(f"{at}/recipes/dry-runs", {"stages": PLAIN}), 403, "not_allowed")
