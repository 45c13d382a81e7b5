"""What every page begins and ends with: who asks, where they are, and the frame around the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from feedback import access
from feedback.access import Place, Principal, ProjectPlace
from feedback.models import Role, User
from feedback.queries.rooms import nav_counts

V = TypeVar("V", bound=Callable[..., HttpResponseBase])
ROWS = 50
ONCE_SECONDS = 24 * 3600


def page(*methods: str) -> Callable[[V], V]:
    """A page for people who are signed in; GET and HEAD unless it says otherwise. Nothing of it is kept in a cache."""

    def decorate(view: V) -> V:
        checked = require_http_methods(methods or ("GET", "HEAD"))(view)
        return never_cache(login_required(checked))

    return decorate


def who(request: HttpRequest) -> Principal:
    """The person who asks; a page that anybody may see must not call this."""
    assert isinstance(request.user, User)
    return Principal(request.user)


def everywhere(request: HttpRequest) -> Principal:
    """The person who asks, on a page that shows all their workspaces at once."""
    principal = who(request)
    access.check_second_factor(principal)
    return principal


def at_workspace(request: HttpRequest, slug: str, role: Role = Role.REVIEWER) -> Place:
    return access.workspace(who(request), slug, role=role)


def at_project(
    request: HttpRequest, workspace: str, project: str, role: Role = Role.MANAGER
) -> ProjectPlace:
    return access.project(who(request), workspace, project, role=role)


def show(
    request: HttpRequest, template: str, place: Place, *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page in a workspace or a project, with what its frame needs: names, navigation, what this person may do."""
    frame: dict[str, Any] = {
        "workspace": place.workspace,
        "membership": place.membership,
        "manages": place.is_at_least(Role.MANAGER),
        "owns": place.is_at_least(Role.OWNER),
    }
    if isinstance(place, ProjectPlace):
        frame["project"] = place.project
        if frame["manages"]:
            frame["counts"] = nav_counts(place.project)
    return render(request, template, {**frame, **context}, status=status)


def first_time(request: HttpRequest, token: str) -> bool:
    """Whether this form, known by its random token, is sent for the first time. What is shown once is made once."""
    return bool(
        cache.add(f"once:{who(request).identity}:{token[:64]}", value=True, timeout=ONCE_SECONDS)
    )


def safe_next(request: HttpRequest, default: str) -> str:
    """Where to go on: `next` of the request if it is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else default
