"""What an import costs more because each item is told which earlier one it looks like: `python -m benchmarks.likeness`.

A project of ten thousand real prompts with planted edits, then files of one item and of a thousand. The peer is the same import
with nobody to ask.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import Any

from .house import servers
from .planted import corpora

SINGLE, MORE = 200, 1_000
FOLDER = Path("tests/data")


def main() -> None:
    prompts = corpora(FOLDER, {"prompts": 30, "responses": 0, "contracts": 0, "diffs": 0})[
        "prompts"
    ]
    prompts = list(dict.fromkeys(prompts))
    with servers():
        import django

        django.setup()
        _measure(prompts)


def _measure(prompts: list[str]) -> None:
    from curation.apps import _remember
    from curation.models import ItemLikeness
    from feedback import ports

    place, spent = _place(), []

    def timed(**asked: Any) -> None:
        start = time.perf_counter()
        _remember(**asked)
        spent.append(time.perf_counter() - start)

    ports.register_similar_items(timed)
    held, single, more = prompts[: -SINGLE - MORE], prompts[-SINGLE - MORE : -MORE], prompts[-MORE:]
    seconds = _import(place, held)
    print(
        f"{len(held):,} items: {len(held) / seconds:,.0f} items/s, of it {sum(spent) / seconds:.0%} likeness"
    )
    spent.clear()
    for prompt in single:
        _import(place, [prompt])
    ordered = sorted(spent)
    print(
        f"one item into {len(held):,}: p50 {1000 * statistics.median(ordered):.1f} ms, "
        f"p95 {1000 * ordered[int(len(ordered) * 0.95)]:.1f} ms (aim 5 ms)"
    )
    spent.clear()
    _import(place, more)
    print(f"{len(more):,} in one file: {1000 * sum(spent) / len(more):.2f} ms each")
    near = ItemLikeness.objects.filter(nearest__isnull=False).count()
    print(f"{near:,} of {ItemLikeness.objects.count():,} look like an earlier one")
    ports.register_similar_items(ports.nobody_remembers)
    started = [f"{prompt} once more" for prompt in held]
    print(f"with nobody to ask: {len(started) / _import(place, started):,.0f} items/s")


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
