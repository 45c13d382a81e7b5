"""What a lawyer found when each authority of a brief was looked up: does it exist, say so, still stand, and bind this court."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import orjson

from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader

from .base import Fields, Ref, Value, common, last, said
from .choice import Option
from .critiques import MOST_CRITIQUES, Critiques, Severity
from .text import typed

LONGEST_ID = 80


@dataclass(frozen=True, slots=True)
class Verdict(Option):
    """What was found of an authority; `tone` is how it is marked in the text, `severity` how grave it is for the brief."""

    severity: str
    tone: str


VERDICTS = (
    Verdict("exists", "Exists, supports it", "none", "ok"),
    Verdict("not_found", "Does not exist", "critical", "danger"),
    Verdict("misquoted", "Misquoted", "major", "danger"),
    Verdict("does_not_support", "Does not support it", "critical", "danger"),
    Verdict("superseded", "Overruled, superseded", "critical", "danger"),
    Verdict("wrong_jurisdiction", "Wrong jurisdiction", "major", "danger"),
    Verdict("could_not_check", "Could not check", "none", "warn"),
)
SEVERITY = {verdict.value: verdict.severity for verdict in VERDICTS}
GRAVITY = (
    Severity("none", "No fault", 0),
    Severity("major", "Major", 5),
    Severity("critical", "Critical", 25),
)


@dataclass(frozen=True, kw_only=True)
class Authorities(Critiques):
    """An answer is a list of critiques, one for each authority: its `category` is the verdict, its `comment` the note.

    Beside the fields of a critique each has `authority` (the id of a citation, `539-us-306`) and `everywhere`: whether
    the verdict is of every place where the authority is cited, or only of the one that the anchor quotes.
    """

    kind: ClassVar[str] = "authorities"
    categories: tuple[Option, ...] = said("verdicts", default=VERDICTS, init=False)
    severities: tuple[Severity, ...] = said("gravity", default=GRAVITY, init=False)
    suggestions: bool = said("a replacement may be suggested", default=False, init=False)
    most: int = said("most authorities", default=MOST_CRITIQUES, init=False)

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        return cls(**common(reader), comments=reader.flag("comments", default=False))

    def _critique_faults(self, each: dict[str, Value], refs: Sequence[Ref]) -> Iterator[Fault]:
        id, everywhere = each.get("authority"), each.get("everywhere", True)
        if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
            yield Fault("wrong_type", f"An authority has an id of at most {LONGEST_ID} characters.")
        if not isinstance(everywhere, bool):
            yield Fault("wrong_type", "Everywhere is true or false.")
        own = {"authority", "everywhere"}
        yield from super()._critique_faults({k: v for k, v in each.items() if k not in own}, refs)

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        yield from super().faults(value, refs)
        if isinstance(value, list):
            marks = [each for each in value if isinstance(each, dict)]
            keys = [(str(each.get("on")), str(each.get("authority"))) for each in marks]
            if len(set(keys)) < len(keys):
                yield Fault("repeated_critique", "An authority has two verdicts.")

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        if self.required and not value:
            yield Fault("answer_missing", "Say what you found of the authorities.")
        else:
            yield from super().lacks(value, refs)

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        """The list that the desk's script keeps; and over it the plain controls of a page without one."""
        raw = last(fields, self.id)
        try:
            marks = orjson.loads(raw) if raw else []
        except orjson.JSONDecodeError:
            return raw
        if not isinstance(marks, list) or not all(isinstance(each, dict) for each in marks):
            return marks
        plain = dict(self._plain(fields, letters))
        kept = [each for each in marks if (each.get("on"), each.get("authority")) not in plain]
        made = [mark for mark in plain.values() if mark]
        return _with_ids([*kept, *made]) or None

    def _plain(
        self, fields: Fields, letters: Sequence[str]
    ) -> Iterator[tuple[tuple[str, str], dict[str, Any] | None]]:
        """What plain controls say of each authority: a mark, or None where it is taken back."""
        for name in fields:
            head, _, rest = name.partition(".")
            letter, _, authority = rest.partition(".")
            if head != self.id or letter not in letters or not authority.endswith(".verdict"):
                continue
            authority = authority.removesuffix(".verdict")
            at, verdict = f"{self.id}.{letter}.{authority}", last(fields, name)
            mark = {
                "on": letter,
                "authority": authority,
                "everywhere": True,
                "anchor": _anchor(last(fields, f"{at}.anchor")),
                "category": verdict,
                "severity": SEVERITY.get(verdict, ""),
                "comment": typed(last(fields, f"{at}.note")),
            }
            yield (letter, authority), mark if verdict else None


def _anchor(raw: str) -> Value:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw


def _with_ids(marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The marks, each with an id; those that have one keep it."""
    taken = {each.get("id") for each in marks}
    free = (f"a{number}" for number in range(1, 2 * len(marks) + 2) if f"a{number}" not in taken)
    return [each if "id" in each else {"id": next(free), **each} for each in marks]


def by_authority(value: Value) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    """The marks of an answer by letter and authority."""
    marks = value if isinstance(value, list) else []
    return {(str(m.get("on")), str(m.get("authority"))): m for m in marks if isinstance(m, dict)}
