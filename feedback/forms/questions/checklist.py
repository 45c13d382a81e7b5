"""Criteria with weights, each met, not met or not applicable, for each response: a rubric of the form or of the item."""

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
from .choice import MOST_OPTIONS, Option

MARKS = {"yes": "Yes", "no": "No", "na": "Not applicable"}
HEAVIEST = 100


@dataclass(frozen=True, slots=True)
class Criterion(Option):
    """What a response should do, or (with a weight below 0) should not. Reviewers never see the weight."""

    weight: int = 1


@dataclass(frozen=True, kw_only=True)
class Checklist(Question):
    """An answer is an object: response → {criterion: yes, no or na}. Without criteria of its own, the item's rubric has them."""

    kind: ClassVar[str] = "checklist"
    criteria: tuple[Criterion, ...] = said("criteria", default=())

    @classmethod
    def read(cls, reader: ObjectReader) -> Self:
        return cls(**common(reader), criteria=tuple(_criteria(reader)))

    @property
    def fewest(self) -> int:
        return 1

    def faults(self, value: Value, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not isinstance(value, dict) or not all(isinstance(m, dict) for m in value.values()):
            yield Fault("wrong_type", "A checklist is an object: response and its marks.")
            return
        yield from unknown_responses(value, refs)
        known = {criterion.value for criterion in self.criteria}
        for criterion, mark in (each for marks in value.values() for each in marks.items()):
            if known and criterion not in known:
                yield Fault("unknown_choice", f"{quote(criterion)} is not among the criteria.")
            if not isinstance(mark, str) or mark not in MARKS:
                yield Fault("unknown_choice", f"A mark is one of {', '.join(MARKS)}.")

    def lacks(self, value: Value | None, refs: Sequence[Ref]) -> Iterator[Fault]:
        if not self.required or not self.criteria:
            return
        given = value or {}
        yield from unanswered(list(given), refs, "Go through the criteria for")
        for ref in refs:
            marks = given.get(str(ref))
            left = (
                [each.title for each in self.criteria if each.value not in marks] if marks else []
            )
            if left:
                yield Fault("response_missing", f"Mark “{left[0]}” for response {ref} as well.")

    def rename(self, value: Value, names: Mapping[str, Ref]) -> Value:
        return {str(names[ref]): marks for ref, marks in value.items()}

    def answers(self, value: Value) -> Iterator[Answer]:
        """The weighted score of each response, 0 to 1; none where no criterion with a weight above 0 applies."""
        for position, marks in sorted((int(ref), marks) for ref, marks in value.items()):
            score = self.score(marks)
            if score is not None:
                yield Answer(self.id, position, number=score)

    def score(self, marks: Mapping[str, str]) -> float | None:
        """The weights met over the weights that apply, as PRBench counts: faults take away, and nothing falls below 0."""
        applies = [each for each in self.criteria if marks.get(each.value) in ("yes", "no")]
        most = sum(each.weight for each in applies if each.weight > 0)
        if not most:
            return None
        met = sum(each.weight for each in applies if marks[each.value] == "yes")
        return round(min(1.0, max(0.0, met / most)), 6)

    def words(self, marks: Mapping[str, str]) -> str:
        """As in "7 of 9 met"."""
        counted = [mark for mark in marks.values() if mark != "na"]
        return f"{counted.count('yes')} of {len(counted)} met"

    def from_fields(self, fields: Fields, letters: Sequence[str]) -> Value | None:
        del letters
        found: dict[str, dict[str, str]] = {}
        for name, raw in per_response(fields, self.id):
            ref, _, criterion = name.partition(".")
            if raw[-1]:
                found.setdefault(ref, {})[criterion] = raw[-1]
        return found or None

    def to_fields(self, value: Value, letters: Sequence[str]) -> dict[str, list[str]]:
        del letters
        return {
            f"{self.id}.{ref}.{criterion}": [mark]
            for ref, marks in value.items()
            for criterion, mark in marks.items()
        }


def _criteria(reader: ObjectReader) -> Iterator[Criterion]:
    if "criteria" not in reader.names():
        return
    seen: set[str] = set()
    for row in reader.rows("criteria", most=MOST_OPTIONS):
        weight = row.whole("weight", low=-HEAVIEST, high=HEAVIEST, default=1)
        criterion = Criterion(row.text("value", most=40), row.text("title", most=400), weight)
        if criterion.value in seen:
            row.note("value", "repeated_id", "Another criterion has this value already.")
        row.done()
        seen.add(criterion.value)
        yield criterion
