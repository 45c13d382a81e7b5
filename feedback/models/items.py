"""Items: a small queue row, and beside it the texts, their revisions, responses and where every text came from."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from .base import Named, TenantKey, TenantModel, unique_in_workspace
from .people import Workspace
from .projects import Project, Rater, Source


class Purpose(models.TextChoices):
    TRAIN = "train", "Training"
    EVALUATION = "evaluation", "Evaluation"
    GOLD = "gold", "Gold"
    PRACTICE = "practice", "Practice"


class Item(TenantModel, Named):
    """The queue row of an item: state, order and counters. Counting and claiming never touch a text.

    `rank` holds priority and a random part in one number, lower first. `given` counts reviews, `leased` open
    assignments, `wanted` how many reviews are asked for, `cap` what may never be exceeded. `front` marks what reopened
    behind the reviewers' cursors. `held` takes an item out of the queue.
    """

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="items", db_constraint=False, db_index=False
    )
    revision = models.ForeignKey(
        "feedback.ItemRevision",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.TRAIN)
    rank = models.BigIntegerField()
    responses = models.PositiveSmallIntegerField(default=0)
    wanted = models.SmallIntegerField()
    given = models.SmallIntegerField(default=0)
    leased = models.SmallIntegerField(default=0)
    cap = models.SmallIntegerField()
    front = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    log_odds = models.FloatField(null=True)

    class Meta:
        constraints = [
            unique_in_workspace("item_workspace_id"),
            TenantKey("project", name="item_project"),
            TenantKey("revision", name="item_revision"),
            models.UniqueConstraint(fields=["project", "rank"], name="item_rank_once"),
            models.CheckConstraint(
                condition=models.Q(
                    given__gte=0, leased__gte=0, cap__gte=models.F("given") + models.F("leased")
                ),
                name="item_counters_sane",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "rank"],
                name="item_open",
                condition=models.Q(held=False, wanted__gt=models.F("given") + models.F("leased")),
            ),
            models.Index(
                fields=["project", "rank"],
                name="item_front",
                condition=models.Q(
                    front=True, held=False, wanted__gt=models.F("given") + models.F("leased")
                ),
            ),
            models.Index(fields=["project", "-id"], name="item_latest"),
        ]


class ItemRecord(TenantModel):
    """What identifies an item and groups it: external id in its source, tags, the conversation or document it is part of."""

    item = models.OneToOneField(
        Item, primary_key=True, on_delete=models.PROTECT, related_name="record", db_constraint=False
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    source = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        related_name="records",
        db_constraint=False,
        db_index=False,
    )
    external_id = models.CharField(max_length=300, null=True)
    content_hash = models.BinaryField(max_length=32)
    text_hash = models.BinaryField(max_length=32)
    group_key = models.CharField(max_length=300, blank=True)
    tags = ArrayField(models.CharField(max_length=80), default=list)
    concerns = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    key = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    import_job = models.ForeignKey(
        "feedback.ImportJob",
        null=True,
        on_delete=models.PROTECT,
        related_name="records",
        db_constraint=False,
        db_index=False,
    )
    import_row = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            TenantKey("item", name="record_item"),
            TenantKey("project", name="record_project"),
            TenantKey("source", name="record_source"),
            TenantKey("import_job", name="record_import_job"),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                name="record_external_id_once",
                condition=models.Q(external_id__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["project", "content_hash"],
                name="record_content_once",
                condition=models.Q(external_id__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["project", "text_hash"], name="record_twins")]


class Provenance(TenantModel):
    """Where a text came from and under which terms; shared by every text that came the same way."""

    class Origin(models.TextChoices):
        HUMAN = "human", "A person"
        MODEL = "model", "A model"
        MIXED = "mixed", "Both"
        UNKNOWN = "unknown", "Unknown"

    # No row here points elsewhere in its workspace, so the workspace needs a key of its own.
    workspace = models.ForeignKey(
        Workspace, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    digest = models.BinaryField(max_length=32)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.UNKNOWN)
    model = models.CharField(max_length=200, blank=True)
    model_version = models.CharField(max_length=200, blank=True)
    parameters = models.JSONField(null=True)
    generated_at = models.DateTimeField(null=True)
    generation_depth = models.PositiveSmallIntegerField(null=True)
    provider_terms = models.CharField(max_length=500, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="provenance_once"),
            unique_in_workspace("provenance_workspace_id"),
        ]


class ItemRevision(TenantModel):
    """One immutable state of an item's prompt and context. A review names the revision it saw."""

    item = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        related_name="revisions",
        db_constraint=False,
        db_index=False,
    )
    number = models.PositiveSmallIntegerField(default=1)
    prompt = models.JSONField()
    context = models.JSONField(default=list)
    content_hash = models.BinaryField(max_length=32)
    prompt_provenance = models.ForeignKey(
        Provenance,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    context_provenance = models.ForeignKey(
        Provenance,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="revision_number_once"),
            unique_in_workspace("revision_workspace_id"),
            TenantKey("item", name="revision_item"),
            TenantKey("prompt_provenance", name="revision_prompt_provenance"),
            TenantKey("context_provenance", name="revision_context_provenance"),
        ]
        triggers = [
            pgtrigger.Protect(name="revision_kept", operation=pgtrigger.Delete),
            # The hash stays what the texts were when they were judged, so that a changed text shows.
            pgtrigger.ReadOnly(
                name="revision_identity_kept",
                fields=["workspace", "item", "number", "content_hash", "created_at"],
            ),
        ]


class Response(TenantModel, Named):
    """A candidate output, numbered inside its item revision. A rewrite names its parent and its author."""

    revision = models.ForeignKey(
        ItemRevision,
        on_delete=models.PROTECT,
        related_name="responses",
        db_constraint=False,
        db_index=False,
    )
    position = models.PositiveSmallIntegerField()
    messages = models.JSONField()
    text_hash = models.BinaryField(max_length=32)
    provenance = models.ForeignKey(
        Provenance,
        on_delete=models.PROTECT,
        related_name="responses",
        db_constraint=False,
        db_index=False,
    )
    parent = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="rewrites",
        db_constraint=False,
        db_index=False,
    )
    author = models.ForeignKey(
        Rater,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="response_position_once"),
            unique_in_workspace("response_workspace_id"),
            TenantKey("revision", name="response_revision"),
            TenantKey("provenance", name="response_provenance"),
            TenantKey("parent", name="response_parent"),
            TenantKey("author", name="response_author"),
        ]
        indexes = [
            models.Index(
                fields=["author"], name="response_author", condition=models.Q(author__isnull=False)
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="response_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="response_identity_kept",
                fields=["workspace", "public_id", "revision", "position", "text_hash"],
            ),
        ]
