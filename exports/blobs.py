"""Where the bytes of versions lie: once each, under their SHA-256, never changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

PIECE = 1 << 20
UNFINISHED = "blobs/unfinished"


def name_of(sha256: str) -> str:
    """The storage name of the bytes with this hash (hex)."""
    return f"blobs/{sha256[:2]}/{sha256}"


def keep(path: Path, sha256: str) -> None:
    """Store a file under its hash; bytes that are there already stay as they are.

    They are written elsewhere and moved when they are whole: nobody ever sees a beginning, and who writes the same bytes at
    the same time is not in the way.
    """
    name = name_of(sha256)
    if default_storage.exists(name) and default_storage.size(name) == path.stat().st_size:
        return
    with path.open("rb") as file:
        written = default_storage.save(f"{UNFINISHED}/{uuid.uuid4()}", File(file))
    place = Path(default_storage.path(name))
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.replace(default_storage.path(written), place)


def forget_unfinished(*, before: dt.datetime) -> int:
    """Delete what killed workers had begun to write before then. Returns how many files."""
    try:
        names = [f"{UNFINISHED}/{name}" for name in default_storage.listdir(UNFINISHED)[1]]
    except FileNotFoundError:
        return 0
    left = [name for name in names if _written_before(name, before)]
    for name in left:
        default_storage.delete(name)
    return len(left)


def _written_before(name: str, moment: dt.datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < moment
    except FileNotFoundError:  # its worker has moved it just now
        return False


def is_there(sha256: str) -> bool:
    """Whether there are bytes under this hash (hex); `hash_of` tells whether it is theirs."""
    return default_storage.exists(name_of(sha256))


def hash_of(sha256: str) -> str | None:
    """The hash (hex) of the bytes that are stored under this one; None where there are none."""
    if not is_there(sha256):
        return None
    with default_storage.open(name_of(sha256)) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pieces(sha256: str, start: int, length: int) -> Iterator[bytes]:
    """The bytes from `start`, `length` of them, a megabyte at a time."""
    with default_storage.open(name_of(sha256)) as file:
        file.seek(start)
        while length > 0 and (piece := file.read(min(PIECE, length))):
            length -= len(piece)
            yield piece
