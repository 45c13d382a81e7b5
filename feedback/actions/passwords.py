"""A new password for somebody who forgot theirs, where no mail is sent: an owner passes on a link."""

from __future__ import annotations

import datetime as dt

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from feedback.access import Place
from feedback.errors import NotAllowed
from feedback.models import Access, Membership, Role


class NotYoursAlone(NotAllowed):
    """This person also belongs where you are not an owner, so a link of yours would open more than your workspace. Whoever runs this installation can set the password with manage.py changepassword."""

    code = "not_yours_alone"


def reset_key(*, place: Place, membership: Membership, now: dt.datetime) -> tuple[str, str]:
    """The two parts of a link that sets a member's password, once, within three days; that it was made is kept.

    Raises NotAllowed for who is no owner, NotYoursAlone where the account opens workspaces that the asker does not own.
    """
    if not place.is_at_least(Role.OWNER):
        raise NotAllowed("Only an owner can give somebody a link for a new password.")
    user = membership.user
    owned = Membership.objects.filter(user=place.user, role=Role.OWNER, ended_at=None)
    elsewhere = Membership.objects.filter(user=user, ended_at=None).exclude(
        workspace_id__in=owned.values("workspace_id")
    )
    if user.is_staff or user.is_superuser or elsewhere.exists():
        raise NotYoursAlone
    Access.objects.create(
        workspace=place.workspace,
        user=place.user,
        what="password_link",
        subject=str(membership.public_id),
        at=now,
    )
    return user_pk_to_url_str(user), default_token_generator.make_token(user)
