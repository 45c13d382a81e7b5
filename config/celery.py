"""The Celery application: every task module of every app, JSON only."""

from __future__ import annotations

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Workers share a machine's cores by processes: threads of linear algebra beside them would only wait for each other. And what
# a large run has let go of is given back to the system, not kept for the next one. Both must stand before the libraries load.
os.environ.update({"OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"})

app = Celery("touchstone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
assert app.steps is not None
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def _logging(**_: Any) -> None:
    """Celery keeps its hands off: Django's logging is already set up."""
    import logging.config

    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@worker_init.connect
def _load_before_forking(**_: Any) -> None:
    """What tasks import when they first run is loaded once here and shared by the pool's processes."""
    import curation.methods.minhash_kernels  # noqa: F401
    import exports.actions.build  # noqa: F401
    from curation import late
    from curation.memory import give_back

    late.load()
    give_back()
    # All of that lives as long as the worker: no collection looks at it again, and its pages stay shared.
    gc.collect()
    gc.freeze()


@worker_process_init.connect
def _die_with_parent(**_: Any) -> None:
    """A pool process must not outlive a worker that was killed."""
    from config.lifeline import die_with_parent

    die_with_parent()


@worker_process_init.connect
def _load_kernels(**_: Any) -> None:
    """The first import shall not wait for compiled code to be read; nor the worker, where it must be compiled first."""
    from threading import Thread

    from curation.methods.minhash import warm

    Thread(target=warm, name="warm", daemon=True).start()
