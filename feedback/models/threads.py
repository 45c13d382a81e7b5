"""Threads: what a reviewer asks of the managers about an item, and what they are told."""

from __future__ import annotations

from django.db import models

from .base import Named, TenantKey, TenantModel, unique_in_workspace
from .items import Item
from .people import User
from .projects import Project, Rater


class Thread(TenantModel, Named):
    """The one thread of a reviewer on an item, between them and those who manage the project.

    `waits` while the last word is the reviewer's. `guideline_version` is the one that took up its answer.
    """

    project = models.ForeignKey(
        Project,
        on_delete=models.PROTECT,
        related_name="threads",
        db_constraint=False,
        db_index=False,
    )
    item = models.ForeignKey(
        Item, on_delete=models.PROTECT, related_name="threads", db_constraint=False
    )
    rater = models.ForeignKey(
        Rater, on_delete=models.PROTECT, related_name="threads", db_constraint=False
    )
    waits = models.BooleanField(default=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    guideline_version = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "rater"], name="thread_once"),
            unique_in_workspace("thread_workspace_id"),
            TenantKey("project", name="thread_project"),
            TenantKey("item", name="thread_item"),
            TenantKey("rater", name="thread_rater"),
        ]
        indexes = [
            models.Index(fields=["project", "-id"], name="thread_latest"),
            models.Index(fields=["project"], name="thread_waits", condition=models.Q(waits=True)),
        ]


class Remark(TenantModel, Named):
    """Something said in a thread, by its reviewer or to them. An empty one was erased.

    `token` is the sender's own name for it: a remark that arrives twice is one.
    """

    thread = models.ForeignKey(
        Thread,
        on_delete=models.PROTECT,
        related_name="remarks",
        db_constraint=False,
        db_index=False,
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by_reviewer = models.BooleanField()
    text = models.TextField(blank=True)
    said_at = models.DateTimeField()
    token = models.CharField(max_length=64)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["thread", "token"], name="remark_once"),
            TenantKey("thread", name="remark_thread"),
        ]
