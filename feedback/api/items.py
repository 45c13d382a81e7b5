"""Items, reviews and flags for those who manage a project."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import flags
from feedback.models import Role, Scope
from feedback.queries.flags import open_flags
from feedback.queries.items import ORDERS, items_of, responses_of
from feedback.queries.reviews import bodies_of_project, reviews_of_item
from feedback.rest.documented import operation
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read_query

from .shapes import items as shapes

TAG = "items"


@operation(TAG, gives=page_of(shapes.Item), query=shapes.ItemQuery)
def list_items(request: Request, workspace: str, project: str) -> Response:
    """Items, the latest first, with where they stand; filtered by state, purpose, tag, model, external id or words."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_READ)
    query = read_query(shapes.ItemQuery, request)
    filters = {
        name: query[name] for name in ("state", "purpose", "tag", "model", "external_id", "q")
    }
    order = ORDERS[query["sort"]][1]
    return paged(query, items_of(place.project, **filters), shapes.Item, by=order)


@operation(TAG, gives=shapes.ItemDetail)
def read_item(request: Request, workspace: str, project: str, item: uuid.UUID) -> Response:
    """One item: its texts, its responses and where they came from, and every current review."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_READ)
    row = access.item(place, item)
    rows = {"responses": responses_of(row), "reviews": reviews_of_item(row)}
    return Response(shapes.ItemDetail(row, context=rows).data)


@operation(TAG, gives=page_of(shapes.Review), query=PageQuery)
def list_reviews(request: Request, workspace: str, project: str) -> Response:
    """Every revision of every review, the latest first, with bodies by positions."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_READ)
    return paged(read_query(PageQuery, request), bodies_of_project(place.project), shapes.Review)


@operation(TAG, gives=page_of(shapes.Flag), query=PageQuery)
def list_flags(request: Request, workspace: str, project: str) -> Response:
    """What reviewers said is wrong with items and nobody has settled yet."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_READ)
    return paged(read_query(PageQuery, request), open_flags(place.project), shapes.Flag)


@operation(TAG, refuses_writing=True)
def settle_flag(request: Request, workspace: str, project: str, flag: uuid.UUID) -> Response:
    """The flag has been dealt with. Twice is once."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_WRITE)
    flags.settle_flag(place=place, public_id=flag, now=timezone.now())
    return Response(status=204)
