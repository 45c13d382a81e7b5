"""Keys, which only persons make, and the agreement, which only persons accept."""

from __future__ import annotations

import uuid

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import agreements
from feedback.actions.keys import make_key as make
from feedback.actions.keys import revoke_key as revoke
from feedback.models import Role, Scope
from feedback.queries.people import keys_seen_by
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_workspace
from feedback.rest.reading import read, read_query

from .scopes import IN_PROJECTS
from .shapes import people as shapes

KEYS, AGREEMENT = "keys", "agreement"


@operation(KEYS, gives=page_of(shapes.Key), query=PageQuery)
def list_keys(request: Request, workspace: str) -> Response:
    """One's own keys; for an owner everybody's. For persons only."""
    place = at_workspace(request, workspace, scope=None)
    return paged(read_query(PageQuery, request), keys_seen_by(place), shapes.Key)


@operation(
    KEYS,
    takes=shapes.NewKey,
    gives=shapes.KeyMade,
    status=201,
    examples=[
        example(
            "A key for a training job",
            {
                "name": "nightly training",
                "scopes": ["datasets:read"],
                "days": 90,
                "dataset": "chat-pairs",
            },
            asked=True,
        )
    ],
)
@idempotent
def make_key(request: Request, workspace: str) -> Response:
    """Make a key that acts for the caller. Its secret is in this answer and nowhere else. For persons only."""
    place = at_workspace(request, workspace, scope=None)
    said = read(shapes.NewKey, request)
    key, secret = make(
        place=place,
        name=said["name"],
        scopes=[Scope(scope) for scope in set(said["scopes"])],
        now=timezone.now(),
        days=said["days"],
        dataset_slug=said["dataset"],
    )
    return Response({**shapes.Key(key).data, "secret": secret}, status=201)


@operation(KEYS, refuses_writing=True)
def revoke_key(request: Request, workspace: str, key: uuid.UUID) -> Response:
    """The key stops at its next request. For persons only."""
    place = at_workspace(request, workspace, scope=None)
    revoke(place=place, key=access.key(place, key), now=timezone.now())
    return Response(status=204)


@operation(AGREEMENT, gives=shapes.Agreement)
def read_agreement(request: Request, workspace: str) -> Response:
    """The version of the agreement in force, and whether the caller has accepted it."""
    place = at_workspace(request, workspace, scope=IN_PROJECTS)
    agreement = agreements.latest_agreement(place.workspace)
    accepted = agreements.accepted(place.membership)
    return Response(shapes.Agreement(agreement, context={"accepted": accepted}).data)


@operation(AGREEMENT, takes=shapes.NewAgreement, gives=shapes.Agreement, status=201)
@idempotent
def publish_agreement(request: Request, workspace: str) -> Response:
    """Publish a new version; everybody accepts it before their next item."""
    place = at_workspace(request, workspace, Role.OWNER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.NewAgreement, request)
    agreement = agreements.publish_agreement(
        workspace=place.workspace, text=said["text"], by=place.user, now=timezone.now()
    )
    return Response(shapes.Agreement(agreement, context={"accepted": False}).data, status=201)


@operation(AGREEMENT, takes=shapes.Accepting, gives=shapes.Acceptance)
@idempotent
def accept_agreement(request: Request, workspace: str) -> Response:
    """Accept the version one has read, which must be the one in force. For persons only; twice is once."""
    place = at_workspace(request, workspace, scope=None)
    said = read(shapes.Accepting, request)
    acceptance = agreements.accept_agreement(
        place=place, version=said["version"], now=timezone.now()
    )
    return Response(shapes.Acceptance(acceptance).data)
