"""What managers did to many items at once, and which items a choice means."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from feedback.errors import Invalid
from feedback.models import BulkChange, BulkJob, Item, Project

from .items import items_of

MOST_NAMED = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """Items by their outside names, or (with `filters`, empty for all) everything that a list so filtered shows."""

    items: tuple[uuid.UUID, ...] = ()
    filters: Mapping[str, str] | None = None


def chosen_items(project: Project, chosen: Chosen) -> QuerySet[Item]:
    """The items of a choice. Raises Invalid for more names than one request may hold."""
    if chosen.filters is not None:
        return items_of(project, **chosen.filters)
    if len(chosen.items) > MOST_NAMED:
        raise Invalid(f"Name at most {MOST_NAMED} items; choose more by a filter.")
    return items_of(project).filter(public_id__in=chosen.items)


def items_of_job(job: BulkJob) -> QuerySet[Item]:
    """The items that a job is to change: chosen when it was started, whatever has arrived since."""
    if job.undoes_id is not None:
        return Item.objects.filter(bulk_changes__job=job.undoes_id)
    selection: dict[str, Any] = job.selection
    if "filters" not in selection:
        return Item.objects.filter(project=job.project, public_id__in=selection["items"])
    return items_of(job.project, **selection["filters"]).filter(pk__lte=selection["up_to"])


def bulk_jobs_of(project: Project) -> QuerySet[BulkJob]:
    """Every job of a project with who started it and what undid it, to be paged by `-pk`."""
    return BulkJob.objects.filter(project=project).select_related(
        "created_by", "undone_by", "undoes"
    )


def changes_of_item(item: Item) -> QuerySet[BulkChange]:
    """What managers did to an item, the latest first."""
    rows = BulkChange.objects.filter(item=item).select_related("job", "job__created_by")
    return rows.order_by("-pk")
