"""Fields that Django REST framework does not have: hashes as hexadecimal text, and JSON that its own rules check."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "string", "pattern": "^[0-9a-f]{64}$"})
class HashField(serializers.Field[Any, Any, str, Any]):
    """A SHA-256 as 64 hexadecimal digits."""

    def to_representation(self, value: Any) -> str:
        return bytes(value).hex()


@extend_schema_field(OpenApiTypes.OBJECT)
class ObjectField(serializers.Field[Any, Any, Any, Any]):
    """A JSON object with a format of its own, which whoever takes it checks whole."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value
