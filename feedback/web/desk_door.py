"""How one enters the desk, and how it answers: a page for everybody, JSON for its own script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from feedback import access
from feedback.access import Principal, ProjectPlace
from feedback.actions.agreements import AgreementNeeded
from feedback.errors import Refusal
from feedback.models import User
from feedback.rest.problems import answer, problem

P = ParamSpec("P")
Door = Callable[Concatenate[HttpRequest, ProjectPlace, P], HttpResponse]


def door(*methods: str) -> Callable[[Door[P]], Callable[..., HttpResponse]]:
    """A door of the desk: who may enter the project enters; a refusal is told in the caller's own language."""

    def decorate(view: Door[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def enter(
            request: HttpRequest, workspace: str, project: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            if not isinstance(request.user, User):
                return _to_sign_in(request)
            try:
                place = access.project(Principal(request.user), workspace, project)
                return view(request, place, *args, **kwargs)
            except Refusal as refusal:
                if speaks_json(request):
                    return answer(refusal)
                if isinstance(refusal, AgreementNeeded):
                    return redirect(to_agreement(request, workspace))
                raise

        # A patch or a brief is long and compresses tenfold. Its page varies in length, so that the length tells nothing.
        return gzip_page(never_cache(require_http_methods(methods)(enter)))

    return decorate


def speaks_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def to_agreement(request: HttpRequest, workspace: str) -> str:
    """Where the agreement is read and accepted, and the way back."""
    return (
        f"{reverse('agreement', args=[workspace])}?{urlencode({'next': request.get_full_path()})}"
    )


def number(request: HttpRequest, name: str) -> int:
    """A field of the page's own: a whole number, 0 where there is none."""
    raw = request.POST.get(name, "")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else 0


def held(until: dt.datetime | None, now: dt.datetime) -> dict[str, Any]:
    """Until when the item is held, and for how many seconds more: a device's clock may be wrong. None: no longer."""
    if until is None:
        return {"leased_until": None, "seconds": 0}
    left = round((until - now).total_seconds())
    return {"leased_until": timezone.localtime(until).isoformat(), "seconds": left}


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if speaks_json(request):
        body = problem(401, "not_signed_in", "You are signed out. Sign in again in another tab.")
        return JsonResponse(body, status=401)
    after = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': after})}")
