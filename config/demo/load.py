"""Loads the demonstration as its people would: projects, imports, runs and versions, all made by the real workers."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from django.utils import timezone

from curation.actions.recipes import first_recipe
from curation.actions.start_run import start_run
from curation.models import Run, RunChunk
from exports.actions.datasets import make_dataset, publish
from exports.models import Dataset, DatasetVersion
from feedback import access
from feedback.actions.importing.start import Incoming, start_import
from feedback.actions.projects import create_project
from feedback.errors import Refusal
from feedback.following import Line, Step, follow
from feedback.models import ImportJob, Project

from . import people
from .parts import PARTS, WORKSPACE, Part

PIECE = 1 << 20


class NotLoaded(Refusal):
    """A part of the demonstration could not be loaded."""

    code = "demo_not_loaded"


@dataclass(frozen=True)
class Loaded:
    """A part that is there: its project, import and dataset, and its version unless it waits for the visitor."""

    part: Part
    project: Project
    job: ImportJob
    dataset: Dataset
    version: DatasetVersion | None

    @property
    def run(self) -> Run | None:
        return Run.objects.get(version_runs__version=self.version) if self.version else None


def load(line: Line) -> list[Loaded]:
    """Make what is missing of the demonstration and wait until workers have done it; what is there stays as it is.

    All imports are handed over at once, then all runs, then all versions. Raises NotLoaded, NobodyWorks, NotOurs.
    """
    now = timezone.now()
    place = people.manager_place(now)
    here = {part: _project(place, part, now) for part in PARTS}
    people.name_reviewers(place, [each.project for each in here.values()], now)
    jobs = {part: _import(here[part], part, now) for part in PARTS}
    for part, job in jobs.items():
        _wait(line, part, "import", partial(_step_of_import, job))
    datasets = {part: _dataset(place, part, now) for part in PARTS}
    versions = _publish(place, line, here, datasets)
    return [
        Loaded(part, here[part].project, jobs[part], datasets[part], versions.get(part))
        for part in PARTS
    ]


def _project(place: access.Place, part: Part, now: dt.datetime) -> access.ProjectPlace:
    if not Project.objects.filter(workspace=place.workspace, slug=part.slug).exists():
        create_project(
            place=place,
            name=part.name,
            slug=part.slug,
            domain=part.domain,
            overlap=part.overlap,
            now=now,
        )
    return access.project(place.principal, WORKSPACE, part.slug)


def _import(here: access.ProjectPlace, part: Part, now: dt.datetime) -> ImportJob:
    """The import of the part's file: the one there is, unless it failed, or a new one."""
    content = part.file.read_bytes()
    sha256 = hashlib.sha256(content).digest()
    rows = ImportJob.objects.filter(project=here.project, file_sha256=sha256)
    there = rows.exclude(state=ImportJob.State.FAILED).order_by("pk").first()
    return there or start_import(
        place=here,
        incoming=Incoming(part.file.name, _pieces(content)),
        now=now,
        source=part.source,
        mapping=part.mapping,
        mapping_name="pandalm" if part.mapping else "",
        consent=part.consent,
    )


def _pieces(content: bytes) -> Iterable[bytes]:
    return (content[start : start + PIECE] for start in range(0, len(content), PIECE))


def _dataset(place: access.Place, part: Part, now: dt.datetime) -> Dataset:
    there = Dataset.objects.filter(workspace=place.workspace, slug=part.dataset).first()
    return there or make_dataset(
        place=place, slug=part.dataset, title=part.title, licence=part.licence, now=now
    )


def _publish(
    place: access.Place,
    line: Line,
    here: dict[Part, access.ProjectPlace],
    datasets: dict[Part, Dataset],
) -> dict[Part, DatasetVersion]:
    """The first version of each dataset that has one, made of the first recipe's run where it is missing."""
    wanted = [part for part in PARTS if part.published]
    versions = {part: found for part in wanted if (found := _first_version(datasets[part]))}
    runs = {part: _run(here[part]) for part in wanted if part not in versions}
    for part, run in runs.items():
        _wait(line, part, "run", partial(_step_of_run, run))
        versions[part] = publish(place=place, dataset=datasets[part], run=run, now=timezone.now())
    for part, version in versions.items():
        _wait(line, part, "version", partial(_step_of_version, version))
    return versions


def _first_version(dataset: Dataset) -> DatasetVersion | None:
    rows = dataset.versions.exclude(state=DatasetVersion.State.FAILED)
    return rows.order_by("major", "minor").first()


def _run(here: access.ProjectPlace) -> Run:
    """The latest run of the project's first recipe that has not failed, or a new one."""
    version = first_recipe(project=here.project, now=timezone.now())
    rows = Run.objects.filter(project=here.project, recipe_version=version)
    there = rows.exclude(state=Run.State.FAILED).order_by("-number").first()
    return there or start_run(place=here, version=version, now=timezone.now())


def _wait(line: Line, part: Part, what: str, look: Callable[[], Step]) -> None:
    """Follow a piece of work to its end; what was done before we came is not worth a line."""
    name, began = f"{part.slug:<6} {what:<8}", time.monotonic()
    if look().done:
        return
    step = follow(look, lambda words: line.show(f"{name} {words}"))
    line.keep(f"{name} {step.words}, {time.monotonic() - began:.1f} s")


def _step_of_import(job: ImportJob) -> Step:
    job.refresh_from_db()
    if job.state == ImportJob.State.FAILED:
        raise NotLoaded(f"The import of {job.file_name} failed: {job.error}")
    words = f"{job.items_created:,} items and {job.reviews_created:,} reviews"
    taken = job.state != ImportJob.State.WAITING
    return Step(words, taken=taken, done=job.state == ImportJob.State.FINISHED)


def _step_of_run(run: Run) -> Step:
    run.refresh_from_db()
    if run.state == Run.State.FAILED:
        raise NotLoaded(f"Run {run.number} of {run.project.name} failed: {run.error}")
    if run.state == Run.State.FINISHED:
        return Step(f"{run.n_pairs:,} pairs, {run.n_out:,} kept", taken=True, done=True)
    busy = run.chunks.exclude(state=RunChunk.State.WAITING).exists()
    return Step(Run.State(run.state).label, taken=busy)


def _step_of_version(version: DatasetVersion) -> Step:
    version.refresh_from_db()
    if version.state == DatasetVersion.State.FAILED:
        raise NotLoaded(f"Version {version.name} of {version.dataset.slug} failed: {version.error}")
    if version.state == DatasetVersion.State.BUILDING:
        return Step("being written", taken=version.lease is not None)
    return Step(f"{version.name}, {version.files.count()} files", taken=True, done=True)
