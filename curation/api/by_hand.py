"""Decisions by hand by API: everything that was decided, and a new one on a pair of a run."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from curation import access
from curation.actions.by_hand import decide_by_hand
from curation.models import Decision
from curation.queries.by_hand import decisions_of
from feedback.models import Role, Scope
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from . import shapes

TAG = "runs"


@operation(TAG, gives=page_of(shapes.Decided), query=PageQuery)
def list_decisions(request: Request, workspace: str, project: str) -> Response:
    """Everything that people decided on pairs of the project, the latest first."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_READ)
    return paged(read_query(PageQuery, request), decisions_of(place.project), shapes.Decided)


@operation(
    TAG,
    takes=shapes.NewDecision,
    gives=shapes.Decided,
    status=201,
    examples=[
        example(
            "A pair held",
            {"action": "hold", "reason": "Both answers quote a repealed statute."},
            asked=True,
        )
    ],
)
@idempotent
def make_decision(
    request: Request, workspace: str, project: str, number: int, pair: uuid.UUID
) -> Response:
    """Release or hold a pair of a run, in every run begun from now on. The same word again is no new decision."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_WRITE)
    row = access.run_pair(access.run(place, number), pair)
    said = read(shapes.NewDecision, request)
    action = Decision.Action(said["action"])
    made = decide_by_hand(
        place=place, rows=[row], action=action, reason=said["reason"], now=timezone.now()
    )
    return Response(shapes.Decided(made[0]).data, status=201)
