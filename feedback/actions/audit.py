"""Reads worth remembering: downloads, and looks at who the people behind the reviews are."""

from __future__ import annotations

import datetime as dt

from feedback.access import Place
from feedback.models import Access


def note_read(*, place: Place, what: str, now: dt.datetime, subject: str = "") -> Access:
    """Write down who read what, and with which key."""
    return Access.objects.create(
        workspace=place.workspace,
        user=place.user,
        key=place.principal.key,
        what=what,
        subject=subject,
        at=now,
    )
