"""Reliability: what a run learned about each rater, kept as it was then."""

from __future__ import annotations

from django.db import models

from feedback.models import Rater
from feedback.models.base import TenantKey, TenantModel

from .runs import Run


class RaterReliability(TenantModel):
    """A rater's estimated accuracy in one run, with its 95 % interval and the votes behind it."""

    run = models.ForeignKey(
        Run,
        on_delete=models.PROTECT,
        related_name="reliability",
        db_constraint=False,
        db_index=False,
    )
    rater = models.ForeignKey(
        Rater, on_delete=models.PROTECT, related_name="reliability", db_constraint=False
    )
    question = models.CharField(max_length=40)
    method = models.CharField(max_length=40)
    n_votes = models.PositiveIntegerField()
    accuracy = models.FloatField()
    accuracy_lo = models.FloatField()
    accuracy_hi = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "rater", "question", "method"], name="reliability_once"
            ),
            TenantKey("run", name="reliability_run"),
            TenantKey("rater", name="reliability_rater"),
        ]
