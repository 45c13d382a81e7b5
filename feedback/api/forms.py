"""Forms and guidelines of a project, version by version."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import projects, threads
from feedback.bodies import form_of
from feedback.errors import Invalid
from feedback.models import Role, Scope
from feedback.readers.confined import form_of_label_config
from feedback.readers.label_write import write_label_config
from feedback.readers.problems import ReadingFailed
from feedback.rest.documented import operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from .scopes import IN_PROJECTS
from .shapes import projects as shapes

T = TypeVar("T")
TAG = "forms"
NEWEST_FIRST = ("-version",)


@operation(TAG, gives=page_of(shapes.FormVersion), query=PageQuery)
def list_forms(request: Request, workspace: str, project: str) -> Response:
    """Every version of the form, the current one first."""
    place = at_project(request, workspace, project, scope=IN_PROJECTS)
    rows, manages = place.project.forms.all(), place.is_at_least(Role.MANAGER)
    shape = shapes.FormVersion if manages else shapes.ShownForm
    return paged(read_query(PageQuery, request), rows, shape, by=NEWEST_FIRST)


@operation(TAG, takes=shapes.NewForm, gives=shapes.FormVersion, status=201)
@idempotent
def publish_form(request: Request, workspace: str, project: str) -> Response:
    """Publish a new version of the form; open items finish on theirs. The same form again is no new version."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.NewForm, request)
    version = projects.publish_form(place=place, schema=said["schema"], now=timezone.now())
    return Response(shapes.FormVersion(version).data, status=201)


@operation(TAG, gives=shapes.LabelConfig)
def read_label_config(request: Request, workspace: str, project: str) -> Response:
    """The form in force as a labelling configuration of Label Studio."""
    place = at_project(request, workspace, project, scope=IN_PROJECTS)
    latest = place.project.forms.latest("version")
    config = told(lambda: write_label_config(form_of(latest)))
    return Response(shapes.LabelConfig({"version": latest.version, "config": config}).data)


@operation(TAG, takes=shapes.NewLabelConfig, gives=shapes.FormSchema)
def convert_label_config(request: Request, workspace: str, project: str) -> Response:
    """A labelling configuration of Label Studio as the schema of a form. Nothing is published; send the schema to do that."""
    at_project(request, workspace, project, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.NewLabelConfig, request)
    schema = told(lambda: form_of_label_config(said["config"]))
    return Response({"schema": schema})


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


def told(convert: Callable[[], T]) -> T:
    """What a conversion gives. Raises Invalid with every tag or question that has no counterpart."""
    try:
        return convert()
    except ReadingFailed as failure:
        raise Invalid(
            failure.sentence,
            problems=[
                {"path": each.path, "code": each.code, "sentence": each.sentence}
                for each in failure.problems
            ],
        ) from failure
