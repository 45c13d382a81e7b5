"""Keyset pages: the same cost at any depth, no counting, nothing skipped when rows arrive in between."""

from __future__ import annotations

import base64
import functools
import hashlib
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import Model, Q, QuerySet

from feedback.errors import Invalid

M = TypeVar("M", bound=Model)
SALT = b"touchstone.page:"


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows and where the next ones begin, or None at the end."""

    rows: list[M]
    after: str | None
    is_first: bool


def page(rows: QuerySet[M], *, after: str, limit: int, by: tuple[str, ...] = ("-pk",)) -> Page[M]:
    """The `limit` rows behind the cursor `after` (empty: the first), in the order `by`, whose last field is unique.

    A cursor is sealed: it shows neither a serial id nor a time. Raises Invalid for one that is not ours.
    """
    position = _open(after, by) if after else None
    ordered = rows.order_by(*by)
    if position is not None:
        ordered = ordered.filter(_behind(by, position))
    found = list(ordered[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page(found, _seal(found[-1], by) if more else None, position is None)


def _behind(by: tuple[str, ...], position: list[Any]) -> Q:
    """Rows after a position in lexicographic order of the fields."""
    # Said of the first field alone as well, so that an index on it is entered at the position.
    condition, equal = Q(), Q()
    for field, value in zip(by, position, strict=True):
        condition |= equal & Q(**{f"{_name(field)}__{_step(field)}": value})
        equal &= Q(**{_name(field): value})
    return Q(**{f"{_name(by[0])}__{_step(by[0])}e": position[0]}) & condition


def _name(field: str) -> str:
    return field.removeprefix("-")


def _step(field: str) -> str:
    return "lt" if field.startswith("-") else "gt"


def _seal(row: Model, by: tuple[str, ...]) -> str:
    values = [getattr(row, _name(field)) for field in by]
    return _sealer(by).encrypt(orjson.dumps(values, default=str)).decode()


def _open(after: str, by: tuple[str, ...]) -> list[Any]:
    try:
        values: list[Any] = orjson.loads(_sealer(by).decrypt(after))
    except (InvalidToken, ValueError) as error:  # ValueError: not even ASCII
        raise Invalid(
            "This page cursor is not one of ours; begin at the first page.",
            problems=[{"field": "after", "code": "bad_cursor"}],
        ) from error
    return values


@functools.cache
def _sealer(by: tuple[str, ...]) -> MultiFernet:
    """A cipher for the cursors of one order: a cursor fits no other list."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    salt = SALT + ",".join(by).encode()
    keys = (hashlib.sha256(salt + secret.encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
