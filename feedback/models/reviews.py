"""Reviews: a permanent skeleton, a body beside it, and the narrow votes and answers that statistics read."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from .assignments import Assignment, Kind
from .base import Named, TenantKey, TenantModel, no_truncate, permanent, unique_in_workspace
from .items import Item, ItemRevision, Response
from .people import Agreement
from .projects import FormVersion, Project, Rater, Source
from .records import Erasure


class Review(TenantModel, Named):
    """The skeleton of what a rater answered: never changed, never deleted. A correction is a new revision.

    Effort (`active_ms`, `shown_at`) is kept as long as its workspace says, and then forgotten; nothing else ever changes.
    """

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="reviews",
        db_constraint=False,
        db_index=False,
    )
    item = models.ForeignKey(
        Item, on_delete=models.PROTECT, related_name="reviews", db_constraint=False, db_index=False
    )
    item_revision = models.ForeignKey(
        ItemRevision,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    rater = models.ForeignKey(
        Rater, on_delete=models.PROTECT, related_name="reviews", db_constraint=False, db_index=False
    )
    form = models.ForeignKey(
        FormVersion, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    agreement = models.ForeignKey(
        Agreement,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    assignment = models.ForeignKey(
        Assignment,
        null=True,
        on_delete=models.PROTECT,
        related_name="reviews",
        db_constraint=False,
        db_index=False,
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PRIMARY)
    occasion = models.PositiveSmallIntegerField(default=1)
    revision = models.PositiveSmallIntegerField(default=1)
    order_shown = ArrayField(models.SmallIntegerField(), default=list)
    order_known = models.BooleanField(default=True)
    surplus = models.BooleanField(default=False)
    shown_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    active_ms = models.PositiveIntegerField(null=True)
    body_sha256 = models.BinaryField(max_length=32)
    source = models.ForeignKey(
        Source,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    external_id = models.CharField(max_length=300, null=True)
    import_job = models.ForeignKey(
        "feedback.ImportJob",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    import_row = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "rater", "kind", "occasion", "revision"], name="review_once"
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                name="review_external_id_once",
                condition=models.Q(external_id__isnull=False),
            ),
            unique_in_workspace("review_workspace_id"),
            TenantKey("project", name="review_project"),
            TenantKey("item", name="review_item"),
            TenantKey("item_revision", name="review_item_revision"),
            TenantKey("rater", name="review_rater"),
            TenantKey("form", name="review_form"),
            TenantKey("agreement", name="review_agreement"),
            TenantKey("assignment", name="review_assignment"),
            TenantKey("source", name="review_source"),
            TenantKey("import_job", name="review_import_job"),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="review_latest"),
            models.Index(fields=["rater", "-submitted_at"], name="review_of_rater"),
            models.Index(fields=["received_at"], name="review_received"),
            models.Index(
                fields=["workspace", "received_at"],
                name="review_effort",
                condition=models.Q(active_ms__isnull=False) | models.Q(shown_at__isnull=False),
            ),
            models.Index(
                fields=["assignment"],
                name="review_of_assignment",
                condition=models.Q(assignment__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="review_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="review_permanent",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=(
                    "IF NEW.active_ms IS NOT NULL OR NEW.shown_at IS NOT NULL "
                    "OR to_jsonb(NEW) - ARRAY['active_ms', 'shown_at'] IS DISTINCT FROM "
                    "to_jsonb(OLD) - ARRAY['active_ms', 'shown_at'] THEN "
                    "RAISE EXCEPTION 'a review is permanent; only the effort behind it can be forgotten'; "
                    "END IF; RETURN NEW;"
                ),
            ),
            no_truncate("review_no_truncate"),
        ]


class ReviewBody(TenantModel):
    """What the rater answered. It may change once: into nothing, naming the erasure that asked for it."""

    review = models.OneToOneField(
        Review, primary_key=True, on_delete=models.PROTECT, related_name="body", db_constraint=False
    )
    body = models.JSONField(null=True)
    erasure = models.ForeignKey(
        Erasure, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )

    class Meta:
        constraints = [
            TenantKey("review", name="body_review"),
            TenantKey("erasure", name="body_erasure"),
            models.CheckConstraint(
                condition=models.Q(body__isnull=False, erasure__isnull=True)
                | models.Q(body__isnull=True, erasure__isnull=False),
                name="body_or_tombstone",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="body_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="body_becomes_tombstone_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=(
                    "IF OLD.body IS NULL OR NEW.body IS NOT NULL OR NEW.erasure_id IS NULL "
                    "OR NEW.review_id <> OLD.review_id OR NEW.workspace_id <> OLD.workspace_id THEN "
                    "RAISE EXCEPTION 'a review body can only become a tombstone, once'; "
                    "END IF; RETURN NEW;"
                ),
            ),
            no_truncate("body_no_truncate"),
        ]


class ReviewEffort(TenantModel):
    """What the desk measured of a review besides its active time; deleted with it when its retention ends.

    Times are active milliseconds; `reading` has them by position of the response and by name of the pane. `typed` and
    `pasted` are characters of free texts. For quality and pay, never for rejecting a review.
    """

    review = models.OneToOneField(
        Review,
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="effort",
        db_constraint=False,
    )
    first_input_ms = models.PositiveIntegerField(null=True)
    typed = models.PositiveIntegerField(null=True)
    pasted = models.PositiveIntegerField(null=True)
    reading = models.JSONField(default=dict)

    class Meta:
        constraints = [TenantKey("review", name="effort_review")]


class Vote(TenantModel):
    """One comparison read out of a review: outcome −3…+3, positive when `response_lo` is better."""

    review = models.ForeignKey(
        Review, on_delete=models.PROTECT, related_name="votes", db_constraint=False, db_index=False
    )
    question = models.CharField(max_length=40)
    response_lo = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    response_hi = models.ForeignKey(
        Response, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    outcome = models.SmallIntegerField()
    both_unacceptable = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "question", "response_lo", "response_hi"], name="vote_once"
            ),
            models.CheckConstraint(
                condition=models.Q(response_lo__lt=models.F("response_hi")), name="vote_ordered"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__gte=-3, outcome__lte=3), name="vote_outcome_range"
            ),
            TenantKey("review", name="vote_review"),
            TenantKey("response_lo", name="vote_response_lo"),
            TenantKey("response_hi", name="vote_response_hi"),
        ]


class Answer(TenantModel):
    """One narrow answer of a review: a number or a choice, of one response or of the whole item."""

    review = models.ForeignKey(
        Review, on_delete=models.PROTECT, related_name="answers", db_constraint=False
    )
    question = models.CharField(max_length=40)
    response = models.ForeignKey(
        Response,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    number = models.FloatField(null=True)
    choice = models.CharField(max_length=80, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__isnull=False, choice__isnull=True)
                | models.Q(number__isnull=True, choice__isnull=False),
                name="answer_number_or_choice",
            ),
            TenantKey("review", name="answer_review"),
            TenantKey("response", name="answer_response"),
        ]


class ReviewSeal(models.Model):
    """The Merkle root over an hour's new reviews: proof later that nothing was edited.

    `previous` is the head of the chain before it, SHA-256(previous + root) of the seal before, so a head stands for
    every hour up to its own.
    """

    hour = models.DateTimeField(unique=True)
    reviews = models.PositiveIntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    signature = models.BinaryField(null=True)

    class Meta:
        triggers = permanent("seal")
