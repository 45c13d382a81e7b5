"""Recipes and runs by API: begun once, followed, read down to the votes behind a pair."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from curation.api.urls import urlpatterns
from curation.models import RecipeVersion, Run, RunPair
from feedback.models import Scope
from tests.api.calls import by_key, by_session, faults, refused
from tests.curated import CONTESTED, HELD, KEPT, curate, import_votes, rows, work_on
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

ROOT = Path(__file__).parents[2]
READ, WRITE = Scope.RUNS_READ, Scope.RUNS_WRITE
ALL = len(rows())


def test_a_run_is_begun_followed_and_read(world: World, at: str) -> None:
    import_votes(world)
    writer, reader = by_key(world, world.mara, WRITE), by_key(world, world.mara, READ)
    begun = writer.post(f"{at}/runs")
    assert begun.status_code == 202
    body = begun.json()
    assert (body["number"], body["state"], body["n_reviews"]) == (1, "reading", 3 * ALL)
    assert body["recipe"] == {"recipe": "chat", "version": 1}
    working = writer.get(f"{at}/runs/1").json()
    assert working["progress"] == {"read": 0, "pieces": 1, "joined": 0, "joins": 0}
    assert working["stages"] == []
    work_on(Run.objects.get())
    done = reader.get(f"{at}/runs/1").json()
    assert (done["state"], done["n_pairs"], done["n_held"], done["n_out"]) == (
        "finished",
        ALL,
        sum(HELD.values()),
        KEPT,
    )
    reasons = [reason for stage in done["stages"] for reason in stage["reasons"].items()]
    assert dict(reasons) == HELD
    assert all(s["n_in"] == s["n_held"] + s["n_out"] for s in done["stages"])
    assert re.fullmatch("[0-9a-f]{64}", done["result_sha256"])
    assert done["questions"] == ["preference"]
    assert done["reports"]["votes"]["votes"] == 3 * ALL
    assert [entry["question"] for entry in done["reports"]["agreement"]] == ["preference"]


def test_the_same_request_with_its_key_begins_one_run(world: World, at: str) -> None:
    import_votes(world)
    mara = by_key(world, world.mara)
    first = mara.post(f"{at}/runs", {"seed": 3}, Idempotency_Key="k")
    again = mara.post(f"{at}/runs", {"seed": 3}, Idempotency_Key="k")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    refused(
        mara.post(f"{at}/runs", {"seed": 4}, Idempotency_Key="k"), 422, "idempotency_key_reused"
    )
    assert Run.objects.count() == 1
    assert Run.objects.get().seed == 3


def test_without_a_review_there_is_nothing_to_curate(world: World, at: str) -> None:
    refused(by_key(world, world.mara).post(f"{at}/runs"), 409, "nothing_to_curate")


def test_a_run_takes_the_recipe_and_version_it_is_told(world: World, at: str) -> None:
    import_votes(world)
    mara = by_key(world, world.mara)
    for method in ("majority", "one_coin"):
        stages = [{"stage": "votes", "params": {"method": method}}, {"stage": "decided"}]
        made = mara.post(f"{at}/recipes", {"recipe": "plain", "stages": stages})
        assert made.status_code == 201
    latest = mara.post(f"{at}/runs", {"recipe": "plain"}).json()
    earlier = mara.post(f"{at}/runs", {"recipe": "plain", "version": 1}).json()
    assert [run["recipe"]["version"] for run in (latest, earlier)] == [2, 1]
    refused(mara.post(f"{at}/runs", {"recipe": "plain", "version": 3}), 404, "not_found")
    refused(mara.post(f"{at}/runs", {"recipe": "none"}), 404, "not_found")
    assert faults(mara.post(f"{at}/runs", {"seed": -1, "x": 1})) == [("x", "unknown_field")]


def test_a_recipe_is_kept_in_versions_and_twice_is_once(world: World, at: str) -> None:
    mara = by_key(world, world.mara)
    body = {"recipe": "plain", "stages": [{"stage": "votes"}, {"stage": "decided"}]}
    first, again = mara.post(f"{at}/recipes", body), mara.post(f"{at}/recipes", body)
    assert first.json() == again.json()
    assert first.json()["stages"][0]["params"] == {
        "method": "auto",
        "class_prior": "empirical",
        "order": "pairs",
    }
    assert RecipeVersion.objects.get().created_by == world.mara
    mara.post(f"{at}/recipes", {**body, "questions": ["preference"]})
    listed = mara.get(f"{at}/recipes").json()["rows"]
    assert [row["version"] for row in listed] == [2, 1]


def test_problems_of_a_recipe_come_with_their_path(world: World, at: str) -> None:
    stages = [{"stage": "decided"}, {"stage": "votes", "params": {"method": "dice"}}]
    response = by_key(world, world.mara).post(f"{at}/recipes", {"recipe": "x", "stages": stages})
    assert faults(response) == [
        ("stages.0", "stage_too_early"),
        ("stages.1.params.method", "not_a_choice"),
    ]


def test_pairs_are_listed_by_why_they_were_held_page_by_page(world: World, at: str) -> None:
    run = curate(world)
    mara = by_key(world, world.mara, READ)
    for reason, number in HELD.items():
        found = mara.get(f"{at}/runs/1/pairs", reason=reason).json()["rows"]
        assert len(found) == number
        assert all(row["held"] and row["reason"] == reason and row["stage"] for row in found)
    contested = mara.get(f"{at}/runs/1/pairs", held="false", contested="true").json()["rows"]
    assert [row["prompt_line"] for row in contested] == ["Name the longest river."] * CONTESTED
    assert mara.get(f"{at}/runs/1/pairs", reason="none").json()["rows"] == []
    found, after = [], ""
    while after is not None:
        page = mara.get(f"{at}/runs/1/pairs", held="false", limit=4, after=after).json()
        found, after = found + [row["pair"] for row in page["rows"]], page["after"]
    kept = run.pairs.filter(held=False).select_related("pair").order_by("pk")
    assert found == [row.pair.pair_hash.hex() for row in kept]


def test_a_pair_is_read_with_its_texts_and_votes(world: World, at: str) -> None:
    curate(world)
    row = RunPair.objects.select_related("pair").get(contested=True, held=False)
    pair = by_key(world, world.mara, READ).get(f"{at}/runs/1/pairs/{row.pair.public_id}").json()
    assert pair["prompt"][0]["parts"][0]["text"] == "Name the longest river."
    assert pair["first_messages"][0]["parts"][0]["text"].startswith("Answer 8a")
    assert [(vote["rater"]["external_key"], vote["outcome"]) for vote in pair["votes"]] == [
        ("ruth", 1),
        ("sam", -1),
        ("tess", 1),
    ]
    assert (pair["n_first"], pair["n_tie"], pair["n_second"]) == (2, 0, 1)
    assert (pair["chosen"], pair["p_next"]) == ("first", row.p_next)
    assert pair["external_id"] == "item-8"


def test_a_repeated_pair_names_the_one_that_counts_its_votes(world: World, at: str) -> None:
    curate(world)
    mara = by_key(world, world.mara, READ)
    [repeat] = mara.get(f"{at}/runs/1/pairs", reason="repeat_pair").json()["rows"]
    heads = mara.get(f"{at}/runs/1/pairs", held="false").json()["rows"]
    head = next(row for row in heads if row["pair"] == repeat["pooled_into"])
    assert mara.get(f"{at}/runs/1/pairs/{head['id']}").json()["pooled"] == [repeat["id"]]


def test_agreement_is_that_of_the_latest_finished_run(world: World, at: str) -> None:
    mara = by_key(world, world.mara, READ)
    assert mara.get(f"{at}/agreement").json() == {"run": None, "questions": []}
    curate(world)
    told = mara.get(f"{at}/agreement").json()
    assert told["run"] == 1
    [question] = told["questions"]
    assert (question["question"], question["of"], question["units"]) == ("preference", "votes", ALL)
    assert -1 <= question["pooled"]["alpha_nominal"]["value"] <= 1
    assert question["as_imported"]["percent"]["units"] == ALL


def test_a_rater_with_few_shared_votes_has_no_accuracy(world: World, at: str) -> None:
    curate(world)
    raters = by_key(world, world.mara, READ).get(f"{at}/runs/1/raters").json()["rows"]
    assert {row["rater"]["external_key"] for row in raters} == {"ruth", "sam", "tess"}
    assert [(row["n_votes"], row["shared"]) for row in raters] == [(10, 10)] * 3
    assert {row["accuracy"] for row in raters} == {None}


def test_scopes_and_roles(world: World, at: str) -> None:
    curate(world)
    reads = ("/recipes", "/runs", "/runs/1", "/runs/1/pairs", "/runs/1/raters", "/agreement")
    for path in reads:
        assert by_key(world, world.mara, READ).get(at + path).status_code == 200
        refused(by_key(world, world.mara, Scope.ITEMS_READ).get(at + path), 403, "not_allowed")
        refused(by_session(world.ana).get(at + path), 403, "not_allowed")
        refused(by_session(world.eve).get(at + path), 404, "not_found")
    follows = by_key(world, world.mara, WRITE)
    assert follows.get(f"{at}/runs/1").status_code == 200
    refused(follows.get(f"{at}/runs/1/pairs"), 403, "not_allowed")
    for path in ("/runs", "/recipes"):
        refused(by_key(world, world.mara, READ).post(at + path), 403, "not_allowed")


def test_what_is_not_there_is_404(world: World, at: str) -> None:
    curate(world)
    mara = by_key(world, world.mara)
    row = RunPair.objects.select_related("pair").first()
    assert row is not None
    for path in (
        "/runs/2",
        "/runs/99999999999",
        f"/runs/2/pairs/{row.pair.public_id}",
        "/runs/1/pairs/0d3f5b2e-6a51-4a55-9d0c-2f6a0c1f7b11",
    ):
        refused(mara.get(at + path), 404, "not_found")


def test_lists_ask_the_database_a_bounded_number_of_times(
    world: World, at: str, django_assert_max_num_queries: Any
) -> None:
    curate(world)
    mara = by_session(world.mara)
    for path, most in (("/runs", 6), ("/runs/1", 9), ("/runs/1/pairs", 7), ("/recipes", 6)):
        mara.get(at + path)
        with django_assert_max_num_queries(most):
            assert mara.get(at + path).status_code == 200


def test_the_guide_names_every_address() -> None:
    guide = (ROOT / "docs" / "runs.md").read_text()
    for pattern in urlpatterns:
        address = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        assert f"`{address}`" in guide, address
