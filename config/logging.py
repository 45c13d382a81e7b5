"""Structured logs: one line an event, a request id carried into the workers, no texts and no addresses."""

from __future__ import annotations

import re
from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware as BaseRequestMiddleware
from structlog.typing import EventDict

# A database error repeats the row it is about; so does COPY, and that row may be a reviewer's.
_DETAILS = re.compile(
    r"(?:\\n|\n|^)\s*(?:DETAIL|CONTEXT|QUERY|LINE \d+):.*?(?=\n\n(?:The above exception|During handling)|\Z)",
    re.DOTALL,
)


def without_details(_: Any, __: str, event: EventDict) -> EventDict:
    """The event without what PostgreSQL adds to an error: its name and place say enough."""
    for name, value in event.items():
        if isinstance(value, str) and ("DETAIL:" in value or "CONTEXT:" in value):
            event[name] = _DETAILS.sub("", value)
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    without_details,
]

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": _SHARED,
        },
        "console": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.dev.ConsoleRenderer(colors=False),
            "foreign_pre_chain": _SHARED,
        },
    },
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["out"], "level": "INFO"},
    "loggers": {
        "django.server": {"handlers": ["out"], "propagate": False},
        # The request line below says it once; Django would say it again with the whole path.
        "django.request": {"level": "CRITICAL"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        # It tells every pattern that each process loads.
        "presidio-analyzer": {"level": "WARNING"},
    },
}


def configure_structlog(kind: str) -> None:
    """`json` for machines, `console` for people."""
    LOGGING["handlers"]["out"]["formatter"] = kind
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class RequestMiddleware(BaseRequestMiddleware):
    """Logs the route of a request, never its path: a path may hold a token or somebody's words."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        match = request.resolver_match
        return f"{request.method} {match.route if match else '?'}"
