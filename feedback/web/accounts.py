"""How django-allauth behaves here: nobody signs up by themselves, and the field of an address is called one."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped
    """Invitation only; mail only where it is configured."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  (allauth gives it)
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        if settings.EMAIL_CONFIGURED:
            super().send_mail(template_prefix, email, context)
