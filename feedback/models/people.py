"""People: accounts, workspaces, who belongs where, invitations, and the agreement a reviewer accepts."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from .base import Named, TenantKey, TenantModel, permanent, unique_in_workspace


class UserManager(BaseUserManager["User"]):
    """Makes accounts; an address is stored as it was typed and compared without case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person's account. What they may do hangs on their memberships, never on the account."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the system says"
        LIGHT = "light", "Day"
        DARK = "dark", "Night"

    class Panes(models.TextChoices):
        SIDE = "side", "Side by side"
        STACKED = "stacked", "One above the other"

    class Digest(models.TextChoices):
        OFF = "off", "Never"
        DAILY = "daily", "Every morning"
        WEEKLY = "weekly", "On Monday mornings"

    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    text_percent = models.PositiveSmallIntegerField(default=100)
    time_zone = models.CharField(max_length=64, default="UTC")
    keys = models.JSONField(default=dict, blank=True)
    panes = models.CharField(max_length=8, choices=Panes, default=Panes.SIDE)
    prompt_folded = models.BooleanField(default=False)
    scroll_together = models.BooleanField(default=True)
    digest = models.CharField(max_length=6, choices=Digest, default=Digest.OFF)
    digest_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email


@pghistory.track()
class Workspace(Named):
    """A team's house: nothing inside it can be seen or counted from another."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    mfa_required = models.BooleanField(default=False)
    device_outbox_allowed = models.BooleanField(default=True)
    third_party_allowed = models.BooleanField(default=False)
    effort_days = models.PositiveSmallIntegerField(default=180)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    REVIEWER = "reviewer", "Reviewer"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    MANAGER = "manager", "Data manager"
    OWNER = "owner", "Owner"


@pghistory.track()
class Membership(Named):
    """One person in one workspace, with one role. Ended, not deleted: their reviews stay theirs."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once"),
            unique_in_workspace("membership_workspace_id"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="membership_role_known"
            ),
        ]

    @property
    def position(self) -> str:
        """The role with its article, for a sentence: an owner, a manager."""
        name = self.get_role_display().lower()
        return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


class Invitation(Named):
    """A link that makes an account or a membership, once. Only its hash is stored."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=12, choices=Role)
    token_hash = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [unique_in_workspace("invitation_workspace_id")]
        indexes = [models.Index(fields=["workspace", "-created_at"], name="invitation_latest")]

    def open_at(self, now: dt.datetime) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and now < self.expires_at


class InvitationProject(TenantModel):
    """A project that an invited reviewer joins on acceptance."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, related_name="projects", db_constraint=False
    )
    project = models.ForeignKey(
        "feedback.Project",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "project"], name="invitation_project_once"
            ),
            TenantKey("invitation", name="invitation_project_invitation"),
            TenantKey("project", name="invitation_project_project"),
        ]


class SetupLink(models.Model):
    """The one-time link of a fresh installation, which makes the first owner."""

    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)


class Agreement(models.Model):
    """A version of what a reviewer agrees to: use for training, licence, what is recorded, pay, withdrawal. Permanent."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="agreements")
    version = models.PositiveIntegerField()
    text = models.TextField()
    sha256 = models.BinaryField(max_length=32)
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "version"], name="agreement_version_once"),
            unique_in_workspace("agreement_workspace_id"),
        ]
        triggers = permanent("agreement")


class Acceptance(TenantModel):
    """That a member accepted a version of the agreement, and when. Permanent."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="acceptances", db_constraint=False
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="acceptances", db_constraint=False
    )
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "membership"], name="acceptance_once"),
            TenantKey("agreement", name="acceptance_agreement"),
            TenantKey("membership", name="acceptance_membership"),
        ]
        triggers = permanent("acceptance")
