"""How a person reads: name, theme, size of text, time zone. Nobody else's business, and nobody else's to change."""

from __future__ import annotations

import zoneinfo
from typing import Any

from feedback.errors import Invalid
from feedback.models import User

TEXT_PERCENTS = (90, 100, 112, 125, 150, 200)
CHANGEABLE = frozenset({"name", "theme", "text_percent", "time_zone"})


def change_own_settings(*, user: User, changes: dict[str, Any]) -> User:
    """Change one's own settings. Raises Invalid for a value that does not exist."""
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise Invalid(f"There is no setting {', '.join(sorted(unknown))}.")
    _check(changes)
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    return user


def _check(changes: dict[str, Any]) -> None:
    allowed: dict[str, set[Any]] = {
        "theme": set(User.Theme.values),
        "text_percent": set(TEXT_PERCENTS),
        "time_zone": zoneinfo.available_timezones(),
    }
    for name, values in allowed.items():
        if name in changes and changes[name] not in values:
            raise Invalid(
                f"There is no such {name.replace('_', ' ')}.",
                problems=[{"field": name, "code": "unknown_value"}],
            )
