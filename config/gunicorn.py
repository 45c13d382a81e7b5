"""How the web server runs: two processes of four threads each, the application loaded once before they fork."""

from __future__ import annotations

import gc
import os
import threading
from typing import Any
from wsgiref.util import setup_testing_defaults

from config.lifeline import die_with_parent

bind = [
    f"127.0.0.1:{os.environ.get('PORT', '8000')}"
]  # the supervisor hands over an open socket instead
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
preload_app = True
timeout = 60
graceful_timeout = 5
keepalive = 5
# Two instances of one user would fight over it, and a home folder may be read-only.
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Runs in the master after the application was loaded: what Django imports at the first request is shared too."""
    from django.urls import get_resolver

    assert get_resolver().url_patterns
    # What is loaded by now lives as long as the server: no collection looks at it again, and its pages stay shared.
    gc.collect()
    gc.freeze()


def post_fork(_server: Any, worker: Any) -> None:
    """A worker must not outlive a master that was killed."""
    die_with_parent(parent=worker.ppid)


def post_worker_init(worker: Any) -> None:
    """The first request of a process pays for late imports (0.3 s); let no visitor wait for that."""
    # In a thread of its own: a database that does not answer must not keep the worker from serving.
    threading.Thread(target=_warm, args=[worker], daemon=True).start()


def _warm(worker: Any) -> None:
    from django.db import connections

    environ: dict[str, Any] = {"PATH_INFO": "/health/ready", "HTTP_HOST": "127.0.0.1"}
    setup_testing_defaults(environ)
    answer = worker.wsgi(environ, lambda *_: None)
    for _ in answer:
        pass
    getattr(answer, "close", lambda: None)()
    connections.close_all()  # this thread's; each thread has its own
