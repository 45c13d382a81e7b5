"""One thing done to many items, for those who manage a project."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions.bulk import start_bulk, undo_bulk
from feedback.models import Role, Scope
from feedback.queries.bulk import Chosen, bulk_jobs_of
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from .shapes import bulk as shapes

TAG = "items"
RETIRED = {"action": "retire", "settings": {"reason": "broken texts"}, "filter": {"tag": "pilot"}}


@operation(TAG, gives=page_of(shapes.BulkJob), query=PageQuery)
def list_bulk_jobs(request: Request, workspace: str, project: str) -> Response:
    """What was done to many items at once, the latest first."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_READ)
    return paged(read_query(PageQuery, request), bulk_jobs_of(place.project), shapes.BulkJob)


@operation(
    TAG,
    takes=shapes.NewBulkJob,
    gives=shapes.BulkJob,
    status=202,
    examples=[example("Everything with a tag leaves the queue", RETIRED, asked=True)],
)
@idempotent
def start_bulk_job(request: Request, workspace: str, project: str) -> Response:
    """Do one thing to the items named, or to all that a filter matches. Up to 500 are done with the answer, more by a worker.

    Actions and their settings: `requeue` (more), `retire` (reason), `restore`, `release` (member, or nobody for whoever
    holds them), `assign` (member, days), `priority` (priority), `tag` (add, remove).
    """
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_WRITE)
    said = read(shapes.NewBulkJob, request)
    filters = said.get("filter")
    chosen = Chosen(tuple(said["items"]), dict(filters) if filters is not None else None)
    job = start_bulk(
        place=place,
        action=said["action"],
        settings=said["settings"],
        chosen=chosen,
        expected=said.get("expected"),
        now=timezone.now(),
    )
    return Response(shapes.BulkJob(job).data, status=202)


@operation(TAG, gives=shapes.BulkJob)
def read_bulk_job(request: Request, workspace: str, project: str, bulk: uuid.UUID) -> Response:
    """How far it is, and how many items it changed."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_READ)
    return Response(shapes.BulkJob(access.bulk_job(place, bulk)).data)


@operation(TAG, gives=shapes.BulkJob, status=202, refuses_writing=True)
def undo_bulk_job(request: Request, workspace: str, project: str, bulk: uuid.UUID) -> Response:
    """Take it back wherever an item still stands as it was left. A job is taken back once; `release` cannot be."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_WRITE)
    job = access.bulk_job(place, bulk)
    made = undo_bulk(place=place, job=job, now=timezone.now())
    return Response(shapes.BulkJob(made).data, status=202)
