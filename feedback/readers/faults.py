"""Lists every fault of a JSON value against a msgspec type, where msgspec itself stops at the first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import inspect

from .problems import Fault, Path, RowCode, shown

WORDS = {
    inspect.StrType: "text",
    inspect.IntType: "a whole number",
    inspect.FloatType: "a number",
    inspect.BoolType: "true or false",
    inspect.ListType: "a list",
    inspect.DictType: "an object",
    inspect.StructType: "an object",
    inspect.LiteralType: "text",
}


def type_faults(value: Any, kind: inspect.Type, path: Path = ()) -> Iterator[Fault]:
    """Every place where the value breaks the type, in the order of the type's fields."""
    for option in options(kind):
        if fits(value, option):
            yield from inner_faults(value, option, path)
            return
    yield Fault(path, wrong_code(value, path), f"is {shown(value)}, and has to be {wanted(kind)}")


def options(kind: inspect.Type) -> Sequence[inspect.Type]:
    return kind.types if isinstance(kind, inspect.UnionType) else (kind,)


def fits(value: Any, kind: inspect.Type) -> bool:
    """Whether the value has the JSON kind of the type, whatever is inside."""
    match kind:
        case inspect.AnyType():
            return True
        case inspect.NoneType():
            return value is None
        case inspect.BoolType():
            return isinstance(value, bool)
        case inspect.IntType():
            return isinstance(value, int) and not isinstance(value, bool)
        case inspect.FloatType():
            return isinstance(value, int | float) and not isinstance(value, bool)
        case inspect.StrType() | inspect.LiteralType():
            return isinstance(value, str)
        case inspect.ListType():
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def inner_faults(value: Any, kind: inspect.Type, path: Path) -> Iterator[Fault]:
    """The faults inside a value whose JSON kind is right."""
    match kind:
        case inspect.StructType():
            yield from struct_faults(value, kind, path)
        case inspect.ListType():
            yield from list_faults(value, kind, path)
        case inspect.DictType():
            for key, each in value.items():
                yield from type_faults(each, kind.value_type, (*path, key))
        case inspect.StrType():
            yield from text_faults(value, kind, path)
        case inspect.IntType() | inspect.FloatType():
            yield from number_faults(value, kind, path)
        case inspect.LiteralType() if value not in kind.values:
            listed = ", ".join(sorted(map(str, kind.values)))
            yield Fault(path, "not_one_of", f"is {shown(value)}, and has to be one of {listed}")


def struct_faults(value: dict[str, Any], kind: inspect.StructType, path: Path) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in kind.fields}
    for name, field in fields.items():
        if value.get(name) is not None:
            yield from type_faults(value[name], field.type, (*path, name))
        elif field.required:
            yield Fault((*path, name), "missing_field", "is missing")
    for name in value:
        if name not in fields:
            known = ", ".join(fields)
            yield Fault((*path, name), "unknown_field", f"is not a field here ({known})")


def list_faults(value: list[Any], kind: inspect.ListType, path: Path) -> Iterator[Fault]:
    if kind.max_length is not None and len(value) > kind.max_length:
        says = f"has {len(value)} entries, and may have {kind.max_length}"
        yield Fault(path, "too_many_values", says)
        return
    for place, each in enumerate(value):
        yield from type_faults(each, kind.item_type, (*path, place))


def text_faults(value: str, kind: inspect.StrType, path: Path) -> Iterator[Fault]:
    if kind.min_length and len(value) < kind.min_length:
        yield Fault(path, "empty_field", "is empty")
    if kind.max_length is not None and len(value) > kind.max_length:
        says = f"has {len(value)} characters, and may have {kind.max_length}"
        yield Fault(path, "field_too_large", says)


def number_faults(
    value: float, kind: inspect.IntType | inspect.FloatType, path: Path
) -> Iterator[Fault]:
    low, high = kind.ge, kind.le
    if not math.isfinite(value):
        yield Fault(path, "number_out_of_range", "is not a finite number")
    elif (low is not None and value < low) or (high is not None and value > high):
        says = f"is {shown(value)}, and has to be from {low} to {high}"
        yield Fault(path, "number_out_of_range", says)


def wanted(kind: inspect.Type) -> str:
    """The JSON kinds a type takes, in words: "text or a list"."""
    words = dict.fromkeys(WORDS[type(each)] for each in options(kind) if type(each) in WORDS)
    return " or ".join(words)


def wrong_code(value: Any, path: Path) -> RowCode:
    """A response that is true or 3 has a code of its own: it is a frequent slip of files written by hand."""
    is_text = len(path) == 2 or (len(path) == 3 and path[2] == "text")
    if path[:1] == ("responses",) and is_text and isinstance(value, bool | int | float):
        return "response_not_text"
    return "wrong_type"
