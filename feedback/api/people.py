"""Oneself, the workspaces one belongs to, and the people in them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback import access
from feedback.actions import audit, own, people, workspaces
from feedback.models import Role, Scope
from feedback.queries.people import members_of, memberships_of, open_invitations
from feedback.rest.documented import example, operation
from feedback.rest.idempotency import idempotent
from feedback.rest.paging import PageQuery, page_of, paged
from feedback.rest.principal import at_project, at_workspace, person_of, principal_of
from feedback.rest.reading import read, read_query

from .scopes import ANY
from .shapes import people as shapes

PEOPLE = "people"


@operation("account", gives=shapes.Me)
def read_me(request: Request) -> Response:
    """Who the caller is, and what their key may do."""
    return Response(shapes.Me(principal_of(request)).data)


@operation("account", gives=shapes.OwnSettings)
def read_own_settings(request: Request) -> Response:
    """How the caller reads and works. For persons only."""
    return Response(shapes.OwnSettings(person_of(request)).data)


@operation("account", takes=shapes.OwnChanges, gives=shapes.OwnSettings)
def change_own_settings(request: Request) -> Response:
    """Change one's own settings. For persons only."""
    changes = read(shapes.OwnChanges, request)
    user = own.change_own_settings(user=person_of(request), changes=changes)
    return Response(shapes.OwnSettings(user).data)


@operation("account", gives=page_of(shapes.Workspace), query=PageQuery)
def list_workspaces(request: Request) -> Response:
    """The workspaces the caller belongs to; with a key, the key's own."""
    rows = memberships_of(principal_of(request))
    return paged(read_query(PageQuery, request), rows, shapes.Workspace, by=("pk",))


@operation("account", gives=shapes.Workspace)
def read_workspace(request: Request, workspace: str) -> Response:
    """One workspace, and the caller's role in it."""
    place = at_workspace(request, workspace, scope=ANY)
    return Response(shapes.Workspace(place.membership).data)


@operation("account", gives=shapes.WorkspaceSettings)
def read_settings(request: Request, workspace: str) -> Response:
    """What the owners have set for everybody in the workspace."""
    place = at_workspace(request, workspace, Role.OWNER, scope=Scope.PROJECT_ADMIN)
    return Response(shapes.WorkspaceSettings(workspaces.settings_of(place=place)).data)


@operation("account", takes=shapes.WorkspaceChanges, gives=shapes.WorkspaceSettings)
def change_settings(request: Request, workspace: str) -> Response:
    """Change them, as an owner. A second factor can be asked for only by who has one."""
    place = at_workspace(request, workspace, Role.OWNER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.WorkspaceChanges, request)
    changed = workspaces.change_workspace(place=place, changes=said)
    return Response(shapes.WorkspaceSettings(changed).data)


@operation(PEOPLE, gives=page_of(shapes.Member), query=PageQuery)
def list_people(request: Request, workspace: str) -> Response:
    """Everybody who belongs to the workspace now."""
    place = at_workspace(request, workspace, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    query = read_query(PageQuery, request)
    audit.note_read(place=place, what="people", now=timezone.now())
    return paged(query, members_of(place.workspace), shapes.Member)


@operation(PEOPLE, takes=shapes.MemberChanges, gives=shapes.Member)
def change_member(request: Request, workspace: str, member: uuid.UUID) -> Response:
    """Give a member another role."""
    place = at_workspace(request, workspace, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    row = access.member(place, member)
    said = read(shapes.MemberChanges, request)
    people.change_role(place=place, membership=row, role=Role(said["role"]))
    return Response(shapes.Member(row).data)


@operation(PEOPLE, refuses_writing=True)
def end_membership(request: Request, workspace: str, member: uuid.UUID) -> Response:
    """Somebody leaves: their keys stop at once, their reviews stay."""
    place = at_workspace(request, workspace, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    row = access.member(place, member)
    people.end_membership(place=place, membership=row, now=timezone.now())
    return Response(status=204)


@operation(PEOPLE, gives=page_of(shapes.Invitation), query=PageQuery)
def list_invitations(request: Request, workspace: str) -> Response:
    """Links that nobody has used or withdrawn; some may have run out."""
    place = at_workspace(request, workspace, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    rows = open_invitations(place.workspace)
    return paged(read_query(PageQuery, request), rows, shapes.Invitation)


@operation(
    PEOPLE,
    takes=shapes.NewInvitation,
    gives=shapes.InvitationMade,
    status=201,
    examples=[
        example(
            "A reviewer of two projects",
            {"role": "reviewer", "projects": ["chat", "briefs"]},
            asked=True,
        )
    ],
)
@idempotent
def invite(request: Request, workspace: str) -> Response:
    """Make a link that lets somebody join, once, within 14 days. Whoever gives it to them is you: nothing is sent."""
    place = at_workspace(request, workspace, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    said = read(shapes.NewInvitation, request)
    projects = [
        at_project(request, workspace, slug, scope=Scope.PROJECT_ADMIN).project
        for slug in dict.fromkeys(said["projects"])
    ]
    row, token = people.invite(
        place=place,
        role=Role(said["role"]),
        projects=projects,
        now=timezone.now(),
        email=said["email"],
    )
    link = settings.PUBLIC_URL + reverse("invite", args=[token])
    return Response({**shapes.Invitation(row).data, "link": link}, status=201)


@operation(PEOPLE, refuses_writing=True)
def withdraw_invitation(request: Request, workspace: str, invitation: uuid.UUID) -> Response:
    """The link stops working."""
    place = at_workspace(request, workspace, Role.MANAGER, scope=Scope.PROJECT_ADMIN)
    row = access.invitation(place, invitation)
    people.withdraw_invitation(place=place, invitation=row, now=timezone.now())
    return Response(status=204)
