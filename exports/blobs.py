"""Where the bytes of versions lie: once each, under their SHA-256, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

PIECE = 1 << 20


def name_of(sha256: str) -> str:
    """The storage name of the bytes with this hash (hex)."""
    return f"blobs/{sha256[:2]}/{sha256}"


def keep(path: Path, sha256: str) -> None:
    """Store a file under its hash; bytes that are there already stay as they are."""
    name = name_of(sha256)
    if default_storage.exists(name):
        if default_storage.size(name) == path.stat().st_size:
            return
        # A worker that was killed while writing has left only the beginning.
        default_storage.delete(name)
    with path.open("rb") as file:
        stored = default_storage.save(name, File(file))
    if stored != name:
        # Somebody else stored the same bytes in between; one copy is enough.
        default_storage.delete(stored)


def pieces(sha256: str, start: int, length: int) -> Iterator[bytes]:
    """The bytes from `start`, `length` of them, a megabyte at a time."""
    with default_storage.open(name_of(sha256)) as file:
        file.seek(start)
        while length > 0 and (piece := file.read(min(PIECE, length))):
            length -= len(piece)
            yield piece
