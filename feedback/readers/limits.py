"""What a file from outside may cost: sizes in bytes, memory, processor time and silence."""

from __future__ import annotations

from msgspec import Struct

MIB = 1 << 20
MAX_ROW_BYTES = 32 * MIB


class Limits(Struct, frozen=True, kw_only=True):
    """The defaults are the documented limits; a caller may be stricter."""

    file_bytes: int = 2 << 30
    unpacked_bytes: int = 8 << 30
    unpacked_ratio: int = 100
    ratio_free_bytes: int = 16 * MIB  # below this much output a high ratio harms nobody
    memory_bytes: int = 512 * MIB
    cpu_seconds: int = 20
    cpu_seconds_per_mib: float = 1.0
    silent_seconds: float = 120

    def cpu_for(self, size: int, *, packed: bool) -> int:
        """Processor seconds that a file of this size may take; packed text is counted tenfold."""
        mib = size / MIB * (10 if packed else 1)
        return round(self.cpu_seconds + self.cpu_seconds_per_mib * mib)


LIMITS = Limits()
