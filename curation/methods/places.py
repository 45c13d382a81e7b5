"""Places in a text, by code points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Found:
    """A place in a text that should not leave as it is: what it is, and its code points from `start` up to `end`."""

    kind: str
    start: int
    end: int


def apart(found: Iterable[Found]) -> list[Found]:
    """The places in order, none over another: where two meet, the one that was named first stays."""
    kept: list[Found] = []
    for each in found:
        if each.start < each.end and all(
            each.end <= other.start or other.end <= each.start for other in kept
        ):
            kept.append(each)
    return sorted(kept, key=lambda each: each.start)
