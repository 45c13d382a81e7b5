"""Takes typed values out of the JSON of a form and notes every fault with its path, so that one pass lists them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from .problems import FormCode, FormProblem
from .values import UNSTORABLE, quote, unstorable

T = TypeVar("T")
KINDS = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


class ObjectReader:
    """One JSON object being read. A faulty value is noted, and a harmless one of its type is returned in its place."""

    def __init__(self, raw: object, path: str, problems: list[FormProblem]) -> None:
        self.path = path
        self.problems = problems
        self._readable = isinstance(raw, dict)
        self._rest: dict[str, object] = dict(raw) if isinstance(raw, dict) else {}
        if not self._readable:
            self.note("", "wrong_type", "This must be an object.")

    def note(self, name: str, code: FormCode, sentence: str) -> None:
        self.problems.append(FormProblem(self._path(name), code, sentence))

    def text(self, name: str, *, most: int, default: str | None = None) -> str:
        """A text of at most `most` characters; without a default it must be there and not blank."""
        value = self._take(name, str, default)
        if value is None:
            return ""
        fault = unstorable(value)
        if fault:
            self.note(name, fault, UNSTORABLE[fault])
        elif len(value) > most:
            self.note(name, "too_long", f"At most {most} characters; these are {len(value)}.")
        elif default is None and not value.strip():
            self.note(name, "empty", "This must not be empty.")
        return value

    def whole(self, name: str, *, low: int, high: int, default: int | None = None) -> int:
        """A whole number from `low` to `high`."""
        value = self._take(name, int, default)
        if value is not None and not low <= value <= high:
            self.note(name, "out_of_range", f"This must be from {low} to {high}.")
            return low
        return low if value is None else value

    def number(self, name: str) -> int | float | None:
        """A number, or None where it is left out or null."""
        value = self._rest.pop(name, None)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        self.note(name, "wrong_type", "This must be a number.")
        return None

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._take(name, bool, default)
        return default if value is None else value

    def pick(self, name: str, allowed: Sequence[T]) -> T | None:
        """One of the allowed values, of the same JSON type; None where it is missing or another."""
        if name not in self._rest:
            self._note_missing(name)
            return None
        value = self._rest.pop(name)
        for each in allowed:
            if type(value) is type(each) and value == each:
                return each
        words = ", ".join(str(each) for each in allowed)
        self.note(name, "unknown_value", f"This must be one of {words}.")
        return None

    def pick_or(self, name: str, allowed: Sequence[T], default: T) -> T:
        """One of the allowed values; the default where it is left out."""
        if name not in self._rest:
            return default
        picked = self.pick(name, allowed)
        return default if picked is None else picked

    def rows(self, name: str, *, most: int) -> list[ObjectReader]:
        """A reader for each entry of a list of 1 to `most` objects."""
        raw = self._take(name, list, None)
        if raw is None:
            return []
        if not raw:
            self.note(name, "empty", "This list must not be empty.")
        if len(raw) > most:
            self.note(name, "too_many", f"At most {most} entries; these are {len(raw)}.")
        path = self._path(name)
        return [
            ObjectReader(each, f"{path}[{i}]", self.problems) for i, each in enumerate(raw[:most])
        ]

    def values(self, name: str, *, most: int) -> tuple[str | int, ...]:
        """A list of 1 to `most` texts or whole numbers."""
        raw = self._take(name, list, None)
        if raw is None:
            return ()
        if not raw:
            self.note(name, "empty", "This list must not be empty.")
        if len(raw) > most:
            self.note(name, "too_many", f"At most {most} entries; these are {len(raw)}.")
        values = tuple(each for each in raw[:most] if type(each) in (str, int))
        if len(values) < len(raw[:most]):
            self.note(name, "wrong_type", "This list holds texts or whole numbers.")
        return values

    def child(self, name: str, default: dict[str, object] | None = None) -> ObjectReader | None:
        """A reader for the object under a name, or None where it is missing or no object."""
        raw = self._take(name, dict, default)
        return None if raw is None else ObjectReader(raw, self._path(name), self.problems)

    def names(self) -> list[str]:
        """The names that nobody has taken yet."""
        return list(self._rest)

    def done(self) -> None:
        """Refuses whatever is left over: it has no meaning here."""
        for name in self._rest:
            self.note("", "unknown_field", f"{quote(name)} has no meaning here.")

    def _path(self, name: str) -> str:
        return ".".join(part for part in (self.path, name) if part)

    def _note_missing(self, name: str) -> None:
        if self._readable:
            self.note(name, "missing_field", "This is missing.")

    def _take(self, name: str, kind: type[T], default: T | None) -> T | None:
        if name not in self._rest:
            if default is None:
                self._note_missing(name)
            return default
        value = self._rest.pop(name)
        if type(value) is kind:
            return value
        self.note(name, "wrong_type", f"This must be {KINDS[kind]}.")
        return None
