"""Print the one-time link that makes the first owner; nothing when somebody owns the house already."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils import timezone

from feedback.actions.people import make_setup_link


class Command(BaseCommand):
    """Each run makes a fresh link; the one before stops working."""

    help = "Prints a one-time link that makes the first owner, if nobody has an account yet."

    def handle(self, *args: Any, **options: Any) -> None:
        token = make_setup_link(now=timezone.now())
        if token is not None:
            self.stdout.write(settings.PUBLIC_URL + reverse("setup", args=[token]))
