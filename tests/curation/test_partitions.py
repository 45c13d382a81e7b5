"""Near texts found in partitions are those that are found in memory, and a run of either way has one result."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from curation.actions import partitions, phases
from curation.actions import start_run as starting
from curation.actions.start_run import start_run
from curation.actions.work import forget_frames, resume_runs, work_on_chunk
from curation.models import Run, RunChunk, RunPair, RunReport
from feedback.models import Project
from tests.steps import files_root, import_rows, recipe, row, work_off
from tests.world import World

DAY = dt.timedelta(days=1)
KINDS = tuple(RunChunk.Kind)
BETWEEN = KINDS[1:-1]
SAID = "court held that the contract was void because no notice of the breach had been given in time by either of them"
WORDS = SAID.split()


def rows() -> list[dict[str, Any]]:
    """Prompts that share a paragraph, near prompts, near responses to them, one answer to very many, empty texts."""
    chance = random.Random(7)
    made = []
    for n in range(90):
        asked = " ".join(chance.choices(WORDS, k=14)) + f" {n // 3 * 7919}"
        prompt = f"{'Answer as a lawyer would.' if n % 2 else 'Be brief.'}\n\n{asked}"
        if n % 3:
            prompt = f"{prompt.split()[0]} {made[-1]['prompt'].partition(' ')[2]} again"
        said = " ".join(chance.choices(WORDS, k=40))
        near = said.replace("court", "Court") if n % 4 else f"{said} indeed"
        other = "I cannot help with that." if n % 5 else made[-1]["responses"][0] if n else "x"
        responses = [said, near if n % 2 else other] if n % 11 else [said, ""]
        made.append(row(f"i{n}", n % 7 - 3, 2, -1, prompt=prompt, responses=responses))
    return made


@pytest.fixture
def full(world: World) -> World:
    import_rows(world.place(world.mara), rows(), world.now, source="s")
    return world


def start(world: World, name: str = "chat") -> Run:
    version = recipe(world.project, world.now, name)
    return start_run(place=world.place(world.mara), version=version, now=world.now)


def large(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """From now on every run goes through partitions, a great many for its size."""
    settings.JOIN_IN_MEMORY = 0
    monkeypatch.setattr(starting, "CHUNK_REVIEWS", 20)
    monkeypatch.setattr(phases, "PARTITION_TEXTS", 60)
    monkeypatch.setattr(phases, "READS_PER_SORT", 3)
    monkeypatch.setattr(partitions, "READS_PER_SORT", 3)
    monkeypatch.setattr(partitions, "PAIRS_AT_ONCE", 25)


def result(run: Run) -> tuple[Any, ...]:
    """What a run found out, but for the time it took."""
    assert run.state == "finished", run.error
    reports = dict(RunReport.objects.filter(run=run).values_list("name", "body"))
    clusters = RunPair.objects.filter(run=run).order_by("pair__pair_hash").values_list("cluster")
    found = [bytes(cluster) for (cluster,) in clusters]
    return bytes(run.result_sha256), reports["clusters"], reports["splits"], found


@pytest.mark.parametrize("name", ["chat", "legal"])
def test_a_run_comes_to_the_same_in_memory_and_through_partitions_in_any_order(
    full: World, monkeypatch: pytest.MonkeyPatch, settings: Any, name: str
) -> None:
    if name == "legal":
        Project.objects.update(domain="legal_brief")
    expected = result(work_off(start(full, name), full.now))
    assert expected[1]["near_prompts"] > 20
    assert expected[1]["near_responses"] > 20
    large(monkeypatch, settings)
    for order in (1, -1):
        run = work_off(start(full, name), full.now, order=order, kinds=KINDS)
        assert run.chunks.filter(kind="join_prompts").count() == 4
        assert run.chunks.filter(kind="sort_responses").count() == 5
        assert result(run) == expected


def test_full_buckets_are_capped_and_counted_in_the_same_way(
    full: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    from curation.actions import clusters
    from curation.methods import band_join

    small = 2
    whole, joined = clusters.candidates, band_join.joined
    monkeypatch.setattr(clusters, "candidates", lambda h, p: whole(h, p, small))
    monkeypatch.setattr(band_join, "joined", lambda db, files: joined(db, files, small))
    expected = result(work_off(start(full), full.now))
    assert expected[1]["crowded"] > 10
    large(monkeypatch, settings)
    assert result(work_off(start(full), full.now, kinds=KINDS)) == expected


def test_small_runs_do_without(full: World) -> None:
    run = work_off(start(full), full.now)
    assert set(run.chunks.values_list("kind", flat=True)) == {"read", "decide"}
    assert sum(run.chunks.values_list("n_texts", flat=True)) > 100


def test_nothing_is_joined_before_everything_is_sorted(
    full: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    large(monkeypatch, settings)
    run = work_off(start(full), full.now, kinds=["read"])
    assert run.state == "joining"
    for kind in (*BETWEEN[1:], "decide"):
        work_off(run, full.now, kinds=[kind])
        rows = run.chunks.filter(kind=kind)
        assert set(rows.values_list("state", "attempts")) == {("waiting", 0)}
    run = work_off(run, full.now, kinds=BETWEEN)
    assert run.state == "deciding"


@pytest.mark.parametrize("kind", ["shared", "sort_prompts", "join_responses", "check_responses"])
def test_a_chunk_whose_worker_died_is_done_by_another_and_its_leftovers_go(
    full: World, monkeypatch: pytest.MonkeyPatch, settings: Any, kind: str
) -> None:
    expected = result(work_off(start(full), full.now))
    large(monkeypatch, settings)
    run = work_off(start(full), full.now, kinds=KINDS[: KINDS.index(kind)])

    class Killed(Exception):
        pass

    def die(*_all: Any, **_more: Any) -> None:
        raise Killed

    chunk = run.chunks.filter(kind=kind).last()
    with monkeypatch.context() as dying:
        dying.setattr("curation.actions.work.finish", die)
        with pytest.raises(Killed):
            work_on_chunk(workspace_id=run.workspace_id, chunk_id=chunk.pk, clock=lambda: full.now)
    assert resume_runs(now=full.now + DAY) == 1
    assert result(work_off(run, full.now + DAY, kinds=KINDS)) == expected
    assert not (files_root() / "runs" / str(run.public_id)).exists()


def test_a_worker_that_wakes_up_after_the_end_leaves_nothing(
    full: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    large(monkeypatch, settings)
    run = work_off(start(full), full.now, kinds=KINDS[:3])
    do, late = partitions.do, full.now + DAY

    def fall_asleep(*args: Any) -> None:
        monkeypatch.setattr(partitions, "do", do)
        assert resume_runs(now=late) == 1
        work_off(run, late, kinds=KINDS)
        do(*args)

    monkeypatch.setattr(partitions, "do", fall_asleep)
    chunk = run.chunks.filter(kind="join_prompts").first()
    work_on_chunk(workspace_id=run.workspace_id, chunk_id=chunk.pk, clock=lambda: full.now)
    run.refresh_from_db()
    assert run.state == "finished", run.error
    forget_frames()
    assert not (files_root() / "runs" / str(run.public_id)).exists()


def test_what_partitions_need_on_disk_goes_with_the_run(
    full: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    large(monkeypatch, settings)
    run = work_off(start(full), full.now, kinds=KINDS[:-1])
    folder = files_root() / "runs" / str(run.public_id)
    assert len(list(folder.rglob("*.parquet"))) > 100
    assert not list(folder.rglob("scratch"))
    work_off(run, full.now, kinds=["decide"])
    assert not folder.exists()
