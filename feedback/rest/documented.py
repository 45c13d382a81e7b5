"""What OpenAPI says of a door: its words come from the docstring, its shapes from serializers, its errors from here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from .idempotency import LONGEST_KEY

F = TypeVar("F", bound=Callable[..., Any])
PROBLEM = "application/problem+json"
REFUSALS = {
    400: "The body is not JSON, or the request is broken.",
    401: "No key and nobody signed in, or the key does not work.",
    403: "The role or the key does not allow it.",
    404: "There is nothing here that the caller can see.",
    409: "It cannot be done as things stand; `code` says why.",
    413: "The body is too large.",
    415: "The body is of a type that this address does not read.",
    422: "What was sent does not fit; `problems` lists every fault.",
}
ALWAYS, READING, WRITING = (401, 403, 404), (422,), (400, 409, 413, 415, 422)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": LONGEST_KEY},
    OpenApiParameter.HEADER,
    description="A random key of the caller's. The same request with the same key is done once, for two days.",
)


class Fault(serializers.Serializer[Any]):
    """One thing that is wrong, and where."""

    path = serializers.CharField(help_text="The place in what was sent; empty for the whole.")
    code = serializers.CharField(help_text="Stable, for programs.")
    sentence = serializers.CharField(help_text="For the person who can act.")


class Problem(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField(help_text="Where the code is explained.")
    title = serializers.CharField(help_text="The name of the HTTP status.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable, for programs; docs/errors.md lists every one.")
    detail = serializers.CharField(help_text="What happened and what to do, for a person.")
    problems = Fault(many=True, required=False)


def operation(
    tag: str,
    *,
    takes: Any = None,
    gives: Any = None,
    status: int = 200,
    query: type[serializers.Serializer[Any]] | None = None,
    also: Mapping[int | tuple[int, str], Any] | None = None,
    refuses_writing: bool = False,
    examples: Sequence[OpenApiExample] = (),
) -> Callable[[F], F]:
    """Describe a door. `takes` and `gives` are the shapes of body and answer; without `gives` the answer is 204.

    `also` holds further good answers; `refuses_writing` says that a door without a body may refuse as one with it.
    """

    def describe(door: F) -> F:
        words = inspect.getdoc(door) or ""
        summary, _, rest = words.partition("\n")
        keyed = [IDEMPOTENCY_KEY] if getattr(door, "takes_key", False) else []
        writes = takes is not None or keyed or refuses_writing
        responses = {status if gives is not None else 204: gives, **(also or {})}
        refused = {*ALWAYS, *(READING if query else ()), *(WRITING if writes else ())}
        decorate = extend_schema(
            operation_id=door.__name__,
            tags=[tag],
            summary=summary.removesuffix("."),
            description=rest.strip() or summary,
            request=takes if takes is not None else None,
            responses={**responses, **_refusals(refused)},
            parameters=[*([query] if query else []), *keyed],
            examples=list(examples),
        )
        described: F = decorate(door)
        return described

    return describe


def example(name: str, value: Any, *, asked: bool = False, status: int = 200) -> OpenApiExample:
    """An example of an answer, or with `asked` of a body."""
    if asked:
        return OpenApiExample(name, value=value, request_only=True)
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])


def tidy(result: dict[str, Any], **_generator: Any) -> dict[str, Any]:
    """The finished document without drf-spectacular's notes to itself."""
    _drop(result, "x-spec-enum-id")
    return result


def _drop(node: Any, name: str) -> None:
    if isinstance(node, dict):
        node.pop(name, None)
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            _drop(inner, name)


def _refusals(statuses: Iterable[int]) -> dict[tuple[int, str], OpenApiResponse]:
    return {
        (status, PROBLEM): OpenApiResponse(Problem, description=REFUSALS[status])
        for status in sorted(statuses)
    }
