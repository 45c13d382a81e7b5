"""The Python processes of the product as children of the supervisor: worker, beat, web and management commands."""

from __future__ import annotations

import os
import signal
import sys

from config.places import CHECKOUT, STATE
from config.supervisor import Child

from .web_probe import WebProbe

POOL_PROCESSES = 2


def command(port: int, *arguments: str, shows: bool = False) -> Child:
    """One management command; `shows` lets it speak to the terminal."""
    return Child(
        name=arguments[0],
        argv=(sys.executable, "manage.py", *arguments),
        environment=_environment(port),
        folder=CHECKOUT,
        shows=shows,
    )


def worker(port: int) -> Child:
    # Gossip and mingle are for many workers that know each other; they cost a second at the start.
    options = ["--pool", "prefork", "--concurrency", str(POOL_PROCESSES)]
    options += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return Child(
        name="worker",
        argv=(sys.executable, "-m", "celery", "-A", "config", "worker", *options),
        # Celery asks for this before it runs as root; its reason is pickle, and ours accepts JSON only.
        environment={**_environment(port), "C_FORCE_ROOT": "1"},
        folder=CHECKOUT,
        stop_turn=1,
        grace_s=8.0,
    )


def beat(port: int) -> Child:
    options = ("--schedule", str(STATE / "beat-schedule"), "--pidfile=", "--loglevel", "INFO")
    return Child(
        name="beat",
        argv=(sys.executable, "-m", "celery", "-A", "config", "beat", *options),
        environment=_environment(port),
        folder=CHECKOUT,
        stop_turn=1,
        grace_s=3.0,
    )


def web(port: int, door: int) -> Child:
    """The web server on the listening socket with descriptor `door`."""
    settings = CHECKOUT / "config" / "gunicorn.py"
    options = ("--config", str(settings), "--bind", f"fd://{door}")
    return Child(
        name="web",
        argv=(sys.executable, "-m", "gunicorn", *options, "config.wsgi"),
        environment=_environment(port),
        folder=CHECKOUT,
        death_signal=signal.SIGTERM,
        stop_turn=1,
        grace_s=8.0,
        ready=WebProbe(port),
        ready_within_s=120.0,
        descriptors=(door,),
    )


def _environment(port: int) -> dict[str, str]:
    ours = {"TOUCHSTONE_STATE": str(STATE), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_MAKE}
    return {**inherited, **ours}


_OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}
