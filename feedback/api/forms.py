"""Forms and guidelines of a project, version by version."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import projects, threads
from feedback.models import Role, Scope
from feedback.rest.documented import operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from .scopes import IN_PROJECTS
from .shapes import projects as shapes

TAG = "forms"
NEWEST_FIRST = ("-version",)


@operation(TAG, gives=page_of(shapes.FormVersion), query=PageQuery)
def list_forms(request: Request, workspace: str, project: str) -> Response:
    """Every version of the form, the current one first."""
    place = at_project(request, workspace, project, scope=IN_PROJECTS)
    rows = place.project.forms.all()
    return paged(read_query(PageQuery, request), rows, shapes.FormVersion, by=NEWEST_FIRST)


@operation(TAG, takes=shapes.NewForm, gives=shapes.FormVersion, status=201)
@idempotent
def publish_form(request: Request, workspace: str, project: str) -> Response:
    """Publish a new version of the form; open items finish on theirs. The same form again is no new version."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.NewForm, request)
    version = projects.publish_form(place=place, schema=said["schema"], now=timezone.now())
    return Response(shapes.FormVersion(version).data, status=201)


@operation(TAG, gives=page_of(shapes.Guideline), query=PageQuery)
def list_guidelines(request: Request, workspace: str, project: str) -> Response:
    """Every version of the guideline, the current one first."""
    place = at_project(request, workspace, project, scope=IN_PROJECTS)
    rows = place.project.guidelines.all()
    return paged(read_query(PageQuery, request), rows, shapes.Guideline, by=NEWEST_FIRST)


@operation(TAG, takes=shapes.NewGuideline, gives=shapes.Guideline, status=201)
@idempotent
def publish_guideline(request: Request, workspace: str, project: str) -> Response:
    """Publish a new version of the guideline; reviewers see that it changed."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    said, now = read(shapes.NewGuideline, request), timezone.now()
    if said["question"] is None:
        version = projects.publish_guideline(place=place, text=said["text"], now=now)
    else:
        thread = access.thread(place, said["question"])
        version = threads.publish_answer(place=place, thread=thread, text=said["text"], now=now)
    return Response(shapes.Guideline(version).data, status=201)
