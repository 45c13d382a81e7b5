"""Idempotency-Key: the same request sent twice by the same principal to the same route is answered once.

The key's row is written before the work; the answer is kept beside it for two days. The same key with another body is
422; a request whose first copy is still at work is 409 and may be tried again.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from django.db.models import Q
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.errors import Refusal
from feedback.models import IdempotencyKey

from .principal import principal_of

STALE = dt.timedelta(minutes=10)
LONGEST_KEY = 200
# Never kept with an answer: what is shown once.
SECRETS = ("secret", "link")


class KeyReused(Refusal):
    """This Idempotency-Key was used for another request. Make a new key for a new request."""

    code = "idempotency_key_reused"
    status = 422


class BadKey(Refusal):
    """An Idempotency-Key has at most 200 characters; a random UUID is a good one."""

    code = "bad_idempotency_key"
    status = 422


class StillAtWork(Refusal):
    """The first request with this Idempotency-Key is still at work. Try again in a moment."""

    code = "still_at_work"


def idempotent(view: Callable[..., Response]) -> Callable[..., Response]:
    """Make a POST door answer a repeated Idempotency-Key as it did the first time."""

    @keyed
    @functools.wraps(view)
    def door(request: Request, **route: Any) -> Response:
        if not given_key(request):
            return view(request, **route)
        digest = hashlib.sha256(request.body).digest()
        return once(request, digest, lambda: view(request, **route))

    return door


def keyed(view: Callable[..., Response]) -> Callable[..., Response]:
    """Note for the documentation that a door takes an Idempotency-Key; one that streams calls `once` itself."""
    view.takes_key = True  # type: ignore[attr-defined]
    return view


def given_key(request: Request) -> str:
    """The request's Idempotency-Key, empty if it has none. Raises BadKey."""
    key: str = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or "\x00" in key:
        raise BadKey
    return key


def once(request: Request, sha256: bytes, work: Callable[[], Response]) -> Response:
    """Do the work of a request whose content has this hash, or answer as the first time. Refusals are not kept.

    Raises KeyReused, StillAtWork, BadKey.
    """
    key = given_key(request)
    if not key:
        return work()
    row, fresh = _enter(request, key, sha256)
    if not fresh:
        return _again(row)
    try:
        response = work()
    except Exception:
        row.delete()
        raise
    _remember(row, response)
    return response


def _enter(request: Request, key: str, sha256: bytes) -> tuple[IdempotencyKey, bool]:
    now = timezone.now()
    row, created = IdempotencyKey.objects.get_or_create(
        principal=principal_of(request).identity,
        route=request.path[:200],
        key=key,
        defaults={"body_sha256": sha256, "created_at": now},
    )
    if not created and bytes(row.body_sha256) != sha256:
        raise KeyReused
    # A worker that died at work left a row without an answer; whoever wins this update may try again.
    dead = Q(status=None, created_at__lt=now - STALE)
    if not created and IdempotencyKey.objects.filter(dead, pk=row.pk).update(created_at=now):
        return row, True
    return row, created


def _again(row: IdempotencyKey) -> Response:
    if row.status is None:
        raise StillAtWork
    return Response(row.answer, status=row.status, headers={"Idempotency-Replayed": "true"})


def _remember(row: IdempotencyKey, response: Response) -> None:
    answer = orjson.loads(orjson.dumps(response.data))
    if isinstance(answer, dict):
        answer = {name: None if name in SECRETS else value for name, value in answer.items()}
    IdempotencyKey.objects.filter(pk=row.pk).update(status=response.status_code, answer=answer)
