"""Shapes of texts: messages of typed parts, documents, and where a text came from."""

from __future__ import annotations

from typing import Any, get_args

from rest_framework import serializers

from feedback.models import Provenance as Row
from feedback.readers import rows
from feedback.rest.fields import ObjectField


class Part(serializers.Serializer[Any]):
    """A piece of text."""

    type = serializers.ChoiceField(["text"], default="text")
    text = serializers.CharField(allow_blank=True)
    format = serializers.ChoiceField(get_args(rows.TextFormat), default="plain")


class Message(serializers.Serializer[Any]):
    """One turn of a prompt or a response."""

    role = serializers.ChoiceField(get_args(rows.Role))
    parts = Part(many=True)
    tool_calls = serializers.ListField(child=ObjectField(), required=False)
    tool_call_id = serializers.CharField(required=False)
    name = serializers.CharField(required=False)


class Document(serializers.Serializer[Any]):
    """A document beside the prompt."""

    title = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(get_args(rows.DocumentKind))
    parts = Part(many=True)


class Provenance(serializers.Serializer[Any]):
    """Where a text came from and under which terms, as far as it is known."""

    origin = serializers.ChoiceField(Row.Origin.choices)
    model = serializers.CharField(allow_blank=True)
    model_version = serializers.CharField(allow_blank=True)
    parameters = ObjectField(allow_null=True)
    generated_at = serializers.DateTimeField(allow_null=True)
    generation_depth = serializers.IntegerField(allow_null=True)
    provider_terms = serializers.CharField(allow_blank=True)
    licence = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
