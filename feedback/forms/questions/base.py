"""What every type of question promises: its schema, its checks, its slots, its votes and its browser fields."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader

MOST_TITLE = 200
MOST_GUIDE = 4000
MOST_VALUES = 50  # of a condition

Ref = int | str  # a response: its position in a stored body, its slot letter on the desk
Value = Any  # the JSON of one answer, whose shape only its question's type knows
Fields = Mapping[str, Sequence[str]]  # what a browser form sends: every value of every name

INTEGER = re.compile(r"-?[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Vote:
    """One comparison of positions lo < hi; outcome −3…+3, positive when lo is the better one."""

    question: str
    lo: int
    hi: int
    outcome: int
    both_unacceptable: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One narrow answer: a number or a choice, of one position or (None) of the whole item."""

    question: str
    position: int | None
    number: int | float | None = None
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A new response that an answer holds: its text, and the position it was written from (None: from nothing)."""

    question: str
    source: int | None
    text: str


@dataclass(frozen=True, slots=True)
class When:
    """A condition: the question is asked only if the answer to an earlier one holds one of these values."""

    question: str
    values: tuple[str | int, ...] = field(metadata={"words": "is one of", "json": "is"})

    @property
    def wanted(self) -> frozenset[str]:
        return frozenset(str(value) for value in self.values)

    def plain(self) -> dict[str, object]:
        return {"question": self.question, "is": list(self.values)}

    def __str__(self) -> str:
        return f"{self.question} is {' or '.join(str(value) for value in self.values)}"


def said(words: str, *, choices: Sequence[Any] = (), **options: Any) -> Any:
    """A dataclass field, what people call it, and the values an editor offers where it takes only some."""
    return field(metadata={"words": words, "choices": tuple(choices)}, **options)


@dataclass(frozen=True, kw_only=True)
class Question(ABC):
    """A question of a form. A subclass is a type of question, complete in one file.

    Bodies name responses by `refs`: positions (1, 2 …) where they are stored, letters (A, B …) on the desk.
    Every check works on both, so that a reviewer is told of "response B" and never learns a position.
    """

    kind: ClassVar[str]
    id: str = said("id")
    title: str = said("title")
    guide: str = said("guide", default="")
    required: bool = said("required", default=True)
    when: When | None = said("asked only when", default=None)  # noqa: RUF009  a field, like those above

    @classmethod
    @abstractmethod
    def read(cls, reader: ObjectReader) -> Self:
        """The question in this JSON; faults are noted in the reader."""

    @property
    def fewest(self) -> int:
        """How many responses the form must be able to show for this question to make sense."""
        return 0

    def asked(self, count: int) -> bool:
        """Whether the desk asks this of an item with so many responses."""
        return count >= self.fewest

    @property
    def outcomes(self) -> Mapping[str, str]:
        """The values that a later question's condition may name, with their words; none by default."""
        return {}

    def outcomes_in(self, value: Value) -> frozenset[str]:
        """Which of its outcomes a faultless answer holds, of whichever response."""
        del value
        return frozenset()

    @abstractmethod
    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        """What makes this value no answer, finished or not."""

    @abstractmethod
    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        """What a faultless answer (None: no answer) still lacks before the review can be sent."""

    def rename(self, value: Value, names: Mapping[str, Ref]) -> Value:
        """The same answer with its responses renamed, by position or by letter."""
        del names
        return value

    def votes(self, value: Value) -> Iterator[Vote]:
        """The comparisons in a stored answer."""
        del value
        yield from ()

    def answers(self, value: Value) -> Iterator[Answer]:
        """The narrow rows in a stored answer."""
        del value
        yield from ()

    def written(self, value: Value) -> Iterator[Written]:
        """The new responses in a stored answer."""
        del value
        yield from ()

    @abstractmethod
    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        """The answer a browser form holds, by letter, or None. What cannot be read is kept for the check to refuse."""

    @abstractmethod
    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        """The browser fields that show this answer, by letter."""


def common(reader: ObjectReader) -> dict[str, Any]:
    """The five fields that every question has, ready for its constructor."""
    return {
        "id": reader.text("id", most=40),
        "title": reader.text("title", most=MOST_TITLE),
        "guide": reader.text("guide", most=MOST_GUIDE, default=""),
        "required": reader.flag("required", default=True),
        "when": _read_when(reader.child("when")) if "when" in reader.names() else None,
    }


def _read_when(reader: ObjectReader | None) -> When | None:
    if reader is None:
        return None
    when = When(reader.text("question", most=40), reader.values("is", most=MOST_VALUES))
    reader.done()
    return when


def last(fields: Fields, name: str) -> str:
    """The last value of a field, as browsers and Django read a repeated name; empty where there is none."""
    values = fields.get(name) or ("",)
    return values[-1]


def per_response(fields: Fields, id: str) -> Iterator[tuple[str, Sequence[str]]]:
    """The fields named `id.letter`: letter and values, whatever stands in the place of the letter."""
    for name, values in fields.items():
        head, dot, letter = name.partition(".")
        if dot and head == id and values:
            yield letter, values


def number_or_text(raw: str) -> int | str:
    """A whole number where the browser sent one; anything else is kept for the check to refuse."""
    return int(raw) if INTEGER.fullmatch(raw) else raw


def unknown_responses(value: Mapping[str, Value], refs: Sequence[Ref]) -> Iterator[Fault]:
    """A fault for each key that names no response shown."""
    known = {str(ref) for ref in refs}
    for key in value:
        if key not in known:
            yield Fault("unknown_response", "This answers for a response that is not there.")


def unanswered(answered: Sequence[str], refs: Sequence[Ref], verb: str) -> Iterator[Fault]:
    """What a required question per response lacks: one fault when untouched, else one for each response left out."""
    left = [ref for ref in refs if str(ref) not in answered]
    if left and len(left) == len(refs):
        yield Fault("answer_missing", f"{verb} the responses.")
        return
    for ref in left:
        yield Fault("response_missing", f"{verb} response {ref} as well.")
