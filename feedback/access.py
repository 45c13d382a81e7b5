"""From an id to a row, for somebody: the one place that knows who may see what.

“Not yours” and “not there” are the same answer (NotThere). A member whose role or key is too weak hears so (NotAllowed).
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from . import lookups
from .errors import NotAllowed, NotThere, SecondFactorNeeded
from .models import (
    ApiKey,
    Assignment,
    BulkJob,
    ImportJob,
    Invitation,
    Item,
    Membership,
    Project,
    ProjectReviewer,
    Rater,
    Review,
    Role,
    SavedMapping,
    Scope,
    Thread,
    User,
    Workspace,
)
from .queries.items import items_of
from .queries.threads import threads_of

Scopes = Scope | frozenset[Scope] | None
_STRENGTH = {Role.REVIEWER: 0, Role.ADJUDICATOR: 1, Role.MANAGER: 2, Role.OWNER: 3}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a signed-in person, or a key acting for its member."""

    user: User
    key: ApiKey | None = None

    @property
    def identity(self) -> str:
        """A stable name of the principal, for idempotency and logs."""
        return f"key:{self.key.pk}" if self.key else f"user:{self.user.pk}"


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace as one of its members sees it."""

    principal: Principal
    workspace: Workspace
    membership: Membership

    @property
    def user(self) -> User:
        return self.principal.user

    def is_at_least(self, role: Role) -> bool:
        return _STRENGTH[Role(self.membership.role)] >= _STRENGTH[role]


@dataclass(frozen=True, slots=True)
class ProjectPlace(Place):
    """A project as one of its workspace's members sees it."""

    project: Project


def workspace(
    principal: Principal, slug: str, *, role: Role = Role.REVIEWER, scope: Scopes = None
) -> Place:
    """The workspace, for a member of at least this role whose key (if any) has this scope, or one of these.

    Raises SecondFactorNeeded where the workspace asks a person for one that they do not have.
    """
    membership = _membership(principal, slug)
    if membership is None:
        raise NotThere
    place = Place(principal, membership.workspace, membership)
    check_scope(principal, scope)
    _check_role(place, role)
    return place


def project(
    principal: Principal,
    workspace_slug: str,
    slug: str,
    *,
    role: Role = Role.REVIEWER,
    scope: Scopes = None,
) -> ProjectPlace:
    """A project. A reviewer or adjudicator sees it only when it names them."""
    place = workspace(principal, workspace_slug, scope=scope)
    found, names_them = lookups.project_of(place.membership, slug) or (None, False)
    if found is None or not (names_them or place.is_at_least(Role.MANAGER)):
        raise NotThere
    _check_role(place, role)
    return ProjectPlace(principal, place.workspace, place.membership, found)


def member(place: Place, public_id: uuid.UUID) -> Membership:
    """Somebody who belongs to the workspace now, for those who manage it."""
    _check_role(place, Role.MANAGER)
    found = (
        Membership.objects.select_related("user", "workspace")
        .filter(workspace=place.workspace, public_id=public_id, ended_at=None)
        .first()
    )
    if found is None:
        raise NotThere
    return found


def invitation(place: Place, public_id: uuid.UUID) -> Invitation:
    """An invitation that nobody has used or withdrawn, for those who manage the workspace."""
    _check_role(place, Role.MANAGER)
    found = Invitation.objects.filter(
        workspace=place.workspace, public_id=public_id, accepted_at=None, withdrawn_at=None
    ).first()
    if found is None:
        raise NotThere
    return found


def key(place: Place, public_id: uuid.UUID) -> ApiKey:
    """A key of one's own; an owner sees everybody's."""
    rows = ApiKey.objects.filter(workspace=place.workspace, public_id=public_id)
    if not place.is_at_least(Role.OWNER):
        rows = rows.filter(membership=place.membership)
    found = rows.first()
    if found is None:
        raise NotThere
    return found


def reviews_in(membership: Membership, project: Project) -> bool:
    """Whether the project names this member as a reviewer and has not paused them."""
    return ProjectReviewer.objects.filter(
        project=project, membership=membership, paused_at=None
    ).exists()


def item(place: ProjectPlace, public_id: uuid.UUID) -> Item:
    """An item of the project, for those who manage it."""
    _check_role(place, Role.MANAGER)
    found = items_of(place.project).filter(public_id=public_id).first()
    if found is None:
        raise NotThere
    return found


def assignment(place: ProjectPlace, public_id: uuid.UUID) -> Assignment:
    """One's own assignment; nobody else's, whatever the role. Its texts and the schema of its form are left for later."""
    found = lookups.assignment_of(place.project, place.user, public_id)
    if found is None:
        raise NotThere
    return found


