"""The rows that every request of a reviewer begins with, each in one prepared statement. Who may see them, access says."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, LiteralString

import orjson

from .models import (
    ApiKey,
    Assignment,
    Draft,
    FormVersion,
    Membership,
    Project,
    User,
    Workspace,
)
from .statements import M, loaded, run

_KEY = (
    *("id", "public_id", "workspace_id", "membership_id", "name", "prefix", "secret_hash"),
    *("scopes", "dataset_slug", "expires_at", "revoked_at", "last_used_at"),
)
_MEMBERSHIP = ("id", "public_id", "workspace_id", "user_id", "role", "created_at", "ended_at")
_USER = ("id", "email", "name", "is_active")
_WORKSPACE = ("id", "public_id", "slug", "name", "device_outbox_allowed", "mfa_required")
_PROJECT = (
    *(
        "id",
        "public_id",
        "workspace_id",
        "slug",
        "name",
        "domain",
        "state",
        "overlap",
        "overlap_cap",
    ),
    *("lease_minutes", "edit_hours", "daily_goal", "created_at", "check_conflicts", "checks"),
)
_ASSIGNMENT = (
    *("id", "public_id", "workspace_id", "project_id", "item_id", "revision_id", "rater_id"),
    *("form_id", "kind", "occasion", "state", "order_shown", "ahead", "leased_until", "claimed_at"),
    *("shown_at", "disclosed_at", "closed_at", "reason", "policy_version"),
)
_FORM = ("id", "workspace_id", "project_id", "version", "sha256")
_DRAFT = ("assignment_id", "workspace_id", "revision", "body", "saved_at")


def _columns(alias: LiteralString, names: Sequence[LiteralString]) -> LiteralString:
    return ", ".join([f"{alias}.{name}" for name in names])


_OF_KEY = f"""
SELECT {_columns("k", _KEY)}, {_columns("m", _MEMBERSHIP)}, {_columns("u", _USER)}, {_columns("w", _WORKSPACE)}
FROM feedback_apikey k
JOIN feedback_membership m ON m.id = k.membership_id
JOIN feedback_user u ON u.id = m.user_id
JOIN feedback_workspace w ON w.id = k.workspace_id
WHERE k.prefix = %(prefix)s
"""  # noqa: S608  (put together from constants of this module, as those below)

_OF_MEMBER = f"""
SELECT {_columns("m", _MEMBERSHIP)}, {_columns("w", _WORKSPACE)}
FROM feedback_membership m JOIN feedback_workspace w ON w.id = m.workspace_id
WHERE m.user_id = %(user)s AND w.slug = %(slug)s AND m.ended_at IS NULL
"""  # noqa: S608

_ASKING = """
SELECT w.name FROM feedback_membership m JOIN feedback_workspace w ON w.id = m.workspace_id
WHERE m.user_id = %(user)s AND m.ended_at IS NULL AND w.mfa_required AND NOT EXISTS (
    SELECT 1 FROM mfa_authenticator f WHERE f.user_id = %(user)s AND f.type <> 'recovery_codes')
LIMIT 1
"""

_OF_PROJECT = f"""
SELECT {_columns("p", _PROJECT)},
    EXISTS (SELECT 1 FROM feedback_projectreviewer r
            WHERE r.project_id = p.id AND r.membership_id = %(membership)s AND r.paused_at IS NULL)
FROM feedback_project p WHERE p.workspace_id = %(workspace)s AND p.slug = %(slug)s
"""  # noqa: S608

# Of an assignment "a", its form "f" and, where there is one, its draft "d": what `assignment_in` reads.
ASSIGNMENT_COLUMNS: LiteralString = (
    f"{_columns('a', _ASSIGNMENT)}, {_columns('f', _FORM)}, {_columns('d', _DRAFT)}"
)

_OF_ASSIGNMENT = f"""
SELECT {ASSIGNMENT_COLUMNS}
FROM feedback_assignment a
JOIN feedback_rater r ON r.id = a.rater_id AND r.user_id = %(user)s
JOIN feedback_formversion f ON f.id = a.form_id
LEFT JOIN feedback_draft d ON d.assignment_id = a.id
WHERE a.public_id = %(public_id)s AND a.project_id = %(project)s
"""  # noqa: S608


def key_of(prefix: str) -> ApiKey | None:
    """A key by its visible prefix, with its membership, its member and its workspace; whether it works is not asked."""
    rows = run(_OF_KEY, {"prefix": prefix})
    if not rows:
        return None
    values = _Values(rows[0])
    key, membership = values.take(ApiKey, _KEY), values.take(Membership, _MEMBERSHIP)
    membership.user = values.take(User, _USER)
    membership.workspace = key.workspace = values.take(Workspace, _WORKSPACE)
    key.membership = membership
    return key


def membership_of(user_id: int, slug: str) -> Membership | None:
    """Somebody's current membership of the workspace with this slug, and the workspace."""
    rows = run(_OF_MEMBER, {"user": user_id, "slug": slug})
    if not rows:
        return None
    values = _Values(rows[0])
    membership = values.take(Membership, _MEMBERSHIP)
    membership.workspace = values.take(Workspace, _WORKSPACE)
    return membership


def asks_in_vain(user_id: int) -> bool:
    """Whether a workspace of somebody's asks for a second factor that they do not have."""
    return bool(run(_ASKING, {"user": user_id}))


def project_of(membership: Membership, slug: str) -> tuple[Project, bool] | None:
    """A project of the membership's workspace, and whether it names this member as a reviewer who is not paused."""
    who = {"workspace": membership.workspace_id, "membership": membership.pk}
    rows = run(_OF_PROJECT, {**who, "slug": slug})
    if not rows:
        return None
    values = _Values(rows[0])
    project = values.take(Project, _PROJECT)
    project.workspace = membership.workspace
    return project, values.last()


def assignment_of(project: Project, user: User, public_id: uuid.UUID) -> Assignment | None:
    """A person's own assignment with its draft and its form, the form's schema left for later."""
    who = {"project": project.pk, "user": user.pk}
    rows = run(_OF_ASSIGNMENT, {**who, "public_id": public_id})
    return assignment_in(rows[0], project) if rows else None


def assignment_in(row: tuple[Any, ...], project: Project) -> Assignment:
    """The assignment in a row of `ASSIGNMENT_COLUMNS`."""
    values = _Values(row)
    assignment = values.take(Assignment, _ASSIGNMENT)
    assignment.form = values.take(FormVersion, _FORM)
    assignment.project = project
    draft = values.take(Draft, _DRAFT)
    if draft.pk:
        draft.body = orjson.loads(draft.body)  # Django's connection leaves JSON as text
    # What Django remembers of a fetched one-to-one: the row, or that there is none.
    assignment._state.fields_cache["draft"] = draft if draft.pk else None
    return assignment


class _Values:
    """The values of one row, taken from left to right, model by model."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self._row, self._at = row, 0

    def take(self, model: type[M], names: Sequence[str]) -> M:
        start, self._at = self._at, self._at + len(names)
        return loaded(model, names, self._row[start : self._at])

    def last(self) -> Any:
        return self._row[self._at]
