"""Reads files from outside in a child process that has no network, little memory and little time."""

from __future__ import annotations

import os
import selectors
import signal
import stat
import subprocess
import sys
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgspec
from msgspec import Struct

from .frames import (
    LENGTH,
    MAX_FRAME,
    Begun,
    Done,
    Failed,
    FormRead,
    Frame,
    Request,
    Rows,
    decoder,
    encoder,
)
from .limits import LIMITS, Limits
from .mapping import parse_mapping
from .problems import FileCode, ReadingFailed
from .rows import Row

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-s", "-B", "-m", "feedback.readers"]
# Of the parent's environment only what Python may need to start: the rest may hold secrets. One thread and one heap,
# so that memory can be bounded.
NEEDED = {"LD_LIBRARY_PATH", "PYTHONHOME"}
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name in NEEDED},
    "PATH": os.defpath,
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
LONGEST_CONFIG = 500_000
SENTENCES: dict[FileCode, str] = {
    "out_of_time": "Reading the file took more time than is allowed.",
    "reader_killed": "The process that read the file was ended before it was done; "
    "it may have needed more memory than is allowed.",
}


class Preview(Struct):
    """The first rows of a file as they would be imported."""

    format: str
    rows: list[Row]


def read(
    path: str | os.PathLike[str],
    format: str | None = None,
    mapping: Any = None,
    skip_rows: int = 0,
    *,
    name: str | None = None,
    limits: Limits = LIMITS,
) -> Reading:
    """Every row of a file whose number is above `skip_rows`, in order, good or bad.

    `format` is one of formats.FORMATS, found by content and by `name` (the file's own if not given) when left out;
    `mapping` is the document of a mapping, None for the native format. Raises ReadingFailed here, or while rows are
    taken, when the file cannot be read (further); rows before that are good.
    """
    if mapping is not None:
        parse_mapping(mapping)
    request = Request(
        name=name or Path(path).name,
        format=format,
        mapping=mapping,
        skip_rows=skip_rows,
        limits=limits,
    )
    with opened(path) as file:
        return Reading(request, file)


def preview(
    path: str | os.PathLike[str],
    format: str | None = None,
    mapping: Any = None,
    limit: int = 10,
    *,
    name: str | None = None,
) -> Preview:
    """The first `limit` rows of a file. Raises ReadingFailed."""
    if mapping is not None:
        parse_mapping(mapping)
    request = Request(
        name=name or Path(path).name, format=format, mapping=mapping, limit_rows=limit
    )
    with opened(path) as file, Reading(request, file) as reading:
        rows = list(reading)
        return Preview(reading.format, rows)


def check_mapping(document: Any) -> None:
    """Raises ReadingFailed (`bad_mapping`, with its problems) unless the mapping can be used."""
    if parse_mapping(document).label_studio is not None:
        with Reading(Request(mapping=document), None) as reading:
            list(reading)


def form_of_label_config(config: str) -> dict[str, Any]:
    """The schema of a form in a labelling configuration of Label Studio, still to be checked. Raises ReadingFailed."""
    if len(config) > LONGEST_CONFIG:
        says = f"A labelling configuration has at most {LONGEST_CONFIG:,} characters."
        raise ReadingFailed("too_large", says)
    with Reading(Request(label_config=config), None) as reading:
        list(reading)
        schema: dict[str, Any] = msgspec.json.decode(reading.schema)
        return schema


def opened(path: str | os.PathLike[str]) -> BinaryIO:
    try:
        file = Path(path).open("rb")  # noqa: SIM115  (the caller closes it)
    except OSError as error:
        says = f"The file cannot be opened: {error.strerror}."
        raise ReadingFailed("not_readable", says) from None
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise ReadingFailed("not_readable", "This is not a regular file.")
    return file


class Reading:
    """A file being read: an iterator of rows that knows how far it is. Close it, or use it as a context."""

    def __init__(self, request: Request, file: BinaryIO | None) -> None:
        descriptors = [] if file is None else [file.fileno()]
        request.descriptor = descriptors[0] if descriptors else None
        self.bytes_total = 0 if file is None else os.fstat(file.fileno()).st_size
        self.bytes_done = 0
        self.format = request.format or ""
        self.waiting: deque[Row] = deque()
        self.finished = False
        self.schema = b"null"
        self.silent_seconds = request.limits.silent_seconds
        self.child = subprocess.Popen(  # noqa: S603  (our own module, nothing of the file's)
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=ENVIRONMENT,
            pass_fds=descriptors,
        )
        self.ask(request)
        self.take(self.frame())  # what the child begins with: the format, or why it cannot begin

    def ask(self, request: Request) -> None:
        assert self.child.stdin is not None
        try:
            self.child.stdin.write(encoder.encode(request))
            self.child.stdin.close()
        except BrokenPipeError:
            raise self.ended() from None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Row:
        while not self.waiting:
            if self.finished:
                self.close()
                raise StopIteration
            self.take(self.frame())
        return self.waiting.popleft()

    def take(self, frame: Frame) -> None:
        match frame:
            case Begun(format=format):
                self.format = format
            case FormRead(schema=schema):
                self.schema = schema
            case Rows(rows=rows, bytes_done=done):
                self.waiting.extend(rows)
                self.bytes_done = done
            case Done(bytes_done=done):
                self.bytes_done = done
                self.finished = True
            case Failed(code=code, sentence=sentence, problems=problems):
                self.close()
                raise ReadingFailed(code, sentence, problems)

    def frame(self) -> Frame:
        (length,) = LENGTH.unpack(self.exactly(LENGTH.size))
        if length > MAX_FRAME:
            raise self.killed()
        try:
            return decoder.decode(self.exactly(length))
        except msgspec.MsgspecError:
            raise self.killed() from None

    def exactly(self, size: int) -> bytes:
        """The next bytes from the child. Raises ReadingFailed when it falls silent or is gone."""
        assert self.child.stdout is not None
        parts = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self.child.stdout, selectors.EVENT_READ)
            while len(parts) < size:
                if not selector.select(self.silent_seconds):
                    raise self.killed("out_of_time")
                part = os.read(self.child.stdout.fileno(), size - len(parts))
                if not part:
                    raise self.ended()
                parts += part
        return bytes(parts)

    def killed(self, code: FileCode = "reader_killed") -> ReadingFailed:
        """Ends a child that can no longer be listened to."""
        self.close()
        return ReadingFailed(code, SENTENCES[code])

    def ended(self) -> ReadingFailed:
        """Why a child went without a word: it ran out of time, or something ended it."""
        status = self.child.wait()
        self.close()
        code: FileCode = "out_of_time" if status == -signal.SIGXCPU else "reader_killed"
        return ReadingFailed(code, SENTENCES[code])

    def close(self) -> None:
        """Ends the child, whatever it is doing; rows not yet taken are lost."""
        self.finished = True
        self.waiting.clear()
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        if self.child.stdout is not None:
            self.child.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
