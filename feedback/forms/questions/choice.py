"""One or several options out of a list, for each response or for the item as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader
from feedback.forms.values import quote

from .base import (
    Answer,
    Fields,
    Question,
    Ref,
    Value,
    common,
    per_response,
    said,
    unanswered,
    unknown_responses,
)

MOST_OPTIONS = 50


@dataclass(frozen=True, slots=True)
class Option:
    """What is stored (`value`) and what is read (`title`)."""

    value: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """An answer is a list of option values; asked per response, an object: response → such a list.

    `good` and `bad` are options that say of a response by itself whether it may be learnt from: thumbs up, thumbs down.
    """

    kind: ClassVar[str] = "choice"
    options: tuple[Option, ...] = said("options")
    multiple: bool = said("several options may be chosen", default=False)
    per: str = said("asked of each", choices=("item", "response"), default="item")
    good: tuple[str, ...] = said("options that mean good", default=())
    bad: tuple[str, ...] = said("options that mean bad", default=())

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        before = len(reader.problems)
        question = cls(
            **common(reader),
            options=_read_options(reader),
            multiple=reader.flag("multiple", default=False),
            per=reader.pick_or("per", ("item", "response"), "item"),
            good=_read_meaning(reader, "good"),
            bad=_read_meaning(reader, "bad"),
        )
        if len(reader.problems) == before:
            question._note_meanings(reader)
        return question

    def _note_meanings(self, reader: ObjectReader) -> None:
        known = {option.value for option in self.options}
        for name, meant in (("good", self.good), ("bad", self.bad)):
            if set(meant) - known:
                reader.note(name, "unknown_value", "These must be values of the options.")
            elif meant and self.per == "item":
                reader.note(name, "unknown_value", "Only a choice for each response can say this.")
        if set(self.good) & set(self.bad):
            reader.note("bad", "repeated_id", "An option cannot mean good and bad.")

    @property
    def fewest(self) -> int:
        return 1 if self.per == "response" else 0

    @property
    def outcomes(self) -> Mapping[str, str]:
        return {option.value: option.title for option in self.options}

    def outcomes_in(self, value: Value) -> frozenset[str]:
        lists = [value] if self.per == "item" else value.values()
        return frozenset(each for chosen in lists for each in chosen)

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        if self.per == "item":
            yield from self._list_faults(value)
            return
        if not isinstance(value, dict):
            yield Fault("wrong_type", "These choices are an object: response and list of options.")
            return
        yield from unknown_responses(value, refs)
        for chosen in value.values():
            yield from self._list_faults(chosen)

    def _list_faults(self, chosen: Value) -> Iterator[Fault]:
        if not isinstance(chosen, list) or not all(isinstance(each, str) for each in chosen):
            yield Fault("wrong_type", "A choice is a list of options.")
            return
        known = {option.value for option in self.options}
        for each in dict.fromkeys(chosen):
            if each not in known:
                yield Fault("unknown_choice", f"{quote(each)} is not among the options.")
        if len(set(chosen)) < len(chosen):
            yield Fault("repeated_choice", "An option is chosen twice.")
        elif len(chosen) > 1 and not self.multiple:
            yield Fault("too_many_entries", "Choose one option only.")

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not self.required:
            return
        if self.per == "response":
            chosen = [ref for ref, options in (value or {}).items() if options]
            yield from unanswered(chosen, refs, "Choose an option for")
        elif not value:
            yield Fault("answer_missing", "Choose an option.")

    def rename(self, value: Value, names: Mapping[str, Ref]) -> Value:
        if self.per == "item":
            return value
        return {str(names[ref]): chosen for ref, chosen in value.items()}

    def answers(self, value: Value) -> Iterator[Answer]:
        if self.per == "item":
            yield from (Answer(self.id, None, choice=each) for each in value)
            return
        for position, chosen in sorted((int(ref), chosen) for ref, chosen in value.items()):
            yield from (Answer(self.id, position, choice=each) for each in chosen)

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        del letters
        if self.per == "item":
            return _ticked(fields.get(self.id, ())) or None
        sent = {ref: _ticked(raw) for ref, raw in per_response(fields, self.id)}
        return {ref: chosen for ref, chosen in sent.items() if chosen} or None

    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        del letters
        if self.per == "item":
            return {self.id: list(value)} if value else {}
        return {f"{self.id}.{ref}": list(chosen) for ref, chosen in value.items() if chosen}


def _ticked(raw: Sequence[str]) -> list[str]:
    """The options sent; an empty value is how a browser says "none of these"."""
    return [each for each in raw if each]


def _read_options(reader: ObjectReader) -> tuple[Option, ...]:
    options: list[Option] = []
    for row in reader.rows("options", most=MOST_OPTIONS):
        option = Option(row.text("value", most=80), row.text("title", most=200))
        if any(option.value == other.value for other in options):
            row.note("value", "repeated_id", "Another option has this value already.")
        row.done()
        options.append(option)
    return tuple(options)


def _read_meaning(reader: ObjectReader, name: str) -> tuple[str, ...]:
    if name not in reader.names():
        return ()
    return tuple(str(each) for each in reader.values(name, most=MOST_OPTIONS))
