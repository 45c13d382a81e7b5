"""The Django app “curation”."""

from __future__ import annotations

from django.apps import AppConfig


class CurationApp(AppConfig):
    name = "curation"
