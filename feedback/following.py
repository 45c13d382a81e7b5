"""Waits for what workers do, for as long as anything moves, and shows it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.management.base import OutputWrapper

from .errors import Refusal

PAUSE_S = 0.1
# Beat rings again after a minute for what nobody heard; a lease that was lost is given away after five.
UNTIL_TAKEN_S = 150.0
UNTIL_MOVED_S = 420.0


class NobodyWorks(Refusal):
    """No worker has taken this up. Start one (manage.py up does), then call this command again; nothing is lost."""

    code = "no_worker"


class StandsStill(Refusal):
    """This has not moved for minutes. Look into the workers' log, then call this command again; nothing is lost."""

    code = "stands_still"


@dataclass(frozen=True, slots=True)
class Step:
    """Where a piece of work is, in words: waiting for a worker, at work, or done."""

    words: str
    taken: bool
    done: bool = False


def follow(look: Callable[[], Step], show: Callable[[str], None]) -> Step:
    """Look again and again until the work is done, and show its words whenever they change.

    Raises NobodyWorks or StandsStill when nothing changes for longer than a dead worker would explain.
    """
    step, moved = look(), time.monotonic()
    show(step.words)
    while not step.done:
        time.sleep(PAUSE_S)
        before, step = step, look()
        if step != before:
            moved = time.monotonic()
            show(step.words)
        elif time.monotonic() - moved > (UNTIL_MOVED_S if step.taken else UNTIL_TAKEN_S):
            raise StandsStill if step.taken else NobodyWorks
    return step


@contextmanager
def quietly() -> Iterator[None]:
    """Keep log lines that only say that all is well off the terminal meanwhile."""
    root = logging.getLogger()
    before = root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


class Line:
    """One line of the terminal that is written over; where there is no terminal only what stays is printed."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._over = out.isatty()
        self._width = 0

    def show(self, words: str) -> None:
        """Write over what was shown last."""
        if self._over:
            self._write(words, "\r")
            self._width = len(words)

    def keep(self, words: str) -> None:
        """Write over what was shown last, and begin a new line."""
        self._write(words, "\n")
        self._width = 0

    def _write(self, words: str, end: str) -> None:
        self._out.write(words.ljust(self._width) + end, ending="")
        self._out.flush()
