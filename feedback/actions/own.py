"""How a person reads and works: name, theme, text, time zone, panes, keys. Nobody else's business, nor theirs to change."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from typing import Any

from feedback.errors import Invalid
from feedback.models import User
from feedback.policy.keys import clashes, moved

TEXT_PERCENTS = (90, 100, 112, 125, 150, 200)
CHANGEABLE = frozenset(
    {
        "name",
        "theme",
        "text_percent",
        "time_zone",
        "panes",
        "prompt_folded",
        "scroll_together",
        "digest",
        "keys",
    }
)


def change_own_settings(*, user: User, changes: dict[str, Any]) -> User:
    """Change one's own settings; `keys` replaces every key of one's own. Raises Invalid for a value that does not exist."""
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise Invalid(f"There is no setting {', '.join(sorted(unknown))}.")
    if "keys" in changes:
        changes = {**changes, "keys": moved(changes["keys"])}
    problems = [*_unknown(changes), *_clashing(changes.get("keys", {}))]
    if problems:
        raise Invalid(" ".join(each["sentence"] for each in problems), problems=problems)
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=list(changes))
    return user


def _unknown(changes: dict[str, Any]) -> Iterator[dict[str, str]]:
    allowed: dict[str, set[Any]] = {
        "theme": set(User.Theme.values),
        "text_percent": set(TEXT_PERCENTS),
        "time_zone": zoneinfo.available_timezones(),
        "panes": set(User.Panes.values),
        "digest": set(User.Digest.values),
    }
    for name, values in allowed.items():
        if name in changes and changes[name] not in values:
            sentence = f"There is no such {name.replace('_', ' ')}."
            yield {"field": name, "code": "unknown_value", "sentence": sentence}


def _clashing(own: dict[str, str]) -> Iterator[dict[str, str]]:
    for clash in clashes(own):
        yield {"field": f"keys.{clash.act}", "code": clash.code, "sentence": clash.sentence}
