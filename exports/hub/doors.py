"""How a request enters the hub: by key only, and a refusal leaves in the form that clients understand."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from exports.fetch import BytesMissing
from feedback.access import Principal
from feedback.errors import NotAllowed, NotThere, Refusal
from feedback.rest.principal import principal_from_token

from .refusals import BadRequest, HubRefusal, NoBytes, NoKey, NoRepo, NotForThisKey, WrongKey

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Principal, P], HttpResponseBase]
MOST_ENTRIES = 1000


def door(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Give the view the principal of the key that was sent. Sessions and cookies open nothing here."""

    @functools.wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, _principal(request), *args, **kwargs)
        except HubRefusal as refusal:
            return refusal.response()
        except Refusal as refusal:
            return _translated(refusal).response()

    return answered


def limit_of(request: HttpRequest) -> int:
    """How many entries a page may hold: `limit`, at most 1,000."""
    given = request.GET.get("limit", str(MOST_ENTRIES))
    # Clients that want many simply ask for more than a page; they follow the link to the next one.
    if not (given.isascii() and given.isdigit() and len(given) < 10) or int(given) == 0:
        raise BadRequest("limit must be a number above 0.")
    return min(int(given), MOST_ENTRIES)


def next_page(request: HttpRequest, cursor: str) -> str:
    """The `Link` header to the page after the cursor. Clients follow it as it stands, so it is absolute."""
    query = request.GET.copy()
    query["cursor"] = cursor
    return f'<{request.build_absolute_uri(f"{request.path}?{query.urlencode()}")}>; rel="next"'


def _principal(request: HttpRequest) -> Principal:
    header = request.headers.get("Authorization", "")
    if not header:
        raise NoKey(
            "This hub is private: set HF_TOKEN to a key that may load datasets (scope datasets:read).",
            WWW_Authenticate="Bearer",
        )
    scheme, _, token = header.partition(" ")
    is_key = scheme.lower() == "bearer"
    found = principal_from_token(token.strip(), now=timezone.now()) if is_key else None
    if found is None:
        raise WrongKey
    return found


def _translated(refusal: Refusal) -> HubRefusal:
    if isinstance(refusal, NotThere):
        return NoRepo("There is no such dataset here, or this key may not load it.")
    if isinstance(refusal, NotAllowed):
        return NotForThisKey(refusal.sentence)
    if isinstance(refusal, BytesMissing):
        return NoBytes(refusal.sentence)
    return BadRequest(refusal.sentence)
