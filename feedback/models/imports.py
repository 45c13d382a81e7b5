"""Imports: the job row that a worker claims, what it counted, and every rejected row with its reason."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .base import Leased, Named, TenantKey, TenantModel, unique_in_workspace
from .people import User
from .projects import Project, Source


class SavedMapping(TenantModel):
    """A named mapping from somebody's columns to ours, kept for the next file of that kind."""

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="mappings",
        db_constraint=False,
        db_index=False,
    )
    name = models.SlugField(max_length=60)
    mapping = models.JSONField()
    changed_at = models.DateTimeField(default=timezone.now)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="mapping_once"),
            TenantKey("project", name="mapping_project"),
        ]


class ImportJob(TenantModel, Leased, Named):
    """One file on its way in. Progress is committed with each chunk, so a killed worker's successor goes on behind it."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        FAILED = "failed", "Failed"

    class Conflict(models.TextChoices):
        REJECT = "reject", "Reject the row"
        REVISE = "revise", "Make a new revision"

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="imports",
        db_constraint=False,
        db_index=False,
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        related_name="imports",
        db_constraint=False,
        db_index=False,
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    file_name = models.CharField(max_length=255)
    stored_at = models.CharField(max_length=300, blank=True)
    file_bytes = models.BigIntegerField()
    file_sha256 = models.BinaryField(max_length=32)
    format = models.CharField(max_length=20, blank=True)
    mapping = models.JSONField(null=True)
    mapping_name = models.CharField(max_length=60, blank=True)
    on_conflict = models.CharField(max_length=8, choices=Conflict, default=Conflict.REJECT)
    consent = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=1000, blank=True)
    bytes_read = models.BigIntegerField(default=0)
    rows_read = models.PositiveIntegerField(default=0)
    items_created = models.PositiveIntegerField(default=0)
    items_revised = models.PositiveIntegerField(default=0)
    items_duplicate = models.PositiveIntegerField(default=0)
    items_rejected = models.PositiveIntegerField(default=0)
    responses_created = models.PositiveIntegerField(default=0)
    responses_duplicate = models.PositiveIntegerField(default=0)
    responses_rejected = models.PositiveIntegerField(default=0)
    reviews_created = models.PositiveIntegerField(default=0)
    reviews_duplicate = models.PositiveIntegerField(default=0)
    reviews_rejected = models.PositiveIntegerField(default=0)
    twins = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            unique_in_workspace("import_workspace_id"),
            TenantKey("project", name="import_project"),
            TenantKey("source", name="import_source"),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="import_latest"),
            models.Index(
                fields=["leased_until"],
                name="import_unfinished",
                condition=models.Q(state__in=["waiting", "running"]),
            ),
        ]


class ImportRejection(TenantModel):
    """Something an import could not take: which row, what of it, why, and the row as it came."""

    class Scope(models.TextChoices):
        ITEM = "item", "Item"
        RESPONSE = "response", "Response"
        REVIEW = "review", "Review"

    job = models.ForeignKey(
        ImportJob,
        on_delete=models.PROTECT,
        related_name="rejections",
        db_constraint=False,
        db_index=False,
    )
    row = models.PositiveIntegerField()
    scope = models.CharField(max_length=8, choices=Scope)
    number = models.PositiveSmallIntegerField(null=True)
    code = models.CharField(max_length=60)
    sentence = models.CharField(max_length=1000)
    raw = models.TextField()

    class Meta:
        constraints = [TenantKey("job", name="rejection_job")]
        indexes = [models.Index(fields=["job", "row", "id"], name="rejection_in_order")]
