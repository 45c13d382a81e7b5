"""By API: which items of an import look like earlier ones, and which are most like one."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from curation.queries.likeness import ORDER, similar_in
from curation.queries.vectors import alike
from feedback import access
from feedback.models import Role, Scope
from feedback.rest.documented import operation
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read_query

from . import likeness_shapes as shapes

ITEMS = frozenset({Scope.ITEMS_READ, Scope.ITEMS_WRITE})


@operation("imports", gives=page_of(shapes.SimilarItem), query=PageQuery)
def list_similar(request: Request, workspace: str, project: str, job: uuid.UUID) -> Response:
    """Items of an import whose prompts look like an earlier item's, the nearest first."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=ITEMS)
    rows = similar_in(access.import_job(place, job))
    return paged(read_query(PageQuery, request), rows, shapes.SimilarItem, by=ORDER)


@operation("items", gives=shapes.AlikeItems, query=shapes.AlikeQuery)
def list_alike(request: Request, workspace: str, project: str, item: uuid.UUID) -> Response:
    """“Find similar”: the items of the project whose prompts are most like this one's, by their vectors."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=ITEMS)
    asked = read_query(shapes.AlikeQuery, request)
    found = alike(place.project, access.item(place, item), asked["limit"])
    return Response(shapes.AlikeItems(found).data)
