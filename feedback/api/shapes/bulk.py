"""Shapes of bulk actions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from feedback.models import BulkJob as BulkRow
from feedback.models import Purpose
from feedback.queries.bulk import MOST_NAMED
from feedback.rest.fields import ObjectField
from feedback.rest.reading import Strict

from .items import ITEM_STATES


class ItemFilter(Strict):
    """Items as a list so filtered shows them; empty for all."""

    state = serializers.ChoiceField(ITEM_STATES, default="", allow_blank=True)
    purpose = serializers.ChoiceField(Purpose.choices, default="", allow_blank=True)
    tag = serializers.CharField(default="", allow_blank=True, max_length=80)
    model = serializers.CharField(
        default="", allow_blank=True, max_length=200, help_text="Which wrote one of the responses."
    )
    external_id = serializers.CharField(default="", allow_blank=True, max_length=300)
    q = serializers.CharField(default="", allow_blank=True, max_length=300)


class NewBulkJob(Strict):
    """One thing to do, and to which items: either `items` or `filter`."""

    action = serializers.ChoiceField(BulkRow.Action.choices)
    settings = ObjectField(default=dict, help_text="What the action needs; see the description.")
    items = serializers.ListField(
        child=serializers.UUIDField(), default=list, max_length=MOST_NAMED
    )
    filter = ItemFilter(required=False)
    expected = serializers.IntegerField(
        required=False, min_value=0, help_text="Refuse if it would be another number of items."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["items"]) == ("filter" in attrs):
            raise serializers.ValidationError("Say either items or filter.", code="one_of_two")
        return attrs


class BulkJob(serializers.Serializer[Any]):
    """Something done to many items, and how far it is."""

    id = serializers.UUIDField(source="public_id")
    action = serializers.ChoiceField(BulkRow.Action.choices)
    state = serializers.ChoiceField(BulkRow.State.choices)
    settings = ObjectField()
    total = serializers.IntegerField(help_text="How many items were chosen.")
    seen = serializers.IntegerField(help_text="How many have been looked at.")
    changed = serializers.IntegerField(help_text="How many it changed; the others stayed.")
    undoes = serializers.UUIDField(
        source="undoes.public_id", default=None, allow_null=True, help_text="The job it takes back."
    )
    undone_by = serializers.UUIDField(source="undone_by.public_id", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
