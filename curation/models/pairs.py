"""Pairs: two responses to one prompt under one question, and what each run made of them."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from feedback.models import ItemRevision, Project, Response, User
from feedback.models.base import Named, TenantKey, TenantModel, permanent, unique_in_workspace

from .runs import Run


class Pair(TenantModel, Named):
    """The lasting identity of a pair, stable over runs, so that decisions and lineage can hang on it."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="pairs", db_constraint=False, db_index=False
    )
    revision = models.ForeignKey(
        ItemRevision, on_delete=models.PROTECT, related_name="pairs", db_constraint=False
    )
    response_lo = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    response_hi = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    question = models.CharField(max_length=40)
    pair_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "response_lo", "response_hi", "question"], name="pair_once"
            ),
            unique_in_workspace("pair_workspace_id"),
            TenantKey("project", name="pair_project"),
            TenantKey("revision", name="pair_revision"),
            TenantKey("response_lo", name="pair_response_lo"),
            TenantKey("response_hi", name="pair_response_hi"),
        ]
        indexes = [models.Index(fields=["project", "pair_hash"], name="pair_by_hash")]


class RunPairs(models.QuerySet["RunPair"]):
    """Pairs as runs saw them."""

    def of(self, *runs: Run) -> Self:
        """The pairs of these runs. What a run has left as its base had it, it has from there."""
        own: models.Q = models.Q(run__in=[run.pk for run in runs])
        for run in runs:
            if run.base_id is not None:
                again = RunPair.objects.filter(run=run.pk, pair=models.OuterRef("pair"))
                own |= models.Q(~models.Exists(again), run=run.base_id)
        return self.filter(own)


class RunPair(TenantModel):
    """A pair as one run saw it: its statistics, whether it was held, by which stage and why. See docs/columns.md."""

    class Chosen(models.TextChoices):
        FIRST = "first", "The first response"
        SECOND = "second", "The second response"

    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="pairs", db_constraint=False, db_index=False
    )
    pair = models.ForeignKey(
        Pair, on_delete=models.PROTECT, related_name="in_runs", db_constraint=False
    )
    held = models.BooleanField()
    stage = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=400, blank=True)
    chosen = models.CharField(max_length=6, choices=Chosen, null=True)
    n_votes = models.PositiveIntegerField(default=0)
    n_first = models.PositiveIntegerField(default=0)
    n_tie = models.PositiveIntegerField(default=0)
    n_second = models.PositiveIntegerField(default=0)
    vote_share = models.FloatField(null=True)
    vote_share_lo = models.FloatField(null=True)
    vote_share_hi = models.FloatField(null=True)
    p_next = models.FloatField(null=True)
    p_true = models.FloatField(null=True)
    p_basis = models.CharField(max_length=8, blank=True)
    method = models.CharField(max_length=24, blank=True)
    margin = models.FloatField(default=0.0)
    strength = models.FloatField(default=0.0)
    n_eff = models.FloatField(default=0.0)
    entropy = models.FloatField(null=True)
    score_first = models.FloatField(null=True)
    score_second = models.FloatField(null=True)
    contested = models.BooleanField(default=False)
    weight = models.FloatField(default=1.0)
    cluster = models.BinaryField(max_length=32, null=True)
    group_id = models.CharField(max_length=64, blank=True)
    pooled_into = models.BinaryField(max_length=32, null=True)
    split = models.CharField(max_length=12, blank=True)
    flags = ArrayField(models.CharField(max_length=40), default=list)
    signals = models.JSONField(default=dict)
    overruled = models.CharField(max_length=60, blank=True, default="")

    objects = RunPairs.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "pair"], name="run_pair_once"),
            models.CheckConstraint(
                condition=models.Q(held=True, stage__gt="", reason__gt="")
                | models.Q(held=False, stage="", reason=""),
                name="run_pair_reason_when_held",
            ),
            TenantKey("run", name="run_pair_run"),
            TenantKey("pair", name="run_pair_pair"),
        ]
        indexes = [
            models.Index(fields=["run", "id"], name="run_pair_in_order"),
            models.Index(
                fields=["run", "reason", "id"], name="run_pair_held", condition=models.Q(held=True)
            ),
            GinIndex(fields=["flags"], name="run_pair_flags", condition=~models.Q(flags=[])),
            models.Index(
                fields=["run", "id"],
                name="run_pair_released",
                condition=~models.Q(overruled=""),
            ),
        ]


class Decision(TenantModel, Named):
    """A person's word over a pair, kept across runs: release it, or hold it, and why. The latest counts."""

    class Action(models.TextChoices):
        RELEASE = "release", "Release"
        HOLD = "hold", "Hold"
        CLEAR = "clear", "Leave it to the recipe"

    pair = models.ForeignKey(
        Pair, on_delete=models.PROTECT, related_name="decisions", db_constraint=False
    )
    action = models.CharField(max_length=7, choices=Action)
    reason = models.CharField(max_length=400)
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [TenantKey("pair", name="decision_pair")]
        triggers = permanent("decision")


class SplitEntry(TenantModel):
    """The split ledger: where an item was put the first time, and stays. Clusters change; what an item says does not."""

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="splits",
        db_constraint=False,
        db_index=False,
    )
    item_hash = models.BinaryField(max_length=32)
    split = models.CharField(max_length=12)
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    frozen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "item_hash"], name="split_once"),
            TenantKey("project", name="split_project"),
            TenantKey("run", name="split_run"),
        ]
