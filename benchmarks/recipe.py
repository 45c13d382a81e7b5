"""A whole recipe at size: `python -m benchmarks.recipe --pairs 300000 --reviews 1000000`, with two real Celery workers.

Prints the seconds from the call to the result, the most memory each worker took, whether the waterfall adds up, and the
same for the run after 1,000 more reviews, half of them on new items. PostgreSQL, the broker and the workers share the
machine's cores; nothing else is measured here.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from .corpus import RATERS, Corpus, Filling
from .house import ROOT, servers

AIMS = {"seconds": 120.0, "memory": 2048.0, "again": 5.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=30_000)
    parser.add_argument("--reviews", type=int, default=100_000)
    parser.add_argument(
        "--more", type=int, default=1_000, help="reviews added before the second run"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--stages", action="store_true", help="print the waterfall and the log's figures"
    )
    options = parser.parse_args()
    with servers() as base:
        import django

        django.setup()
        house = House()
        began = time.perf_counter()
        corpus = Corpus(options.pairs + options.more // 6)
        texts = corpus.items()
        house.fill(
            (next(texts) for _ in range(options.pairs)), corpus, options.reviews, options.pairs
        )
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        with _workers(base, options.workers) as workers:
            spent = sum(map(processor, workers))
            run, seconds = house.run()
            spent = sum(map(processor, workers)) - spent
            _report("full run", run, seconds, spent, [peak(w) for w in workers], options.stages)
            house.add(texts, options.more, options.pairs)
            spent = sum(map(processor, workers))
            again, seconds = house.run(since=run)
            spent = sum(map(processor, workers)) - spent
            memory = [peak(worker) for worker in workers]
            _report("going on after the new reviews", again, seconds, spent, memory, options.stages)
        if options.stages:
            _log_lines(base)


class House:
    """A workspace with one project, its raters, and a connection that fills its tables."""

    def __init__(self) -> None:
        import psycopg
        from django.utils import timezone

        from feedback import access
        from feedback.actions import people, projects
        from feedback.models import FormVersion, Provenance, Rater, Source, User

        now = timezone.now()
        owner = User.objects.create_user(email="owner@example.org")
        workspace = people.create_workspace(name="Bench", owner=owner, now=now).workspace
        principal = access.Principal(owner)
        project = projects.create_project(
            place=access.workspace(principal, "bench"), name="Scale", domain="chat", now=now
        )
        self.place = access.project(principal, "bench", "scale")
        source = Source.objects.create(workspace=workspace, project=project, name="lab")
        raters = Rater.objects.bulk_create(
            Rater(
                workspace=workspace, rater_kind="imported", source=source, external_key=f"r{n:03d}"
            )
            for n in range(RATERS)
        )
        provenance = Provenance.objects.create(workspace=workspace, digest=bytes(32))
        self.raters = np.array([rater.pk for rater in raters])
        self._connection = psycopg.connect(**_parameters(), autocommit=True)
        place = {
            "workspace": workspace.pk,
            "project": project.pk,
            "source": source.pk,
            "provenance": provenance.pk,
            "form": FormVersion.objects.get(project=project).pk,
        }
        self._filling = Filling(self._connection, place)
        self._reviews = 0

    def fill(
        self, texts: Iterator[tuple[str, str, str]], corpus: Corpus, reviews: int, pairs: int
    ) -> None:
        self._filling.items(texts, 1)
        item, rater, outcome = corpus.votes(reviews, pairs)
        self._filling.reviews(item + 1, self.raters[rater], outcome, 1)
        self._reviews = reviews
        self._filling.finish()

    def grow(
        self, texts: Iterator[tuple[str, str, str]], corpus: Corpus, more: int, each: int = 3
    ) -> None:
        """So many more items, each with so many reviews."""
        first = self._reviews // each + 1
        self._filling.items((next(texts) for _ in range(more)), first)
        item, rater, outcome = corpus.votes(each * more, more)
        self._filling.reviews(item + first, self.raters[rater], outcome, self._reviews + 1)
        self._reviews += each * more
        self._filling.finish()

    def by_hand(self, do: Any) -> tuple[dict[str, float], dict[str, float]]:
        """A run whose chunks `do` does one by one, saying `cpu` and `peak` of each: of reading, and of deciding."""
        from django.utils import timezone

        from curation.actions.recipes import first_recipe
        from curation.actions.start_run import start_run

        now = timezone.now()
        version = first_recipe(project=self.place.project, now=now)
        run = start_run(place=self.place, version=version, now=now)
        read = [do(chunk) for chunk in run.chunks.filter(kind="read")]
        [decision] = [do(chunk) for chunk in run.chunks.filter(kind="decide")]
        seconds, most = sum(each["cpu"] for each in read), max(each["peak"] for each in read)
        return {"cpu": seconds, "peak": most}, decision

    def add(self, texts: Iterator[tuple[str, str, str]], more: int, pairs: int) -> None:
        """Half on items that are there, by raters who have not seen them; half, three each, on new items."""
        fresh = self._filling.items((next(texts) for _ in range(more // 6)), pairs + 1)
        old = np.arange(more - 3 * fresh) * (pairs // more) + 1
        items = np.concatenate([old, np.repeat(np.arange(fresh) + pairs + 1, 3)])
        rng = np.random.default_rng(11)
        raters = np.concatenate(
            [self._unseen(old), self.raters[(np.arange(3 * fresh) * 7) % RATERS]]
        )
        self._filling.reviews(items, raters, rng.integers(-3, 4, len(items)), self._reviews + 1)
        self._filling.finish()

    def _unseen(self, items: Any) -> Any:
        """A rater for each item who has not reviewed it."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT i, (SELECT r.id FROM feedback_rater r WHERE NOT EXISTS (SELECT FROM feedback_review v"
                " WHERE v.item_id = i AND v.rater_id = r.id) ORDER BY r.id LIMIT 1) FROM unnest(%s::bigint[]) i ORDER BY i",
                [items.tolist()],
            )
            return np.array([rater for _, rater in cursor.fetchall()])

    def run(self, since: Any = None) -> tuple[Any, float]:
        """Start the project's recipe, over everything or going on from a run, and wait for its workers."""
        from django.utils import timezone

        from curation.actions.recipes import first_recipe
        from curation.actions.start_run import start_run

        now = timezone.now()
        version = first_recipe(project=self.place.project, now=now)
        began = time.perf_counter()
        run = start_run(place=self.place, version=version, now=now, since=since)
        while run.state in {"reading", "deciding"}:
            time.sleep(0.05)
            run.refresh_from_db(fields=["state"])
        seconds = time.perf_counter() - began
        run.refresh_from_db()
        assert run.state == "finished", run.error
        return run, seconds


