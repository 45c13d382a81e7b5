"""Whether texts of a workspace may be sent to somebody else's service: the owner's to say, and kept in the workspace's history."""

from __future__ import annotations

from django.db import transaction

from feedback.access import Place
from feedback.errors import NotAllowed
from feedback.models import Role, Workspace


@transaction.atomic
def allow_third_parties(*, place: Place, allowed: bool) -> None:
    """Texts may, or may no longer, leave for the services that the settings name. Raises NotAllowed for anybody but an owner."""
    if not place.is_at_least(Role.OWNER):
        raise NotAllowed
    Workspace.objects.filter(pk=place.workspace.pk).update(third_party_allowed=allowed)
