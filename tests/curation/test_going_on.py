"""A run that goes on from another gives what a run over everything gives, with the same estimates and the same ledger."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

import orjson
import pyarrow as pa
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from curation import parts
from curation.actions import start_run as starting
from curation.actions.recipes import save_recipe
from curation.actions.start_run import CannotGoOn, start_run
from curation.actions.states import forget_states
from curation.models import RecipeVersion, Run, RunPair, SplitEntry
from curation.queries.compare import between, compared
from curation.queries.frozen import reviews_behind
from curation.stages.recipes import RECIPES
from feedback.actions.projects import change_project
from feedback.models import Review
from tests.steps import files_root, import_rows, recipe, row, run_recipe, work_off
from tests.world import World

HOUR = dt.timedelta(hours=1)
WORDS = [
    "tide",
    "moon",
    "iron",
    "rust",
    "bee",
    "home",
    "glass",
    "season",
    "soap",
    "lock",
    "river",
    "colour",
    "line",
    "court",
    "contract",
    "page",
    "void",
    "neither",
    "party",
    "stone",
    "bridge",
    "harvest",
    "winter",
    "engine",
    "copper",
    "violin",
    "sugar",
    "planet",
    "forest",
    "candle",
    "mirror",
    "anchor",
    "ladder",
]


def prompt(number: int) -> str:
    """Prompts that are far from each other."""
    return " ".join(random.Random(number).choices(WORDS, k=14)) + f" {number}?"


def item(number: int, *votes: int, asks: str = "", **more: Any) -> dict[str, Any]:
    said = [f"The first answer to {number} is yes, of course.", f"The other to {number} says no."]
    return row(f"i{number}", *votes, prompt=asks or prompt(number), responses=said, **more)


@pytest.fixture
def base(world: World) -> Run:
    """Thirty items with three votes each, three of them of one source, two with near prompts."""
    rows = [item(n, n % 7 - 3, 2, -1) for n in range(26)]
    rows += [item(n, 1, 2, 3, group="case 7") for n in range(26, 29)]
    rows += [item(29, 1, 1, -2, asks=prompt(0) + " Please.")]
    import_rows(world.place(world.mara), rows, world.now, source="s")
    return run_recipe(world.place(world.mara), world.now, chat(world))


def chat(world: World) -> Any:
    return recipe(world.project, world.now, "chat")


def go_on(world: World, base: Run, **more: Any) -> Run:
    later = world.now + HOUR
    run = start_run(
        place=world.place(world.mara), version=chat(world), now=later, since=base, **more
    )
    return work_off(run, later)


def over_everything(world: World, base: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The same run, made by reading every review; the ledger as it was before."""
    with monkeypatch.context() as patch:
        patch.setattr(starting, "_only_new", lambda *_: False)
        SplitEntry.objects.filter(run__number__gt=base.number).delete()
        return go_on(world, base)


def rows_of(run: Run) -> list[tuple[Any, ...]]:
    names = ("pair__pair_hash", "held", "reason", "chosen", "n_votes", "p_true", "weight", "split")
    rows = RunPair.objects.of(run).values_list(*names)
    return sorted((bytes(digest).hex(), *more) for digest, *more in rows)


def stages_of(run: Run) -> list[tuple[Any, ...]]:
    return list(
        run.stages.order_by("position").values_list("stage", "n_in", "n_held", "n_out", "reasons")
    )


def more_votes(world: World) -> None:
    rows = [item(3, 0, 2, -1, 3), item(4, 1, 2, -1, -3, -3)]
    import_rows(world.place(world.mara), rows, world.now + HOUR, source="s")


def new_items(world: World) -> None:
    rows = [item(n, 3, -1) for n in range(40, 46)]
    import_rows(world.place(world.mara), rows, world.now + HOUR, source="s")


def a_prompt_that_joins_two_clusters(world: World) -> None:
    near = " ".join([*prompt(5).split()[:7], *prompt(6).split()[7:]])
    rows = [item(50, 1, 1, asks=near), item(51, 2, 1, asks=prompt(5) + " Thanks.")]
    import_rows(world.place(world.mara), rows, world.now + HOUR, source="s")


