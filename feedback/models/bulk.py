"""What managers did to many items at once: the job, and item by item what it changed, so that it can be read and undone."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .base import Leased, Named, TenantKey, TenantModel, unique_in_workspace
from .items import Item
from .people import User
from .projects import Project


class BulkJob(TenantModel, Leased, Named):
    """One thing done to the chosen items, in chunks by their serial ids. Progress is committed with each chunk.

    `selection` holds the items' outside names, or filters with the last serial id that existed when they were counted;
    `settings` what the action needs (see actions.bulk_settings).
    """

    class Action(models.TextChoices):
        REQUEUE = "requeue", "Ask for more reviews"
        RETIRE = "retire", "Take out of the queue"
        RESTORE = "restore", "Put back into the queue"
        RELEASE = "release", "Take back from reviewers"
        ASSIGN = "assign", "Give to one reviewer"
        PRIORITY = "priority", "Change the priority"
        TAG = "tag", "Change tags"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a worker"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="bulk_jobs",
        db_constraint=False,
        db_index=False,
    )
    action = models.CharField(max_length=10, choices=Action)
    undoes = models.OneToOneField(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="undone_by",
        db_constraint=False,
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    selection = models.JSONField(default=dict)
    settings = models.JSONField(default=dict)
    total = models.PositiveIntegerField()
    seen = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    at_item = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            unique_in_workspace("bulk_workspace_id"),
            TenantKey("project", name="bulk_project"),
            TenantKey("undoes", name="bulk_undoes"),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="bulk_latest"),
            models.Index(
                fields=["leased_until"],
                name="bulk_unfinished",
                condition=models.Q(state__in=["waiting", "running"]),
            ),
        ]


class BulkChange(TenantModel):
    """What a job changed of one item: the values before and after, of queue and tags alone, never a text."""

    job = models.ForeignKey(
        BulkJob,
        on_delete=models.PROTECT,
        related_name="changes",
        db_constraint=False,
        db_index=False,
    )
    item = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        related_name="bulk_changes",
        db_constraint=False,
        db_index=False,
    )
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "item"], name="bulk_change_once"),
            TenantKey("job", name="bulk_change_job"),
            TenantKey("item", name="bulk_change_item"),
        ]
        indexes = [models.Index(fields=["item", "-id"], name="bulk_change_of_item")]
