"""System checks of the house: what a deployment must have beyond Django's own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def shared_cache(**_: Any) -> list[checks.CheckMessage]:
    """Sign-in limits count in the cache; a cache of each process would multiply them."""
    if "locmem" not in settings.CACHES["default"]["BACKEND"]:
        return []
    return [
        checks.Warning(
            "The cache is private to each process, so sign-in limits are weaker than they say.",
            hint="Set CACHE_URL to a Redis address, or use Redis as CELERY_BROKER_URL.",
            id="touchstone.W001",
        )
    ]
