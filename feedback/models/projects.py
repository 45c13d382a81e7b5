"""Projects, their versions of form and guideline, who reviews in them, and where their data comes from."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from feedback.checks import NAMES

from .base import Named, TenantKey, TenantModel, permanent, unique_in_workspace
from .people import Membership, User, Workspace


def all_checks() -> list[str]:
    """A new project's automatic checks: every one."""
    return list(NAMES)


@pghistory.track(exclude=["prompt_template"])
class Project(Named):
    """One task given to experts: a form, a guideline, a queue of items, and how many reviews each wants."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PAUSED = "paused", "Paused"
        ARCHIVED = "archived", "Archived"

    class SearchLanguage(models.TextChoices):
        SIMPLE = "simple", "Words as they are written"
        ENGLISH = "english", "English: “runs” finds “running”"

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="projects")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    search_language = models.CharField(
        max_length=7, choices=SearchLanguage, default=SearchLanguage.SIMPLE
    )
    overlap = models.PositiveSmallIntegerField(default=3)
    overlap_cap = models.PositiveSmallIntegerField(default=5)
    lease_minutes = models.PositiveSmallIntegerField(default=30)
    edit_hours = models.PositiveSmallIntegerField(default=24)
    daily_goal = models.PositiveSmallIntegerField(default=40)
    check_conflicts = models.BooleanField(default=False)
    checks = ArrayField(models.CharField(max_length=40), default=all_checks, blank=True)
    prompt_template = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "slug"], name="project_slug_once"),
            unique_in_workspace("project_workspace_id"),
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1, overlap_cap__gte=models.F("overlap")),
                name="project_overlap_sane",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FormVersion(TenantModel):
    """One version of a project's questions; a review names the version it answered. Never changed."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="forms", db_constraint=False, db_index=False
    )
    version = models.PositiveIntegerField()
    schema = models.JSONField()
    sha256 = models.BinaryField(max_length=32)
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="form_version_once"),
            TenantKey("project", name="form_project"),
            unique_in_workspace("form_workspace_id"),
        ]
        triggers = permanent("form")


class Guideline(TenantModel):
    """One version of a project's guideline, in Markdown. Never changed."""

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="guidelines",
        db_constraint=False,
        db_index=False,
    )
    version = models.PositiveIntegerField()
    text = models.TextField()
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "version"], name="guideline_version_once"),
            TenantKey("project", name="guideline_project"),
        ]
        triggers = permanent("guideline")


class ProjectReviewer(TenantModel):
    """That a member reviews in a project, and how they came into it. Reviewers see only the projects that name them.

    `paused_at` is a manager's word, `resting_since` the reviewer's own. `guideline_read` is the version of the guideline that they have acknowledged.
    """

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="reviewers",
        db_constraint=False,
        db_index=False,
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="reviews_in", db_constraint=False
    )
    added_at = models.DateTimeField(default=timezone.now)
    paused_at = models.DateTimeField(null=True, blank=True)
    resting_since = models.DateTimeField(null=True)
    guideline_read = models.PositiveIntegerField(null=True)
    keys_seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "membership"], name="project_reviewer_once"),
            TenantKey("project", name="project_reviewer_project"),
            TenantKey("membership", name="project_reviewer_membership"),
        ]


class Source(TenantModel):
    """Where imported items and votes come from; external ids and raters' names are unique inside it."""

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="sources",
        db_constraint=False,
        db_index=False,
    )
    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="source_once"),
            TenantKey("project", name="source_project"),
            unique_in_workspace("source_workspace_id"),
        ]


class Rater(Named):
    """Who judged: a member, an imported person, a model, or nobody known. Reviews point here, not to accounts."""

    class Kind(models.TextChoices):
        MEMBER = "member", "Member"
        IMPORTED = "imported", "Imported"
        MODEL = "model", "Model"
        UNKNOWN = "unknown", "Unknown"

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="raters")
    rater_kind = models.CharField(max_length=8, choices=Kind)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="raters")
    source = models.ForeignKey(
        Source, null=True, on_delete=models.PROTECT, related_name="raters", db_constraint=False
    )
    external_key = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            unique_in_workspace("rater_workspace_id"),
            TenantKey("source", name="rater_source"),
            models.UniqueConstraint(
                fields=["workspace", "source", "external_key"],
                name="rater_once",
                condition=models.Q(source__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["workspace", "user"],
                name="rater_member_once",
                condition=models.Q(rater_kind="member"),
            ),
            models.CheckConstraint(
                condition=~models.Q(rater_kind="member") | models.Q(user__isnull=False),
                name="rater_member_has_user",
            ),
        ]


class RaterFacts(TenantModel):
    """What curation last learned of a rater in a project, kept where a submission can read it in one step."""

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="rater_facts",
        db_constraint=False,
        db_index=False,
    )
    rater = models.ForeignKey(
        Rater, on_delete=models.PROTECT, related_name="facts", db_constraint=False
    )
    log_odds = models.FloatField()
    n_votes = models.PositiveIntegerField()
    method = models.CharField(max_length=40)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "rater"], name="rater_facts_once"),
            TenantKey("project", name="rater_facts_project"),
            TenantKey("rater", name="rater_facts_rater"),
        ]
