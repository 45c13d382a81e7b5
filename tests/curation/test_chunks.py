from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pandas as pd
import pytest
from django.db import connections

from curation import parts
from curation.actions import start_run as starting
from curation.actions import work
from curation.actions.reading import table_of
from curation.actions.start_run import start_run
from curation.actions.work import MOST_ATTEMPTS, forget_frames, resume_runs, work_on_chunk
from curation.models import Run, RunChunk, RunPair
from feedback.models import Announcement, Review
from tests.steps import files_root, import_rows, recipe, row, run_recipe, work_off
from tests.world import World, make_world

MINUTE = dt.timedelta(minutes=1)
ROWS = [
    row(f"i{n}", n % 7 - 3, 2, -1, prompt=f"Question {n // 2}", responses=[f"a{n}", f"b {n}"])
    for n in range(24)
]


@pytest.fixture
def full(world: World) -> World:
    import_rows(world.place(world.mara), ROWS, world.now, source="s")
    return world


def start(world: World) -> Run:
    return start_run(
        place=world.place(world.mara),
        version=recipe(world.project, world.now, "chat"),
        now=world.now,
    )


def folder(run: Run) -> Any:
    return files_root() / "runs" / str(run.public_id)


def do(chunk: RunChunk, now: dt.datetime) -> None:
    work_on_chunk(workspace_id=chunk.workspace_id, chunk_id=chunk.pk, clock=lambda: now)
    chunk.refresh_from_db()


