"""A recipe on a sample: bounded, leased, resumed after a kill, forgotten; and never a pair."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from curation.actions import dry_run
from curation.actions.dry_run import resume_dry_runs, start_dry_run, work_on_dry_run
from curation.models import DryRun, Pair, RunPair, SplitEntry
from curation.stages.recipes import CHAT
from feedback.errors import Invalid
from tests.curated import import_votes, rows
from tests.world import World

pytestmark = pytest.mark.usefixtures("own_files")

ALL = len(rows())


def begin(world: World, **options: Any) -> DryRun:
    document = {name: CHAT.document()[name] for name in ("questions", "stages")}
    place = world.place(world.mara)
    return start_dry_run(place=place, document=document, now=world.now, **options)


def work(row: DryRun) -> DryRun:
    work_on_dry_run(workspace_id=row.workspace_id, dry_run_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    return row


def test_it_takes_no_more_items_than_asked_and_the_same_ones_again(world: World) -> None:
    import_votes(world)
    first = work(begin(world, sample=5))
    assert (first.n_items, first.n_reviews) == (5, 15)
    assert [fall["stage"] for fall in first.falls] == [step.stage for step in CHAT.steps]
    second = work(begin(world, sample=5))
    assert second.falls == first.falls
    assert not DryRun.objects.filter(pk=first.pk).exists()  # the person's earlier one


def test_nothing_of_a_run_comes_of_it(world: World) -> None:
    import_votes(world)
    assert work(begin(world)).state == "finished"
    for model in (Pair, RunPair, SplitEntry):
        assert not model.objects.exists()


def test_every_line_of_its_waterfall_adds_up(world: World) -> None:
    import_votes(world)
    came = ALL
    for fall in work(begin(world)).falls:
        assert fall["n_in"] == came == fall["n_held"] + fall["n_out"]
        assert sum(fall["reasons"].values()) == fall["n_held"]
        came = fall["n_out"]


def test_a_dead_workers_dry_run_is_taken_up_by_another(world: World, monkeypatch: Any) -> None:
    import_votes(world)
    row = begin(world)

    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("curation.actions.dry_run.curated", die)
        with pytest.raises(Killed):
            work(row)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("running", 1)
    assert resume_dry_runs(now=timezone.now()) == 0  # the lease still runs
    assert resume_dry_runs(now=timezone.now() + dt.timedelta(minutes=4)) == 1
    assert work(row).state == "finished"
    assert row.n_pairs == ALL


def test_a_second_worker_finds_nothing_to_do(world: World) -> None:
    import_votes(world)
    row = work(begin(world))
    falls, ended = row.falls, row.finished_at
    work(row)
    assert (row.falls, row.finished_at) == (falls, ended)


def test_a_worker_whose_dry_run_was_forgotten_stops(world: World, monkeypatch: Any) -> None:
    import_votes(world)
    row = begin(world)
    facts_of = dry_run.facts_of

    def forgotten(*given: Any) -> Any:
        DryRun.objects.all().delete()
        return facts_of(*given)

    monkeypatch.setattr(dry_run, "facts_of", forgotten)
    monkeypatch.setattr(
        "curation.actions.dry_run.curated",
        lambda recipe, pairs, facts, after: after(
            recipe.steps[0].does, pairs.assign(held=False, reason=None, stage=None)
        ),
    )
    work_on_dry_run(workspace_id=row.workspace_id, dry_run_id=row.pk, clock=timezone.now)
    assert not DryRun.objects.exists()


def test_after_a_day_it_is_forgotten(world: World) -> None:
    import_votes(world)
    work(begin(world))
    resume_dry_runs(now=world.now + dt.timedelta(hours=23))
    assert DryRun.objects.exists()
    resume_dry_runs(now=world.now + dt.timedelta(hours=25))
    assert not DryRun.objects.exists()


def test_a_recipe_that_is_wrong_is_refused_before_it_begins(world: World) -> None:
    with pytest.raises(Invalid):
        start_dry_run(place=world.place(world.mara), document={"stages": []}, now=world.now)
    assert not DryRun.objects.exists()
