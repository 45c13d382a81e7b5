"""Shapes of what looks like what."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from curation.models import NearPair as Row
from feedback.rest.paging import PageQuery
from feedback.rest.reading import Strict


class SimilarItem(serializers.Serializer[Any]):
    """An item and the earlier one that its prompt is nearest to."""

    item = serializers.UUIDField(source="item.public_id")
    external_id = serializers.CharField(source="item.record.external_id", allow_null=True)
    row = serializers.IntegerField(source="item.record.import_row", allow_null=True)
    looks_like = serializers.UUIDField(source="nearest.public_id")
    looks_like_external_id = serializers.CharField(
        source="nearest.record.external_id", allow_null=True
    )
    similarity = serializers.FloatField(
        help_text="Jaccard similarity of the prompts' shingles, exact."
    )
    crowded = serializers.BooleanField(
        help_text="Whether its boilerplate is shared by so many that not all were compared."
    )


class AlikeQuery(Strict):
    """How many."""

    limit = serializers.IntegerField(default=20, min_value=1, max_value=100)


class Alike(serializers.Serializer[Any]):
    """An item whose prompt is like another's."""

    item = serializers.UUIDField(source="item.public_id")
    external_id = serializers.CharField(source="item.record.external_id", allow_null=True)
    line = serializers.CharField(help_text="The beginning of its last user turn.")
    score = serializers.FloatField(help_text="Cosine of the two vectors, −1 to 1.")


class NothingAlike(serializers.Serializer[Any]):
    """Why no item is alike."""

    code = serializers.CharField(
        help_text="`vectors_in_making`, `no_vector_yet`, `nothing_to_compare`, or why vectors could not be made."
    )
    sentence = serializers.CharField()


class AlikeItems(serializers.Serializer[Any]):
    """The items most like one, and by whose measure."""

    encoder = serializers.CharField(
        source="encoding.name",
        allow_null=True,
        default=None,
        help_text="`lexical`: words are compared, not meanings. Null: there are no vectors yet.",
    )
    encoder_version = serializers.IntegerField(
        source="encoding.version", allow_null=True, default=None
    )
    waiting = serializers.BooleanField(help_text="Whether the item has no vector yet.")
    exact = serializers.BooleanField(
        help_text="False: found by an index of pgvector, which may miss some."
    )
    compared = serializers.IntegerField(
        help_text="How many vectors were looked through; of more than 300,000 without an index only the newest."
    )
    rows = Alike(many=True)
    missing = NothingAlike(allow_null=True, help_text="Null where there are rows.")


class NearPairQuery(PageQuery):
    """Which near-equal texts."""

    state = serializers.ChoiceField(choices=["waiting", "same", "different"], default="waiting")


class Verdict(Strict):
    """What somebody says of two texts."""

    verdict = serializers.ChoiceField(choices=["same", "different"])
    reason = serializers.CharField(max_length=1000, default="", allow_blank=True)
    whole_cluster = serializers.BooleanField(
        default=False, help_text="Say it of every pair of the cluster that still waits."
    )


class NearPair(serializers.Serializer[Any]):
    """Two near-equal texts that no machine takes for one."""

    id = serializers.UUIDField(source="public_id")
    kind = serializers.CharField(help_text="What is compared: `prompt` or `response`.")
    similarity = serializers.FloatField(help_text="Jaccard similarity of what was compared, exact.")
    why = serializers.CharField(
        help_text="`legal`: a legal text. `large`: a cluster of prompts above 2 % of the project."
    )
    left_item = serializers.UUIDField(source="left.revision.item.public_id")
    right_item = serializers.UUIDField(source="right.revision.item.public_id")
    verdict = serializers.SerializerMethodField(help_text="`same`, `different`, or null.")
    reason = serializers.CharField()
    decided_by = serializers.CharField(source="decided_by.email", allow_null=True, default=None)
    decided_at = serializers.DateTimeField(allow_null=True)

    def get_verdict(self, row: Row) -> str | None:
        return row.verdict or None


class NearPairTexts(NearPair):
    """Two near-equal texts with their words."""

    left = serializers.SerializerMethodField()
    right = serializers.SerializerMethodField()

    def get_left(self, row: Row) -> str:
        return str(self.context["texts"]["left"])

    def get_right(self, row: Row) -> str:
        return str(self.context["texts"]["right"])
