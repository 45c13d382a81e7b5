"""Imports of a project and what they could not take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet

from feedback.models import ImportJob, ImportRejection, Project, SavedMapping


def imports_of(project: Project) -> QuerySet[ImportJob]:
    """Every import, to be paged by `-pk`."""
    return ImportJob.objects.filter(project=project).select_related("source", "created_by")


def mappings_of(project: Project) -> QuerySet[SavedMapping]:
    return SavedMapping.objects.filter(project=project).order_by("name")


def reasons_of(job: ImportJob) -> list[Any]:
    """How often each code was given: scope, code, number."""
    rows = ImportRejection.objects.filter(job=job).values("scope", "code").annotate(n=Count("pk"))
    return list(rows.order_by("-n", "scope", "code"))


def rejected_rows(job: ImportJob) -> Iterator[Any]:
    """Every rejection in the order of the file, streamed; `raw` stands with the first of a row."""
    rows = ImportRejection.objects.filter(job=job).order_by("row", "pk")
    yield from rows.values("row", "scope", "number", "code", "sentence", "raw").iterator(
        chunk_size=500
    )
