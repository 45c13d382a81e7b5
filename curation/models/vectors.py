"""Vectors of items for “find similar”: which encoder made them, on what it was fitted, and one vector an item."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from feedback.models import Item, ItemRevision, Project
from feedback.models.base import Leased, Named, TenantKey, TenantModel, unique_in_workspace


class Encoding(TenantModel, Leased, Named):
    """A version of a project's vectors, kept up by a leased worker. The latest ready one answers; older ones are removed.

    `n_texts` are what a lexical encoder was fitted on (`stored_at` is its file) and `explained` the share of their variance that it keeps.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="encodings",
        db_constraint=False,
        db_index=False,
    )
    version = models.PositiveIntegerField()
    encoder = models.CharField(max_length=300)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    dim = models.PositiveSmallIntegerField(default=0)
    n_texts = models.PositiveIntegerField(default=0)
    explained = models.FloatField(null=True)
    stored_at = models.CharField(max_length=300, blank=True)
    n_vectors = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    encoded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="encoding_version_once"),
            unique_in_workspace("encoding_workspace_id"),
            TenantKey("project", name="encoding_project"),
        ]
        indexes = [
            models.Index(
                fields=["leased_until"],
                name="encoding_at_work",
                condition=models.Q(state="running"),
            ),
        ]


class ItemVector(TenantModel):
    """An item's prompt as a vector of half floats under one version; `revision` is the text that was read."""

    pk = models.CompositePrimaryKey("encoding", "item")
    encoding = models.ForeignKey(
        Encoding,
        on_delete=models.PROTECT,
        related_name="vectors",
        db_constraint=False,
        db_index=False,
    )
    item = models.ForeignKey(
        Item, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    revision = models.ForeignKey(
        ItemRevision,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    vector = models.BinaryField()

    class Meta:
        constraints = [
            TenantKey("encoding", name="item_vector_encoding"),
            TenantKey("item", name="item_vector_item"),
            TenantKey("revision", name="item_vector_revision"),
        ]
