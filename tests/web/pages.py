"""Somebody looking at pages: signed in or not, reading what is there, filling in forms."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from feedback.models import User

HIDDEN = re.compile(r"<(script|style|title)\b.*?</\1>", re.DOTALL)
TAGS = re.compile(r"<[^>]+>")
SPACES = re.compile(r"\s+")
ONCE = re.compile(r'name="once" value="([^"]+)"')
SECRET = re.compile(r'<code class="secret"[^>]*>([^<]+)</code>')


class Seen:
    """A page as it came: its words without the markup, its source, where it sent us."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.to: str = response.headers.get("Location", "")
        self.headers = response.headers
        streamed = getattr(response, "streaming_content", None)
        self.bytes: bytes = b"".join(streamed) if streamed else response.content
        self.source = self.bytes.decode("utf-8", "replace")
        words = TAGS.sub(" ", HIDDEN.sub(" ", self.source))
        self.words = SPACES.sub(" ", html.unescape(words)).strip()

    def __contains__(self, text: str) -> bool:
        return text in self.words

    @property
    def once(self) -> str:
        """The token of the form that may be sent once."""
        return html.unescape(ONCE.findall(self.source)[-1])

    @property
    def secret(self) -> str:
        """What is shown only now."""
        return html.unescape(SECRET.findall(self.source)[0]).strip()


class Reader:
    """A browser without scripts. Django's test client skips the CSRF check unless it is asked for."""

    def __init__(self, user: User | None = None) -> None:
        self.client = Client()
        if user is not None:
            self.client.force_login(user)

    def get(self, path: str, query: dict[str, str] | None = None, **headers: str) -> Seen:
        return Seen(self.client.get(path, query or {}, headers=_named(headers)))

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> Seen:
        return Seen(self.client.post(path, fields or {}, headers=_named(headers)))

    def follow(self, path: str, fields: dict[str, Any] | None = None) -> Seen:
        """Send a form and read the page one lands on."""
        return Seen(self.client.post(path, fields or {}, follow=True))


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
