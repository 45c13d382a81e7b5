"""A number for each response on an anchored scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar, Self

from feedback.forms.problems import Fault
from feedback.forms.reading import ObjectReader
from feedback.forms.values import whole

from .base import (
    Answer,
    Fields,
    Question,
    Ref,
    Value,
    Vote,
    common,
    number_or_text,
    per_response,
    said,
    unanswered,
    unknown_responses,
)

FURTHEST = 100
MOST_POINTS = 11
STRONGEST = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the scale and the words beside it, empty where it has none."""

    value: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Rating(Question):
    """An answer is an object: response → whole number from `min` to `max`, higher is better.

    `acceptable_from` is the rating from which a response is good enough to be shown to a model as an example.
    """

    kind: ClassVar[str] = "rating"
    min: int = said("lowest rating")
    max: int = said("highest rating")
    anchors: Mapping[str, str] = said("words of the scale", default_factory=dict)
    acceptable_from: int | float | None = said("acceptable from", default=None)

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        before = len(reader.problems)
        question = cls(
            **common(reader),
            min=reader.whole("min", low=-FURTHEST, high=FURTHEST),
            max=reader.whole("max", low=-FURTHEST, high=FURTHEST),
            anchors=_read_anchors(reader.child("anchors", default={})),
            acceptable_from=reader.number("acceptable_from"),
        )
        if len(reader.problems) == before:
            question._note_scale(reader)
        return question

    def _note_scale(self, reader: ObjectReader) -> None:
        if self.min >= self.max:
            reader.note("max", "min_over_max", "The highest rating must be above the lowest.")
        elif self.max - self.min >= MOST_POINTS:
            reader.note("max", "too_many", f"A scale has at most {MOST_POINTS} points.")
        else:
            self._note_marks(reader)

    def _note_marks(self, reader: ObjectReader) -> None:
        points = {str(point.value) for point in self.points}
        if self.anchors.keys() - points:
            reader.note("anchors", "anchor_outside", "Each anchor stands at a point of the scale.")
        if self.acceptable_from is not None and not self.min <= self.acceptable_from <= self.max:
            reader.note("acceptable_from", "acceptable_outside", "This must be on the scale.")

    @property
    def fewest(self) -> int:
        return 1

    @property
    def points(self) -> tuple[Point, ...]:
        """The scale from lowest to highest, with its words."""
        return tuple(Point(n, self.anchors.get(str(n), "")) for n in range(self.min, self.max + 1))

    @property
    def outcomes(self) -> Mapping[str, str]:
        return {str(point.value): str(point.value) for point in self.points}

    def outcomes_in(self, value: Value) -> frozenset[str]:
        return frozenset(str(int(number)) for number in value.values())

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault("wrong_type", "Ratings are an object: response and number.")
            return
        yield from unknown_responses(value, refs)
        for rating in value.values():
            number = whole(rating)
            if number is None:
                yield Fault("not_a_whole_number", "A rating is a whole number.")
            elif not self.min <= number <= self.max:
                yield Fault("out_of_range", f"A rating is from {self.min} to {self.max}.")

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        if self.required:
            yield from unanswered(list(value or ()), refs, "Rate")

    def rename(self, value: Value, names: Mapping[str, Ref]) -> Value:
        return {str(names[ref]): number for ref, number in value.items()}

    def votes(self, value: Value) -> Iterator[Vote]:
        """Every pair of rated responses: the difference, cut at ±3; equal ratings are a tie."""
        rated = sorted((int(ref), int(number)) for ref, number in value.items())
        for (lo, first), (hi, second) in combinations(rated, 2):
            yield Vote(self.id, lo, hi, max(-STRONGEST, min(STRONGEST, first - second)))

    def answers(self, value: Value) -> Iterator[Answer]:
        for position, number in sorted((int(ref), int(number)) for ref, number in value.items()):
            yield Answer(self.id, position, number=number)

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        del letters
        sent = {ref: raw[-1] for ref, raw in per_response(fields, self.id)}
        return {ref: number_or_text(raw) for ref, raw in sent.items() if raw} or None

    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        del letters
        return {f"{self.id}.{ref}": [str(int(number))] for ref, number in value.items()}


def _read_anchors(reader: ObjectReader | None) -> dict[str, str]:
    if reader is None:
        return {}
    return {name: reader.text(name, most=100) for name in reader.names()}
