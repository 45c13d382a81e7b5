"""Whether the files of versions are still what was published: each is in storage under its hash, once for all versions that hold it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from . import blobs
from .models import VersionFile


@dataclass(frozen=True, slots=True)
class Checked:
    """The same bytes in one or more versions. `stored` is the hash (hex) of what lies in their place, None where nothing does."""

    files: list[VersionFile]
    sha256: str
    stored: str | None

    @property
    def is_sound(self) -> bool:
        return self.stored == self.sha256


def checked_files() -> Iterator[Checked]:
    """Every file of every version, read whole; the same bytes once."""
    rows = VersionFile.objects.select_related("version__dataset__workspace")
    ordered = rows.order_by("sha256", "version_id", "path").iterator()
    for digest, files in groupby(ordered, key=lambda file: bytes(file.sha256).hex()):
        yield Checked(list(files), digest, blobs.hash_of(digest))
