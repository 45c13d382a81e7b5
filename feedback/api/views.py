"""Saved views of a project's items, for those who manage it."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.actions.views import remove_view, save_view
from feedback.models import Role, Scope
from feedback.queries.views import views_of
from feedback.rest.documented import operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from .shapes import items as shapes

TAG = "items"


@operation(TAG, gives=page_of(shapes.View), query=PageQuery)
def list_views(request: Request, workspace: str, project: str) -> Response:
    """One's own views of the list of items, and those that are shared, by name."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_READ)
    query = read_query(PageQuery, request)
    return paged(query, views_of(place), shapes.View, by=("name", "pk"), user=place.user)


@operation(TAG, takes=shapes.NewView, gives=shapes.View, status=201)
@idempotent
def keep_view(request: Request, workspace: str, project: str) -> Response:
    """Keep filters and order under a name; one's own view of that name is replaced."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_WRITE)
    said = read(shapes.NewView, request)
    query = {name: said[name] for name in (*shapes.FILTERS, "sort")}
    view = save_view(
        place=place, name=said["name"], query=query, shared=said["shared"], now=timezone.now()
    )
    return Response(shapes.View(view, context={"user": place.user}).data, status=201)


@operation(TAG, refuses_writing=True)
def drop_view(request: Request, workspace: str, project: str, view: uuid.UUID) -> Response:
    """Remove a view of one's own, or a shared one; the items stay."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.ITEMS_WRITE)
    remove_view(place=place, public_id=view)
    return Response(status=204)
