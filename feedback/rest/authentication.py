"""Who calls the API: a key in the Authorization header, or a signed-in browser (then with CSRF protection)."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from feedback.errors import Refusal
from feedback.models import ApiKey, User

from .principal import principal_from_token


class CsrfFailed(Refusal):
    """A signed-in browser must send its CSRF token in the header X-CSRFToken; a program uses a key instead."""

    code = "csrf_failed"
    status = 403


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer ts_…`"""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        header = request.headers.get("Authorization", "")
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            return None
        principal = principal_from_token(token.strip(), now=timezone.now())
        if principal is None or principal.key is None:
            raise AuthenticationFailed(
                "This key does not work: it is wrong, revoked or has run out."
            )
        return principal.user, principal.key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BrowserAuthentication(SessionAuthentication):
    """A signed-in person in the browser."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            raise CsrfFailed from error


class _KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "feedback.rest.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, `ts_…`, made under Keys in the workspace. It opens that workspace alone.",
        }


class _BrowserScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "feedback.rest.authentication.BrowserAuthentication"
    name = "browser"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A signed-in browser. Whatever writes needs the header X-CSRFToken as well.",
        }
