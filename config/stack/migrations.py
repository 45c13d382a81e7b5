"""Asks the database whether migrations are pending, so that a start spends a process on them only then."""

from __future__ import annotations

from django.core.management import CommandError, call_command
from django.db import Error, connections


def are_pending() -> bool:
    """Also true when it cannot be told: `manage.py migrate` then says what is wrong."""
    try:
        call_command("migrate", check_unapplied=True, verbosity=0)
    except (SystemExit, CommandError, Error):
        return True
    finally:
        connections.close_all()
    return False
