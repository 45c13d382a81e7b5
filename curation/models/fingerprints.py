"""Fingerprints: signatures of distinct texts, and the bands that find their near neighbours."""

from __future__ import annotations

from django.db import models

from feedback.models import Project
from feedback.models.base import TenantKey, TenantModel, unique_in_workspace


class Fingerprint(TenantModel):
    """The MinHash signature of one distinct text of a project under a named scheme."""

    class Kind(models.TextChoices):
        PROMPT = "prompt", "Prompt"
        RESPONSE = "response", "Response"

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind)
    scheme = models.CharField(max_length=60)
    text_hash = models.BinaryField(max_length=32)
    signature = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind", "scheme", "text_hash"], name="fingerprint_once"
            ),
            unique_in_workspace("fingerprint_workspace_id"),
            TenantKey("project", name="fingerprint_project"),
        ]


class Band(TenantModel):
    """One band of a signature, hashed with its number: texts that share one are candidates for similarity."""

    pk = models.CompositePrimaryKey("h", "fingerprint")
    h = models.BigIntegerField()
    fingerprint = models.ForeignKey(
        Fingerprint, on_delete=models.PROTECT, related_name="bands", db_constraint=False
    )

    class Meta:
        constraints = [TenantKey("fingerprint", name="band_fingerprint")]
