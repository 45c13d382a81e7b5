"""Runs: a recipe applied to a frozen set of reviews, in leased chunks, with a waterfall that adds up."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from feedback.models import Project, User
from feedback.models.base import Leased, Named, TenantKey, TenantModel, unique_in_workspace

from .recipes import RecipeVersion


class Run(TenantModel, Named):
    """One application of a recipe version. What went in is frozen and hashed; so is what came out."""

    class State(models.TextChoices):
        """Joining is a state of large runs alone; in others whoever decides looks for near texts."""

        READING = "reading", "Reading reviews"
        JOINING = "joining", "Looking for near texts"
        DECIDING = "deciding", "Deciding"
        FINISHED = "finished", "Finished"
        FAILED = "failed", "Failed"

    AT_WORK = (State.READING, State.JOINING, State.DECIDING)

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="runs", db_constraint=False, db_index=False
    )
    number = models.PositiveIntegerField()
    recipe_version = models.ForeignKey(
        RecipeVersion,
        on_delete=models.PROTECT,
        related_name="runs",
        db_constraint=False,
    )
    state = models.CharField(max_length=8, choices=State, default=State.READING)
    seed = models.BigIntegerField()
    frozen = models.JSONField()
    input_sha256 = models.BinaryField(max_length=32, null=True)
    result_sha256 = models.BinaryField(max_length=32, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)
    n_items = models.PositiveIntegerField(default=0)
    n_reviews = models.PositiveIntegerField(default=0)
    n_votes = models.PositiveIntegerField(default=0)
    n_pairs = models.PositiveIntegerField(default=0)
    n_held = models.PositiveIntegerField(default=0)
    n_out = models.PositiveIntegerField(default=0)
    base = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    review_end = models.BigIntegerField(default=0)
    reviews_seen = models.PositiveIntegerField(default=0)
    ledger_end = models.BigIntegerField(default=0)
    keeps = models.CharField(max_length=120, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="run_number_once"),
            unique_in_workspace("run_workspace_id"),
            TenantKey("project", name="run_project"),
            TenantKey("recipe_version", name="run_recipe_version"),
            TenantKey("base", name="run_base"),
        ]


class RunChunk(TenantModel, Leased):
    """A piece of a run that a worker leases: reading a range of items, or the one decision over all of them.

    In a large run what lies between these looks for near texts in partitions. The kinds stand in the order in which they are done.
    """

    class Kind(models.TextChoices):
        READ = "read", "Read"
        SHARED = "shared", "Find shared paragraphs"
        SORT_PROMPTS = "sort_prompts", "Sort prompts by band"
        JOIN_PROMPTS = "join_prompts", "Join a partition of prompts"
        CHECK_PROMPTS = "check_prompts", "Check near prompts"
        LABELS = "labels", "Name clusters of prompts"
        SORT_RESPONSES = "sort_responses", "Sort responses by band"
        JOIN_RESPONSES = "join_responses", "Join a partition of responses"
        CHECK_RESPONSES = "check_responses", "Check near responses"
        DECIDE = "decide", "Decide"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"

    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="chunks", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=16, choices=Kind)
    number = models.PositiveIntegerField()
    n_texts = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    review_ids = ArrayField(models.BigIntegerField(), default=list)
    output = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "number"], name="chunk_once"),
            TenantKey("run", name="chunk_run"),
        ]
        indexes = [
            models.Index(
                fields=["leased_until"],
                name="chunk_unfinished",
                condition=models.Q(state__in=["waiting", "running"]),
            )
        ]


class RunStage(TenantModel):
    """One step of the waterfall: what went in, what was held and why, what went on."""

    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="stages", db_constraint=False, db_index=False
    )
    position = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    n_in = models.PositiveIntegerField()
    n_held = models.PositiveIntegerField()
    n_out = models.PositiveIntegerField()
    reasons = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="run_stage_once"),
            models.CheckConstraint(
                condition=models.Q(n_in=models.F("n_held") + models.F("n_out")),
                name="run_stage_adds_up",
            ),
            TenantKey("run", name="run_stage_run"),
        ]


class RunReport(TenantModel):
    """A named result of a run that is not a pair: agreement, the method's fit, the cluster sizes."""

    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="reports", db_constraint=False, db_index=False
    )
    name = models.CharField(max_length=40)
    body = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="run_report_once"),
            TenantKey("run", name="run_report_run"),
        ]
