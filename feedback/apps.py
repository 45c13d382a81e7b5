"""The Django app “feedback”."""

from __future__ import annotations

from django.apps import AppConfig


class FeedbackApp(AppConfig):
    name = "feedback"
