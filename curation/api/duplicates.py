"""Near-equal texts by API: what waits for a person, two texts, and what somebody says of them."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from curation import access
from curation.actions.near_pairs import decide_pair
from curation.models import NearPair
from curation.queries.near_pairs import ORDER, near_pairs_of, texts_of
from feedback.models import Role, Scope
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import page_of, paged
from feedback.rest.principal import at_project
from feedback.rest.reading import read, read_query

from . import likeness_shapes as shapes
from .runs import FOLLOW

TAG = "duplicates"


@operation(TAG, gives=page_of(shapes.NearPair), query=shapes.NearPairQuery)
def list_duplicates(request: Request, workspace: str, project: str) -> Response:
    """Near-equal texts that wait for a person, or that were decided, the nearest first."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)
    query = read_query(shapes.NearPairQuery, request)
    state = "" if query["state"] == "waiting" else query["state"]
    return paged(query, near_pairs_of(place.project, state), shapes.NearPair, by=ORDER)


@operation(TAG, gives=shapes.NearPairTexts)
def read_duplicate(request: Request, workspace: str, project: str, texts: uuid.UUID) -> Response:
    """The two texts as they were written."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=FOLLOW)
    return _answer(access.near_pair(place, texts))


@operation(
    TAG,
    takes=shapes.Verdict,
    gives=shapes.NearPairTexts,
    examples=[example("One citation differs", {"verdict": "different"}, asked=True)],
)
@idempotent
def decide_duplicate(request: Request, workspace: str, project: str, texts: uuid.UUID) -> Response:
    """Say whether the two are the same. Later runs keep to it; a later verdict takes its place."""
    place = at_project(request, workspace, project, Role.MANAGER, scope=Scope.RUNS_WRITE)
    found = access.near_pair(place, texts)
    decide_pair(place=place, pair=found, now=timezone.now(), **read(shapes.Verdict, request))
    return _answer(access.near_pair(place, texts))


def _answer(pair: NearPair) -> Response:
    left, right = texts_of(pair)
    return Response(
        shapes.NearPairTexts(pair, context={"texts": {"left": left, "right": right}}).data
    )
