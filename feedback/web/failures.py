"""Error pages, and the same errors as problem+json under /api and /hub."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from feedback.errors import NotAllowed, NotThere, Refusal


class StaleForm(NotAllowed):
    """This form is out of date. Go back, load the page again and send it once more; nothing was changed."""

    code = "csrf_failed"


_WORDS = {
    400: ("bad_request", "The request could not be read", "Go back and try once more."),
    403: (
        "not_allowed",
        "This is not open to you",
        "Your role does not allow it. Ask an owner of the workspace.",
    ),
    404: ("not_found", "There is nothing here", "It does not exist, or it is not yours to see."),
    410: ("gone", "This is no longer here", ""),
    500: (
        "server_error",
        "Something broke on our side",
        "What you sent before is safe. Try again in a minute.",
    ),
}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return failure(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return failure(request, 403)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form whose token is not this session's: it was open too long, or somebody signed in or out meanwhile."""
    return failure(request, 403, StaleForm())


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return failure(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Whatever broke may be the database or the session: this page asks neither."""
    if request.path.startswith(("/api/", "/hub/")):
        return failure(request, 500)
    code, title, advice = _WORDS[500]
    page = render_to_string("broken.html", {"code": code, "heading": title, "advice": advice})
    return HttpResponse(page, status=500)


def failure(request: HttpRequest, status: int, refusal: Refusal | None = None) -> HttpResponse:
    """The page of an error, in the words of a refusal where there is one."""
    code, title, advice = _WORDS.get(status, ("refused", "That cannot be done", ""))
    if refusal is not None:
        code, advice = refusal.code, advice if type(refusal) is NotThere else refusal.sentence
    if request.path.startswith(("/api/", "/hub/")):
        body = {
            "type": f"/docs/errors/#{code}",
            "title": title,
            "status": status,
            "code": code,
            "detail": advice,
        }
        return JsonResponse(body, status=status, content_type="application/problem+json")
    context = {"status": status, "code": code, "heading": title, "advice": advice}
    return render(request, "failure.html", context, status=status)
