"""What the desk measures of the work on an item, read from what it says and held to what our own clock allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

LARGEST = 2**31 - 1  # of the columns
PANES = ("prompt", "sources", "guideline", "questions")


@dataclass(frozen=True, slots=True)
class Effort:
    """Milliseconds with the page visible and used within the last minute, in all and by pane; None where unknown.

    `first_input_ms` is the active time before the first answer. `typed` and `pasted` count the characters of free texts.
    `reading` is by slot letter and by the panes of the desk; what the reader is not looking at is not counted.
    """

    active_ms: int | None = None
    first_input_ms: int | None = None
    typed: int | None = None
    pasted: int | None = None
    reading: Mapping[str, int] = field(default_factory=dict)

    def between(self, since: dt.datetime, until: dt.datetime) -> Effort:
        """No more time than our own clock allows, whatever the desk says; and no pane was read longer than all of them."""
        most = max(0, min((until - since) // dt.timedelta(milliseconds=1), LARGEST))
        active = None if self.active_ms is None else max(0, min(self.active_ms, most))
        most = most if active is None else active
        first = None if self.first_input_ms is None else min(self.first_input_ms, most)
        reading = {name: min(ms, most) for name, ms in self.reading.items()}
        return replace(self, active_ms=active, first_input_ms=first, reading=reading)

    def by_position(self, letters: Sequence[str], order: Sequence[int]) -> dict[str, int]:
        """The reading times with positions for letters, as a body is stored; other names stay."""
        places = dict(zip(letters, map(str, order), strict=True))
        return {places.get(name, name): ms for name, ms in self.reading.items()}

    @property
    def is_detailed(self) -> bool:
        """Whether more than the active time is known."""
        return bool(self.reading) or any(
            value is not None for value in (self.first_input_ms, self.typed, self.pasted)
        )


def read_effort(said: object, active_ms: int | None, letters: Sequence[str]) -> Effort:
    """What a desk says it measured, as far as it makes sense; the rest is not known."""
    told: Mapping[str, Any] = said if isinstance(said, dict) else {}
    reading = told.get("reading")
    times = reading if isinstance(reading, dict) else {}
    names = (*letters, *PANES)
    return Effort(
        active_ms=active_ms,
        first_input_ms=_whole(told.get("first_input_ms")),
        typed=_whole(told.get("typed")),
        pasted=_whole(told.get("pasted")),
        reading={name: ms for name in names if (ms := _whole(times.get(name))) is not None},
    )


def _whole(value: object) -> int | None:
    ok = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return value if ok else None  # type: ignore[return-value]  # ok: it is one
