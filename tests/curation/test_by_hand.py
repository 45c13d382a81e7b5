"""A person's word over a pair: frozen into runs, kept across them, the last one over every stage."""

from __future__ import annotations

from typing import Any

import pytest

from curation.actions.by_hand import NotReleasable, decide_by_hand
from curation.models import Decision, Run, RunPair
from feedback.errors import Invalid
from tests.curated import HELD, KEPT, begin_run, curate, work_on
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")


def pair(run: Run, **filters: Any) -> RunPair:
    return run.pairs.select_related("pair").filter(**filters).order_by("pk")[0]


def say(world: World, action: str, *rows: RunPair, why: str = "seen") -> list[Decision]:
    place = world.place(world.mara)
    named = Decision.Action(action)
    return decide_by_hand(place=place, rows=rows, action=named, reason=why, now=world.now)


def again(world: World, row: RunPair) -> tuple[Run, RunPair]:
    """The next run, and the same pair in it."""
    run = work_on(begin_run(world))
    assert run.state == "finished", run.error
    return run, pair(run, pair=row.pair)


def test_a_held_pair_stays_out_of_every_later_run_until_it_is_left_to_the_recipe(
    world: World,
) -> None:
    first = curate(world)
    row = pair(first, held=False)
    say(world, "hold", row)
    for _ in range(2):
        run, now = again(world, row)
        assert (now.held, now.stage, now.reason) == (True, "by_hand", "held_by_hand")
        assert run.n_out == KEPT - 1
        line = run.stages.get(stage="by_hand")
        assert (line.n_held, line.reasons) == (1, {"held_by_hand": 1})
    say(world, "clear", row)
    run, now = again(world, row)
    assert (now.held, run.n_out) == (False, KEPT)
    assert bytes(run.result_sha256) == bytes(first.result_sha256)


def test_a_released_pair_goes_out_with_votes_split_and_weight_and_says_what_was_lifted(
    world: World,
) -> None:
    row = pair(curate(world), reason="empty_response")
    say(world, "release", row)
    run, now = again(world, row)
    assert (now.held, now.reason, now.overruled) == (False, "", "empty_response")
    assert (now.n_votes, now.chosen, now.split != "") == (3, "first", True)
    assert now.weight > 0
    assert now.p_next is not None
    assert run.reports.get(name="by_hand").body == {"overruled": {"empty_response": 1}}
    assert run.stages.get(stage="degenerate").n_held == 0


def test_a_released_repetition_keeps_its_own_votes(world: World) -> None:
    row = pair(curate(world), reason="repeat_pair")
    say(world, "release", row)
    run, now = again(world, row)
    head = pair(run, pair__pair_hash=row.pooled_into)
    assert (now.held, now.pooled_into, now.overruled) == (False, None, "repeat_pair")
    assert now.n_votes == 3
    assert head.n_votes == 3  # four with those of the repetition


@pytest.mark.parametrize("reason", ["not_for_training", "no_preference"])
def test_what_no_person_lifts_is_refused_and_stays_held(world: World, reason: str) -> None:
    row = pair(curate(world), reason=reason)
    with pytest.raises(NotReleasable):
        say(world, "release", row)
    Decision.objects.create(
        workspace=world.workspace,
        pair=row.pair,
        action="release",
        reason="by another way",
        decided_by=world.mara,
    )
    run, now = again(world, row)
    assert (now.reason, now.overruled) == (reason, "")
    assert run.n_held == sum(HELD.values())


def test_the_words_in_force_are_in_the_hash_of_what_went_in(world: World) -> None:
    first = curate(world)
    row = pair(first, held=False)
    second, _ = again(world, row)  # the first run froze the splits
    third, _ = again(world, row)
    assert bytes(second.input_sha256) == bytes(third.input_sha256)
    say(world, "hold", row)
    fourth, _ = again(world, row)
    assert bytes(fourth.input_sha256) != bytes(third.input_sha256)
    frozen = Run.objects.get(pk=fourth.pk).frozen
    assert frozen["by_hand"] == {bytes(row.pair.pair_hash).hex(): "hold"}


def test_a_word_needs_a_reason_and_the_same_one_again_is_no_new_one(world: World) -> None:
    row = pair(curate(world), held=False)
    with pytest.raises(Invalid):
        say(world, "hold", row, why=" \n ")
    [once] = say(world, "hold", row)
    assert say(world, "hold", row) == [once]
    [other] = say(world, "hold", row, why="looked again")
    assert other != once
    assert list(row.pair.decisions.order_by("pk")) == [once, other]


def test_a_word_of_another_project_counts_there_alone(world: World) -> None:
    row = pair(curate(world), held=False)
    curate(world, world.their_project, world.eve)
    say(world, "hold", row)
    run = work_on(begin_run(world, world.their_project, world.eve))
    assert run.n_out == KEPT
