"""How many long downloads a web process carries at once, so that pages and the desk keep threads of their own."""

from __future__ import annotations

import math
import threading
import time
import weakref

from django.conf import settings

from exports.blobs import PIECE
from exports.serving import Body

from .refusals import Busy

LONGEST_WAIT = 60


class Lane:
    """Room for `HUB_BODIES` long bodies. A body of one piece needs none: it is handed over in one go."""

    def __init__(self) -> None:
        # Weak: a response that is dropped without being closed gives its place back.
        self._bodies: weakref.WeakSet[Body] = weakref.WeakSet()
        self._lock = threading.Lock()

    def enter(self, body: Body) -> None:
        """Let a body in. Raises Busy, with the seconds until one of those inside should be through."""
        if body.length <= PIECE:
            return
        with self._lock:
            if len(self._bodies) >= settings.HUB_BODIES:
                raise Busy(self._wait())
            self._bodies.add(body)

    def leave(self, body: Body) -> None:
        with self._lock:
            self._bodies.discard(body)

    def _wait(self) -> int:
        """Clients come back five times at most, so a guess at the pace so far is better than a fixed moment."""
        now = time.monotonic()
        seconds = min((body.seconds_left(now) for body in self._bodies), default=0.0)
        return min(max(1, math.ceil(seconds)), LONGEST_WAIT)


LANE = Lane()
