"""Shapes of what looks like what."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


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
