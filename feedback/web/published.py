"""What is said when a form was published."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest

from feedback.models import FormVersion


def announce_published(request: HttpRequest, before: FormVersion, made: FormVersion) -> None:
    """Which version is in use, and what becomes of items that are open."""
    if made.pk == before.pk:
        messages.info(request, "The form says the same as before, so there is no new version.")
    else:
        messages.success(
            request,
            f"Form v{made.version} is in use. Items that are open now are finished on the version they began with.",
        )
