"""What workers do for curation: chunks of runs, and runs whose worker died."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from feedback import jobs
from feedback.actions.cloning import CLONED

from .actions import dry_run, vectors
from .actions.recipes import copy_recipes
from .actions.start_run import WAITING
from .actions.work import forget_frames, resume_runs, work_on_chunk


@jobs.hears(WAITING)
def chunk_waiting(*, workspace_id: int, chunk_id: int, **_later: Any) -> None:
    work_on_chunk(workspace_id=workspace_id, chunk_id=chunk_id, clock=timezone.now)


@jobs.hears(dry_run.WAITING)
def dry_run_waiting(*, workspace_id: int, dry_run_id: int, **_later: Any) -> None:
    dry_run.work_on_dry_run(workspace_id=workspace_id, dry_run_id=dry_run_id, clock=timezone.now)


@jobs.hears(CLONED)
def project_cloned(*, workspace_id: int, project_id: int, copy_id: int, **_later: Any) -> None:
    copy_recipes(
        workspace_id=workspace_id, project_id=project_id, copy_id=copy_id, now=timezone.now()
    )


@jobs.hears("feedback.import_finished")
def import_finished(*, workspace_id: int, project_id: int, **_later: Any) -> None:
    vectors.want_vectors(workspace_id=workspace_id, project_id=project_id, now=timezone.now())


@jobs.hears(vectors.WAITING)
def encoding_waiting(*, workspace_id: int, encoding_id: int, **_later: Any) -> None:
    vectors.work_on_encoding(workspace_id=workspace_id, encoding_id=encoding_id, clock=timezone.now)


@shared_task(name="curation.resume_runs")
def resume_runs_task(**_later: Any) -> None:

    resume_runs(now=timezone.now())
    dry_run.resume_dry_runs(now=timezone.now())
    vectors.resume_encodings(now=timezone.now())
    forget_frames()
