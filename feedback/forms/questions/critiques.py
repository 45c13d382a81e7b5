"""Remarks that stand at a passage: of what kind, how grave, in the reviewer's words, and what should be there instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import orjson

from feedback.forms.anchors import anchor_faults
from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader
from feedback.forms.values import quote

from .base import Answer, Fields, Question, Ref, Value, common, last, said
from .choice import MOST_OPTIONS, Option
from .text import text_faults, typed

MOST_CRITIQUES = 1000
MOST_WORDS = 20_000
NEW_WITHOUT_SCRIPT = 3
NEEDED = {"id", "on", "anchor", "category", "severity", "comment"}
WORDS = ("comment", "suggestion")


@dataclass(frozen=True, slots=True)
class Severity(Option):
    """How grave a fault is; weights of several add up, as in MQM."""

    weight: int


MQM = (
    Severity("minor", "Minor", 1),
    Severity("major", "Major", 5),
    Severity("critical", "Critical", 25),
)


@dataclass(frozen=True, kw_only=True)
class Critiques(Question):
    """An answer is a list of {id, on, anchor, category, severity, comment} and perhaps suggestion.

    A critique that is being written may have an empty category, severity or comment; what the form asks of it binds
    when the review is sent.
    """

    kind: ClassVar[str] = "critiques"
    categories: tuple[Option, ...] = said("categories")
    severities: tuple[Severity, ...] = said("severities", default=MQM)
    comments: bool = said("every critique needs a comment", default=False)
    suggestions: bool = said("a replacement may be suggested", default=True)
    most: int = said("most critiques", default=200)

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        return cls(
            **common(reader),
            categories=tuple(_options(reader, "categories")),
            severities=_severities(reader) or MQM,
            comments=reader.flag("comments", default=False),
            suggestions=reader.flag("suggestions", default=True),
            most=reader.whole("most", low=1, high=MOST_CRITIQUES, default=200),
        )

    @property
    def fewest(self) -> int:
        return 1

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            yield Fault("wrong_type", "Critiques are a list of objects.")
            return
        if len(value) > MOST_CRITIQUES:
            yield Fault("too_many_entries", f"At most {MOST_CRITIQUES} critiques.")
            return
        for each in value:
            yield from self._critique_faults(each, refs)
        ids = [each.get("id") for each in value if isinstance(each.get("id"), str)]
        if len(set(ids)) < len(ids):
            yield Fault("repeated_critique", "Two critiques have the same id.")

    def _critique_faults(self, each: dict[str, Value], refs: Sequence[Ref]) -> Iterator[Fault]:
        unknown = each.keys() - NEEDED - ({"suggestion"} if self.suggestions else set())
        for name in sorted(unknown):
            yield Fault("unknown_field", f"{quote(name)} has no meaning in a critique here.")
        missing = ", ".join(sorted(NEEDED - each.keys()))
        if missing:
            yield Fault("wrong_type", f"A critique has {missing} as well.")
            return
        if not isinstance(each["id"], str) or not 0 < len(each["id"]) <= 40:
            yield Fault("wrong_type", "The id of a critique is a text of at most 40 characters.")
        if not any(type(each["on"]) is type(ref) and each["on"] == ref for ref in refs):
            yield Fault("unknown_response", "This criticises a response that is not there.")
        for name, options in (("category", self.categories), ("severity", self.severities)):
            if each[name] not in ("", *(option.value for option in options)):
                yield Fault("unknown_choice", f"{quote(each[name])} is no {name} of this form.")
        for name in [name for name in WORDS if name in each]:
            if isinstance(each[name], str):
                yield from text_faults(each[name])
            else:
                yield Fault("wrong_type", f"The {name} of a critique is a text.")
        yield from anchor_faults(each["anchor"])

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        del refs
        critiques = value or []
        if self.required and not critiques:
            yield Fault("answer_missing", "Mark at least one passage.")
        if len(critiques) > self.most:
            sentence = f"At most {self.most} critiques; these are {len(critiques)}."
            yield Fault("too_many_entries", sentence)
        for number, each in enumerate(critiques, start=1):
            yield from self._unfinished(number, each)

    def _unfinished(self, number: int, each: dict[str, Value]) -> Iterator[Fault]:
        asked = ("category", "severity", "comment") if self.comments else ("category", "severity")
        missing = [f"a {name}" for name in asked if not each[name].strip()]
        if missing:
            sentence = f"Critique {number} still needs {' and '.join(missing)}."
            yield Fault("critique_unfinished", sentence)
        for name in WORDS:
            length = len(each.get(name, "").strip())
            if length > MOST_WORDS:
                sentence = f"The {name} of critique {number} has {length} characters; at most {MOST_WORDS}."
                yield Fault("text_too_long", sentence)

    def rename(self, value: Value, names: Mapping[str, Ref]) -> Value:
        return [{**each, "on": names[str(each["on"])]} for each in value]

    def answers(self, value: Value) -> Iterator[Answer]:
        """For each critique its category, and the weight of its severity."""
        weights = {severity.value: severity.weight for severity in self.severities}
        for each in sorted(value, key=lambda each: int(each["on"])):
            if each["category"]:
                yield Answer(self.id, int(each["on"]), choice=each["category"])
            if each["severity"]:
                yield Answer(self.id, int(each["on"]), number=weights[each["severity"]])

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        del letters
        raw = last(fields, self.id)
        try:
            critiques = orjson.loads(raw) if raw else []
        except orjson.JSONDecodeError:
            return raw
        if not isinstance(critiques, list):
            return critiques
        dropped = set(fields.get(f"{self.id}.drop", ()))
        left = [e for e in critiques if not isinstance(e, dict) or e.get("id") not in dropped]
        for number in range(1, NEW_WITHOUT_SCRIPT + 1):
            written = self._written(fields, number, left)
            left += [written] if written else []
        return left or None

    def _written(
        self, fields: Fields, number: int, before: Sequence[Value]
    ) -> dict[str, Value] | None:
        """A critique from the plain controls of a page without a script; None where nothing is quoted."""
        names = ("quote", "on", "category", "severity", *WORDS)
        given = {name: typed(last(fields, f"{self.id}.new.{number}.{name}")) for name in names}
        if not given["quote"].strip():
            return None
        taken = {each.get("id") for each in before if isinstance(each, dict)}
        free = next(f"c{n}" for n in range(1, len(taken) + 2) if f"c{n}" not in taken)
        suggested = {"suggestion": given["suggestion"]} if given["suggestion"] else {}
        anchor = {"type": "quote", "exact": given["quote"].strip()}
        plain = {name: given[name] for name in ("on", "category", "severity", "comment")}
        return {"id": free, "anchor": anchor, **plain, **suggested}

    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        del letters
        return {self.id: [orjson.dumps(value).decode()]} if value else {}


def _options(reader: ObjectReader, name: str) -> Iterator[Option]:
    seen: set[str] = set()
    for row in reader.rows(name, most=MOST_OPTIONS):
        option = Option(row.text("value", most=80), row.text("title", most=200))
        _once(row, option, seen)
        yield option


def _severities(reader: ObjectReader) -> tuple[Severity, ...]:
    if "severities" not in reader.names():
        return ()
    severities: list[Severity] = []
    seen: set[str] = set()
    for row in reader.rows("severities", most=10):
        value, title = row.text("value", most=80), row.text("title", most=200)
        severities.append(Severity(value, title, row.whole("weight", low=0, high=1000)))
        _once(row, severities[-1], seen)
    return tuple(severities)


def _once(row: ObjectReader, option: Option, seen: set[str]) -> None:
    if option.value in seen:
        row.note("value", "repeated_id", "Another option has this value already.")
    seen.add(option.value)
    row.done()
