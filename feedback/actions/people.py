"""People come and go: the first owner, invitations, roles, endings."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from feedback.access import Place
from feedback.errors import Invalid, NotAllowed, NotThere, Refusal
from feedback.models import (
    Invitation,
    InvitationProject,
    Membership,
    Project,
    ProjectReviewer,
    Rater,
    Role,
    SetupLink,
    User,
    Workspace,
)

from .agreements import publish_agreement

INVITATION_DAYS = 14


class LinkUsed(Refusal):
    """This link has been used or has run out. Ask for a new one."""

    code = "link_used"
    status = 410


class AddressTaken(Refusal):
    """There is already an account with this address. Sign in, then open the link again."""

    code = "address_taken"


class SlugTaken(Refusal):
    """This short name is taken, now or in the past; choose another."""

    code = "slug_taken"


class LastOwner(Refusal):
    """A workspace needs an owner; make somebody else an owner first."""

    code = "last_owner"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What somebody types who gets an account by a link."""

    email: str
    name: str
    password: str


def make_setup_link(*, now: dt.datetime) -> str | None:
    """A fresh one-time token for the first owner, or None when somebody already owns the house."""
    if User.objects.exists():
        return None
    token = secrets.token_urlsafe(24)
    SetupLink.objects.filter(used_at=None).update(used_at=now)
    SetupLink.objects.create(token_hash=hash_of(token), created_at=now)
    return token


@transaction.atomic
def make_first_owner(
    *, token: str, person: NewPerson, workspace_name: str, now: dt.datetime
) -> Membership:
    """Use the set-up link: an account, a workspace and its ownership at once. It opens an empty house only."""
    if User.objects.exists():
        raise LinkUsed
    if not SetupLink.objects.filter(token_hash=hash_of(token), used_at=None).update(used_at=now):
        raise LinkUsed
    user = _new_user(person)
    return create_workspace(name=workspace_name, owner=user, now=now)


@transaction.atomic
def create_workspace(
    *, name: str, owner: User, now: dt.datetime, slug: str | None = None
) -> Membership:
    """A workspace with its owner and the first version of the agreement."""
    chosen = slug or slugify(name)[:60].strip("-") or "workspace"
    try:
        with transaction.atomic():
            workspace = Workspace.objects.create(slug=chosen, name=name, created_at=now)
    except IntegrityError as error:
        raise SlugTaken from error
    membership = _join(workspace=workspace, user=owner, role=Role.OWNER, now=now)
    publish_agreement(workspace=workspace, text=None, by=owner, now=now)
    return membership


@transaction.atomic
def invite(
    *, place: Place, role: Role, projects: list[Project], now: dt.datetime, email: str = ""
) -> tuple[Invitation, str]:
    """A link that makes a member, once, within 14 days. Returns the row and the token, which is shown only now."""
    if role == Role.OWNER and not place.is_at_least(Role.OWNER):
        raise NotAllowed("Only an owner can invite an owner.")
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        workspace=place.workspace,
        email=email.strip(),
        role=role,
        token_hash=hash_of(token),
        invited_by=place.user,
        created_at=now,
        expires_at=now + dt.timedelta(days=INVITATION_DAYS),
    )
    InvitationProject.objects.bulk_create(
        InvitationProject(workspace=place.workspace, invitation=invitation, project=project)
        for project in projects
    )
    return invitation, token


def open_invitation(token: str, *, now: dt.datetime) -> Invitation:
    """The invitation behind a link, if it can still be accepted."""
    invitation = (
        Invitation.objects.select_related("workspace", "invited_by")
        .filter(token_hash=hash_of(token))
        .first()
    )
    if invitation is None or not invitation.open_at(now):
        raise LinkUsed
    return invitation


