"""A record as a reader cuts it from a file: its number, its bytes, its JSON value, and what is wrong with it already."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import msgspec
import orjson

from .problems import Fault
from .texts import MAX_FIELD_BYTES, storable_faults

BOM = b"\xef\xbb\xbf"
KEPT_OF_LARGE = 64 << 10


class Record(NamedTuple):
    """With a fault there is no value to go on with; what is in `value` then only serves to count."""

    number: int
    content: bytes
    value: Any
    faults: tuple[Fault, ...] = ()


def json_record(number: int, content: bytes) -> Record:
    """The record of one JSON text. Raises MemoryError."""
    try:
        return Record(number, content, parsed(content))
    except (ValueError, RecursionError) as error:
        return Record(number, content, *explained(content, error))


def parsed(content: bytes) -> Any:
    """The value of a JSON text. Raises ValueError, RecursionError, MemoryError."""
    if len(content) > MAX_FIELD_BYTES:
        # The fast parser sets aside twelve times the text, and ends the process where memory ends.
        return msgspec.json.decode(content)
    try:
        return orjson.loads(content)
    except SystemError:
        raise MemoryError from None


def large_record(number: int, start: bytes, limit: int) -> Record:
    """A row too large to look into, of which the start is kept."""
    fault = Fault((), "row_too_large", f"is larger than {limit:,} bytes; only its start is kept")
    return Record(number, start[:KEPT_OF_LARGE], None, (fault,))


def explained(content: bytes, error: Exception) -> tuple[Any, tuple[Fault, ...]]:
    """Why a text is not JSON for us, in words that help; a lone surrogate is found by a more patient parser."""
    if "memory" in str(error):
        raise MemoryError
    if isinstance(error, RecursionError) or "depth" in str(error):
        return None, (Fault((), "too_deep", "is nested deeper than 1,024 levels"),)
    try:
        value = json.loads(content.decode())
        faults = tuple(storable_faults(value))
    except UnicodeDecodeError as fault:
        says = f"is not UTF-8 text at its byte {fault.start + 1:,}"
        return None, (Fault((), "not_utf8", says),)
    except (ValueError, RecursionError):
        value, faults = None, ()
    return value, faults or (Fault((), "not_json", f"is not JSON: {clause(error)}"),)


def clause(error: Exception) -> str:
    if isinstance(error, orjson.JSONDecodeError):
        return f"{error.msg} at its character {error.pos + 1:,}"
    return str(error).removeprefix("JSON is malformed: ")
