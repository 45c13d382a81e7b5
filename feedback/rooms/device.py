"""What a device keeps of a person's words has a name that tells nobody who they are."""

from __future__ import annotations

from django.utils.crypto import salted_hmac

from feedback.models import User


def outbox_name(user: User) -> str:
    """The name of the outbox that the desk keeps for this person in their browser."""
    return "touchstone-" + salted_hmac("touchstone.outbox", str(user.pk)).hexdigest()[:20]
