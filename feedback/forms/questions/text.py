"""Something written in the reviewer's own words: a rationale, a note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader
from feedback.forms.values import UNSTORABLE, unstorable

from .base import Fields, Question, Ref, Value, common, last, said

MOST_BYTES = 1 << 20
MOST_CHARACTERS = 200_000


@dataclass(frozen=True, kw_only=True)
class Text(Question):
    """An answer is a text of `min_length` to `max_length` characters (code points), not counting space around it.

    Both bounds bind when the review is sent, never while it is a draft: nobody loses a paragraph to a limit.
    """

    kind: ClassVar[str] = "text"
    min_length: int = said("fewest characters", default=0)
    max_length: int = said("most characters", default=20_000)
    multiline: bool = said("several lines", default=True)

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        before = len(reader.problems)
        question = cls(
            **common(reader),
            min_length=reader.whole("min_length", low=0, high=MOST_CHARACTERS, default=0),
            max_length=reader.whole("max_length", low=1, high=MOST_CHARACTERS, default=20_000),
            multiline=reader.flag("multiline", default=True),
        )
        if len(reader.problems) == before and question.min_length > question.max_length:
            reader.note("max_length", "min_over_max", "The most must not be below the fewest.")
        return question

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        del refs
        if not isinstance(value, str):
            yield Fault("wrong_type", "This answer is a text.")
        else:
            yield from text_faults(value)

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        del refs
        yield from length_lacks(value or "", self.min_length, self.max_length)
        if self.required and not (value or "").strip():
            yield Fault("answer_missing", "Write an answer.")

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        del letters
        return typed(last(fields, self.id)) or None

    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        del letters
        return {self.id: [value]} if value else {}


def length_lacks(text: str, fewest: int, most: int) -> Iterator[Fault]:
    """What a text that has been begun is too short or too long for; space around it does not count."""
    length = len(text.strip())
    if length > most:
        yield Fault("text_too_long", f"At most {most} characters; these are {length}.")
    elif length and length < fewest:
        yield Fault("text_too_short", f"At least {fewest} characters; these are {length}.")


def text_faults(text: str) -> Iterator[Fault]:
    """What makes a text impossible to store."""
    fault = unstorable(text)
    if fault:
        yield Fault(fault, UNSTORABLE[fault])
    elif len(text.encode()) > MOST_BYTES:
        yield Fault("text_too_large", "A text is at most 1 MiB.")


def typed(raw: str) -> str:
    """A browser's text as it was typed: forms send every line end as CR LF, and a pasted NUL is invisible."""
    return raw.replace("\r\n", "\n").replace("\0", "")