def threads(place: ProjectPlace) -> QuerySet[Thread]:
    """The threads that one may answer: every one for managers; for adjudicators none on an item they are judging."""
    _check_role(place, Role.ADJUDICATOR)
    manages = place.is_at_least(Role.MANAGER)
    return threads_of(place.project, but_for=None if manages else place.user)


def thread(place: ProjectPlace, public_id: uuid.UUID) -> Thread:
    """One's own thread, or one that one may answer."""
    own = Thread.objects.filter(project=place.project, rater__user_id=place.user.pk)
    found = own.select_related("item__revision", "rater__user").filter(public_id=public_id).first()
    if found is None and place.is_at_least(Role.ADJUDICATOR):
        found = threads(place).filter(public_id=public_id).first()
    if found is None:
        raise NotThere
    return found


def own_review(place: ProjectPlace, public_id: uuid.UUID) -> Review:
    """One's own review."""
    found = (
        Review.objects.select_related("assignment", "form", "rater", "item", "body")
        .filter(project=place.project, public_id=public_id, rater__user_id=place.user.pk)
        .first()
    )
    if found is None:
        raise NotThere
    return found


def review(place: Place, public_id: uuid.UUID) -> Review:
    """Anybody's review in the workspace, for its owners."""
    _check_role(place, Role.OWNER)
    found = (
        Review.objects.select_related("rater__source")
        .filter(workspace=place.workspace, public_id=public_id)
        .first()
    )
    if found is None:
        raise NotThere
    return found


def rater(place: Place, public_id: uuid.UUID) -> Rater:
    """Anybody who judged in the workspace, for its owners."""
    _check_role(place, Role.OWNER)
    found = (
        Rater.objects.select_related("source")
        .filter(workspace=place.workspace, public_id=public_id)
        .first()
    )
    if found is None:
        raise NotThere
    return found


def import_job(place: ProjectPlace, public_id: uuid.UUID) -> ImportJob:
    """An import of the project, for those who manage it."""
    _check_role(place, Role.MANAGER)
    found = (
        ImportJob.objects.select_related("source", "created_by")
        .filter(project=place.project, public_id=public_id)
        .first()
    )
    if found is None:
        raise NotThere
    return found


def bulk_job(place: ProjectPlace, public_id: uuid.UUID) -> BulkJob:
    """Something done to many items of the project, for those who manage it."""
    _check_role(place, Role.MANAGER)
    found = (
        BulkJob.objects.select_related("created_by", "undoes", "undone_by")
        .filter(project=place.project, public_id=public_id)
        .first()
    )
    if found is None:
        raise NotThere
    return found


def saved_mapping(place: ProjectPlace, name: str) -> SavedMapping:
    """A mapping kept in the project, for those who manage it."""
    _check_role(place, Role.MANAGER)
    found = SavedMapping.objects.filter(project=place.project, name=name).first()
    if found is None:
        raise NotThere
    return found


def principal_of_key(prefix: str, *, now: dt.datetime) -> Principal | None:
    """The principal of a working key by its visible prefix; the secret is for the caller to compare."""
    key = lookups.key_of(prefix)
    if key is None or not key.works_at(now) or key.membership.ended_at is not None:
        return None
    if not key.membership.user.is_active:
        return None
    return Principal(key.membership.user, key)


def check_scope(principal: Principal, scope: Scopes) -> None:
    """Raise NotAllowed for a key without the scope, or without one of several. None: persons only."""
    key = principal.key
    if key is None:
        return
    wanted = {scope} if isinstance(scope, Scope) else set(scope or ())
    if wanted & set(key.scopes):
        return
    if not wanted:
        raise NotAllowed("A key cannot do this; a person can.")
    names = " or ".join(sorted(wanted))
    raise NotAllowed(f"This key lacks the scope {names}. Make one that has it.")


def _membership(principal: Principal, slug: str) -> Membership | None:
    """Where the principal belongs. A key opens its own workspace and nothing else."""
    if principal.key is not None:
        own = principal.key.membership
        return own if own.workspace.slug == slug and own.ended_at is None else None
    membership = lookups.membership_of(principal.user.pk, slug)
    if membership is not None and membership.workspace.mfa_required:
        check_second_factor(principal)
    return membership


def check_second_factor(principal: Principal) -> None:
    """Raise SecondFactorNeeded for a person whom a workspace asks for one in vain: for what shows several workspaces at once.

    A key is a credential of its own, and nobody asks it for another.
    """
    if principal.key is None and lookups.asks_in_vain(principal.user.pk):
        raise SecondFactorNeeded


def _check_role(place: Place, role: Role) -> None:
    if not place.is_at_least(role):
        raise NotAllowed(f"This needs the role {Role(role).label.lower()}; ask an owner.")
