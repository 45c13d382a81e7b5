"""Reviews in which it matters who voted: good raters, contrary ones and one who guesses; gold items with their keys."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from django.utils import timezone

from curation.models import Run
from feedback.actions.importing.run import run_import
from feedback.actions.importing.start import Incoming, start_import
from tests.curated import begin_run, work_on
from tests.world import World

RATES = {"ruth": 0.97, "sam": 0.95, "tess": 0.9, "una": 0.1, "vic": 0.5}
GOLD = 20


def rows(items: int = 120) -> list[dict[str, Any]]:
    """Items with a vote of each rater; the last twenty are gold and know which response is better."""
    rng = np.random.default_rng(4)
    return [_row(number, rng, gold=number >= items - GOLD) for number in range(items)]


def compared_run(world: World) -> Run:
    """The reviews imported into the world's project, and a finished run over them."""
    content = "".join(json.dumps(row) + "\n" for row in rows()).encode()
    place = world.place(world.mara)
    incoming = Incoming("contrary.jsonl", iter([content]))
    job = start_import(place=place, incoming=incoming, source="contrary", now=world.now)
    run_import(workspace_id=place.workspace.pk, job_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    assert (job.state, job.items_rejected) == ("finished", 0), job.error
    run = work_on(begin_run(world, by=world.mara))
    assert run.state == "finished", run.error
    return run


def _row(number: int, rng: np.random.Generator, *, gold: bool) -> dict[str, Any]:
    truth = int(rng.choice([2, -2]))
    words = f"matter {rng.integers(10**9)} of {rng.integers(10**9)}"
    row: dict[str, Any] = {
        "id": f"contrary-{number}",
        "prompt": f"Tell me about {words}.",
        "responses": [f"The first of {words} is this.", f"As to {words}, something else holds."],
        "reviews": [
            {"rater": rater, "answers": _said(truth if rng.random() < rate else -truth)}
            for rater, rate in RATES.items()
        ],
    }
    return {**row, "purpose": "gold", "key": {"answers": _said(truth)}} if gold else row


def _said(value: int) -> dict[str, Any]:
    return {"preference": [{"a": 1, "b": 2, "value": value}]}
