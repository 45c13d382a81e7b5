"""What workers do for exports: writing versions, and versions whose writer died."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from feedback import jobs

# The actions bring pandas and pyarrow with them: they are loaded where a task runs.


@jobs.hears("exports.version_waiting")
def version_waiting(*, workspace_id: int, version_id: int, **_later: Any) -> None:
    from .actions.build import build_version

    build_version(workspace_id=workspace_id, version_id=version_id, clock=timezone.now)


@shared_task(name="exports.resume_versions")
def resume_versions_task(**_later: Any) -> None:
    from .actions.build import forget_unfinished, resume_versions

    resume_versions(now=timezone.now())
    forget_unfinished(now=timezone.now())
