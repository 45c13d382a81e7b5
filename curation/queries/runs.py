"""Runs of a project: lists, how far one is, and what its reports say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from curation.models import Run, RunChunk, RunPair, RunReport, RunStage
from feedback.models import Project

from .pairs import UNANIMOUS

_DONE = Q(state=RunChunk.State.DONE)


@dataclass(frozen=True, slots=True)
class Progress:
    """Pieces of reviews that workers have read, of how many; and in a large run steps of the search for near texts."""

    read: int
    pieces: int
    joined: int
    joins: int

    @property
    def all_read(self) -> bool:
        return self.read == self.pieces


def runs_of(project: Project) -> QuerySet[Run]:
    """Every run with its recipe and who started it, to be paged by `-number`. What it froze is left for later."""
    rows = Run.objects.filter(project=project).defer("frozen")
    return rows.select_related("recipe_version__recipe", "created_by")


def latest_finished(project: Project) -> Run | None:
    """The run with the highest number that has a result."""
    return runs_of(project).filter(state=Run.State.FINISHED).order_by("-number").first()


def questions_of_run(run: Run) -> list[str]:
    """The questions whose votes became pairs; the rest of what was frozen may be large and is not read."""
    found: list[str] = (
        Run.objects.filter(pk=run.pk).values_list("frozen__questions", flat=True).get()
    )
    return found


def stages_of(run: Run) -> list[RunStage]:
    """The steps of the waterfall in their order; empty until the run is finished."""
    return list(RunStage.objects.filter(run=run).order_by("position"))


def reports_of(run: Run) -> dict[str, Any]:
    """The bodies of the run's reports by name."""
    return dict(RunReport.objects.filter(run=run).values_list("name", "body"))


def progress_of(run: Run) -> Progress:
    """How many pieces of the frozen reviews have been read, and how many steps of a search for near texts are done."""
    rows = RunChunk.objects.filter(run=run).exclude(kind=RunChunk.Kind.DECIDE)
    reads = Q(kind=RunChunk.Kind.READ)
    counted = rows.aggregate(
        read=Count("pk", filter=reads & _DONE),
        pieces=Count("pk", filter=reads),
        joined=Count("pk", filter=~reads & _DONE),
        joins=Count("pk", filter=~reads),
    )
    return Progress(**counted)


def kept_contested(run: Run) -> int:
    """How many pairs went out although their votes are not unanimous."""
    return RunPair.objects.of(run).filter(held=False).exclude(UNANIMOUS).count()
