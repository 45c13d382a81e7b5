"""What an import costs more because each item is told which earlier one it looks like: `python -m benchmarks.likeness [ITEMS]`.

A project of 100,000 prompts made of real sentences, a fifth of them edited copies of others; into it files of one item and of
ten thousand, and two thousand that share their boilerplate. The peer is the same import with nobody to ask, in turns with the other.
What process and database worked stands beside what passed by the clock, which counts waiting for other work on the machine too.
"""

from __future__ import annotations

import gc
import json
import random
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .house import servers
from .planted import corpora, edit

HELD, SINGLE, MORE, CROWD, TURNS = 100_000, 100, 10_000, 2_000, 3
COPIED = 0.2
ANSWER_MS, RATE = 5.0, 2 / 3
FOLDER = Path("tests/data")
FORM = "Please answer the following question of our client in three sentences, naming the statute you rely on. The question is: {}"


def main() -> None:
    held = int(sys.argv[1]) if len(sys.argv) > 1 else HELD
    prompts = _prompts(held + SINGLE + 2 * TURNS * MORE)
    with servers():
        import django

        django.setup()
        _measure(prompts, held)


def _prompts(count: int) -> list[str]:
    """Distinct prompts of one to four real sentences; every fifth or so is a copy of an earlier one with an edit."""
    texts = [
        text
        for kind in corpora(
            FOLDER, dict.fromkeys(("prompts", "responses", "contracts", "diffs"), 0)
        ).values()
        for text in kind
    ]
    cut = {each.strip() for text in texts for each in re.split(r"(?<=[.?!])\s+", text)}
    sentences, chance = sorted(each for each in cut if 20 < len(each) < 200), random.Random(3)
    made: dict[str, None] = {}
    earlier: list[str] = []
    while len(made) < count:
        if earlier and chance.random() < COPIED:
            text = edit(chance.choice(earlier), chance)
        else:
            text = " ".join(chance.sample(sentences, chance.randint(1, 4)))
            earlier.append(text)
        made[text] = None
    return list(made)


@dataclass
class Spent:
    """Seconds by the clock and of work (this process's and the database's), each answer's."""

    clock: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    backend: str = ""

    def start(self) -> None:
        self.clock.clear()
        self.work.clear()

    def timed(self, **asked: Any) -> None:
        from curation.apps import _remember

        start, worked = time.perf_counter(), self.worked()
        _remember(**asked)
        self.clock.append(time.perf_counter() - start)
        self.work.append(self.worked() - worked)

    def worked(self) -> float:
        if not self.backend:
            from feedback.statements import run

            [(pid,)] = run("SELECT pg_backend_pid()", {})
            self.backend = f"/proc/{pid}/schedstat"
        return time.process_time() + int(Path(self.backend).read_text().split()[0]) / 1e9


def _measure(prompts: list[str], count: int) -> None:
    from curation.methods.minhash import warm
    from curation.models import ItemLikeness
    from feedback import ports

    warm()
    # As a worker does before its first task: what it has loaded, no collection looks at again.
    gc.collect()
    gc.freeze()
    place, spent = _place(), Spent()
    ports.register_similar_items(spent.timed)
    _import(place, prompts[:count])
    print(f"{count:,} items, each answer {1000 * sum(spent.clock) / count:.3f} ms")
    rest = prompts[count:]
    _single(place, rest[:SINGLE], spent)
    spent.start()
    _import(place, [FORM.format(each) for each in rest[:CROWD]])
    print(f"{CROWD:,} with one boilerplate: {1000 * sum(spent.clock) / CROWD:.3f} ms each")
    _in_turns(place, rest[SINGLE:], spent)
    near = ItemLikeness.objects.filter(nearest__isnull=False).count()
    print(f"{near:,} of {ItemLikeness.objects.count():,} look like an earlier one")


def _single(place: Any, prompts: list[str], spent: Spent) -> None:
    spent.start()
    for prompt in prompts:
        _import(place, [prompt])
    for what, seconds in (("by the clock", spent.clock), ("of work", spent.work)):
        ordered = sorted(seconds)
        print(
            f"a file of one, {what}: p50 {1000 * statistics.median(ordered):.1f} ms, "
            f"p95 {1000 * ordered[int(len(ordered) * 0.95)]:.1f} ms (limit {ANSWER_MS:.0f} ms)"
        )


def _in_turns(place: Any, prompts: list[str], spent: Spent) -> None:
    """Files of ten thousand with the answers and without, one after the other, so that both meet the same machine."""
    from feedback import ports

    taken: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for turn in range(2 * TURNS):
        asking = turn % 2 == 0
        ports.register_similar_items(spent.timed if asking else ports.nobody_remembers)
        spent.start()
        worked = spent.worked()
        seconds = _import(place, prompts[turn * MORE : (turn + 1) * MORE])
        taken[asking].append((seconds, spent.worked() - worked))
        if asking:
            each = 1000 * sum(spent.clock) / MORE
            print(f"a file of {MORE:,}: {each:.3f} ms each answer (limit {ANSWER_MS:.0f} ms)")
    for at, what in enumerate(("by the clock", "of work")):
        among, alone = (statistics.median(pair[at] for pair in taken[which]) for which in taken)
        print(
            f"import, {what}: {MORE / among:,.0f} items/s, with nobody to ask {MORE / alone:,.0f}: "
            f"{alone / among:.2f} of it (limit {RATE:.2f})"
        )


def _import(place: Any, prompts: list[str]) -> float:
    from django.utils import timezone

    from feedback.actions.importing.run import run_import
    from feedback.actions.importing.start import Incoming, start_import

    rows = ({"prompt": prompt, "responses": ["Yes.", "No."]} for prompt in prompts)
    content = "\n".join(json.dumps(row) for row in rows).encode()
    job = start_import(
        place=place,
        incoming=Incoming("prompts.jsonl", [content]),
        source="bench",
        now=timezone.now(),
    )
    start = time.perf_counter()
    run_import(workspace_id=job.workspace_id, job_id=job.pk, clock=timezone.now)
    return time.perf_counter() - start


def _place() -> Any:
    from django.utils import timezone

    from tests.world import make_world

    world = make_world(timezone.now())
    return world.place(world.ines)


if __name__ == "__main__":
    main()
