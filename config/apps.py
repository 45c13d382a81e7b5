"""The Django app of the house itself."""

from __future__ import annotations

from django.apps import AppConfig


class ConfigApp(AppConfig):
    name = "config"
    label = "touchstone_config"
    verbose_name = "Touchstone"

    def ready(self) -> None:
        # Celery's application must be there before anybody rings, and the checks before anybody asks.
        from . import celery, checks  # noqa: F401