@transaction.atomic
def accept_invitation(
    *, token: str, now: dt.datetime, user: User | None = None, person: NewPerson | None = None
) -> Membership:
    """Join by link: as the signed-in `user`, or as a new `person`."""
    invitation = open_invitation(token, now=now)
    if user is None:
        assert person is not None
        user = _new_user(person)
    won = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None).update(
        accepted_at=now, accepted_by=user
    )
    if not won:
        raise LinkUsed
    membership = _join(
        workspace=invitation.workspace, user=user, role=Role(invitation.role), now=now
    )
    ProjectReviewer.objects.bulk_create(
        (
            ProjectReviewer(
                workspace=invitation.workspace,
                project_id=row.project_id,
                membership=membership,
                added_at=now,
            )
            for row in invitation.projects.all()
        ),
        ignore_conflicts=True,
    )
    return membership


def withdraw_invitation(*, place: Place, invitation: Invitation, now: dt.datetime) -> None:
    """The link stops working."""
    if not Invitation.objects.filter(
        pk=invitation.pk, workspace=place.workspace, accepted_at=None, withdrawn_at=None
    ).update(withdrawn_at=now):
        raise NotThere


@transaction.atomic
def change_role(*, place: Place, membership: Membership, role: Role) -> None:
    """Give a member another role. Owners only touch owners; the last owner stays."""
    _look_again(membership)
    touched = Role.OWNER in {role, Role(membership.role)}
    if touched and not place.is_at_least(Role.OWNER):
        raise NotAllowed("Only an owner can change owners.")
    if membership.role == Role.OWNER and role != Role.OWNER:
        _keep_an_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])


@transaction.atomic
def end_membership(*, place: Place, membership: Membership, now: dt.datetime) -> None:
    """Somebody leaves. Their reviews stay; their keys stop at once."""
    _look_again(membership)
    if membership.role == Role.OWNER:
        if not place.is_at_least(Role.OWNER):
            raise NotAllowed("Only an owner can end an owner's membership.")
        _keep_an_owner(membership)
    membership.ended_at = now
    membership.save(update_fields=["ended_at"])
    membership.keys.filter(revoked_at=None).update(revoked_at=now)


def hash_of(token: str) -> bytes:
    """What is stored of a secret that is random enough by itself."""
    return hashlib.sha256(token.encode()).digest()


def _look_again(membership: Membership) -> None:
    """As it is now, with nobody else at the members of the workspace: whom we have read as a manager may be its last owner."""
    Workspace.objects.select_for_update(no_key=True).get(pk=membership.workspace_id)
    membership.refresh_from_db(fields=["role", "ended_at"])


def _keep_an_owner(membership: Membership) -> None:
    owners = Membership.objects.select_for_update().filter(
        workspace_id=membership.workspace_id, role=Role.OWNER, ended_at=None
    )
    if not [owner for owner in owners if owner.pk != membership.pk]:
        raise LastOwner


def _join(*, workspace: Workspace, user: User, role: Role, now: dt.datetime) -> Membership:
    membership, created = Membership.objects.get_or_create(
        workspace=workspace, user=user, defaults={"role": role, "created_at": now}
    )
    if not created and membership.ended_at is not None:
        membership.role, membership.ended_at = role, None
        membership.save(update_fields=["role", "ended_at"])
    Rater.objects.get_or_create(
        workspace=workspace,
        user=user,
        rater_kind=Rater.Kind.MEMBER,
        defaults={"external_key": "", "created_at": now},
    )
    return membership


def _new_user(person: NewPerson) -> User:
    if User.objects.filter(email__iexact=person.email.strip()).exists():
        raise AddressTaken
    candidate = User(email=person.email.strip(), name=person.name.strip())
    try:
        validate_password(person.password, user=candidate)
    except ValidationError as error:
        raise Invalid(
            " ".join(error.messages),
            problems=[
                {"field": "password", "code": "weak_password", "sentence": m}
                for m in error.messages
            ],
        ) from error
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email=candidate.email, password=person.password, name=candidate.name
            )
    except IntegrityError as error:  # the same form sent twice: the other one was faster
        raise AddressTaken from error
