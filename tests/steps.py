"""The product's steps, taken in this process one after another: for tests of what they leave, not of who takes them."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from curation.actions.recipes import first_recipe, save_recipe
from curation.actions.start_run import start_run
from curation.actions.work import work_on_chunk
from curation.models import RecipeVersion, Run, RunChunk
from curation.stages.recipes import RECIPES
from exports.actions.build import build_version
from exports.actions.datasets import make_dataset, publish
from exports.models import Dataset, DatasetVersion
from feedback import access
from feedback.actions.claim import claim_next
from feedback.actions.importing.run import run_import
from feedback.actions.importing.start import Incoming, start_import
from feedback.actions.submit import Sent, submit_review
from feedback.models import Assignment, ImportJob, ImportRejection, Project, User
from feedback.policy.effort import Effort
from tests.world import FULL, World

DATA = Path(__file__).parent / "data"
COUNTS = ("created", "revised", "duplicate", "rejected")


def read_data(name: str) -> bytes:
    """A committed file, unpacked."""
    return gzip.decompress((DATA / name).read_bytes())


def lines(*rows: Any) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def row(
    id: str | None = None,
    *votes: int,
    prompt: str = "Why is the sky blue?",
    responses: Sequence[Any] = ("Scattering.", "It is not."),
    **more: Any,
) -> dict[str, Any]:
    """An item in the native format with one review a vote, by raters r1, r2 …"""
    reviews = [
        {"rater": f"r{number}", "answers": {"preference": [{"a": 1, "b": 2, "value": vote}]}}
        for number, vote in enumerate(votes, start=1)
    ]
    named = {} if id is None else {"id": id}
    return {
        **named,
        "prompt": prompt,
        "responses": list(responses),
        "reviews": reviews,
        **more,
    }


def begin_import(
    place: access.ProjectPlace, content: bytes, now: dt.datetime, **wish: Any
) -> ImportJob:
    name = wish.pop("name", "rows.jsonl")
    return start_import(place=place, incoming=Incoming(name, [content]), now=now, **wish)


def carry_on(job: ImportJob, now: dt.datetime) -> ImportJob:
    """What the worker does, to the end."""
    run_import(workspace_id=job.workspace_id, job_id=job.pk, clock=lambda: now)
    job.refresh_from_db()
    return job


def import_content(
    place: access.ProjectPlace, content: bytes, now: dt.datetime, **wish: Any
) -> ImportJob:
    return carry_on(begin_import(place, content, now, **wish), now)


def import_rows(
    place: access.ProjectPlace, rows: Iterable[Any], now: dt.datetime, **wish: Any
) -> ImportJob:
    return import_content(place, lines(*rows), now, **wish)


def counts(job: ImportJob, what: str) -> tuple[int, ...]:
    """created, revised, duplicate, rejected (revised of items only)."""
    return tuple(getattr(job, f"{what}_{name}", 0) for name in COUNTS)


def rejections(job: ImportJob) -> list[tuple[int, str, int | None, str]]:
    rows = ImportRejection.objects.filter(job=job).order_by("row", "pk")
    return list(rows.values_list("row", "scope", "number", "code"))


def claim(world: World, user: User, now: dt.datetime | None = None, **where: Any) -> Assignment:
    place = world.place(user, **where)
    found = claim_next(place=place, now=now or world.now)
    assert found is not None
    return access.assignment(place, found.public_id)


def send(
    world: World,
    user: User,
    assignment: Assignment,
    slots: Any = FULL,
    *,
    now: dt.datetime | None = None,
    active_ms: int | None = 4000,
    **measured: Any,
) -> Sent:
    place = world.place(user, assignment.project)
    fresh = access.assignment(place, assignment.public_id)
    return submit_review(
        place=place,
        assignment=fresh,
        slots=slots,
        effort=Effort(active_ms, **measured),
        now=now or world.now,
    )


def recipe(project: Project, now: dt.datetime, name: str = "decided_only") -> RecipeVersion:
    """The recipe that holds nothing but what is undecided."""
    return save_recipe(
        project=project, slug=name, document=RECIPES[name].document(), by=None, now=now
    )


def work_off(
    run: Run, now: dt.datetime, *, order: int = 1, kinds: Sequence[str] = ("read", "decide")
) -> Run:
    """Every chunk as a worker would do it; `order` −1 begins with the last."""
    for kind in kinds:
        rows = RunChunk.objects.filter(run=run, kind=kind).order_by("number")
        for pk in list(rows.values_list("pk", flat=True))[::order]:
            work_on_chunk(workspace_id=run.workspace_id, chunk_id=pk, clock=lambda: now)
    run.refresh_from_db()
    return run


def run_recipe(
    place: access.ProjectPlace, now: dt.datetime, version: RecipeVersion | None = None
) -> Run:
    version = version or first_recipe(project=place.project, now=now)
    return work_off(start_run(place=place, version=version, now=now), now)


def build(version: DatasetVersion, now: dt.datetime) -> DatasetVersion:
    build_version(workspace_id=version.workspace_id, version_id=version.pk, clock=lambda: now)
    version.refresh_from_db()
    return version


def publish_run(
    place: access.Place, run: Run, now: dt.datetime, dataset: Dataset | None = None
) -> DatasetVersion:
    dataset = dataset or make_dataset(place=place, slug="pairs", now=now)
    return build(publish(place=place, dataset=dataset, run=run, now=now), now)


def files_root() -> Path:
    """Where uploads, frames and versions lie."""
    return Path(settings.FILES_ROOT)
