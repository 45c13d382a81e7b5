"""Bytes on their way out over HTTP: which part was asked for, and how much of it was taken. Knows no web framework."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

# 18 digits are beyond any file, and far below what int() refuses to read.
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)
_TAG = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class Part:
    """What to answer: a status (200, 206, 304 or 416), headers, and the bytes `start` … `start + length` as a body."""

    status: int
    headers: dict[str, str]
    start: int = 0
    length: int = 0


def part(method: str, asked: Mapping[str, str], *, size: int, sha256: str) -> Part:
    """The part of a file of `size` bytes that a request asks for (RFC 9110, 13 and 14); `asked` holds its headers.

    The hash (hex) is the entity tag. A range counts for GET only. Several ranges, and what is no range, get the whole
    file, as the standard allows; a range beyond the end is 416.
    """
    tag = f'"{sha256}"'
    always = {"ETag": tag, "Accept-Ranges": "bytes"}
    if _lists(asked.get("If-None-Match", ""), tag):
        return Part(304, always)
    if method != "GET" or asked.get("If-Range", tag) != tag:
        return _whole(always, size)
    wanted = _RANGE.fullmatch(asked.get("Range", "").strip())
    if wanted is None or _is_nothing(*wanted.groups()):
        return _whole(always, size)
    start, end = _bounds(wanted[1], wanted[2], size)
    if start >= end:
        return Part(416, {**always, "Content-Range": f"bytes */{size}", "Content-Length": "0"})
    within = {
        "Content-Range": f"bytes {start}-{end - 1}/{size}",
        "Content-Length": f"{end - start}",
    }
    return Part(206, {**always, **within}, start, end - start)


def _whole(always: dict[str, str], size: int) -> Part:
    return Part(200, {**always, "Content-Length": str(size)}, 0, size)


def _lists(tags: str, tag: str) -> bool:
    return tags.strip() == "*" or tag in _TAG.findall(tags)


def _is_nothing(first: str, last: str) -> bool:
    """`-` alone, or a range that runs backwards, is no range at all."""
    return not (first or last) or bool(first and last and int(last) < int(first))


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Start and end (exclusive) within the file; start ≥ end if there is nothing of it. `-n` means the last n bytes."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size


class Body(Iterator[bytes]):
    """Pieces for a WSGI server, counted: a piece is sent when the server comes back for the next one.

    `done(body)` is called once, when the server closes the response: after the last byte, or because the reader left.
    """

    def __init__(self, pieces: Iterator[bytes], length: int, done: Callable[[Body], None]) -> None:
        self.length = length
        self.sent = 0
        self.begun: float | None = None
        self._pieces, self._done = pieces, done
        self._out = 0
        self._closed = False

    def __next__(self) -> bytes:
        self.begun = self.begun or time.monotonic()
        self.sent, self._out = self.sent + self._out, 0
        piece = next(self._pieces)
        self._out = len(piece)
        return piece

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._done(self)

    def seconds_left(self, now: float) -> float:
        """How long it will take at the pace so far; 0 before anything was sent. `now` is time.monotonic()."""
        if self.begun is None or not self.sent:
            return 0.0
        return (self.length - self.sent) * (now - self.begun) / self.sent
