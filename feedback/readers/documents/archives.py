"""Zip archives from outside: few entries, bounded in what they unpack to, nothing written to a disk."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

from feedback.readers.limits import MIB
from feedback.readers.problems import ReadingFailed

MOST_ENTRIES = 5000
MOST_RATIO = 100
RATIO_FREE = MIB  # an entry that unpacks to less harms nobody
MOST_UNPACKED = 256 * MIB
MOST_ENTRY = 50 * MIB


class Archive:
    """A zip that has been looked over. Raises ReadingFailed when it is broken, locked, or a bomb."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            raise ReadingFailed("not_readable", "The file is not whole as a zip archive.") from None
        self.entries = [entry for entry in self.zip.infolist() if not entry.is_dir()]
        self.unpacked = 0
        if len(self.entries) > MOST_ENTRIES:
            says = (
                f"The archive has {len(self.entries):,} entries; {MOST_ENTRIES:,} are read at most."
            )
            raise ReadingFailed("too_large", says)

    @property
    def names(self) -> list[str]:
        return [entry.filename for entry in self.entries]

    def read(self, name: str) -> bytes:
        """The bytes of an entry; empty when there is none of this name."""
        entry = next((each for each in self.entries if each.filename == name), None)
        if entry is None:
            return b""
        if entry.flag_bits & 1:
            says = "The archive is locked with a password. Save it without one, and send it again."
            raise ReadingFailed("encrypted", says)
        try:
            return self._unpack(entry)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            raise ReadingFailed("not_readable", f"The archive is broken at {name}.") from None

    def _unpack(self, entry: zipfile.ZipInfo) -> bytes:
        # What the directory says about sizes is not believed: the bytes are counted.
        most = min(MOST_ENTRY, max(RATIO_FREE, MOST_RATIO * entry.compress_size))
        with self.zip.open(entry) as packed:
            content = packed.read(most + 1)
        self.unpacked += len(content)
        if self.unpacked > MOST_UNPACKED:
            raise ReadingFailed(
                "too_large", f"The archive unpacks to more than {MOST_UNPACKED:,} bytes."
            )
        if len(content) > most:
            if most == MOST_ENTRY:
                raise ReadingFailed(
                    "too_large", f"{entry.filename} has more than {MOST_ENTRY:,} bytes."
                )
            says = f"{entry.filename} unpacks to more than {MOST_RATIO} times its size."
            raise ReadingFailed("compressed_too_far", says)
        return content
