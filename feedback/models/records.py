"""Records of the house itself: announcements, repeated requests, erasures, and who read what."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .base import Named, TenantKey, TenantModel, permanent, unique_in_workspace
from .people import User, Workspace


class Announcement(models.Model):
    """The outbox: something happened and somebody above must hear of it. The broker only rings; this row is the truth."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    rung_at = models.DateTimeField(null=True)
    rings = models.PositiveSmallIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"],
                name="announcement_unheard",
                condition=models.Q(heard_at__isnull=True),
            )
        ]


class IdempotencyKey(models.Model):
    """An answer already given to a request of this principal on this route with this key."""

    principal = models.CharField(max_length=80)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    body_sha256 = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["principal", "route", "key"], name="idempotency_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]


class Erasure(TenantModel, Named):
    """A request to erase somebody's words, and that it was done. What it erased names it.

    `erased` counts what was found where; nothing in this row says what it was.
    """

    class Subject(models.TextChoices):
        REVIEW = "review", "One review"
        RATER = "rater", "A rater's words"
        ITEM = "item", "An item's texts"

    # No row here points elsewhere in its workspace, so the workspace needs a key of its own.
    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subject = models.CharField(max_length=8, choices=Subject)
    subject_public_id = models.UUIDField()
    reason = models.CharField(max_length=400)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    erased = models.JSONField(default=dict)

    class Meta:
        constraints = [unique_in_workspace("erasure_workspace_id")]
        indexes = [models.Index(fields=["workspace", "-id"], name="erasure_latest")]


class Access(models.Model):
    """A read worth remembering: a download, the use of a key, a look at who a reviewer is."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(
        "feedback.ApiKey",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
    )
    what = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [TenantKey("key", name="access_key")]
        indexes = [models.Index(fields=["workspace", "-id"], name="access_latest")]
        triggers = permanent("access")
