"""Coming into a project by API, and resting from it: the steps, practice, what was expected, pause."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import onboarding, pausing
from feedback.errors import NotThere
from feedback.models import ProjectReviewer, Scope
from feedback.queries.onboarding import key_of, progress_of
from feedback.rest.documented import operation
from feedback.rest.principal import at_project
from feedback.rest.reading import read

from .desk import desk_payload
from .shapes import desk as shapes

TAG = "reviewing"
WRITE = Scope.REVIEWS_WRITE


@operation(TAG, gives=shapes.Beginning)
def read_beginning(request: Request, workspace: str, project: str) -> Response:
    """How far the caller has come into the project: agreement, guideline, practice, keys."""
    return Response(_beginning(at_project(request, workspace, project, scope=WRITE)))


@operation(TAG, takes=shapes.GuidelineRead, gives=shapes.Beginning)
def acknowledge_guideline(request: Request, workspace: str, project: str) -> Response:
    """The caller has read the version of the guideline in force."""
    place = at_project(request, workspace, project, scope=WRITE)
    said = read(shapes.GuidelineRead, request)
    onboarding.acknowledge_guideline(place=place, version=said["guideline"])
    return Response(_beginning(place))


@operation(TAG, gives=shapes.Desk, also={204: None}, refuses_writing=True)
def practise(request: Request, workspace: str, project: str) -> Response:
    """The next practice item; 204 when all are done. What is answered counts for nothing."""
    place = at_project(request, workspace, project, scope=WRITE)
    row = onboarding.practise(place=place, now=timezone.now())
    if row is None:
        return Response(status=204)
    return Response(desk_payload(access.assignment(place, row.public_id)))


@operation(TAG, refuses_writing=True)
def pause(request: Request, workspace: str, project: str) -> Response:
    """The caller rests from the project: what they hold goes to others, their drafts stay. Twice is once."""
    place = at_project(request, workspace, project, scope=WRITE)
    pausing.pause(place=place, now=timezone.now())
    return Response(status=204)


@operation(TAG, refuses_writing=True)
def go_on(request: Request, workspace: str, project: str) -> Response:
    """The rest is over. Twice is once."""
    place = at_project(request, workspace, project, scope=WRITE)
    pausing.go_on(place=place)
    return Response(status=204)


@operation(TAG, gives=shapes.ExpectedAnswer)
def read_key(request: Request, workspace: str, project: str, assignment: uuid.UUID) -> Response:
    """What was expected of a practice item, once the caller has answered it; nulls before that and of other items."""
    place = at_project(request, workspace, project, scope=WRITE)
    row = access.assignment(place, assignment)
    key = key_of(row)
    said: dict[str, object] = {"answers": None, "explanation": None, "order": None}
    if key is not None:
        answers, explanation = key.get("answers", {}), key.get("explanation", "")
        said = {"answers": answers, "explanation": explanation, "order": row.order_shown}
    return Response(said)


def _beginning(place: access.ProjectPlace) -> dict[str, object]:
    rows = ProjectReviewer.objects.filter(project=place.project, membership=place.membership)
    found = rows.select_related("membership").first()
    if found is None:
        raise NotThere
    progress = progress_of(place.project, [found])[0]
    return {
        "agreed": progress.agreed,
        "guideline": progress.guideline,
        "guideline_read": found.guideline_read,
        "practised": progress.practised,
        "practice": progress.practice,
        "finished": progress.finished,
    }
