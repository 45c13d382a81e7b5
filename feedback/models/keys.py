"""API keys: a visible prefix, a hashed secret, scopes, and an end."""

from __future__ import annotations

import datetime as dt

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from .base import Named, TenantKey, unique_in_workspace
from .people import Membership, Workspace


class Scope(models.TextChoices):
    ITEMS_READ = "items:read", "Read items and their reviews"
    ITEMS_WRITE = "items:write", "Import items and reviews"
    REVIEWS_WRITE = "reviews:write", "Claim items and send reviews"
    RUNS_READ = "runs:read", "Read recipes, runs and agreement"
    RUNS_WRITE = "runs:write", "Start runs and change recipes"
    DATASETS_READ = "datasets:read", "Load datasets"
    DATASETS_WRITE = "datasets:write", "Publish versions"
    PROJECT_ADMIN = "project:admin", "Change projects, forms and people"


@pghistory.track(exclude=["last_used_at", "secret_hash"])
class ApiKey(Named):
    """A key of one member. It never grants more than its member's role and its own scopes, and less if it names a dataset."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="keys")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="keys", db_constraint=False
    )
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=24, choices=Scope))
    dataset_slug = models.CharField(max_length=96, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            TenantKey("membership", name="key_membership"),
            unique_in_workspace("key_workspace_id"),
        ]

    def works_at(self, now: dt.datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
