"""Datasets by API: named, published into, withdrawn; and the files themselves."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from curation import access as curated
from exports import access
from exports.actions import datasets
from exports.downloads import BYTES, VersionWithdrawn, attachment, file_of
from exports.models import DatasetVersion
from exports.queries import datasets_of, files_of, listed, pulls_of, runs_of_version, versions_of
from feedback import access as house
from feedback.access import Place
from feedback.models import Role, Scope
from feedback.queries.pages import page
from feedback.rest.documented import PROBLEM, Problem, example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_workspace, principal_of
from feedback.rest.reading import read, read_query

from . import shapes

TAG = "datasets"
NEWEST_FIRST = ("-major", "-minor")
# Whoever publishes sees what becomes of it.
SEE = frozenset({Scope.DATASETS_READ, Scope.DATASETS_WRITE})


@operation(TAG, gives=page_of(shapes.Dataset), query=PageQuery)
def list_datasets(request: Request, workspace: str) -> Response:
    """The datasets of a workspace by name; a key that names one sees it alone."""
    place = at_workspace(request, workspace, Role.MANAGER, scope=SEE)
    query = read_query(PageQuery, request)
    rows = datasets_of(place.workspace, only=_only(place))
    found = page(rows, after=query["after"], limit=query["limit"], by=("slug",))
    written = shapes.Dataset(listed(found.rows), many=True).data
    return Response({"rows": written, "after": found.after})


@operation(TAG, takes=shapes.NewDataset, gives=shapes.Dataset, status=201)
@idempotent
def make_dataset(request: Request, workspace: str) -> Response:
    """Name a dataset, to publish versions under."""
    place = at_workspace(request, workspace, Role.MANAGER, scope=Scope.DATASETS_WRITE)
    said = read(shapes.NewDataset, request)
    access.check_opens(place.principal, said["slug"])
    dataset = datasets.make_dataset(place=place, now=timezone.now(), **said)
    return Response(shapes.Dataset(listed([dataset])[0]).data, status=201)


@operation(TAG, gives=shapes.Dataset)
def read_dataset(request: Request, workspace: str, dataset: str) -> Response:
    """One dataset."""
    _, row = access.dataset(principal_of(request), workspace, dataset, scope=SEE)
    return Response(shapes.Dataset(listed([row])[0]).data)


@operation(TAG, gives=page_of(shapes.Version), query=PageQuery)
def list_versions(request: Request, workspace: str, dataset: str) -> Response:
    """Every version, the latest first, with those that are being written or failed."""
    _, row = access.dataset(principal_of(request), workspace, dataset, scope=SEE)
    query = read_query(PageQuery, request)
    return paged(query, versions_of(row), shapes.Version, by=NEWEST_FIRST)


@operation(
    TAG,
    takes=shapes.NewVersion,
    gives=shapes.Version,
    status=202,
    also={200: shapes.Version},
    examples=[example("Run 4 of a project", {"project": "chat", "run": 4}, asked=True)],
)
@idempotent
def publish_version(request: Request, workspace: str, dataset: str) -> Response:
    """Publish a finished run under the next number; a worker writes the files. The same run again is the version there is."""
    principal = principal_of(request)
    place, row = access.dataset(principal, workspace, dataset, scope=Scope.DATASETS_WRITE)
    said = read(shapes.NewVersion, request)
    project = house.project(
        principal, workspace, said["project"], role=Role.MANAGER, scope=Scope.DATASETS_WRITE
    )
    run = curated.run(project, said["run"])
    version = datasets.publish(place=place, dataset=row, run=run, now=timezone.now())
    status = 202 if version.state == DatasetVersion.State.BUILDING else 200
    return Response(shapes.Version(version).data, status=status)


@operation(TAG, gives=shapes.VersionDetail)
def read_version(request: Request, workspace: str, dataset: str, tag: str) -> Response:
    """One version by its number: its state, its files with their hashes, its figures, the runs behind it."""
    _, row = _version(request, workspace, dataset, tag)
    context = {"files": files_of(row), "runs": runs_of_version(row)}
    return Response(shapes.VersionDetail(row, context=context).data)


@operation(TAG, takes=shapes.Withdrawal, gives=shapes.Version)
def withdraw_version(request: Request, workspace: str, dataset: str, tag: str) -> Response:
    """Take a version back: it stays on record, and nobody can load it any more. Twice is once."""
    principal = principal_of(request)
    _, found = access.dataset(principal, workspace, dataset, scope=Scope.DATASETS_WRITE)
    row = access.numbered(found, tag)
    said = read(shapes.Withdrawal, request)
    datasets.withdraw(version=row, because=said["because"], now=timezone.now())
    return Response(shapes.Version(access.numbered(found, tag)).data)


@operation(
    TAG,
    gives=OpenApiTypes.BINARY,
    status=(200, BYTES),  # type: ignore[arg-type]  # a key of responses like those below
    also={
        (206, BYTES): OpenApiTypes.BINARY,
        (410, PROBLEM): OpenApiResponse(Problem, description=VersionWithdrawn().sentence),
    },
)
def read_file(
    request: Request, workspace: str, dataset: str, tag: str, path: str
) -> HttpResponseBase:
    """The bytes of a file, or the part that a Range header asks for; its ETag is its SHA-256.

    For single files. Trainers load datasets through the hub, which speaks the protocol of their libraries.
    """
    place, row = _version(request, workspace, dataset, tag, scope=Scope.DATASETS_READ)
    return attachment(request.method or "", request.headers, place, file_of(row, path))


@operation(TAG, gives=page_of(shapes.Pull), query=PageQuery)
def list_pulls(request: Request, workspace: str, dataset: str, tag: str) -> Response:
    """Who fetched which file of a version, the latest first: whoever holds a copy."""
    _, row = _version(request, workspace, dataset, tag)
    return paged(read_query(PageQuery, request), pulls_of(row), shapes.Pull)


def _version(
    request: Request, workspace: str, dataset: str, tag: str, *, scope: house.Scopes = SEE
) -> tuple[Place, DatasetVersion]:
    place, found = access.dataset(principal_of(request), workspace, dataset, scope=scope)
    row = access.numbered(found, tag)
    found.workspace = place.workspace
    row.dataset = found
    return place, row


def _only(place: Place) -> str:
    key = place.principal.key
    return key.dataset_slug if key else ""
