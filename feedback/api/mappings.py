"""Mappings: kept by name, and tried on a few rows before a file is sent."""

from __future__ import annotations

import msgspec
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions.importing.preview import Sample, preview_rows
from feedback.actions.importing.start import Wish
from feedback.actions.importing.start import save_mapping as save
from feedback.models import Role, Scope
from feedback.queries.imports import mappings_of
from feedback.rest.documented import example, operation
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from .scopes import ITEMS
from .shapes import imports as shapes

TAG = "imports"
TRIED = {
    "text": "instruction,output1,output2,annotator1\nName a colour.,Blue,Seven,1\n",
    "format": "csv",
    "mapping": {
        "prompt": "instruction",
        "responses": [{"text": "output1"}, {"text": "output2"}],
    },
}


@operation(TAG, gives=page_of(shapes.Mapping), query=PageQuery)
def list_mappings(request: Request, workspace: str, project: str) -> Response:
    """The mappings kept in the project, by name."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=ITEMS)
    rows = mappings_of(place.project)
    return paged(read_query(PageQuery, request), rows, shapes.Mapping, by=("name",))


@operation(TAG, gives=shapes.Mapping)
def read_mapping(request: Request, workspace: str, project: str, name: str) -> Response:
    """One mapping."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=ITEMS)
    return Response(shapes.Mapping(access.saved_mapping(place, name)).data)


@operation(TAG, takes=shapes.NewMapping, gives=shapes.Mapping)
def save_mapping(request: Request, workspace: str, project: str, name: str) -> Response:
    """Keep a mapping under this name, in place of one that is there; imports keep the one they began with."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_WRITE)
    said = read(shapes.NewMapping, request)
    row = save(place=place, name=name, mapping=said["mapping"], now=timezone.now())
    return Response(shapes.Mapping(row).data)


@operation(
    TAG,
    takes=shapes.NewPreview,
    gives=shapes.Preview,
    examples=[example("A mapping tried on CSV", TRIED, asked=True)],
)
def preview_import(request: Request, workspace: str, project: str) -> Response:
    """Try a mapping on the beginning of a file; nothing is stored."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_WRITE)
    said = read(shapes.NewPreview, request)
    found = preview_rows(
        place=place,
        sample=Sample(said["text"], said["name"]),
        wish=Wish(
            format=said["format"], mapping=said["mapping"], mapping_name=said["mapping_name"]
        ),
    )
    return Response(shapes.Preview(msgspec.to_builtins(found)).data)
