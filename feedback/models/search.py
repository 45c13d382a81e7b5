"""What a project's items and reviews can be found by, beside their tables and filled behind them; and saved views of a list."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone

from .base import Named, TenantKey, TenantModel
from .items import Item, ItemRevision
from .people import User
from .projects import Project
from .reviews import Review


class SearchEntry(TenantModel):
    """The words of one prompt (of an item revision) or of one review, as PostgreSQL's text search keeps them.

    A table of its own: importing and reviewing never write to it, so they are as fast as without it.
    """

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    item = models.ForeignKey(
        Item, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    revision = models.ForeignKey(
        ItemRevision,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    review = models.ForeignKey(
        Review,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    words = SearchVectorField()

    class Meta:
        constraints = [
            TenantKey("project", name="search_project"),
            TenantKey("item", name="search_item"),
            TenantKey("revision", name="search_revision"),
            TenantKey("review", name="search_review"),
            models.UniqueConstraint(
                fields=["revision"],
                name="search_revision_once",
                condition=models.Q(revision__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["review"],
                name="search_review_once",
                condition=models.Q(review__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(revision__isnull=True) ^ models.Q(review__isnull=True),
                name="search_of_one",
            ),
        ]
        indexes = [
            GinIndex(fields=["words"], name="search_words"),
            models.Index(fields=["project", "id"], name="search_of_project"),
        ]


class SearchMark(models.Model):
    """How far the words of a table are in: nothing up to `done` is missing any more.

    `next` becomes `done` when every transaction that ran at `next_at` (those before `next_xid`) has ended: a row with a
    smaller id may be committed after one with a larger.
    """

    what = models.CharField(max_length=10, primary_key=True)
    done = models.BigIntegerField(default=0)
    next = models.BigIntegerField(null=True)
    next_xid = models.DecimalField(max_digits=20, decimal_places=0, null=True)
    next_at = models.DateTimeField(null=True)


class SavedView(TenantModel, Named):
    """A named list of items: its filters and order, for oneself or for everybody who manages the project."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="views", db_constraint=False, db_index=False
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    query = models.JSONField()
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            TenantKey("project", name="view_project"),
            models.UniqueConstraint(fields=["project", "owner", "name"], name="view_once"),
        ]
