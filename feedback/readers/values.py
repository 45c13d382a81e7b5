"""One value of a mapping: where it is read, and how it is made into text, a number, a list or a code."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

import orjson
from msgspec import UNSET, Struct, UnsetType, field

from .paths import ABSENT, Scope, SourcePath, parse_path
from .problems import RowCode, shown

PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
PARAGRAPHS = re.compile(r"(\n[ \t]*\n\s*)")


class Value(Struct, forbid_unknown_fields=True, rename={"as_": "as"}, kw_only=True):
    """An expression of a mapping: exactly one source, then what is done with it, in the order of these fields."""

    path: str | list[str | int] | UnsetType = UNSET
    constant: Any = UNSET
    template: str | UnsetType = UNSET
    split: str | None = None
    as_: Literal["text", "number", "json"] | None = field(default=None)
    take: int | None = None
    without: list[str] | None = None
    values: dict[str, Any] | None = None
    join: str | None = None
    default: Any = UNSET


SOURCES = {"path", "constant", "template"}


class Unfit(Exception):
    """A value of the row that an expression cannot use; becomes a fault at the field it was meant for."""

    def __init__(self, code: RowCode, says: str) -> None:
        super().__init__(says)
        self.code = code
        self.says = says


Source = Callable[[Scope], Any]


class Expression:
    """A value ready to be read from rows."""

    def __init__(self, value: Value, source: Source, origin: str) -> None:
        self.value, self.source, self.origin = value, source, origin

    def read(self, scope: Scope) -> Any:
        """The value in this row, or ABSENT. Raises Unfit."""
        try:
            found = self.finish(self.source(scope))
        except Unfit as unfit:
            raise Unfit(unfit.code, f"cannot be read from {self.origin}: {unfit.says}") from None
        if found is ABSENT and self.value.default is not UNSET:
            return self.value.default
        return found

    def finish(self, found: Any) -> Any:
        value = self.value
        if found is None or found is ABSENT:
            return ABSENT
        if value.split is not None:
            found = split(found, value.split)
        if value.as_ == "json":
            found = as_json(found)
        if value.take is not None:
            found = take(found, value.take)
        found = each(found, self.convert)
        return found if value.join is None else join(found, value.join)

    def convert(self, found: Any) -> Any:
        if self.value.as_ in CONVERSIONS:
            found = CONVERSIONS[self.value.as_](found)
        if self.value.without is not None and isinstance(found, str):
            for mark in self.value.without:
                found = found.replace(mark, "")
        if self.value.values is not None:
            found = look_up(found, self.value.values)
        return found


def compile_value(value: Value) -> Expression:
    """The expression of a checked Value. Raises ValueError with a clause for people."""
    if value.path is not UNSET:
        path = parse_path(value.path)
        return Expression(value, path.find, path.written)
    if value.template is not UNSET:
        return Expression(value, compile_template(value.template), "its template")
    return Expression(value, lambda _: value.constant, "its constant")


def compile_template(template: str) -> Source:
    """Text with {path} in it; a paragraph (between blank lines) whose paths are all empty is left out."""
    pieces = PARAGRAPHS.split(template)
    paragraphs = [compile_paragraph(piece) for piece in pieces[::2]]
    gaps = pieces[1::2]

    def write(scope: Scope) -> str:
        text = ""
        for gap, paragraph in zip(["", *gaps], paragraphs, strict=True):
            written = paragraph(scope)
            text += (gap if text else "") + written if written is not None else ""
        return text

    return write


def compile_paragraph(paragraph: str) -> Callable[[Scope], str | None]:
    parts = list(template_parts(paragraph))
    has_paths = any(isinstance(part, SourcePath) for part in parts)

    def write(scope: Scope) -> str | None:
        texts, any_found = [], not has_paths
        for part in parts:
            found = as_text(part.find(scope)) if isinstance(part, SourcePath) else part
            any_found = any_found or (isinstance(part, SourcePath) and found not in {ABSENT, ""})
            texts.append("" if found is ABSENT else found)
        return "".join(texts) if any_found else None

    return write


def template_parts(paragraph: str) -> Iterator[str | SourcePath]:
    end = 0
    for match in PLACEHOLDER.finditer(paragraph):
        yield paragraph[end : match.start()]
        end = match.end()
        if match.group() in {"{{", "}}"}:
            yield match.group()[0]
        elif match.group() in {"{", "}"}:
            raise ValueError("has a brace without its partner; a brace itself is written twice")
        else:
            yield parse_path(match.group(1))
    yield paragraph[end:]


def each(found: Any, convert: Callable[[Any], Any]) -> Any:
    """The converted value, or list of them, in which an absent one stays as null so that places hold."""
    if not isinstance(found, list):
        return convert(found)
    return [None if (made := convert(one)) is ABSENT else made for one in found]


def as_text(found: Any) -> Any:
    """Text as it is, true and numbers as JSON writes them."""
    if isinstance(found, str):
        return found
    if found is None or found is ABSENT:
        return ABSENT
    if isinstance(found, float) and found.is_integer() and abs(found) < 2**53:
        return str(int(found))
    if isinstance(found, bool | int | float):
        return orjson.dumps(found).decode()
    raise Unfit("wrong_type", f"{shown(found)} is not text")


def as_number(found: Any) -> Any:
    """A number, also from text; empty text is nothing."""
    if isinstance(found, str) and not found.strip():
        return ABSENT
    try:
        number = None if isinstance(found, bool) else float(found)
    except (TypeError, ValueError):
        number = None
    if number is None or not math.isfinite(number):
        raise Unfit("not_a_number", f"{shown(found)} is not a number")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


CONVERSIONS = {"text": as_text, "number": as_number}


def as_json(found: Any) -> Any:
    if found == "":
        return ABSENT
    try:
        return orjson.loads(found)
    except orjson.JSONDecodeError:
        raise Unfit("not_json", f"{shown(found)} is not JSON") from None


def split(found: Any, separator: str) -> Any:
    if not isinstance(found, str):
        raise Unfit("split_failed", f"{shown(found)} is not text that could be split")
    return [] if found == "" else found.split(separator)


def take(found: Any, place: int) -> Any:
    if found is ABSENT:
        return ABSENT
    if not isinstance(found, list) or not -len(found) <= place < len(found):
        raise Unfit("split_failed", f"{shown(found)} has no entry {place}, counted from 0")
    return ABSENT if found[place] is None else found[place]


def look_up(found: Any, values: dict[str, Any]) -> Any:
    """The value written for this one; empty text that has no entry is nothing."""
    key = as_text(found)
    if key in values:
        return ABSENT if values[key] is None else values[key]
    if key in {"", ABSENT}:
        return ABSENT
    raise Unfit("value_not_mapped", f"{shown(found)} is not among {shown(list(values))}")


def join(found: Any, separator: str) -> Any:
    if found is ABSENT:
        return ABSENT
    texts = [as_text(one) for one in (found if isinstance(found, list) else [found])]
    return separator.join(text for text in texts if text is not ABSENT)
