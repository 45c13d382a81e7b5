"""What leaves the house: datasets, their immutable versions and files, and who pulled them."""

from __future__ import annotations

import secrets

import pghistory
import pgtrigger
from django.db import models
from django.utils import timezone

from curation.models import Run
from feedback.models import ApiKey, User, Workspace
from feedback.models.base import (
    Leased,
    Named,
    TenantKey,
    TenantModel,
    no_truncate,
    permanent,
    unique_in_workspace,
)


def _new_pseudonym_key() -> bytes:
    return secrets.token_bytes(32)


@pghistory.track(exclude=["pseudonym_key"])
class Dataset(Named):
    """A name that trainers load. Its slug is never reused; its key makes raters' pseudonyms, and only here."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="datasets")
    slug = models.CharField(max_length=90)
    title = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=100, blank=True)
    pseudonym_key = models.BinaryField(max_length=32, default=_new_pseudonym_key)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="dataset_slug_once"),
            unique_in_workspace("dataset_workspace_id"),
            # A name like “x.v1” would collide with the alias of a version of “x”.
            models.CheckConstraint(
                condition=~models.Q(slug__regex=r"\.v\d"), name="dataset_slug_no_alias"
            ),
        ]


class DatasetVersion(TenantModel, Leased, Named):
    """A frozen set of files. Once published nothing of it changes but that it may be withdrawn."""

    class State(models.TextChoices):
        BUILDING = "building", "Being written"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"
        FAILED = "failed", "Failed"

    dataset = models.ForeignKey(
        Dataset,
        on_delete=models.PROTECT,
        related_name="versions",
        db_constraint=False,
        db_index=False,
    )
    major = models.PositiveIntegerField()
    minor = models.PositiveIntegerField(default=0)
    runs_key = models.BinaryField(max_length=32)
    state = models.CharField(max_length=9, choices=State, default=State.BUILDING)
    sha256 = models.BinaryField(max_length=32, null=True)
    commit = models.CharField(max_length=40, blank=True)
    figures = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=400, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "major", "minor"], name="version_number_once"
            ),
            models.UniqueConstraint(
                fields=["dataset", "runs_key"],
                name="version_of_runs_once",
                condition=~models.Q(state="failed"),
            ),
            unique_in_workspace("version_workspace_id"),
            TenantKey("dataset", name="version_dataset"),
        ]
        indexes = [
            models.Index(
                fields=["leased_until"],
                name="version_unfinished",
                condition=models.Q(state="building"),
            )
        ]
        triggers = [
            pgtrigger.Protect(name="version_kept", operation=pgtrigger.Delete),
            no_truncate("version_no_truncate"),
            pgtrigger.Trigger(
                name="version_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["published", "withdrawn"]),
                func=(
                    "IF OLD.state = 'withdrawn' OR NEW.state NOT IN ('published', 'withdrawn') "
                    "OR to_jsonb(NEW) - ARRAY['state', 'withdrawn_at', 'withdrawn_because'] IS DISTINCT FROM "
                    "to_jsonb(OLD) - ARRAY['state', 'withdrawn_at', 'withdrawn_because'] THEN "
                    "RAISE EXCEPTION 'a published version cannot be changed, only withdrawn'; "
                    "END IF; RETURN NEW;"
                ),
            ),
        ]

    @property
    def name(self) -> str:
        """As people and revisions say it: v1.0."""
        return f"v{self.major}.{self.minor}"


class VersionRun(TenantModel):
    """A run that a version was made from; the runs lead to the projects. Permanent."""

    version = models.ForeignKey(
        DatasetVersion,
        on_delete=models.PROTECT,
        related_name="version_runs",
        db_constraint=False,
        db_index=False,
    )
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="version_runs", db_constraint=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "run"], name="version_run_once"),
            TenantKey("version", name="version_run_version"),
            TenantKey("run", name="version_run_run"),
        ]
        triggers = permanent("version_run")


class VersionFile(TenantModel):
    """A file of a version: its path, its bytes by their SHA-256, and what they hold. Permanent."""

    version = models.ForeignKey(
        DatasetVersion,
        on_delete=models.PROTECT,
        related_name="files",
        db_constraint=False,
        db_index=False,
    )
    path = models.CharField(max_length=300)
    size = models.BigIntegerField()
    sha256 = models.BinaryField(max_length=32)
    git_sha1 = models.CharField(max_length=40)
    config = models.CharField(max_length=40, blank=True)
    split = models.CharField(max_length=12, blank=True)
    rows = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "path"], name="version_file_once"),
            TenantKey("version", name="version_file_version"),
        ]
        triggers = permanent("version_file")


class Pull(TenantModel):
    """Somebody fetched a file of a version: the list of who holds a copy. Permanent."""

    version = models.ForeignKey(
        DatasetVersion,
        on_delete=models.PROTECT,
        related_name="pulls",
        db_constraint=False,
        db_index=False,
    )
    path = models.CharField(max_length=300)
    sent_bytes = models.BigIntegerField()
    key = models.ForeignKey(
        ApiKey,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    agent = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            TenantKey("version", name="pull_version"),
            TenantKey("key", name="pull_key"),
        ]
        indexes = [models.Index(fields=["version", "-id"], name="pull_latest")]
        triggers = permanent("pull")
