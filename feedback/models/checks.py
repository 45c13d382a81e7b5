"""What automatic checks found in a review once it was sent, and what its writer decided."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .base import TenantKey, TenantModel
from .reviews import Review


class CheckAnswer(TenantModel):
    """The checks of a review's first revision, asked once. `findings` hold places and numbers, no words.

    The answer before is that revision. `keep`: it was kept; `change`: it was opened again, and a second revision, if
    there is one, is the answer after.
    """

    class Choice(models.TextChoices):
        KEEP = "keep", "Kept"
        CHANGE = "change", "Opened again"

    review = models.OneToOneField(
        Review,
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="checks",
        db_constraint=False,
    )
    checks = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    asked_at = models.DateTimeField(default=timezone.now)
    choice = models.CharField(max_length=6, choices=Choice, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantKey("review", name="checks_review"),
            models.CheckConstraint(
                condition=models.Q(choice="", answered_at=None)
                | models.Q(choice__in=["keep", "change"], answered_at__isnull=False),
                name="checks_answered",
            ),
        ]
