"""Two texts that look alike, and what a person says of them: kept over runs."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from feedback.models import Project, Response, User
from feedback.models.base import Named, TenantKey, TenantModel

from .fingerprints import Fingerprint
from .runs import Run


class NearPair(TenantModel, Named):
    """Two near-equal texts of a project that no machine may take for one, by the hashes of what was compared.

    The texts are those of two responses, or the prompts that these answer. `why` says what made it wait: the law, where
    one changed citation is another case, or a cluster of prompts above 2 % of the project.
    """

    class Why(models.TextChoices):
        LEGAL = "legal", "A legal text"
        LARGE = "large", "A large cluster"

    class Verdict(models.TextChoices):
        WAITING = "", "Waiting"
        SAME = "same", "The same"
        DIFFERENT = "different", "Different"

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=8, choices=Fingerprint.Kind)
    left_hash = models.BinaryField(max_length=32)
    right_hash = models.BinaryField(max_length=32)
    left = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    right = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    similarity = models.FloatField()
    why = models.CharField(max_length=5, choices=Why)
    cluster = models.BinaryField(max_length=32)
    found_by = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    verdict = models.CharField(max_length=9, choices=Verdict, blank=True, default=Verdict.WAITING)
    reason = models.CharField(max_length=1000, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind", "left_hash", "right_hash"], name="near_pair_once"
            ),
            models.CheckConstraint(
                condition=models.Q(left_hash__lt=models.F("right_hash")), name="near_pair_ordered"
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="", decided_at=None)
                | models.Q(verdict__in=["same", "different"], decided_at__isnull=False),
                name="near_pair_decided",
            ),
            TenantKey("project", name="near_pair_project"),
            TenantKey("left", name="near_pair_left"),
            TenantKey("right", name="near_pair_right"),
            TenantKey("found_by", name="near_pair_run"),
        ]
        indexes = [
            models.Index(fields=["project", "verdict", "-similarity", "id"], name="near_pair_list"),
        ]
