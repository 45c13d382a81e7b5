"""The same reviews, recipe and seed give the same result by one worker and by four, however the run is cut, after a kill too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from curation.actions import start_run as starting
from curation.actions.start_run import start_run
from curation.actions.work import resume_runs
from curation.models import Run, SplitEntry
from tests.jobs.test_killed_workers import kill_when, state_of, until
from tests.steps import import_rows, recipe, row
from tests.workers import running
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def begin(world: World, size: int, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run in pieces of so many reviews, with the ledger as empty as for the first one."""
    monkeypatch.setattr(starting, "CHUNK_REVIEWS", size)
    SplitEntry.objects.all().delete()
    version = recipe(world.project, world.now, "chat")
    return start_run(place=world.place(world.mara), version=version, now=world.now)


def result_of(run: Run) -> bytes:
    until(lambda: state_of(run) in {"finished", "failed"})
    run.refresh_from_db()
    assert run.state == "finished", run.error
    return bytes(run.result_sha256)


def test_one_worker_and_four_and_a_killed_one_come_to_the_same(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        row(f"i{n}", n % 7 - 3, 2, -1, prompt=f"Question {n // 2}", responses=[f"a{n}", f"b {n}"])
        for n in range(60)
    ]
    import_rows(world.place(world.mara), rows, world.now, source="s")
    with running(tmp_path / "one", 1):
        expected = result_of(begin(world, 1_000, monkeypatch))
    with running(tmp_path / "four", 4):
        assert result_of(begin(world, 11, monkeypatch)) == expected
    with held_before_done("read"), running(tmp_path / "killed", 1) as worker:
        run = begin(world, 7, monkeypatch)
        kill_when(lambda: is_busy(run, "read"), worker)
    assert resume_runs(now=world.now + DAY) == 1
    with running(tmp_path / "after", 4):
        assert result_of(run) == expected


def test_workers_that_die_while_they_look_for_near_texts_in_partitions_change_nothing(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        row(
            f"i{n}",
            n % 7 - 3,
            2,
            prompt=f"Which answer to question {n // 2} is sound?",
            responses=[f"The court held contract {n // 4} void for want of notice", f"b {n}"],
        )
        for n in range(60)
    ]
    import_rows(world.place(world.mara), rows, world.now, source="s")
    with running(tmp_path / "memory", 1):
        expected = result_of(begin(world, 1_000, monkeypatch))
    monkeypatch.setenv("JOIN_IN_MEMORY", "0")
    with held_before_done("join_prompts"), running(tmp_path / "first", 1) as worker:
        run = begin(world, 11, monkeypatch)
        kill_when(lambda: is_busy(run, "join_prompts"), worker)
    assert resume_runs(now=world.now + DAY) == 1
    with held_before_done("check_responses"), running(tmp_path / "second", 1) as worker:
        kill_when(lambda: is_busy(run, "check_responses"), worker)
    assert resume_runs(now=world.now + DAY) == 1
    with running(tmp_path / "third", 2):
        assert result_of(run) == expected
    assert set(run.chunks.values_list("state", flat=True)) == {"done"}
    assert run.chunks.filter(attempts=2).count() == 2


@contextmanager
def held_before_done(kind: str) -> Iterator[None]:
    """Whoever has done a chunk of this kind and would say so waits: these take less time than it takes to look for them."""
    gate, keeper = 4711, connection.copy()
    with connection.cursor() as cursor, keeper.cursor() as held:
        held.execute("SELECT pg_advisory_lock(%s)", [gate])
        cursor.execute(_HOLD, {"gate": gate})
        cursor.execute(_HELD, {"kind": kind})
        try:
            yield
        finally:
            keeper.close()
            cursor.execute("DROP FUNCTION hold_chunk CASCADE")


_HOLD = """
CREATE FUNCTION hold_chunk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock(%(gate)s); RETURN NEW; END $$
"""
_HELD = """
CREATE TRIGGER hold_chunk BEFORE UPDATE ON curation_runchunk FOR EACH ROW
WHEN (NEW.state = 'done' AND NEW.kind = %(kind)s) EXECUTE FUNCTION hold_chunk()
"""


def is_busy(run: Run, kind: str) -> bool:
    return run.chunks.filter(kind=kind, state="running").exists()
