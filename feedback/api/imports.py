"""Imports: a file comes in, a worker reads it, its counts add up, and what was rejected can be downloaded."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import orjson
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import audit
from feedback.actions.importing.start import StoredFile, Wish, call_worker, check_wish, store_file
from feedback.csv_out import csv_lines
from feedback.models import ImportJob, Role, Scope
from feedback.queries.imports import imports_of, reasons_of, rejected_rows
from feedback.rest.documented import operation
from feedback.rest.idempotency import KeyReused, StillAtWork, given_key, keyed, once
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read_query

from .scopes import ITEMS
from .shapes import imports as shapes
from .uploads import FORM, RAW, digest_of, read_upload

TAG = "imports"
COLUMNS = ("row", "scope", "number", "code", "sentence", "raw")


@operation(TAG, gives=page_of(shapes.Import), query=PageQuery)
def list_imports(request: Request, workspace: str, project: str) -> Response:
    """Every import, the latest first."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=ITEMS)
    return paged(read_query(PageQuery, request), imports_of(place.project), shapes.Import)


@operation(
    TAG,
    takes={FORM: shapes.Upload, **dict.fromkeys(RAW, OpenApiTypes.BINARY)},
    query=shapes.WishQuery,
    gives=shapes.Import,
    status=202,
)
@keyed
def start_import(request: Request, workspace: str, project: str) -> Response:
    """Send a file. The answer comes when it is stored; a worker reads it, and the import shows how far it is.

    Either a form with the file in `file` and the rest as fields, or a raw body with the rest as query parameters. Gzip
    is recognised by content. With an Idempotency-Key the same file with the same wishes is imported once.
    """
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_WRITE)
    given_key(request)
    incoming, said = read_upload(request)
    wish = check_wish(place, said)
    stored = store_file(incoming)
    try:
        response = once(request, digest_of(stored, wish), lambda: _start(place, stored, wish))
    except (KeyReused, StillAtWork):
        stored.forget()
        raise
    if "Idempotency-Replayed" in response.headers:
        stored.forget()
    return response


def _start(place: access.ProjectPlace, stored: StoredFile, wish: Wish) -> Response:
    job = call_worker(place=place, stored=stored, wish=wish, now=timezone.now())
    return Response(shapes.Import(job).data, status=202)


@operation(TAG, gives=shapes.ImportDetail)
def read_import(request: Request, workspace: str, project: str, job: uuid.UUID) -> Response:
    """One import: how far it is, what became of its rows, and why rows were rejected."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=ITEMS)
    row = access.import_job(place, job)
    return Response(shapes.ImportDetail(row, context={"reasons": reasons_of(row)}).data)


@operation(
    TAG,
    query=shapes.RejectionQuery,
    also={
        (200, "application/x-ndjson"): shapes.Rejection,
        (200, "text/csv"): OpenApiTypes.STR,
    },
)
def list_rejections(
    request: Request, workspace: str, project: str, job: uuid.UUID
) -> HttpResponseBase:
    """Everything the import could not take, in the order of the file, each with its reason and the row as it came.

    As NDJSON, one object a line, or with `format=csv` for a spreadsheet, where no cell can become a formula.
    """
    place = at_project(request, workspace, project, Role.MANAGER, scope=ITEMS)
    row = access.import_job(place, job)
    said = read_query(shapes.RejectionQuery, request)
    audit.note_read(place=place, what="rejections", subject=str(job), now=timezone.now())
    return _csv(row) if said["format"] == "csv" else _ndjson(row)


def _csv(job: ImportJob) -> StreamingHttpResponse:
    rows = ([row[name] for name in COLUMNS] for row in rejected_rows(job))
    return _attached(
        csv_lines(COLUMNS, rows), "text/csv; charset=utf-8", f"rejected-{job.public_id}.csv"
    )


def _ndjson(job: ImportJob) -> StreamingHttpResponse:
    lines = (orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rejected_rows(job))
    return _attached(lines, "application/x-ndjson", f"rejected-{job.public_id}.ndjson")


def _attached(
    lines: Iterator[str] | Iterator[bytes], content_type: str, name: str
) -> StreamingHttpResponse:
    """A download that no browser shows or sniffs."""
    response = StreamingHttpResponse(lines, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
