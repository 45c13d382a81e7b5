"""Paths of a mapping: `a.b.0.c` leads into nested data, `1:` takes part of a list, `$` starts at the whole row."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

MAX_STEPS = 32
SLICE = re.compile(r"(-?\d*):(-?\d*)")


class Absent:
    """What a path finds where there is nothing; unlike null it never reaches a row."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()


class Scope(NamedTuple):
    """Where a mapping reads: the whole row, the entry of an `each` it is in, and how many responses the item has."""

    root: Any
    here: Any
    responses: int


class SourcePath(NamedTuple):
    """A parsed path and how it was written."""

    steps: tuple[str | int | slice, ...]
    from_root: bool
    written: str

    def find(self, scope: Scope) -> Any:
        return walk(scope.root if self.from_root else scope.here, self.steps)


def parse_path(written: Any) -> SourcePath:
    """A path from text, or from a list of steps where keys hold dots. Raises ValueError with a clause for people."""
    if isinstance(written, str):
        steps: list[Any] = [] if written == "." else written.split(".")
    elif isinstance(written, list) and written:
        steps = written
    else:
        raise ValueError("has to be a path: text such as a.b.0, or a list of steps")
    if len(steps) > MAX_STEPS:
        raise ValueError(f"has {len(steps)} steps, and may have {MAX_STEPS}")
    from_root = bool(steps) and steps[0] == "$"
    parsed = tuple(parse_step(step) for step in steps[from_root:])
    return SourcePath(parsed, from_root, ".".join(str(step) for step in steps) or ".")


def parse_step(step: Any) -> str | int | slice:
    if isinstance(step, bool) or not isinstance(step, str | int) or step == "":
        raise ValueError("has an empty step, or one that is neither text nor a number")
    if isinstance(step, str) and (bounds := SLICE.fullmatch(step)):
        low, high = (int(bound) if bound not in {"", "-"} else None for bound in bounds.groups())
        return slice(low, high)
    return step


def walk(value: Any, steps: tuple[str | int | slice, ...]) -> Any:
    """What the steps lead to, or ABSENT; behind a slice they are taken in each entry, and absent ones are left out."""
    for place, step in enumerate(steps):
        if isinstance(step, slice):
            if not isinstance(value, list):
                return ABSENT
            found = (walk(each, steps[place + 1 :]) for each in value[step])
            return [each for each in found if each is not ABSENT]
        value = enter(value, step)
        if value is ABSENT:
            return ABSENT
    return value


def enter(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(step), ABSENT)
    if isinstance(value, list) and is_place(step) and -len(value) <= int(step) < len(value):
        return value[int(step)]
    return ABSENT


def is_place(step: str | int) -> bool:
    return isinstance(step, int) or bool(re.fullmatch(r"-?[0-9]{1,9}", step))
