"""Middleware of the pages: who changes configuration, and in which time zone a person reads."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from pghistory.middleware import HistoryMiddleware

from feedback.errors import Refusal, SecondFactorNeeded

from .failures import failure


class WhoChanged(HistoryMiddleware):
    """Notes the person with every change of configuration; not the address, which may hold a token."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request)
        context.pop("url", None)
        return context


class Refusals:
    """Answers a refused request of a page with the page of that refusal. The API has its own way."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        if isinstance(exception, SecondFactorNeeded):
            messages.warning(request, exception.sentence)
            # A part of a page cannot hold this one: the whole page is to go there.
            if request.headers.get("HX-Request"):
                return HttpResponseClientRedirect(reverse("mfa_activate_totp"))
            return redirect("mfa_activate_totp")
        return failure(request, exception.status, exception)


def local_time(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Show times in the zone of the signed-in person."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(("/api/", "/hub/", "/static/", "/health/")):
            return get_response(request)
        if request.user.is_authenticated:
            with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone)):
                return get_response(request)
        return get_response(request)

    return middleware
