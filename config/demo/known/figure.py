"""One known figure: what is expected of some data, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

TESTS_DATA: Path = settings.BASE_DIR / "tests" / "data"
Value = float | int | str | None


@dataclass(frozen=True)
class Figure:
    """`expected` is published, or was computed by others' tools on the same files; None: nobody has published it.

    Numbers agree when they differ by at most `within`.
    """

    data: str
    name: str
    expected: Value
    ours: Value
    within: float = 0.0

    @property
    def agrees(self) -> bool | None:
        """None where there is nothing to agree with."""
        if self.expected is None:
            return None
        if isinstance(self.expected, str) or isinstance(self.ours, str) or self.ours is None:
            return self.expected == self.ours
        return abs(self.expected - self.ours) <= self.within + 1e-12


def rounded(data: str, name: str, expected: float, ours: float | None, digits: int = 4) -> Figure:
    """A figure that is known to so many digits."""
    return Figure(data, name, expected, None if ours is None else round(ours, digits))
