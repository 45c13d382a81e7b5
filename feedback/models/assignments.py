"""Assignments: who has claimed what until when, where each reviewer stands in the queue, and drafts."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from .base import Named, TenantKey, TenantModel, unique_in_workspace
from .items import Item, ItemRevision
from .projects import FormVersion, Project, Rater


class Kind(models.TextChoices):
    PRIMARY = "primary", "Review"
    REPEAT = "repeat", "Repeat"
    ADJUDICATION = "adjudication", "Adjudication"
    PRACTICE = "practice", "Practice"


class Seat(TenantModel):
    """A reviewer's place in a project's queue. Locked first by every claim, so one person never claims twice at once."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="seats", db_constraint=False, db_index=False
    )
    rater = models.ForeignKey(
        Rater, on_delete=models.PROTECT, related_name="seats", db_constraint=False
    )
    at_rank = models.BigIntegerField(default=-1)
    wrapped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "rater"], name="seat_once"),
            TenantKey("project", name="seat_project"),
            TenantKey("rater", name="seat_rater"),
        ]


class Assignment(TenantModel, Named):
    """One reviewer's leased claim on one item, with the order in which they see the responses."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        SUBMITTED = "submitted", "Submitted"
        SKIPPED = "skipped", "Skipped"
        EXPIRED = "expired", "Expired"

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    item = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        related_name="assignments",
        db_constraint=False,
        db_index=False,
    )
    revision = models.ForeignKey(
        ItemRevision,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    rater = models.ForeignKey(
        Rater,
        on_delete=models.PROTECT,
        related_name="assignments",
        db_constraint=False,
        db_index=False,
    )
    form = models.ForeignKey(
        FormVersion, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PRIMARY)
    occasion = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    order_shown = ArrayField(models.SmallIntegerField())
    propensity = models.FloatField(null=True)
    policy_version = models.CharField(max_length=40, default="uniform-1")
    ahead = models.BooleanField(default=False)
    leased_until = models.DateTimeField()
    claimed_at = models.DateTimeField(default=timezone.now)
    shown_at = models.DateTimeField(null=True)
    disclosed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "rater", "kind", "occasion"], name="assignment_once"
            ),
            unique_in_workspace("assignment_workspace_id"),
            TenantKey("project", name="assignment_project"),
            TenantKey("item", name="assignment_item"),
            TenantKey("revision", name="assignment_revision"),
            TenantKey("rater", name="assignment_rater"),
            TenantKey("form", name="assignment_form"),
        ]
        indexes = [
            models.Index(
                fields=["rater", "project"],
                name="assignment_open",
                condition=models.Q(state="open"),
            ),
            models.Index(
                fields=["leased_until"], name="assignment_due", condition=models.Q(state="open")
            ),
            models.Index(
                fields=["rater", "-closed_at"],
                name="assignment_closed",
                condition=models.Q(closed_at__isnull=False),
            ),
        ]

    @property
    def withheld(self) -> bool:
        """Whether the item's texts are kept from its reviewer until they say that they can judge it."""
        return (
            self.project.check_conflicts
            and self.kind == Kind.PRIMARY
            and self.disclosed_at is None
            and self.state != self.State.SUBMITTED
        )


class Draft(TenantModel):
    """The one mutable copy of what a reviewer has so far, outside history. Each save names the revision it is based on."""

    assignment = models.OneToOneField(
        Assignment,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="draft",
        db_constraint=False,
    )
    revision = models.PositiveIntegerField(default=1)
    body = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [TenantKey("assignment", name="draft_assignment")]


class Flag(TenantModel, Named):
    """A reviewer's word to the manager that something is wrong with an item, apart from skipping it."""

    class Reason(models.TextChoices):
        NAMES_MODEL = "names_model", "A response names its own model"
        PERSONAL_DATA = "personal_data", "It holds personal data"
        UNSAFE = "unsafe", "It is unsafe or abusive"
        BROKEN = "broken", "The text is broken or incomplete"
        OTHER = "other", "Something else"

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="flags", db_constraint=False, db_index=False
    )
    item = models.ForeignKey(
        Item, on_delete=models.PROTECT, related_name="flags", db_constraint=False
    )
    rater = models.ForeignKey(
        Rater, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "rater", "reason"], name="flag_once"),
            TenantKey("project", name="flag_project"),
            TenantKey("item", name="flag_item"),
            TenantKey("rater", name="flag_rater"),
        ]
        indexes = [
            models.Index(
                fields=["project", "-id"],
                name="flag_unsettled",
                condition=models.Q(settled_at__isnull=True),
            )
        ]
