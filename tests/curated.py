"""Votes imported, curated and published with the product's own actions: the real thing, small.

Thirteen items of three raters: nine pairs are kept, one of them contested; a tie, an empty response, a repeated pair and
an evaluation item are held.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.utils import timezone

from curation.actions import recipes, start_run, work
from curation.models import Run, RunChunk
from exports.actions import build, datasets
from exports.models import Dataset, DatasetVersion
from feedback import access
from feedback.actions.importing.run import run_import
from feedback.actions.importing.start import Incoming, start_import
from feedback.models import ImportJob, Project, User
from tests.world import World

RATERS = ("ruth", "sam", "tess")
TOPICS = (
    *("the tides", "a lunar eclipse", "why iron rusts", "how bees find home", "what glass is"),
    *("the seasons", "why soap cleans", "how a lock works"),
)
HELD = {"not_for_training": 1, "empty_response": 1, "repeat_pair": 1, "no_preference": 1}
KEPT, CONTESTED = 9, 1


def rows() -> list[dict[str, Any]]:
    """Items with their votes, in Touchstone's own format."""
    plain = [_row(n, f"Explain {topic}.", [2, 2, 1]) for n, topic in enumerate(TOPICS)]
    return [
        *plain,
        _row(8, "Name the longest river.", [1, -1, 1]),
        _row(9, "Say which colour is nicer.", [0, 0, 0]),
        {**_row(10, "Translate this line.", [1, 1, 1]), "responses": ["", _answer(10, "b")]},
        {**_row(11, f"Explain {TOPICS[0]}.", [2, 2, 2]), "responses": _answers(0, "other")},
        {**_row(12, "Only for evaluation.", [1, 1, 1]), "purpose": "evaluation"},
    ]


def _row(number: int, prompt: str, votes: list[int]) -> dict[str, Any]:
    reviews = [
        {"rater": rater, "answers": {"preference": [{"a": 1, "b": 2, "value": value}]}}
        for rater, value in zip(RATERS, votes, strict=True)
    ]
    row = {"id": f"item-{number}", "prompt": prompt, "responses": _answers(number, "model")}
    return {**row, "reviews": reviews}


def _answers(number: int, model: str) -> list[dict[str, str]]:
    return [
        {"text": _answer(number, side), "model": f"{model}-{side}", "origin": "model"}
        for side in ("a", "b")
    ]


def _answer(number: int, side: str) -> str:
    words = {"a": "because of this and of that, as everybody can see", "b": "nobody knows it"}
    return f"Answer {number}{side}: {words[side]}."


def import_votes(world: World, project: Project | None = None, by: User | None = None) -> ImportJob:
    """The items and votes, in the project of the world unless another one is named."""
    place = world.place(by or world.ines, project)
    content = "".join(json.dumps(row) + "\n" for row in rows()).encode()
    incoming = Incoming("votes.jsonl", iter([content]))
    job = start_import(place=place, incoming=incoming, source="lab", now=world.now)
    run_import(workspace_id=place.workspace.pk, job_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    assert (job.state, job.reviews_created) == ("finished", 3 * len(rows())), job.error
    return job


def begin_run(world: World, project: Project | None = None, by: User | None = None) -> Run:
    """A run of the project's own recipe that no worker has taken up."""
    place = world.place(by or world.ines, project)
    version = recipes.first_recipe(project=place.project, now=world.now)
    return start_run.start_run(place=place, version=version, now=world.now)


def work_on(run: Run) -> Run:
    """What workers do, in this process."""
    for chunk in RunChunk.objects.filter(run=run).order_by("-kind", "number"):
        work.work_on_chunk(workspace_id=run.workspace_id, chunk_id=chunk.pk, clock=timezone.now)
    run.refresh_from_db()
    return run


def curate(world: World, project: Project | None = None, by: User | None = None) -> Run:
    """The votes imported and a run over them, finished."""
    import_votes(world, project, by)
    run = work_on(begin_run(world, project, by))
    assert run.state == "finished", run.error
    return run


def name_dataset(world: World, slug: str = "chat-prefs", by: User | None = None) -> Dataset:
    place = _home(world, by)
    return datasets.make_dataset(
        place=place, slug=slug, title="Chat preferences", licence="cc-by-4.0", now=world.now
    )


def publish(
    world: World, run: Run, dataset: Dataset, *, build_it: bool = True, by: User | None = None
) -> DatasetVersion:
    """The run as the next version, written unless it is to wait for its worker."""
    version = datasets.publish(place=_home(world, by), dataset=dataset, run=run, now=world.now)
    if build_it:
        build.build_version(workspace_id=version.workspace_id, version_id=version.pk, clock=_now)
        version.refresh_from_db()
        assert version.state == "published", version.error
    return version


def _home(world: World, by: User | None) -> access.Place:
    user = by or world.ines
    workspace = world.elsewhere if user == world.eve else world.workspace
    return access.workspace(access.Principal(user), workspace.slug)


def _now() -> dt.datetime:
    return timezone.now()
