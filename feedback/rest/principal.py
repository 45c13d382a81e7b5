"""From a request or a bare token to the principal that access asks about."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

from django.db.models import Q
from rest_framework.request import Request

from feedback import access
from feedback.models import Access, ApiKey, Role, User

USED_EVERY = dt.timedelta(minutes=1)


def principal_of(request: Request) -> access.Principal:
    """The principal of an authenticated request."""
    assert isinstance(request.user, User)
    key = request.auth if isinstance(request.auth, ApiKey) else None
    return access.Principal(request.user, key)


def person_of(request: Request) -> User:
    """The person behind a request that only persons may make. Raises NotAllowed for a key."""
    principal = principal_of(request)
    access.check_scope(principal, None)
    return principal.user


def at_workspace(
    request: Request, slug: str, role: Role = Role.REVIEWER, *, scope: access.Scopes
) -> access.Place:
    """The workspace of a request. `scope` is what a key needs: one, one of several, or None where only persons may."""
    return access.workspace(principal_of(request), slug, role=role, scope=scope)


def at_project(
    request: Request,
    workspace: str,
    slug: str,
    role: Role = Role.REVIEWER,
    *,
    scope: access.Scopes,
) -> access.ProjectPlace:
    """The project of a request, likewise."""
    return access.project(principal_of(request), workspace, slug, role=role, scope=scope)


def principal_from_token(token: str, *, now: dt.datetime) -> access.Principal | None:
    """The principal of a whole key (`ts_prefix_secret`) if it works, else None. The secret is compared in constant time."""
    # The secret is URL-safe base64 and may itself hold underscores; the prefix does not.
    head, name, secret = [*token.split("_", 2), "", ""][:3]
    if not secret or "\x00" in token:
        return None
    principal = access.principal_of_key(f"{head}_{name}", now=now)
    if principal is None or principal.key is None:
        return None
    given = hashlib.sha256(secret.encode()).digest()
    if not hmac.compare_digest(given, bytes(principal.key.secret_hash)):
        return None
    _note_use(principal.key, now)
    return principal


def _note_use(key: ApiKey, now: dt.datetime) -> None:
    """Remember to the minute that a key was used, and once an hour in the records of access."""
    before = key.last_used_at
    if before is not None and now - before < USED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    first = ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    if first and (before is None or _hour(before) != _hour(now)):
        Access.objects.create(
            workspace_id=key.workspace_id, key=key, what="key_used", subject=key.prefix, at=now
        )


def _hour(at: dt.datetime) -> dt.datetime:
    return at.replace(minute=0, second=0, microsecond=0)
