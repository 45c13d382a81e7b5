"""Stopping the digest by the link in the mail, without signing in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from feedback.actions.digest import stop_digest, user_of


@csrf_exempt  # mail programs stop it by a POST of their own (RFC 8058); the token is all it takes, and all it does
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, because mail programs open links by themselves; and stop it."""
    user_of(token)
    if request.method == "POST":
        stop_digest(token=token)
    return render(request, "feedback/digest_stop.html", {"stopped": request.method == "POST"})