def an_item_of_a_known_source(world: World) -> None:
    rows = [item(60, 1, -1, group="case 7"), item(61, 1, asks=prompt(2), group="case 7")]
    import_rows(world.place(world.mara), rows, world.now + HOUR, source="s")


def a_repeated_pair(world: World) -> None:
    again = {**item(7, 2, 2), "id": "again"}
    import_rows(world.place(world.mara), [again], world.now + HOUR, source="s")


def another_text_of_an_item(world: World) -> None:
    rows = [item(8, 1, 2, asks=prompt(70)), item(71, 1, asks=prompt(70) + " Please.")]
    import_rows(world.place(world.mara), rows, world.now + HOUR, source="s")


@pytest.mark.parametrize(
    "change",
    [
        more_votes,
        another_text_of_an_item,
        new_items,
        a_prompt_that_joins_two_clusters,
        an_item_of_a_known_source,
        a_repeated_pair,
    ],
)
def test_going_on_gives_what_reading_everything_gives(
    world: World,
    base: Run,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[World], None],
) -> None:
    monkeypatch.setattr("curation.actions.increment.MOST_TOUCHED", 1.0)
    change(world)
    quick = go_on(world, base)
    assert (quick.state, quick.base_id) == ("finished", base.pk), quick.error
    assert RunPair.objects.filter(run=quick).count() < quick.n_pairs
    whole = over_everything(world, base, monkeypatch)
    assert (whole.state, whole.base_id) == ("finished", None), whole.error
    assert rows_of(quick) == rows_of(whole)
    assert bytes(quick.result_sha256) == bytes(whole.result_sha256)
    assert stages_of(quick) == stages_of(whole)
    for count in ("n_reviews", "n_items", "n_votes", "n_pairs", "n_held", "n_out"):
        assert getattr(quick, count) == getattr(whole, count), count
    for report, counts in (("clusters", ("clusters", "prompts", "waiting")), ("flags", None)):
        bodies = [run.reports.get(name=report).body for run in (quick, whole)]
        assert {n: bodies[0][n] for n in counts or bodies[0]} == {
            n: bodies[1][n] for n in counts or bodies[1]
        }
    assert sorted(reviews_behind(quick)) == sorted(reviews_behind(whole))
    assert quick.reliability.count() == base.reliability.count()


def test_without_anything_new_the_result_is_that_of_the_base(world: World, base: Run) -> None:
    run = go_on(world, base)
    assert RunPair.objects.filter(run=run).count() == 0
    assert rows_of(run) == rows_of(base)
    assert bytes(run.result_sha256) == bytes(base.result_sha256)


