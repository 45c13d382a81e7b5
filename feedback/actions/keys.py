"""API keys are made, shown once, and revoked."""

from __future__ import annotations

import datetime as dt
import secrets

from feedback.access import Place
from feedback.errors import Invalid, NotAllowed, NotThere
from feedback.models import ApiKey, Role, Scope

from .people import hash_of

NEEDS = {
    Scope.ITEMS_READ: Role.MANAGER,
    Scope.ITEMS_WRITE: Role.MANAGER,
    Scope.REVIEWS_WRITE: Role.REVIEWER,
    Scope.RUNS_READ: Role.MANAGER,
    Scope.RUNS_WRITE: Role.MANAGER,
    Scope.DATASETS_READ: Role.MANAGER,
    Scope.DATASETS_WRITE: Role.MANAGER,
    Scope.PROJECT_ADMIN: Role.MANAGER,
}


def make_key(
    *,
    place: Place,
    name: str,
    scopes: list[Scope],
    now: dt.datetime,
    days: int | None = None,
    dataset_slug: str = "",
) -> tuple[ApiKey, str]:
    """A key of the asking member. Returns the row and the whole key, which is shown only now.

    Raises Invalid for no scope, NotAllowed for a scope beyond the member's role.
    """
    if not scopes:
        raise Invalid(
            "A key needs at least one scope.", problems=[{"field": "scopes", "code": "empty"}]
        )
    for scope in scopes:
        if not place.is_at_least(NEEDS[scope]):
            raise NotAllowed(f"Your role cannot give a key the scope {scope}.")
    prefix = f"ts_{secrets.token_hex(4)}"
    secret = secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        workspace=place.workspace,
        membership=place.membership,
        name=name,
        prefix=prefix,
        secret_hash=hash_of(secret),
        scopes=sorted(scopes),
        dataset_slug=dataset_slug,
        created_at=now,
        expires_at=now + dt.timedelta(days=days) if days else None,
    )
    return key, f"{prefix}_{secret}"


def revoke_key(*, place: Place, key: ApiKey, now: dt.datetime) -> None:
    """The key stops at its next request. One revokes one's own; an owner anybody's."""
    if key.membership_id != place.membership.pk and not place.is_at_least(Role.OWNER):
        raise NotThere
    ApiKey.objects.filter(pk=key.pk, workspace=place.workspace, revoked_at=None).update(
        revoked_at=now
    )
