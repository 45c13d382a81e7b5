"""Two runs compared pair by pair: every pair in one kind, counts that add up, and the reasons behind them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone

from curation.actions.by_hand import decide_by_hand
from curation.actions.recipes import change_recipe
from curation.actions.start_run import start_run
from curation.models import Decision, Run
from curation.queries.compare import KEPT_IN_BOTH, KINDS, because, between, compared
from feedback.actions.importing.run import run_import
from feedback.actions.importing.start import Incoming, start_import
from tests.curated import KEPT, begin_run, curate, rows, work_on
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")


def import_more(world: World, lines: list[dict[str, Any]]) -> None:
    place = world.place(world.ines)
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    incoming = Incoming("more.jsonl", iter([content]))
    job = start_import(place=place, incoming=incoming, source="lab", now=world.now)
    run_import(workspace_id=place.workspace.pk, job_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    assert job.state == "finished"
    assert job.reviews_created


def reviewed(line: dict[str, Any], *votes: int) -> dict[str, Any]:
    """The item again, with votes of people who had not seen it."""
    reviews = [
        {"rater": f"new-{n}", "answers": {"preference": [{"a": 1, "b": 2, "value": value}]}}
        for n, value in enumerate(votes)
    ]
    return {**line, "reviews": reviews}


@pytest.fixture
def runs(world: World) -> tuple[Run, Run]:
    """A run, then new votes that turn a winner and settle a tie, a new item, a pair held by hand; and the next run."""
    first = curate(world)
    known = {row["id"]: row for row in rows()}
    new = {**reviewed(known["item-1"], 1, 1), "id": "item-99", "prompt": "Tell me of the moon."}
    new["responses"] = [{"text": "It is round."}, {"text": "It is far away from us."}]
    turned = reviewed(known["item-2"], *[-2] * 7)
    settled = reviewed(known["item-9"], 2, 2, 2, 2)
    import_more(world, [new, turned, settled])
    row = first.pairs.select_related("pair").get(pair__revision__item__record__external_id="item-4")
    decide_by_hand(
        place=world.place(world.mara),
        rows=[row],
        action=Decision.Action.HOLD,
        reason="old law",
        now=timezone.now(),
    )
    second = work_on(begin_run(world))
    assert second.state == "finished", second.error
    return first, second


def ids(first: Run, second: Run, **filters: Any) -> set[str]:
    found = between(first, second, **filters)
    return {pair.revision.item.record.external_id for pair in found}


def test_every_pair_is_of_one_kind_and_the_counts_add_up(runs: tuple[Run, Run]) -> None:
    first, second = runs
    found = compared(first, second)
    assert (found.numbers["entered"], found.numbers["left"], found.numbers["winner"]) == (2, 1, 1)
    assert first.n_out - found.numbers["left"] + found.numbers["entered"] == second.n_out
    assert found.kept_in_both == KEPT - 1 == first.n_out - found.numbers["left"]
    listed = [pair.pk for kind in KINDS for pair in between(first, second, kind=kind)]
    assert len(listed) == len(set(listed)) == between(first, second).count()
    assert sum(found.numbers.values()) == len(listed) == second.n_pairs
    assert all(between(first, second, kind=kind).count() == found.numbers[kind] for kind in KINDS)
    assert sum(found.numbers[kind] for kind in KEPT_IN_BOTH) == found.kept_in_both


def test_the_pairs_behind_a_number_are_those_that_changed(runs: tuple[Run, Run]) -> None:
    assert ids(*runs, kind="entered") == {"item-9", "item-99"}
    assert ids(*runs, kind="entered", reason="absent") == {"item-99"}
    assert ids(*runs, kind="entered", reason="no_preference") == {"item-9"}
    assert ids(*runs, kind="left", reason="held_by_hand") == {"item-4"}
    assert ids(*runs, kind="winner") == {"item-2"}
    found = compared(*runs)
    assert found.entered == {"absent": 1, "no_preference": 1}
    assert found.left == {"held_by_hand": 1}


def test_turning_the_comparison_round_turns_its_numbers(runs: tuple[Run, Run]) -> None:
    there, back = compared(*runs).numbers, compared(*reversed(runs)).numbers
    assert (there["entered"], there["left"]) == (back["left"], back["entered"])
    for kind in set(KINDS) - {"entered", "left"}:
        assert there[kind] == back[kind]


def test_a_chance_has_changed_from_the_given_move_on(runs: tuple[Run, Run]) -> None:
    every, none = compared(*runs, least=1e-6), compared(*runs, least=1.0)
    assert none.numbers["chance"] == 0
    assert every.numbers["chance"] > 0
    assert every.kept_in_both == none.kept_in_both


def test_a_run_against_itself_changes_nothing(world: World) -> None:
    run = curate(world)
    numbers = compared(run, run).numbers
    assert (numbers["same"], numbers["out"]) == (run.n_out, run.n_held)
    assert sum(numbers.values()) == run.n_pairs


def test_what_went_in_differently_is_told(world: World, runs: tuple[Run, Run]) -> None:
    first, second = runs
    told = because(first, second)
    assert f"Reviews read: {first.n_reviews} → {second.n_reviews}." in told
    assert "Decisions by hand: 1 differ." in told
    document = {"questions": [], "stages": [{"stage": "votes"}, {"stage": "decided"}]}
    place = world.place(world.mara)
    plain = change_recipe(place=place, slug="plain", document=document, now=world.now)
    third = work_on(start_run(place=place, version=plain, now=world.now, seed=3))
    told = because(second, third)
    assert "Recipe: chat v1 → plain v1." in told
    assert "“Repeated pairs” is gone." in told
    assert "Seed: 0 → 3." in told
