"""The child process that reads one file: `python -m feedback.readers`, a request on stdin, frames on stdout."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec
import orjson

from .confinement import forbid, leave_network, limit, quiet
from .frames import Begun, Done, Failed, FormRead, Request, Rows, send
from .label_forms import read_label_config
from .label_studio import Annotations
from .limits import MIB
from .mapping import parse_mapping
from .pipeline import choose, rows, shape_for
from .problems import ReadingFailed
from .rows import Row
from .sources import Source

MOST_ROWS = 500
MOST_BYTES = MIB
LONGEST_WAIT = 0.5  # seconds; somebody watches the progress


def main() -> None:
    leave_network()
    with os.fdopen(quiet(), "wb") as out:
        try:
            serve(msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Request), out)
        except BrokenPipeError:
            os._exit(0)  # nobody listens any more
        except ReadingFailed as failed:
            send(out, Failed(failed.code, failed.sentence, failed.problems))
        except MemoryError:
            says = "Reading the file needs more memory than is allowed."
            send(out, Failed("out_of_memory", says, []))
        except Exception as error:  # noqa: BLE001  (whatever it is, the parent has to hear of it)
            send(out, Failed("reader_failed", unexpected(error), []))


def serve(request: Request, out: BinaryIO) -> None:
    """Answers a request, after giving up everything that reading does not need."""
    source = None
    seconds = request.limits.cpu_seconds
    if request.descriptor is not None:
        source = Source(os.fdopen(request.descriptor, "rb"), request.name, request.limits)
        seconds = request.limits.cpu_for(source.size, packed=source.packed)
    limit(request.limits, seconds)
    forbid()
    if request.label_config is not None:
        send(out, FormRead(orjson.dumps(read_label_config(request.label_config))))
        send(out, Done(0))
    elif source is None:
        try_mapping(request.mapping)
        send(out, Done(0))
    else:
        answer(request, source, out)


def try_mapping(document: object) -> None:
    """Raises ReadingFailed when the mapping, or the labelling configuration in it, cannot be used."""
    mapping = parse_mapping(document)
    if mapping.label_studio is not None:
        Annotations(mapping.label_studio)


def answer(request: Request, source: Source, out: BinaryIO) -> None:
    mapping = None if request.mapping is None else parse_mapping(request.mapping)
    reader = choose(source, request.format, mapping)
    shape = shape_for(reader, mapping)
    send(out, Begun(reader.name))
    found = rows(source, reader, shape, request.skip_rows)
    send_rows(out, source, islice(found, request.limit_rows))
    send(out, Done(source.size))


def send_rows(out: BinaryIO, source: Source, found: Iterable[Row]) -> None:
    """Sends the rows in frames; those before a failure are sent before it is raised."""
    gathered: list[Row] = []
    size, since = 0, time.monotonic()
    try:
        for row in found:
            gathered.append(row)
            size += len(row.content)
            full = len(gathered) >= MOST_ROWS or size >= MOST_BYTES
            if full or time.monotonic() - since > LONGEST_WAIT:
                send(out, Rows(gathered, source.bytes_done))
                gathered, size, since = [], 0, time.monotonic()
    finally:
        if gathered:
            send(out, Rows(gathered, source.bytes_done))


def unexpected(error: Exception) -> str:
    """Where our own code stopped, without a word of the file."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}, line {frame.lineno}"
    return f"The reader stopped on a fault of its own ({type(error).__name__} in {place})."


if __name__ == "__main__":
    main()
