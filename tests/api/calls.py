"""Somebody at the API's doors: with a key, with a session, or with nothing."""

from __future__ import annotations

from typing import Any

from django.test import Client

from feedback.models import Scope, User
from tests.world import World

ROOT = "/api/v1"
EVERY = tuple(Scope)


class Caller:
    """Calls an address under /api/v1 with JSON."""

    def __init__(self, client: Client, **headers: str) -> None:
        self.client, self.headers = client, headers

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(ROOT + path, query, headers=self.headers)

    def delete(self, path: str) -> Any:
        return self.client.delete(ROOT + path, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("POST", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("PUT", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("PATCH", path, body, headers)

    def raw(self, path: str, content: bytes, kind: str, **headers: str) -> Any:
        return self.client.generic(
            "POST", ROOT + path, content, headers={**self.headers, "Content-Type": kind, **headers}
        )

    def form(self, path: str, fields: dict[str, Any], **headers: str) -> Any:
        return self.client.post(ROOT + path, fields, headers=self.headers | headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        call = getattr(self.client, method.lower())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(
            ROOT + path,
            {} if body is None else body,
            content_type="application/json",
            headers=self.headers | named,
        )


def nobody() -> Caller:
    return Caller(Client())


def by_key(world: World, user: User, *scopes: Scope) -> Caller:
    """Through a fresh key of this person, with every scope unless some are named."""
    return Caller(
        Client(), Authorization=f"Bearer {world.key(user, *_possible(world, user, scopes))}"
    )


def by_session(user: User) -> Caller:
    """Signed in with a browser. Django's test client skips the CSRF check unless it is asked for."""
    client = Client()
    client.force_login(user)
    return Caller(client)


def _possible(world: World, user: User, scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
    if scopes:
        return scopes
    manages = user in (world.ines, world.mara, world.eve)
    return EVERY if manages else (Scope.REVIEWS_WRITE,)


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem in a refusal, checked for its shape."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert response.headers["Content-Type"] == "application/problem+json"
    assert body["status"] == status
    assert body["type"] == f"/docs/errors/#{code}"
    assert body["detail"].endswith((".", "?"))
    return body


def faults(response: Any) -> list[tuple[str, str]]:
    """Place and code of everything that did not fit."""
    body = refused(response, 422, "invalid")
    return [(each["path"], each["code"]) for each in body.get("problems", [])]