def test_a_run_gives_the_same_however_it_is_cut_and_in_whatever_order(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, sizes = set(), []
    for size in (1, 7, 10_000):
        for order in (1, -1):
            monkeypatch.setattr(starting, "CHUNK_REVIEWS", size)
            run = work_off(start(full), full.now, order=order)
            assert run.state == "finished"
            sizes.append(run.chunks.filter(kind="read").count())
            results.add(bytes(run.result_sha256))
    assert sizes == [24, 24, 8, 8, 1, 1]
    assert len(results) == 1


def test_an_items_reviews_stay_in_one_chunk(full: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "CHUNK_REVIEWS", 5)
    run = start(full)
    chunks = RunChunk.objects.filter(run=run, kind="read")
    ids = [pk for chunk in chunks for pk in chunk.review_ids]
    assert sorted(ids) == sorted(Review.objects.values_list("pk", flat=True))
    for chunk in chunks:
        items = Review.objects.filter(pk__in=chunk.review_ids).values("item")
        assert Review.objects.filter(item__in=items).count() == len(chunk.review_ids)


def test_a_chunk_done_twice_is_done_once(full: World) -> None:
    run = start(full)
    [chunk] = run.chunks.filter(kind="read")
    do(chunk, full.now)
    output, finished = chunk.output, chunk.finished_at
    do(chunk, full.now + MINUTE)
    assert (chunk.output, chunk.finished_at, chunk.attempts) == (output, finished, 1)
    work_off(run, full.now)
    pairs = RunPair.objects.filter(run=run).count()
    work_off(run, full.now + MINUTE)
    assert RunPair.objects.filter(run=run).count() == pairs == 24
    assert Announcement.objects.filter(name="curation.chunk_waiting").count() == 2


def test_nothing_is_decided_before_everything_is_read(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "CHUNK_REVIEWS", 40)
    run = start(full)
    decision = run.chunks.get(kind="decide")
    first, second = run.chunks.filter(kind="read").order_by("number")
    for chunk in (first, second):
        do(decision, full.now)
        assert (decision.state, decision.attempts) == ("waiting", 0)
        do(chunk, full.now)
    run.refresh_from_db()
    assert run.state == "deciding"
    do(decision, full.now)
    assert decision.state == "done"


def test_a_chunk_of_another_workspace_is_nobodys(full: World) -> None:
    [chunk] = start(full).chunks.filter(kind="read")
    work_on_chunk(workspace_id=full.elsewhere.pk, chunk_id=chunk.pk, clock=lambda: full.now)
    chunk.refresh_from_db()
    assert (chunk.state, chunk.attempts) == ("waiting", 0)


def test_a_lost_chunk_is_given_to_another_worker_and_the_late_one_writes_nothing(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(full)
    [chunk] = run.chunks.filter(kind="read")
    store, late = work.store, full.now + 6 * MINUTE

    def fall_asleep(*args: Any) -> None:
        """The first worker wakes up when a second one has done its chunk and decided."""
        store(*args)
        monkeypatch.setattr(work, "store", store)
        assert resume_runs(now=late) == 1
        work_off(run, late)

    monkeypatch.setattr(work, "store", fall_asleep)
    do(chunk, full.now)
    run.refresh_from_db()
    assert (run.state, chunk.state, chunk.attempts) == ("finished", "done", 2)
    assert RunPair.objects.filter(run=run).count() == 24
    assert not folder(run).exists()


def test_a_report_that_cannot_be_made_leaves_nothing_of_the_run_written(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports are made beside the writing of the pairs, which is undone with them and done by the next worker."""
    run = start(full)
    work_off(run, full.now, kinds=["read"])
    [decision] = run.chunks.filter(kind="decide")
    with monkeypatch.context() as broken:
        broken.setattr("curation.actions.decide.leaderboards", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            do(decision, full.now)
    assert not RunPair.objects.filter(run=run).exists()
    assert resume_runs(now=full.now + 31 * MINUTE) == 1
    do(decision, full.now + 31 * MINUTE)
    run.refresh_from_db()
    assert (run.state, RunPair.objects.filter(run=run).count()) == ("finished", 24)


def test_frames_hold_texts_and_go_with_the_end_of_the_run(full: World) -> None:
    run = start(full)
    work_off(run, full.now, kinds=["read"])
    assert len(list(folder(run).rglob("*.parquet"))) == 5
    work_off(run, full.now)
    assert not folder(run).exists()


def test_what_a_killed_worker_has_left_in_storage_is_swept(full: World) -> None:
    forget_frames()  # what other tests have left
    done, busy = work_off(start(full), full.now), start(full)
    work_off(busy, full.now, kinds=["read"])
    folder(done).mkdir(parents=True)
    (folder(done) / "00001-x").mkdir()
    (folder(done) / "00001-x" / "pairs.parquet").write_bytes(b"half of it")
    assert forget_frames() == 1
    assert not folder(done).exists()
    assert folder(busy).exists()
    assert work_off(busy, full.now).state == "finished"


def test_five_deaths_end_a_run_with_a_sentence(
    full: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    def die(*args: Any, **more: Any) -> None:
        raise Killed

    run, now = start(full), full.now
    [chunk] = run.chunks.filter(kind="read")
    monkeypatch.setattr(work.frames, "read_reviews", die)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            do(chunk, now)
        now += 6 * MINUTE
        assert resume_runs(now=now) == 1
    do(chunk, now)
    run.refresh_from_db()
    assert (run.state, run.error_code) == ("failed", "gave_up")
    assert "Five workers" in run.error
    assert resume_runs(now=now + 60 * MINUTE) == 0
    assert not folder(run).exists()


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_make_one_result(
    now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(now)
    place = world.place(world.mara)
    import_rows(place, ROWS, now, source="s")
    version = recipe(world.project, now, "chat")
    expected = run_recipe(place, now, version)
    monkeypatch.setattr(starting, "CHUNK_REVIEWS", 12)
    run = start_run(place=place, version=version, now=now)
    chunks = [*run.chunks.filter(kind="read")] * 3

    def work_on(chunk: RunChunk) -> None:
        try:
            work_on_chunk(workspace_id=chunk.workspace_id, chunk_id=chunk.pk, clock=lambda: now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work_on, chunks))
        list(pool.map(work_on, [run.chunks.get(kind="decide")] * 4))
    run.refresh_from_db()
    assert run.state == "finished"
    assert bytes(run.result_sha256) == bytes(expected.result_sha256)
    assert RunPair.objects.filter(run=run).count() == expected.n_pairs
    assert set(run.chunks.values_list("attempts", flat=True)) == {1}


def test_what_gates_say_differs_from_chunk_to_chunk_and_is_put_together() -> None:
    said = [[f"{chunk}/{n}" for n in range(100)] for chunk in range(3)]
    chunks = [pd.DataFrame({"pair": each, "first_signals": pd.Categorical(each)}) for each in said]
    whole = parts.joined([table_of(chunk) for chunk in chunks], by=["pair"])
    assert whole.to_pandas()["first_signals"].tolist() == sorted(
        text for each in said for text in each
    )
