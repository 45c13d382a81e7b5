"""Is the process alive, and is it ready to serve: for supervisors, load balancers and people."""

from __future__ import annotations

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.template.loader import get_template
from django.views.decorators.cache import never_cache
from redis.exceptions import RedisError


@never_cache
def live(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """The process answers."""
    return JsonResponse({"live": True})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """The database answers and has every table, the cache answers, the first templates are loaded. 503 if not."""
    checks = {"database": _database(), "cache": _cache(), "templates": _templates()}
    good = all(value == "ok" for value in checks.values())
    return JsonResponse({"ready": good, **checks}, status=200 if good else 503)


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "unreachable"
    return "ok" if not missing else "migrations missing"


def _cache() -> str:
    try:
        cache.get("ready")
    except (RedisError, OSError):
        return "unreachable"
    return "ok"


def _templates() -> str:
    """Read the heaviest page once, so that the first visitor does not wait for it."""
    get_template("feedback/desk.html")
    return "ok"
