"""Fingerprints: signatures of distinct texts, the bands that find their near neighbours, and which items are alike."""

from __future__ import annotations

from django.db import models

from feedback.models import ImportJob, Item, Project
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


class Band(models.Model):
    """One band of a signature, hashed with its number, project and kind: texts that share one are candidates for similarity.

    Twenty-one for every text, so each is as small as it can be: its key alone. A foreign key would cost an import more than all else
    here; nothing rests on it, because a band only leads to a fingerprint, whose workspace and project are asked for where it is followed.
    """

    pk = models.CompositePrimaryKey("h", "fingerprint")
    h = models.BigIntegerField()
    fingerprint = models.BigIntegerField()


class ItemLikeness(TenantModel):
    """What an item's prompt looked like when it arrived: its fingerprint, the earlier item nearest to it, and its cluster.

    A cluster is named by the smallest id of its items. `crowded` says that it shares boilerplate with so many others
    that not all were compared.
    """

    item = models.OneToOneField(
        Item,
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="likeness",
        db_constraint=False,
    )
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    fingerprint = models.ForeignKey(
        Fingerprint,
        on_delete=models.PROTECT,
        related_name="items",
        db_constraint=False,
        db_index=False,
    )
    import_job = models.ForeignKey(
        ImportJob, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    nearest = models.ForeignKey(
        Item,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    similarity = models.FloatField(null=True)
    cluster = models.BigIntegerField()
    crowded = models.BooleanField(default=False)

    class Meta:
        constraints = [
            TenantKey("item", name="likeness_item"),
            TenantKey("project", name="likeness_project"),
            TenantKey("fingerprint", name="likeness_fingerprint"),
            TenantKey("import_job", name="likeness_import_job"),
            TenantKey("nearest", name="likeness_nearest"),
            models.CheckConstraint(
                condition=models.Q(nearest=None, similarity=None)
                | models.Q(
                    nearest__isnull=False,
                    similarity__isnull=False,
                    similarity__gt=0,
                    similarity__lte=1,
                ),
                name="likeness_nearest_has_similarity",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "cluster"], name="likeness_by_cluster"),
            models.Index(fields=["fingerprint", "item"], name="likeness_by_fingerprint"),
            models.Index(
                fields=["import_job", "similarity"],
                condition=models.Q(nearest__isnull=False),
                name="likeness_by_import",
            ),
        ]