def test_where_the_new_touches_much_everything_is_read_with_the_estimates_of_the_base(
    world: World, base: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [item(n, n % 7 - 3, 2, -1, 3) for n in range(20)]
    import_rows(world.place(world.mara), rows, world.now + HOUR, source="s")
    run = go_on(world, base)
    assert (run.state, run.base_id) == ("reading", None)
    run = work_off(run, world.now + HOUR)
    assert (run.state, run.n_reviews) == ("finished", Review.objects.count())
    assert run.frozen["estimates"] == starting.known_to(base)["estimates"]
    whole = over_everything(world, base, monkeypatch)
    assert bytes(run.result_sha256) == bytes(whole.result_sha256)


def test_where_a_band_is_too_full_to_be_paired_wholly_everything_is_read(
    world: World, base: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [item(80, 1, 1, asks=prompt(0) + " Now.")]
    import_rows(world.place(world.mara), rows, world.now + HOUR, source="s")
    monkeypatch.setattr("curation.actions.increment.LARGEST_BUCKET", 3)
    assert go_on(world, base).base_id == base.pk
    monkeypatch.setattr("curation.actions.increment.LARGEST_BUCKET", 2)
    run = go_on(world, base)
    assert (run.state, run.base_id) == ("reading", None)


def test_a_state_that_an_earlier_version_has_left_serves_as_well(world: World, base: Run) -> None:
    more_votes(world)
    run = go_on(world, base)
    left_as_before(base)
    again = go_on(world, base)
    assert (again.state, again.base_id) == ("finished", base.pk), again.error
    assert bytes(again.result_sha256) == bytes(run.result_sha256)
    assert stages_of(again) == stages_of(run)


def left_as_before(run: Run) -> None:
    """The state as Parquet, of pairs with every column, and nothing counted."""
    for name in ("pairs", "prompts"):
        table = parts.flat(f"{run.keeps}/{name}")
        for more in ("detail", "first_hash", "p_later"):
            table = table.append_column(more, pa.array(["x"] * len(table), pa.large_string()))
        parts.save(table, f"{run.keeps}/{name}")
        default_storage.delete(f"{run.keeps}/{name}.arrow")
    known = f"{run.keeps}/known.json"
    with default_storage.open(known) as file:
        body = orjson.loads(file.read())
    del body["distinct"]
    default_storage.delete(known)
    default_storage.save(known, ContentFile(orjson.dumps(body)))


def test_where_the_recipe_mixes_everything_is_read_and_gives_the_same(
    world: World, base: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.place(world.mara)
    stages = [*RECIPES["decided_only"].document()["stages"]]
    stages.append({"stage": "mixture", "params": {"most_of_rater": 5, "least": 1}})
    mixed = save_recipe(
        project=world.project,
        slug="mixed",
        document={"name": "mixed", "stages": stages},
        by=None,
        now=world.now,
    )
    base = run_recipe(place, world.now, mixed)
    assert "over_rater_cap" in base.stages.get(stage="mixture").reasons
    more_votes(world)
    later = world.now + HOUR
    run = work_off(start_run(place=place, version=mixed, now=later, since=base), later)
    assert (run.state, run.base_id, run.n_reviews) == ("reading", None, Review.objects.count())
    run = work_off(run, later)
    assert run.state == "finished", run.error
    with monkeypatch.context() as patch:
        patch.setattr(starting, "_only_new", lambda *_: False)
        SplitEntry.objects.filter(run__number__gt=base.number).delete()
        whole = work_off(start_run(place=place, version=mixed, now=later, since=base), later)
    assert rows_of(run) == rows_of(whole)
    assert bytes(run.result_sha256) == bytes(whole.result_sha256)
    after = run.reports.get(name="mixture").body["groups"]
    assert sum(group["after"] for group in after) == run.n_out - _measuring(run)


def _measuring(run: Run) -> int:
    kept = RunPair.objects.of(run).filter(held=False)
    return kept.exclude(split="train").count()


def test_a_run_goes_on_only_from_one_made_of_the_same(world: World, base: Run) -> None:
    place = world.place(world.mara)
    now = world.now + HOUR
    other = recipe(world.project, world.now, "legal")
    with pytest.raises(CannotGoOn):
        start_run(place=place, version=other, now=now, since=base)
    with pytest.raises(CannotGoOn):
        start_run(place=place, version=chat(world), now=now, since=base, seed=5)
    from_it = go_on(world, base)
    with pytest.raises(CannotGoOn):
        start_run(place=place, version=chat(world), now=now, since=from_it)
    change_project(place=place, changes={"prompt_template": "Please"})
    with pytest.raises(CannotGoOn):
        start_run(place=world.place(world.mara), version=chat(world), now=now, since=base)


def test_the_state_of_the_latest_run_alone_is_kept_and_has_no_text(world: World, base: Run) -> None:
    folder = files_root() / "states" / str(base.public_id)
    tables = list(folder.rglob("*.arrow"))
    assert len(tables) == 2
    for table in tables:
        columns = parts.flat(str(table.relative_to(files_root()))[: -len(".arrow")]).to_pydict()
        assert not any("answer" in str(value) for values in columns.values() for value in values)
    later = run_recipe(world.place(world.mara), world.now + HOUR, chat(world))
    forget_states()
    assert not folder.exists()
    assert (files_root() / "states" / str(later.public_id)).exists()
    with pytest.raises(CannotGoOn, match=f"What run {base.number} had left"):
        go_on(world, base)


def test_a_run_that_ends_while_old_states_are_deleted_keeps_its_own(base: Run) -> None:
    states = files_root() / "states" / str(base.public_id)
    Run.objects.filter(pk=base.pk).update(state=Run.State.DECIDING)
    looks: list[str] = []

    def ends_after_the_first_look(execute: Any, sql: str, *more: Any) -> Any:
        found = execute(sql, *more)
        looks.append(sql)
        if len(looks) == 1:
            Run.objects.filter(pk=base.pk).update(state=Run.State.FINISHED)
        return found

    with connection.execute_wrapper(ends_after_the_first_look):
        forget_states()
    assert len(looks) > 2
    assert list(states.rglob("known.json"))


def test_a_run_that_went_on_is_compared_with_all_of_its_pairs(world: World, base: Run) -> None:
    more_votes(world)
    new_items(world)
    run = go_on(world, base)
    assert RunPair.objects.filter(run=run).count() < run.n_pairs
    found = compared(base, run)
    numbers = found.numbers
    assert sum(numbers.values()) == run.n_pairs
    assert base.n_out - numbers["left"] + numbers["entered"] == run.n_out
    assert found.kept_in_both == run.n_out - numbers["entered"]
    assert sum(found.entered.values()) <= 8
    back = compared(run, base).numbers
    assert (back["left"], back["entered"]) == (numbers["entered"], numbers["left"])
    assert between(base, run).count() == run.n_pairs


def rated_too(world: World, *questions: str) -> RecipeVersion:
    """A recipe that makes pairs of ratings, too."""
    stages = [{"stage": "scores"}, *RECIPES["decided_only"].document()["stages"]]
    document = {"name": "rated", "questions": [*questions, "accuracy"], "stages": stages}
    return save_recipe(
        project=world.project, slug="rated", document=document, by=None, now=world.now
    )


def rated(number: int, *accuracies: int) -> dict[str, Any]:
    scores = {str(place): score for place, score in enumerate(accuracies, start=1)}
    return {**item(number), "reviews": [{"rater": "r1", "answers": {"accuracy": scores}}]}


def test_from_a_run_without_a_single_pair_others_go_on_as_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, version = world.place(world.mara), rated_too(world)
    import_rows(place, [rated(1, 4)], world.now, source="s")
    base = run_recipe(place, world.now, version)
    assert (base.state, base.n_pairs) == ("finished", 0), base.error
    later = world.now + HOUR
    import_rows(place, [rated(2, 4, 2), rated(3, 1, 2)], later, source="s")
    run = work_off(start_run(place=place, version=version, now=later, since=base), later)
    assert (run.state, run.base_id, run.n_pairs) == ("finished", base.pk, 2), run.error


def test_a_question_that_is_answered_for_the_first_time_since_is_read_by_its_count_alone(
    world: World, base: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, version = world.place(world.mara), rated_too(world, "preference")
    base = run_recipe(place, world.now, version)
    later = world.now + HOUR
    import_rows(place, [rated(32, 4, 2), rated(33, 1, 2)], later, source="s")
    run = work_off(start_run(place=place, version=version, now=later, since=base), later)
    assert (run.state, run.base_id, run.n_pairs) == ("finished", base.pk, base.n_pairs + 2)
    fresh = RunPair.objects.filter(run=run, pair__question="accuracy")
    assert {(row.chosen, row.method) for row in fresh} == {
        ("first", "majority/1"),
        ("second", "majority/1"),
    }
    with monkeypatch.context() as patch:
        patch.setattr(starting, "_only_new", lambda *_: False)
        SplitEntry.objects.filter(run__number__gt=base.number).delete()
        whole = work_off(start_run(place=place, version=version, now=later, since=base), later)
    assert bytes(run.result_sha256) == bytes(whole.result_sha256)
