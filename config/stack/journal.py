"""What the supervisor says: a line for the terminal, and the same line with its time in a log."""

from __future__ import annotations

import datetime
import os
import sys
from contextlib import suppress

from config.places import STATE

LOGS = STATE / "log"


def say(line: str) -> None:
    """Neither a closed terminal nor a full disk may end the supervisor, so failures to write are passed over."""
    with suppress(OSError):
        os.write(sys.__stdout__.fileno() if sys.__stdout__ else 1, f"{line}\n".encode())
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    with suppress(OSError), (LOGS / "supervisor.log").open("a") as log:
        log.write(f"{now} {line}\n")
