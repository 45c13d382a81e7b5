"""What workers do for feedback: imports, expired leases, seals, and ringing again."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from . import jobs
from .actions.bulk import resume_bulk, run_bulk
from .actions.citing import find_citations_of_import, find_citations_of_revision
from .actions.digest import send_digests
from .actions.importing.run import resume_imports, run_import
from .actions.leases import sweep_leases
from .actions.sealing import seal_reviews
from .actions.searching import index_texts, respell
from .actions.tidying import tidy


@jobs.hears("feedback.import_waiting")
def import_waiting(*, workspace_id: int, job_id: int, **_later: Any) -> None:
    run_import(workspace_id=workspace_id, job_id=job_id, clock=timezone.now)


@jobs.hears("feedback.bulk_waiting")
def bulk_waiting(*, workspace_id: int, bulk_id: int, **_later: Any) -> None:
    run_bulk(workspace_id=workspace_id, job_id=bulk_id, clock=timezone.now)


@jobs.hears("feedback.citations_wanted")
def citations_wanted(*, workspace_id: int, job_id: int, **_later: Any) -> None:
    find_citations_of_import(workspace_id=workspace_id, job_id=job_id, now=timezone.now())


@jobs.hears("feedback.citations_missing")
def citations_missing(*, workspace_id: int, revision_id: int, **_later: Any) -> None:
    find_citations_of_revision(
        workspace_id=workspace_id, revision_id=revision_id, now=timezone.now()
    )


@jobs.hears("feedback.search_language_changed")
def search_language_changed(*, workspace_id: int, project_id: int, **_later: Any) -> None:
    respell(workspace_id=workspace_id, project_id=project_id)


@shared_task(name="feedback.index_texts")
def index_texts_task(**_later: Any) -> None:
    index_texts(now=timezone.now())


@shared_task(name="feedback.ring_again")
def ring_again_task(**_later: Any) -> None:
    resume_bulk(now=timezone.now())
    resume_imports(now=timezone.now())
    jobs.ring_again(now=timezone.now())


@shared_task(name="feedback.sweep_leases")
def sweep_leases_task(**_later: Any) -> None:
    sweep_leases(now=timezone.now())


@shared_task(name="feedback.seal_reviews")
def seal_reviews_task(**_later: Any) -> None:
    seal_reviews(now=timezone.now())


@shared_task(name="feedback.send_digests")
def send_digests_task(**_later: Any) -> None:
    send_digests(now=timezone.now())


@shared_task(name="feedback.tidy")
def tidy_task(**_later: Any) -> None:
    tidy(now=timezone.now())
