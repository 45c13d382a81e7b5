"""Projects, their settings, and who reviews in them."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import audit, cloning, projects
from feedback.actions.searching import set_search_language
from feedback.models import Role, Scope
from feedback.queries.people import reviewers_of
from feedback.queries.projects import projects_of
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project, at_workspace
from feedback.rest.reading import read, read_query

from .scopes import IN_PROJECTS
from .shapes import projects as shapes

TAG = "projects"


@operation(TAG, gives=page_of(shapes.Project), query=PageQuery)
def list_projects(request: Request, workspace: str) -> Response:
    """The projects of a workspace: all for its managers, for others those that name them as a reviewer."""
    place = at_workspace(request, workspace, scope=IN_PROJECTS)
    return paged(read_query(PageQuery, request), projects_of(place), shapes.Project)


@operation(
    TAG,
    takes=shapes.NewProject,
    gives=shapes.Project,
    status=201,
    examples=[
        example(
            "Comparing chat answers", {"name": "Chat", "domain": "chat", "overlap": 3}, asked=True
        )
    ],
)
@idempotent
def create_project(request: Request, workspace: str) -> Response:
    """Make a project with the form and guideline of its domain, open for items and reviewers."""
    place = at_workspace(request, workspace, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.NewProject, request)
    project = projects.create_project(place=place, now=timezone.now(), **said)
    return Response(shapes.Project(project).data, status=201)


@operation(TAG, gives=shapes.Project)
def read_project(request: Request, workspace: str, project: str) -> Response:
    """One project and its settings."""
    place = at_project(request, workspace, project, scope=IN_PROJECTS)
    return Response(shapes.Project(place.project).data)


@operation(TAG, takes=shapes.ProjectChanges, gives=shapes.Project)
def change_project(request: Request, workspace: str, project: str) -> Response:
    """Change settings. A changed overlap reaches the items that are already there; their reviews stay."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.ProjectChanges, request)
    language = said.pop("search_language", None)
    if language is not None:
        set_search_language(place=place, language=language, now=timezone.now())
    projects.change_project(place=place, changes=said)
    place.project.refresh_from_db()
    return Response(shapes.Project(place.project).data)


@operation(TAG, takes=shapes.CloneOfProject, gives=shapes.Project, status=201)
@idempotent
def clone_project(request: Request, workspace: str, project: str) -> Response:
    """Make a project like this one: settings, form, guideline, mappings, recipes and people, without items."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.CloneOfProject, request)
    made = cloning.clone_project(place=place, now=timezone.now(), **said)
    return Response(shapes.Project(made).data, status=201)


@operation(TAG, gives=page_of(shapes.Reviewer), query=PageQuery)
def list_reviewers(request: Request, workspace: str, project: str) -> Response:
    """Who reviews here, those who are paused too, and under which rater their reviews stand."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    query = read_query(PageQuery, request)
    audit.note_read(place=place, what="reviewers", subject=place.project.slug, now=timezone.now())
    return paged(query, reviewers_of(place.project), shapes.Reviewer)


@operation(TAG, takes=shapes.NewReviewer, gives=shapes.Reviewer, status=201)
@idempotent
def add_reviewer(request: Request, workspace: str, project: str) -> Response:
    """Name a member as a reviewer, or again if they were paused. Twice is once."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.NewReviewer, request)
    row = projects.add_reviewer(
        place=place, membership=access.member(place, said["member"]), now=timezone.now()
    )
    return Response(shapes.Reviewer(reviewers_of(place.project).get(pk=row.pk)).data, status=201)


@operation(TAG, refuses_writing=True)
def pause_reviewer(request: Request, workspace: str, project: str, member: uuid.UUID) -> Response:
    """They get no new items of this project; what they sent stays. Twice is once."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    row = access.member(place, member)
    projects.pause_reviewer(place=place, membership=row, now=timezone.now())
    return Response(status=204)
