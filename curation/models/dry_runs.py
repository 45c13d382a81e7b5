"""Dry runs: a recipe tried on a sample of the reviews by a leased worker. No pair comes of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from feedback.models import Project, User
from feedback.models.base import Leased, Named, TenantKey, TenantModel


class DryRun(TenantModel, Leased, Named):
    """A recipe, saved or not, on a sample of the items; `falls` grow stage by stage. Forgotten after a day."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        FINISHED = "finished", "Finished"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="dry_runs",
        db_constraint=False,
        db_index=False,
    )
    questions = models.JSONField(default=list)
    stages = models.JSONField()
    sample = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    n_items = models.PositiveIntegerField(default=0)
    n_reviews = models.PositiveIntegerField(default=0)
    n_pairs = models.PositiveIntegerField(null=True)
    falls = models.JSONField(default=list)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [TenantKey("project", name="dry_run_project")]
        indexes = [
            models.Index(fields=["project", "created_at"], name="dry_run_of_project"),
            models.Index(
                fields=["leased_until"],
                name="dry_run_at_work",
                condition=models.Q(state="running"),
            ),
        ]
