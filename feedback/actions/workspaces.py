"""What an owner sets for a whole workspace; every change is kept in its history with who made it."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from feedback.access import Place
from feedback.errors import Invalid, NotAllowed
from feedback.models import Role, Workspace
from feedback.queries.people import has_second_factor

CHANGEABLE = frozenset({"mfa_required", "device_outbox_allowed", "effort_days"})
EFFORT_DAYS = range(1, 3651)


def settings_of(*, place: Place) -> Workspace:
    """The workspace with every setting. Raises NotAllowed for anybody but an owner."""
    if not place.is_at_least(Role.OWNER):
        raise NotAllowed
    return Workspace.objects.get(pk=place.workspace.pk)


@transaction.atomic
def change_workspace(*, place: Place, changes: dict[str, Any]) -> Workspace:
    """Change settings of the workspace. Raises NotAllowed for anybody but an owner, Invalid for what cannot be set."""
    workspace = settings_of(place=place)
    problems = [*_problems(place, changes)]
    if problems:
        raise Invalid(" ".join(each["sentence"] for each in problems), problems=problems)
    for name, value in changes.items():
        setattr(workspace, name, value)
    if changes:
        workspace.save(update_fields=list(changes))
    return workspace


def _problems(place: Place, changes: dict[str, Any]) -> list[dict[str, str]]:
    found = [
        {"field": name, "code": "unknown_value", "sentence": f"There is no setting {name}."}
        for name in sorted(set(changes) - CHANGEABLE)
    ]
    if changes.get("mfa_required") and not has_second_factor(place.user):
        sentence = "Set up your own second factor first, under your settings: it would be asked of you at once."
        found.append({"field": "mfa_required", "code": "no_second_factor", "sentence": sentence})
    if "effort_days" in changes and changes["effort_days"] not in EFFORT_DAYS:
        sentence = f"From {EFFORT_DAYS[0]} to {EFFORT_DAYS[-1]:,} days."
        found.append({"field": "effort_days", "code": "out_of_range", "sentence": sentence})
    return found
