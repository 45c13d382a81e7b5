"""What a request says, parsed and typed by a serializer; a name without meaning is refused, so that a slip is heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request


class Strict(serializers.Serializer[Any]):
    """A body or a query string. Unknown names are faults."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(data.keys() - self.fields.keys())
            if unknown:
                fault = ErrorDetail("This has no meaning here.", code="unknown_field")
                raise ValidationError({name: [fault] for name in unknown})
        return super().to_internal_value(data)


def read(
    shape: type[serializers.Serializer[Any]], request: Request, **options: Any
) -> dict[str, Any]:
    """The body of a request. Raises ValidationError, which becomes 422 with every fault."""
    return _checked(shape(data=request.data, **options))


def read_query(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The query string of a request, likewise."""
    return _checked(shape(data=request.query_params))


def _checked(given: serializers.Serializer[Any]) -> dict[str, Any]:
    given.is_valid(raise_exception=True)
    said: dict[str, Any] = given.validated_data
    return said
