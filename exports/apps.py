"""The Django app “exports”."""

from __future__ import annotations

from django.apps import AppConfig


class ExportsApp(AppConfig):
    name = "exports"
