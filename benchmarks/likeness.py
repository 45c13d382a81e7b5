"""What an import costs more because each item is told which earlier one it looks like: `python -m benchmarks.likeness [ITEMS]`.

A project of 100,000 prompts made of real sentences, a fifth of them edited copies of others; into it files of one item and one of
ten thousand, and two thousand that share their boilerplate. The peer is the same import with nobody to ask.
"""

from __future__ import annotations

import json
import random
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from .house import servers
from .planted import corpora, edit

HELD, SINGLE, MORE, CROWD = 100_000, 100, 10_000, 2_000
COPIED = 0.2
ANSWER_MS, RATE = 5.0, 2 / 3
FOLDER = Path("tests/data")
FORM = "Please answer the following question of our client in three sentences, naming the statute you rely on. The question is: {}"


def main() -> None:
    held = int(sys.argv[1]) if len(sys.argv) > 1 else HELD
    prompts = _prompts(held + SINGLE + 2 * MORE)
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


def _measure(prompts: list[str], count: int) -> None:
    from curation.apps import _remember
    from curation.methods.minhash import warm
    from curation.models import ItemLikeness
    from feedback import ports

    warm()
    place, spent = _place(), []

    def timed(**asked: Any) -> None:
        start = time.perf_counter()
        _remember(**asked)
        spent.append(time.perf_counter() - start)

    ports.register_similar_items(timed)
    _import(place, prompts[:count])
    print(f"{count:,} items, each answer {1000 * sum(spent) / count:.2f} ms")
    rest = prompts[count:]
    _single(place, rest[:SINGLE], spent)
    spent.clear()
    seconds = _import(place, rest[SINGLE : SINGLE + MORE])
    print(f"a file of {MORE:,}: {1000 * sum(spent) / MORE:.2f} ms each (limit {ANSWER_MS:.0f} ms)")
    spent.clear()
    _import(place, [FORM.format(each) for each in rest[:CROWD]])
    print(f"{CROWD:,} with one boilerplate: {1000 * sum(spent) / CROWD:.2f} ms each")
    near = ItemLikeness.objects.filter(nearest__isnull=False).count()
    print(f"{near:,} of {ItemLikeness.objects.count():,} look like an earlier one")
    ports.register_similar_items(ports.nobody_remembers)
    alone = _import(place, rest[SINGLE + MORE :])
    print(
        f"import {MORE / seconds:,.0f} items/s, with nobody to ask {MORE / alone:,.0f}: "
        f"{alone / seconds:.2f} of it (limit {RATE:.2f})"
    )


def _single(place: Any, prompts: list[str], spent: list[float]) -> None:
    spent.clear()
    for prompt in prompts:
        _import(place, [prompt])
    ordered = sorted(spent)
    print(
        f"a file of one: p50 {1000 * statistics.median(ordered):.1f} ms, "
        f"p95 {1000 * ordered[int(len(ordered) * 0.95)]:.1f} ms (limit {ANSWER_MS:.0f} ms)"
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
