"""What every page's frame needs: the person and how they read, what their device keeps, and whether mail goes out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from feedback.rooms.device import outbox_name


def room(request: HttpRequest) -> dict[str, Any]:
    """The theme and text size of the signed-in person, the system's for everybody else."""
    user = getattr(request, "user", None)
    mail = settings.EMAIL_CONFIGURED
    if user is None or not user.is_authenticated:
        return {"theme": "system", "text_percent": 100, "mail": mail}
    return {
        "theme": user.theme,
        "text_percent": user.text_percent,
        "mail": mail,
        "device": outbox_name(user),
    }
