"""Errors as problem+json (RFC 9457): a sentence for the person, a code for the machine, the faults one by one."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from feedback.errors import Invalid, Refusal

CODES = {
    exceptions.NotAuthenticated: "not_signed_in",
    exceptions.AuthenticationFailed: "bad_credentials",
    exceptions.PermissionDenied: "not_allowed",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.ParseError: "not_json",
}


def problem(status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """The body of an error. `type` leads to the page that explains the code."""
    return {
        "type": f"/docs/errors/#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **extra,
    }


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. Anything unforeseen stays an exception, and a 500."""
    body, headers = _translate(exc)
    if body is None:
        return None
    set_rollback()
    response = Response(body, status=body["status"], headers=headers)
    response.content_type = "application/problem+json"
    return response


def answer(refusal: Refusal) -> JsonResponse:
    """The same for a view that is not DRF's."""
    body = _of_refusal(refusal)
    return JsonResponse(body, status=body["status"], content_type="application/problem+json")


def _translate(exc: Exception) -> tuple[dict[str, Any] | None, dict[str, str]]:
    if isinstance(exc, Refusal):
        return _of_refusal(exc), {}
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, RequestDataTooBig):
        return problem(413, "body_too_large", "The body is larger than this address takes."), {}
    if isinstance(exc, exceptions.ValidationError):
        faults = _faults(exc.detail)
        return problem(422, Invalid.code, Invalid().sentence, problems=faults), {}
    if isinstance(exc, exceptions.APIException):
        return _of_drf(exc)
    return None, {}


def _of_refusal(refusal: Refusal) -> dict[str, Any]:
    faults = [_fault(each, refusal.sentence) for each in getattr(refusal, "problems", ())]
    extra = {"problems": faults} if faults else {}
    return problem(refusal.status, refusal.code, refusal.sentence, **extra, **refusal.fields)


def _fault(said: dict[str, Any], sentence: str) -> dict[str, str]:
    """A fault of a refusal with its place as one path, whatever its action calls the place."""
    path = said.get("path") or said.get("field") or ""
    if said.get("question"):
        path = f"answers.{said['question']}"
    return {"path": path, "code": said["code"], "sentence": said.get("sentence") or sentence}


def _of_drf(exc: exceptions.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    code = next((c for kind, c in CODES.items() if isinstance(exc, kind)), str(exc.default_code))
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = str(exc.auth_header)  # type: ignore[attr-defined]
    return problem(exc.status_code, code, str(exc.detail)), headers


def _faults(detail: Any, path: str = "") -> list[dict[str, str]]:
    """DRF's nested errors as a flat list of path, code and sentence."""
    if isinstance(detail, dict):
        return [
            f for key, value in detail.items() for f in _faults(value, f"{path}.{key}".strip("."))
        ]
    if isinstance(detail, list) and any(isinstance(each, dict | list) for each in detail):
        return [f for i, each in enumerate(detail) for f in _faults(each, f"{path}.{i}".strip("."))]
    each = detail if isinstance(detail, list) else [detail]
    path = path.removesuffix("non_field_errors").strip(".")
    return [{"path": path, "code": getattr(e, "code", "invalid"), "sentence": str(e)} for e in each]
