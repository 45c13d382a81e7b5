"""Shapes of threads: what a reviewer asks about an item and what they are told."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from feedback.actions.threads import LONGEST, LONGEST_TOKEN
from feedback.models import Remark
from feedback.rest.paging import PageQuery
from feedback.rest.reading import Strict


class ThreadQuery(PageQuery):
    """Which threads."""

    waiting = serializers.BooleanField(
        default=False, help_text="Only those whose last word is the reviewer's."
    )


class NewRemark(Strict):
    """A question, or an answer."""

    text = serializers.CharField(max_length=LONGEST)
    token = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=LONGEST_TOKEN,
        help_text="The caller's own name for it: the same one again is the same remark.",
    )


class Said(serializers.Serializer[Any]):
    """Something that was said."""

    by = serializers.SerializerMethodField(help_text="`reviewer` or `manager`.")
    text = serializers.CharField(allow_blank=True, help_text="Empty: erased.")
    said_at = serializers.DateTimeField()

    def get_by(self, remark: Remark) -> str:
        return "reviewer" if remark.by_reviewer else "manager"


class Thread(serializers.Serializer[Any]):
    """A thread as both sides see it."""

    id = serializers.UUIDField(source="public_id")
    waits = serializers.BooleanField(help_text="Its last word is the reviewer's.")
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    guideline_version = serializers.IntegerField(
        allow_null=True, help_text="The version of the guideline that took up the answer."
    )
    remarks = Said(many=True)


class OwnThread(Thread):
    """A thread of one's own."""

    workspace = serializers.CharField(source="project.workspace.slug")
    project = serializers.CharField(source="project.slug")


class AskedThread(Thread):
    """A thread for those who answer: about which item, and by whom."""

    item = serializers.UUIDField(source="item.public_id")
    reviewer = serializers.CharField(source="rater.user.name", allow_blank=True)
