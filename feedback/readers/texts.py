"""Refuses text that the database cannot hold: NUL, half a surrogate pair, a field beyond 16 MiB, endless nesting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .problems import Fault, Path

MAX_FIELD_BYTES = 16 << 20
MAX_NESTING = 64


def storable_faults(value: Any, path: Path = ()) -> Iterator[Fault]:
    """What cannot be stored anywhere inside a JSON value, keys included."""
    if isinstance(value, str):
        yield from one_text_faults(value, path)
    elif isinstance(value, int) and not -(2**63) <= value < 2**64:
        yield Fault(path, "number_out_of_range", "has more than 64 bits")
    elif len(path) > MAX_NESTING:
        yield Fault(path, "too_deep", f"is nested deeper than {MAX_NESTING} levels")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from storable_faults(part, (*path, place))
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from one_text_faults(key, (*path, key))
            yield from storable_faults(part, (*path, key))


def one_text_faults(text: str, path: Path) -> Iterator[Fault]:
    if "\0" in text:
        yield Fault(path, "nul_byte", "holds a NUL character, which cannot be stored")
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        says = "holds half of a surrogate pair, which is no character"
        yield Fault(path, "lone_surrogate", says)
        return
    if size > MAX_FIELD_BYTES:
        says = f"has {size:,} bytes, and may have {MAX_FIELD_BYTES:,}"
        yield Fault(path, "field_too_large", says)


def plainly_storable(written: bytes) -> bool:
    """Whether JSON without sign of a NUL is so short that no field of it can be too large."""
    return b"\\u0000" not in written and len(written) <= MAX_FIELD_BYTES


def nests_deeply(value: Any) -> bool:
    """Whether a free value (tool calls, parameters) is nested beyond what is stored."""
    level = [value]
    for _ in range(MAX_NESTING):
        level = [part for each in level for part in parts_of(each)]
        if not level:
            return False
    return True


def parts_of(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
