"""What the gates remember: evaluation sets that must not be trained on, and the signals of every distinct text."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from feedback.models import Project, User
from feedback.models.base import Named, TenantKey, TenantModel, unique_in_workspace


class EvaluationSet(TenantModel, Named):
    """A set of evaluation texts that a project's pairs are compared with. It never changes; it can be retired."""

    class Origin(models.TextChoices):
        UPLOAD = "upload", "Uploaded"
        ITEMS = "items", "Evaluation items of this project"
        BUNDLED = "bundled", "Comes with Touchstone"

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="evaluation_sets",
        db_constraint=False,
        db_index=False,
    )
    name = models.CharField(max_length=120)
    origin = models.CharField(max_length=8, choices=Origin)
    licence = models.CharField(max_length=200, blank=True)
    scheme = models.CharField(max_length=60)
    sha256 = models.BinaryField(max_length=32)
    n_texts = models.PositiveIntegerField()
    n_short = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                name="evaluation_set_once",
                condition=models.Q(retired_at=None),
            ),
            unique_in_workspace("evaluation_set_workspace_id"),
            TenantKey("project", name="evaluation_set_project"),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="evaluation_set_latest")]


class EvaluationText(TenantModel):
    """One text of a set as hashes of its windows of eight words, in order: it can be found again, and not read."""

    set = models.ForeignKey(
        EvaluationSet,
        on_delete=models.PROTECT,
        related_name="texts",
        db_constraint=False,
        db_index=False,
    )
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=300)
    windows = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["set", "number"], name="evaluation_text_once"),
            TenantKey("set", name="evaluation_text_set"),
        ]


class TextSignals(TenantModel):
    """The signals of one distinct text of a project under a scheme: codes and places, no words."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    scheme = models.CharField(max_length=60)
    text_hash = models.BinaryField(max_length=32)
    body = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "scheme", "text_hash"], name="text_signals_once"
            ),
            TenantKey("project", name="text_signals_project"),
        ]
