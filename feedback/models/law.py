"""The citations of a text by their places: found once, since finding them takes longer than a page may."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .base import TenantModel
from .people import Workspace


class Citations(TenantModel):
    """What was found in the text with this hash. It holds places and no words: an erased text leaves nothing here."""

    # No row here points elsewhere in its workspace, so the workspace needs a key of its own.
    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    text_sha256 = models.BinaryField(max_length=32)
    version = models.PositiveSmallIntegerField()
    found = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "text_sha256", "version"], name="citations_once"
            ),
        ]