def _parameters() -> dict[str, Any]:
    """Where the throw-away database listens, as libpq wants it."""
    from django.db import connection

    settings = connection.settings_dict
    return {"host": settings["HOST"], "user": settings["USER"], "dbname": settings["NAME"]}


@contextmanager
def _workers(base: Path, count: int) -> Iterator[list[int]]:
    """So many workers of one process each; yields the ids of those processes."""
    options = ("--pool", "prefork", "--concurrency", "1", "--loglevel", "INFO", "--without-gossip")
    started = []
    try:
        for number in range(count):
            with (base / f"worker{number}.log").open("wb") as log:
                command = [sys.executable, "-m", "celery", "-A", "config", "worker", *options]
                command += ["-n", f"bench{number}@%h"]
                environment = {**os.environ, "C_FORCE_ROOT": "1"}
                started.append(
                    subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
                )
        for number in range(count):
            log_file = base / f"worker{number}.log"
            deadline = time.monotonic() + 90
            while b" ready." not in log_file.read_bytes():
                assert time.monotonic() < deadline, log_file.read_text()
                time.sleep(0.1)
        yield [_child(process.pid) for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def _child(pid: int) -> int:
    """The pool process of a worker: the one that does the tasks."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def peak(pid: int) -> float:
    """The most memory a process has had, MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def processor(pid: int) -> float:
    """The seconds of the processor that a process has had: on a busy machine they say more than those of the clock."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _report(
    what: str, run: Any, seconds: float, spent: float, memory: list[float], more: bool
) -> None:
    stages = list(run.stages.order_by("position"))
    held = sum(stage.n_held for stage in stages)
    adds_up = stages[0].n_in == run.n_pairs == held + run.n_out and all(
        before.n_out == after.n_in for before, after in pairwise(stages)
    )
    read = max(run.chunks.filter(kind="read").values_list("finished_at", flat=True))
    print(
        f"{what}: {run.n_reviews:,} reviews, {run.n_pairs:,} pairs in {seconds:.1f} s, {spent:.1f} s of the workers' processors "
        f"(reading until {(read - run.created_at).total_seconds():.1f} s), "
        f"peak {', '.join(f'{mib:,.0f}' for mib in memory)} MiB a worker; "
        f"waterfall {run.n_pairs:,} = {held:,} held + {run.n_out:,} kept: {'adds up' if adds_up else 'DOES NOT ADD UP'}; "
        f"result {bytes(run.result_sha256).hex()[:16]}",
        flush=True,
    )
    if more:
        for stage in stages:
            print(f"    {stage.stage:24} {stage.n_in:9,} {stage.n_held:8,} {stage.reasons}")


def _log_lines(base: Path) -> None:
    for log in sorted(base.glob("worker*.log")):
        for line in log.read_text().splitlines():
            if "run_" in line or "Traceback" in line or "rror" in line:
                print(line[:400])


if __name__ == "__main__":
    main()
