"""An open file from outside: plain or gzip, bounded in what it unpacks to, telling how much of it has been read."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from .limits import MIB, Limits
from .problems import ReadingFailed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"
HEAD = 64 << 10
CHUNK = MIB


class Source:
    """A regular file, open for reading from its start."""

    def __init__(self, file: BinaryIO, name: str, limits: Limits) -> None:
        self.file, self.name, self.limits = file, name, limits
        self.size = os.fstat(file.fileno()).st_size
        if self.size > limits.file_bytes:
            says = f"The file has {self.size:,} bytes; {limits.file_bytes:,} are read at most."
            raise ReadingFailed("too_large", says)
        self.packed = file.read(2) == GZIP
        self.head = self.peek()
        self.estimated: int | None = None

    @property
    def bytes_done(self) -> int:
        """How far the file has been read, in its own bytes."""
        return self.file.tell() if self.estimated is None else self.estimated

    def estimate(self, share: float) -> None:
        """Says how far reading is, for a format that is not read from start to end."""
        self.estimated = round(self.size * share)

    def open(self) -> io.BufferedReader:
        """The unpacked content from its start."""
        self.file.seek(0)
        raw = Unpacked(self.file, self.limits) if self.packed else Borrowed(self.file)
        return io.BufferedReader(raw, CHUNK)

    def peek(self) -> bytes:
        head = self.open().read(HEAD)
        self.file.seek(0)
        return head

    def chunks(self) -> Iterator[bytes]:
        content = self.open()
        while chunk := content.read(CHUNK):
            yield chunk


class Borrowed(io.RawIOBase):
    """A file read through a buffer that does not close it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        found = self.read_some(len(view))
        view[: len(found)] = found
        return len(found)

    def read_some(self, size: int) -> bytes:
        return self.file.read(size)


class Unpacked(Borrowed):
    """Gzip unpacked piece by piece, stopped when it unpacks to too much."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        super().__init__(file)
        self.gzip, self.limits, self.written = gzip.GzipFile(fileobj=file, mode="rb"), limits, 0

    def read_some(self, size: int) -> bytes:
        try:
            found = self.gzip.read(min(size, CHUNK))
        except (EOFError, OSError, zlib.error) as error:
            says = f"The file is not whole as gzip: {error}."
            raise ReadingFailed("not_readable", says) from None
        self.written += len(found)
        refuse_bombs(self.limits, self.file.tell(), self.written)
        return found


def refuse_bombs(limits: Limits, packed: int, unpacked: int) -> None:
    """Raises ReadingFailed when so many packed bytes have become too many."""
    if unpacked > limits.unpacked_bytes:
        says = f"The file unpacks to more than {limits.unpacked_bytes:,} bytes."
        raise ReadingFailed("too_large", says)
    if unpacked > max(limits.ratio_free_bytes, limits.unpacked_ratio * packed):
        says = f"The file unpacks to more than {limits.unpacked_ratio} times its size."
        raise ReadingFailed("compressed_too_far", says)
