"""Lists in pages: `?after=` the cursor of the page before, `?limit=` rows."""

from __future__ import annotations

import functools
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from feedback.queries.pages import page

from .reading import Strict

M = TypeVar("M", bound=Model)
USUAL, MOST = 50, 200


class PageQuery(Strict):
    """Which page of a list."""

    after = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=1000,
        help_text="`after` of the page before; left out for the first page.",
    )
    limit = serializers.IntegerField(
        default=USUAL, min_value=1, max_value=MOST, help_text="How many rows at most."
    )


def paged(
    query: dict[str, Any],
    rows: QuerySet[M],
    shape: type[serializers.BaseSerializer[Any]],
    *,
    by: tuple[str, ...] = ("-pk",),
    **context: Any,
) -> Response:
    """The page that a PageQuery asks for, each row in its shape."""
    found = page(rows, after=query["after"], limit=query["limit"], by=by)
    written = shape(found.rows, many=True, context=context).data
    return Response({"rows": written, "after": found.after})


@functools.cache
def page_of(shape: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """What `paged` answers, for the documentation."""
    return inline_serializer(
        name=f"{shape.__name__}Page",
        fields={
            "rows": shape(many=True),
            "after": serializers.CharField(
                allow_null=True, help_text="The cursor of the next page; null on the last."
            ),
        },
    )
