"""One address with a function for each method; each function translates: find the row, one call, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from .rendering import JsonNegotiation

Door = Callable[..., HttpResponseBase]


class Route(APIView):
    """What all addresses share: JSON whatever is asked for, nothing kept in caches, no description by OPTIONS."""

    content_negotiation_class = JsonNegotiation
    metadata_class = None

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        return final


def route(**doors: Door) -> Door:
    """A view that calls the door of the request's method: `route(get=list_keys, post=make_key)`."""
    names = [*doors, *(["head"] if "get" in doors else [])]
    methods: dict[str, Any] = {method: staticmethod(door) for method, door in doors.items()}
    view = type("Route", (Route,), {**methods, "http_method_names": names})
    return view.as_view()  # type: ignore[attr-defined,no-any-return]
