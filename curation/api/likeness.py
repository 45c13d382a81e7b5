"""By API: which items of an import look like earlier ones."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from curation.queries.likeness import ORDER, similar_in
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
